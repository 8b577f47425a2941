use jiff::civil::Date;

/// What a reader found of one article.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Fields {
    pub id: Option<String>,
    pub title: Option<String>,
    pub date: Option<Date>,
    pub text: String,
    pub notes: Vec<String>,
}

impl Fields {
    /// Whether the article holds what stands for bytes that are no character.
    pub fn is_damaged(&self) -> bool {
        let parts = [self.id.as_ref(), self.title.as_ref(), Some(&self.text)];
        let mut parts = parts.into_iter().flatten();
        parts.any(|part| part.contains('\u{fffd}'))
    }
}

/// What a reader gives for each article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    /// Line or number in a file of several articles.
    pub place: Option<usize>,
    /// The article, or why there is none.
    pub fields: Result<Fields, String>,
}
