use super::Format;

/// How inputs are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadOptions {
    /// Read every input as this, whatever its name.
    pub format_hint: Option<Format>,
    /// Column or (dotted) key that holds the text.
    pub text_field: Option<String>,
    /// Column or key that holds the title.
    pub title_field: Option<String>,
    /// Column or key that holds the date.
    pub date_field: Option<String>,
    /// Column or key that holds the id.
    pub id_field: Option<String>,
    /// Most bytes one file may hold when unpacked.
    pub max_bytes: u64,
    /// Most bytes that what is read in one piece may have: a file of one article, a `.json` file, a
    /// line of JSON lines, a row of a table, and all of a table or of JSON lines in UTF-16.
    pub max_document_bytes: u64,
    /// Most bytes of text that an article may have: annotating it takes as long as it has words.
    pub max_text_bytes: u64,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            format_hint: None,
            text_field: None,
            title_field: None,
            date_field: None,
            id_field: None,
            max_bytes: 16 << 30,
            max_document_bytes: 256 << 20,
            max_text_bytes: 8 << 20,
        }
    }
}
