use std::borrow::Cow;

use jiff::civil::Date;

/// What the cells of a column hold. It follows from the column's name, so that columns that a later
/// version adds, or a user, are text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A day.
    Date,
    /// A whole number.
    Whole,
    /// A number from 0 to 1.
    Share,
}

/// A cell's value; empty cells of all kinds but text have none.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'c> {
    Text(&'c str),
    Date(Date),
    Whole(i64),
    Share(f64),
    None,
}

impl Kind {
    /// The kind of the column of that name.
    pub fn of(column: &str) -> Self {
        match column {
            "date" | "first_date" | "last_date" => Self::Date,
            "confidence" | "max_confidence" => Self::Share,
            "triples" | "documents" | "mentions" | "sentences" | "words" | "words_read"
            | "start" | "end" => Self::Whole,
            name if name.ends_with("_start") || name.ends_with("_end") => Self::Whole,
            _ => Self::Text,
        }
    }

    /// A cell as the program itself writes it: a spreadsheet may have put spaces around a number or
    /// a day, and those of many countries write a decimal comma.
    pub fn plain(self, cell: &str) -> Cow<'_, str> {
        match self {
            Self::Text => Cow::Borrowed(cell),
            Self::Share if cell.contains(',') => Cow::Owned(cell.trim().replace(',', ".")),
            _ => Cow::Borrowed(cell.trim()),
        }
    }

    /// The value of a cell.
    ///
    /// # Errors
    /// Says what the cell should be, for people.
    pub fn value<'c>(self, cell: &'c str) -> Result<Value<'c>, String> {
        if self == Self::Text {
            return Ok(Value::Text(cell));
        }
        let plain = self.plain(cell);
        if plain.is_empty() {
            return Ok(Value::None);
        }
        match self {
            Self::Date => plain.parse().map(Value::Date).ok(),
            Self::Whole => plain.parse().map(Value::Whole).ok(),
            _ => plain.parse().map(Value::Share).ok(),
        }
        .ok_or_else(|| format!("{cell:?} is not {}", self.described()))
    }

    fn described(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Date => "a date such as 2024-12-31",
            Self::Whole => "a whole number",
            Self::Share => "a number such as 0.75",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_read_as_their_columns_say() {
        let value = |column: &str, cell: &'static str| Kind::of(column).value(cell);
        assert_eq!(value("cameo", "04"), Ok(Value::Text("04")));
        assert_eq!(value("subject_start", "12"), Ok(Value::Whole(12)));
        assert_eq!(value("trigger_end", ""), Ok(Value::None));
        assert_eq!(value("confidence", "0,750"), Ok(Value::Share(0.75)));
        assert_eq!(
            value("first_date", "2024-02-29"),
            Ok(Value::Date(jiff::civil::date(2024, 2, 29)))
        );
        assert!(
            value("date", "29.2.2024")
                .unwrap_err()
                .contains("2024-12-31")
        );
        assert!(value("words", "many").is_err());
    }
}
