use std::fmt;
use std::str::FromStr;

/// A form of labelled samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// dossier's own JSON lines.
    Native,
    /// Columns, token first and tag last.
    Conll,
    /// A run's `triples.csv` with a filled `verdict` column.
    Reviewed,
    /// A table of sentence, subject, relation, object as surface strings.
    Csv,
    /// doccano's JSON lines.
    Doccano,
    /// Label Studio's JSON.
    LabelStudio,
    /// A folder of brat's `.txt` and `.ann` files.
    Brat,
    /// JSON lines of Prodigy or spaCy.
    Spacy,
    /// SpERT's JSON.
    Spert,
}

impl Format {
    /// All formats.
    pub const ALL: [Format; 9] = [
        Format::Native,
        Format::Conll,
        Format::Reviewed,
        Format::Csv,
        Format::Doccano,
        Format::LabelStudio,
        Format::Brat,
        Format::Spacy,
        Format::Spert,
    ];

    /// The name used on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Conll => "conll",
            Self::Reviewed => "reviewed",
            Self::Csv => "csv",
            Self::Doccano => "doccano",
            Self::LabelStudio => "label-studio",
            Self::Brat => "brat",
            Self::Spacy => "spacy",
            Self::Spert => "spert",
        }
    }

    /// Whether spreadsheets save it, possibly in an encoding older than UTF-8.
    pub(super) fn is_table(self) -> bool {
        matches!(self, Self::Reviewed | Self::Csv)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let wanted = name.trim().to_lowercase().replace(['_', ' '], "-");
        let wanted = match wanted.as_str() {
            "prodigy" => "spacy",
            "labelstudio" => "label-studio",
            "dossier" | "jsonl" => "native",
            "triples" => "reviewed",
            other => other,
        };
        Self::ALL
            .into_iter()
            .find(|f| f.as_str() == wanted)
            .ok_or_else(|| {
                format!(
                    "no sample format is called {name:?}: {}",
                    Self::ALL.map(Self::as_str).join(", ")
                )
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for format in Format::ALL {
            assert_eq!(format.to_string().parse(), Ok(format));
        }
        assert_eq!("Label_Studio".parse(), Ok(Format::LabelStudio));
        assert_eq!("prodigy".parse(), Ok(Format::Spacy));
        let refused = "xml".parse::<Format>().unwrap_err();
        assert!(refused.contains("\"xml\"") && refused.contains("conll"));
    }
}
