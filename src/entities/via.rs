use std::fmt;

/// How a mention leads to its entity. A reader filters by it: names are the surest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Via {
    /// By its own name.
    Name,
    /// By another name: a surname, an acronym, a short form, or a row of an aliases file.
    Alias,
    /// By the adjective or the people of a country or of a state of the USA (`Albanian`, `Texans`).
    Nationality,
    /// By the capital that stands for its state (`ties with Tehran`).
    Capital,
    /// By a pronoun.
    Pronoun,
    /// By a noun phrase (`the group`).
    Nominal,
}

impl Via {
    /// The name used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Alias => "alias",
            Self::Nationality => "nationality",
            Self::Capital => "capital",
            Self::Pronoun => "pronoun",
            Self::Nominal => "nominal",
        }
    }

    /// Whether the mention's words are a name that its entity goes by wherever it occurs.
    pub(super) fn is_name(self) -> bool {
        matches!(self, Self::Name | Self::Alias | Self::Nationality)
    }
}

impl fmt::Display for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
