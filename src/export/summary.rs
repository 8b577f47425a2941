use std::cmp::Reverse;
use std::path::Path;

use super::judgement::Judged;
use super::run::Totals;
use crate::files::in_one_line;
use crate::text::column_width;

/// What a run of `seconds` came to, for people: a few lines, the last one ended too. `dir` is where
/// its files are.
pub fn summary(totals: &Totals, seconds: f64, dir: &Path) -> String {
    let mut lines = vec![
        format!("{}: {}", "documents", documents(totals)),
        format!("words: {}", words(totals, seconds)),
        format!(
            "found: {} of {}, {}",
            counted(totals.mentions, "mention", "mentions"),
            counted(totals.entities, "entity", "entities"),
            counted(totals.triples, "triple", "triples")
        ),
    ];
    lines.extend(relations(totals));
    lines.extend(totals.verdicts.as_ref().map(verdicts));
    lines.extend(failures(totals, dir));
    lines.push(format!("written to {}", dir.join("triples.csv").display()));
    lines.push(String::new());
    lines.join("\n")
}

fn documents(totals: &Totals) -> String {
    let by_status = &totals.documents;
    let mut text = format!("{} read", with_commas(by_status.ok));
    for (count, status) in [
        (by_status.empty, "empty"),
        (by_status.duplicate, "duplicate"),
        (by_status.failed, "failed"),
    ] {
        if count > 0 {
            text.push_str(&format!(", {} {status}", with_commas(count)));
        }
    }
    text
}

fn words(totals: &Totals, seconds: f64) -> String {
    let mut text = with_commas(totals.words_read);
    if totals.words_now > 0 && seconds > 0.0 {
        if totals.words_now < totals.words_read {
            text.push_str(&format!(", {} of them", with_commas(totals.words_now)));
        }
        let speed = totals.words_now as f64 / seconds;
        text.push_str(&format!(
            " in {seconds:.1} s, {} words/s",
            with_commas(speed.round() as u64)
        ));
    }
    text
}

/// A table of relations by their number of triples, names to the left, numbers to the right.
fn relations(totals: &Totals) -> Vec<String> {
    let mut rows: Vec<_> = totals.triples_by_relation.iter().collect();
    rows.sort_by_key(|(name, count)| (Reverse(**count), name.as_str()));
    let names = column_width(rows.iter().map(|(name, _)| name.as_str()));
    let counts = rows.first().map(|(_, count)| with_commas(**count).len());
    let counts = counts.unwrap_or(0);
    rows.iter()
        .map(|(name, count)| format!("  {name:<names$}  {:>counts$}", with_commas(**count)))
        .collect()
}

fn verdicts(judged: &Judged) -> String {
    let counts = [
        (judged.confirmed, "confirmed"),
        (judged.changed, "changed"),
        (judged.added, "added"),
        (judged.removed, "removed"),
    ];
    let counts = counts.map(|(count, what)| format!("{} {what}", with_commas(count)));
    let mut text = format!("by your verdicts: {}", counts.join(", "));
    if judged.absent > 0 {
        let count = with_commas(judged.absent);
        text.push_str(&format!("; {count} that you denied not there anyway"));
    }
    if judged.not_found > 0 {
        let pairs = counted(judged.not_found, "judged pair", "judged pairs");
        text.push_str(&format!("; {pairs} of names not found in these articles"));
    }
    text
}

fn failures(totals: &Totals, dir: &Path) -> Vec<String> {
    let failed = totals.documents.failed;
    if failed == 0 {
        return Vec::new();
    }
    let mut lines = vec![format!(
        "{} failed, listed in {}:",
        counted(failed, "document", "documents"),
        dir.join("documents.csv").display()
    )];
    for (source, message, inputs) in &totals.first_failures {
        let others = match inputs {
            0 | 1 => String::new(),
            n => format!(" and {} more", with_commas(n - 1)),
        };
        lines.push(format!("  {source}{others}: {}", in_one_line(message)));
    }
    let told = totals.first_failures.iter().map(|(_, _, inputs)| inputs);
    let unnamed = failed.saturating_sub(told.sum());
    if unnamed > 0 {
        lines.push(format!("  and {} more", with_commas(unnamed)));
    }
    lines
}

fn counted(count: u64, one: &str, many: &str) -> String {
    format!(
        "{} {}",
        with_commas(count),
        if count == 1 { one } else { many }
    )
}

/// A whole number with commas between thousands.
fn with_commas(number: u64) -> String {
    let digits = number.to_string();
    let mut shown = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::run::DocumentTotals;

    #[test]
    fn thousands_have_commas() {
        for (number, shown) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (1234567, "1,234,567"),
        ] {
            assert_eq!(with_commas(number), shown);
        }
    }

    #[test]
    fn a_name_longer_than_any_column_is_told() {
        let long = "x".repeat(70_000);
        let totals = Totals {
            triples_by_relation: [(long.clone(), 1), ("hosts".into(), 2)].into(),
            ..Totals::default()
        };
        let told = relations(&totals);
        assert!(told[1].starts_with(&format!("  {long}  ")), "{}", told[0]);
    }

    #[test]
    fn a_summary_tells_what_was_found_and_what_failed() {
        let totals = Totals {
            documents: DocumentTotals {
                all: 3283,
                ok: 3270,
                empty: 0,
                duplicate: 7,
                failed: 6,
            },
            words: 1_500_000,
            words_read: 1_400_000,
            words_now: 1_400_000,
            mentions: 90_001,
            entities: 1,
            triples: 1210,
            triples_by_relation: [("leads", 100), ("accuses", 1010), ("hosts", 100)]
                .map(|(name, count)| (name.to_owned(), count))
                .into(),
            first_failures: vec![
                ("a.pdf".into(), "is\nencrypted".into(), 1),
                ("b.docx".into(), "is a document".into(), 3),
            ],
            ..Totals::default()
        };
        insta::assert_snapshot!(summary(&totals, 350.0, Path::new("out")), @r"
        documents: 3,270 read, 7 duplicate, 6 failed
        words: 1,400,000 in 350.0 s, 4,000 words/s
        found: 90,001 mentions of 1 entity, 1,210 triples
          accuses  1,010
          hosts      100
          leads      100
        6 documents failed, listed in out/documents.csv:
          a.pdf: is encrypted
          b.docx and 2 more: is a document
          and 2 more
        written to out/triples.csv
        ");
    }

    #[test]
    fn the_speed_of_a_resumed_run_is_that_of_its_last_part() {
        let totals = Totals {
            words_read: 1_000,
            words_now: 400,
            ..Totals::default()
        };
        assert_eq!(
            words(&totals, 2.0),
            "1,000, 400 of them in 2.0 s, 200 words/s"
        );
    }

    #[test]
    fn a_run_without_input_has_a_summary() {
        insta::assert_snapshot!(summary(&Totals::default(), 0.0, Path::new("out")), @r"
        documents: 0 read
        words: 0
        found: 0 mentions of 0 entities, 0 triples
        written to out/triples.csv
        ");
    }
}
