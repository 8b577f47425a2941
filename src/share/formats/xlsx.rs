use std::path::{Path, PathBuf};

use rust_xlsxwriter::{
    Color, ConditionalFormat2ColorScale, DataValidation, DataValidationErrorStyle, ExcelDateTime,
    Format, Formula, Workbook, Worksheet, XlsxError,
};

use crate::error::{Error, Result};
use crate::share::column::{Kind, Value};
use crate::share::output::OutFile;
use crate::share::run_dir::{REVIEW, RunDir};
use crate::share::table::Table;

/// Rows of a sheet, the header included.
const MOST_ROWS: u32 = 1_048_576;
/// Characters of a cell.
const MOST_CHARS: usize = 32_767;
const VERDICT: &str = "verdict";
/// The column of the sentence whose two names are marked, and its width in digits.
const MARKED: &str = "sentence_marked";
const MARKED_WIDTH: f64 = 80.0;
/// Points.
const LINE_HEIGHT: f64 = 15.0;
/// The sheet that lists what may stand in the column `verdict`.
const VERDICTS: &str = "verdicts";

/// Writes a workbook: a sheet for each table, the one for review first if there is a `review.csv`.
/// Sheets that a person judges have a column `verdict` with a list to choose from.
pub fn write(run: &RunDir, path: &Path) -> Result<Vec<PathBuf>> {
    let failed = |e: XlsxError| Error::format(path, format!("cannot be written: {e}"));
    let mut file = OutFile::create(path)?;
    let mut workbook = Workbook::new();
    let style = Style::new();
    let relations = relations(run)?;
    let choices = relations.len() as u32 + 3;
    if run.file(REVIEW).is_file() {
        let sheet = workbook.add_worksheet_with_low_memory().map_err(failed)?;
        Sheet::new(sheet, REVIEW, &style, choices)
            .fill(run.table(REVIEW)?, false)
            .map_err(|e| e.at(path))?;
    }
    for (name, judged) in [
        ("triples", true),
        ("edges", false),
        ("entities", false),
        ("documents", false),
    ] {
        let sheet = workbook.add_worksheet_with_low_memory().map_err(failed)?;
        Sheet::new(sheet, name, &style, choices)
            .fill(run.table(name)?, judged)
            .map_err(|e| e.at(path))?;
    }
    workbook
        .add_worksheet_with_low_memory()
        .and_then(|sheet| write_verdicts(sheet, &relations, &style))
        .map_err(failed)?;
    workbook.save_to_writer(&mut file).map_err(failed)?;
    Ok(vec![file.finish()?])
}

/// The relations of the run's model, with what they mean, and others that the run has.
fn relations(run: &RunDir) -> Result<Vec<(String, String)>> {
    let mut all: Vec<(String, String)> = run
        .schema()?
        .relations
        .into_iter()
        .map(|r| (r.name.to_string(), r.definition))
        .collect();
    for edge in run.edges()? {
        if !all.iter().any(|(name, _)| *name == edge.relation) {
            all.push((edge.relation, String::new()));
        }
    }
    Ok(all)
}

struct Style {
    header: Format,
    date: Format,
    share: Format,
    sentence: Format,
    /// For texts that look like formulas: they stay texts when the user edits them.
    quoted: Format,
    judged: Format,
}

impl Style {
    fn new() -> Self {
        Self {
            header: Format::new()
                .set_bold()
                .set_background_color(Color::RGB(0xE8_EDF3)),
            date: Format::new().set_num_format("yyyy-mm-dd"),
            share: Format::new().set_num_format("0.000"),
            sentence: Format::new().set_text_wrap(),
            quoted: Format::new().set_quote_prefix(),
            judged: Format::new().set_background_color(Color::RGB(0xFF_F8DC)),
        }
    }
}

/// What stopped a sheet: its table, or the workbook.
enum Stop {
    Table(Error),
    Workbook(XlsxError),
}

impl Stop {
    fn at(self, path: &Path) -> Error {
        match self {
            Self::Table(error) => error,
            Self::Workbook(e) => Error::format(path, format!("cannot be written: {e}")),
        }
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Table(error)
    }
}

impl From<XlsxError> for Stop {
    fn from(error: XlsxError) -> Self {
        Self::Workbook(error)
    }
}

struct Sheet<'w> {
    sheet: &'w mut Worksheet,
    name: &'static str,
    style: &'w Style,
    choices: u32,
}

impl<'w> Sheet<'w> {
    fn new(sheet: &'w mut Worksheet, name: &'static str, style: &'w Style, choices: u32) -> Self {
        Self {
            sheet,
            name,
            style,
            choices,
        }
    }

    /// Writes a table; with an empty column `verdict` before the others if it is to be judged and
    /// has none.
    fn fill(mut self, mut table: Table, judged: bool) -> Result<(), Stop> {
        let mut columns = table.columns();
        let kinds: Vec<Kind> = columns.iter().map(|c| Kind::of(c)).collect();
        let shift = u16::from(judged && !columns.iter().any(|c| c == VERDICT));
        if shift == 1 {
            columns.insert(0, VERDICT.to_owned());
        }
        self.sheet.set_name(self.name)?;
        for (n, column) in (0..).zip(&columns) {
            self.sheet.set_column_width(n, width(column))?;
            self.sheet
                .write_string_with_format(0, n, column, &self.style.header)?;
        }
        self.sheet.set_freeze_panes(1, 0)?;
        self.sheet.set_landscape();
        self.sheet.set_print_fit_to_pages(1, 0);
        self.sheet.set_repeat_rows(0, 0)?;
        let mut row = 0;
        while let Some(values) = table.next_values(&kinds)? {
            if row + 1 == MOST_ROWS {
                return Err(Stop::Table(Error::Usage(format!(
                    "{}.csv has more rows than the {MOST_ROWS} of a sheet: \
                     export to parquet or jsonl instead",
                    self.name
                ))));
            }
            row += 1;
            if shift == 1 {
                self.sheet.write_blank(row, 0, &self.style.judged)?;
            }
            for ((n, value), column) in (shift..)
                .zip(&values)
                .zip(columns.iter().skip(shift.into()))
            {
                self.cell(row, n, value, column)?;
            }
        }
        self.finish(row, &columns)
    }

    fn cell(&mut self, row: u32, n: u16, value: &Value<'_>, column: &str) -> Result<(), XlsxError> {
        let (sheet, style) = (&mut *self.sheet, self.style);
        match value {
            Value::Text(text) if column == VERDICT && text.is_empty() => {
                sheet.write_blank(row, n, &style.judged)?
            }
            Value::Text("") | Value::None => sheet,
            Value::Text(text) => {
                let text = shortened(text);
                if text.starts_with(['=', '+', '-', '@']) {
                    sheet.write_string_with_format(row, n, text, &style.quoted)?
                } else if column == MARKED {
                    // Not every spreadsheet makes room for wrapped lines by itself.
                    sheet.set_row_height(row, LINE_HEIGHT * wrapped_lines(&text))?;
                    sheet.write_string_with_format(row, n, text, &style.sentence)?
                } else {
                    sheet.write_string(row, n, text)?
                }
            }
            Value::Whole(number) => sheet.write_number(row, n, *number as f64)?,
            Value::Share(number) => {
                sheet.write_number_with_format(row, n, *number, &style.share)?
            }
            Value::Date(date) => {
                let day = u16::try_from(date.year())
                    .ok()
                    .zip(
                        u8::try_from(date.month())
                            .ok()
                            .zip(u8::try_from(date.day()).ok()),
                    )
                    .and_then(|(y, (m, d))| ExcelDateTime::from_ymd(y, m, d).ok());
                match day {
                    Some(day) => sheet.write_datetime_with_format(row, n, &day, &style.date)?,
                    // Spreadsheets know no day before 1900.
                    None => sheet.write_string(row, n, date.to_string())?,
                }
            }
        };
        Ok(())
    }

    /// Filters, colours and the list of verdicts, for a sheet with that last row.
    fn finish(self, last: u32, columns: &[String]) -> Result<(), Stop> {
        let width = columns.len() as u16;
        self.sheet.autofilter(0, 0, last, width.saturating_sub(1))?;
        if last == 0 {
            return Ok(());
        }
        for (n, column) in (0..).zip(columns) {
            if Kind::of(column) == Kind::Share {
                let scale = ConditionalFormat2ColorScale::new()
                    .set_minimum_color(Color::RGB(0xF8_C9A0))
                    .set_maximum_color(Color::RGB(0x9F_D6A8));
                self.sheet.add_conditional_format(1, n, last, n, &scale)?;
            }
            if column == VERDICT {
                let list = format!("={VERDICTS}!$A$2:$A${}", self.choices + 1);
                let choose = DataValidation::new()
                    .allow_list_formula(Formula::new(list))
                    .set_input_title("Is the row right?")?
                    .set_input_message(
                        "ok, wrong (this relation does not hold), none (no relation holds), or the \
                         right relation's name. Leave it empty if you do not know.",
                    )?
                    .set_error_style(DataValidationErrorStyle::Warning)
                    .set_error_title("Not in the list")?
                    .set_error_message("Keep it only if it is the name of a new relation.")?;
                self.sheet.add_data_validation(1, n, last, n, &choose)?;
            }
        }
        Ok(())
    }
}

fn write_verdicts(
    sheet: &mut Worksheet,
    relations: &[(String, String)],
    style: &Style,
) -> Result<(), XlsxError> {
    sheet.set_name(VERDICTS)?;
    sheet.set_column_width(0, 22)?;
    sheet.set_column_width(1, 100)?;
    sheet.write_string_with_format(0, 0, VERDICT, &style.header)?;
    sheet.write_string_with_format(0, 1, "meaning", &style.header)?;
    let fixed = [
        ("ok", "the row is right"),
        ("wrong", "this relation does not hold between the two"),
        ("none", "no relation holds between the two"),
    ];
    let named = relations.iter().map(|(n, d)| (n.as_str(), d.as_str()));
    for (row, (verdict, meaning)) in (1..).zip(fixed.into_iter().chain(named)) {
        sheet.write_string(row, 0, verdict)?;
        sheet.write_string(row, 1, meaning)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

/// Width of a column in characters, by what it usually holds.
fn width(column: &str) -> f64 {
    match column {
        MARKED => MARKED_WIDTH,
        "sentence" | "best_sentence" => 60.0,
        "title" | "allowed" | "message" | "aliases" => 40.0,
        "subject" | "object" | "subject_mention" | "object_mention" | "source_file" | "name" => {
            26.0
        }
        "relation" | "trigger" | "attributed_to" => 18.0,
        VERDICT => 14.0,
        name if Kind::of(name) != Kind::Text => 11.0,
        name if name.ends_with("_id") => 16.0,
        _ => 12.0,
    }
}

/// Lines of a sentence in its column, on the safe side: fonts differ in width.
fn wrapped_lines(sentence: &str) -> f64 {
    (sentence.chars().count() as f64 / (0.9 * MARKED_WIDTH))
        .ceil()
        .max(1.0)
}

/// A text that fits a cell.
fn shortened(text: &str) -> String {
    if text.len() <= MOST_CHARS {
        return text.to_owned();
    }
    // The limit counts UTF-16 units.
    let mut units = 0;
    let mut short: String = text
        .chars()
        .take_while(|c| {
            units += c.len_utf16();
            units < MOST_CHARS
        })
        .collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_as_high_as_its_sentence_is_long() {
        assert_eq!(wrapped_lines(""), 1.0);
        assert_eq!(wrapped_lines(&"é".repeat(72)), 1.0);
        assert_eq!(wrapped_lines(&"é".repeat(73)), 2.0);
    }

    #[test]
    fn a_text_that_is_too_long_for_a_cell_is_cut() {
        let long = "é".repeat(MOST_CHARS + 1);
        assert_eq!(shortened(&long).chars().count(), MOST_CHARS);
        assert_eq!(shortened("short"), "short");
        let fits = "é".repeat(MOST_CHARS - 1);
        assert_eq!(shortened(&fits), fits);
    }
}
