use jiff::civil::Date;

/// One article as read and cleaned. Its text never changes; all offsets point into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Unique in a run: the id the source gives, else made from the file's path.
    pub id: String,
    /// The input it came from, as the user named it (`news/a.txt`, `dump.jsonl:12`).
    pub source_file: String,
    /// Headline, when the source has one. It also opens [`Self::text`].
    pub title: Option<String>,
    /// Day of publication, when the source says.
    pub date: Option<Date>,
    /// What is read: headline, blank line, body, without page debris.
    pub text: String,
    /// What the reader wants the user to know (such as lines left out as page debris); mostly empty.
    pub notes: Vec<String>,
}
