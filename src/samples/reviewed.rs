use std::collections::BTreeMap;
use std::path::Path;

use super::Samples;
use super::draft::{Draft, Link};
use super::locate::{closest, nearest, occurrences};
use super::table::{Row, Table};
use super::verdict::{RelationNames, Verdict};
use crate::annotation::{Coverage, Label, Status};
use crate::error::{Error, Result};
use crate::text::{CharOffsets, Span};

/// One end of a row's relation.
struct End<'t> {
    text: &'t str,
    /// Code points into the document.
    start: Option<i64>,
    label: Option<Label>,
}

struct Review<'t> {
    line: usize,
    ends: [End<'t>; 2],
    relation: &'t str,
    status: Option<Status>,
    trigger: (&'t str, Option<i64>),
    source: &'t str,
    verdict: Verdict,
}

struct Columns {
    sentence: usize,
    verdict: usize,
    relation: usize,
    /// Of each end: the words, their start, the type, and how they lead to the entity.
    ends: [[Option<usize>; 4]; 2],
    others: [Option<usize>; 6],
}

impl Columns {
    fn find(table: &Table, path: &Path) -> Result<Self> {
        let end = |mention: &str, side: &str| -> Result<_> {
            let column = |part: &str| table.column(&[&format!("{side}_{part}")]);
            let text = table.needed(path, &[mention, side])?;
            Ok([Some(text), column("start"), column("type"), column("via")])
        };
        Ok(Self {
            sentence: table.needed(path, &["sentence"])?,
            verdict: table.needed(path, &["verdict"])?,
            relation: table.needed(path, &["relation"])?,
            ends: [
                end("subject_mention", "subject")?,
                end("object_mention", "object")?,
            ],
            others: [
                "doc_id",
                "sentence_id",
                "status",
                "trigger",
                "trigger_start",
                "attributed_to",
            ]
            .map(|name| table.column(&[name])),
        })
    }

    fn review<'t>(&self, row: &'t Row, names: &RelationNames) -> Result<Review<'t>, String> {
        // What does not fit is no offset, and what fits can be added and subtracted.
        let number =
            |column: Option<usize>| row.cell(column).trim().parse::<u32>().ok().map(i64::from);
        // The type is the entity's; a nationality or a pronoun has another one than its country.
        let is_name = |via: &str| matches!(via, "" | "name" | "alias");
        let end = |[text, start, label, via]: [Option<usize>; 4]| End {
            text: row.cell(text).trim(),
            start: number(start),
            label: Some(row.cell(label).trim())
                .filter(|l| !l.is_empty() && is_name(row.cell(via).trim()))
                .map(Label::from),
        };
        let [_, _, status, trigger, trigger_start, source] = self.others;
        let relation = row.cell(Some(self.relation)).trim();
        if relation.is_empty() {
            return Err("names no relation".into());
        }
        let status = row.cell(status).trim();
        Ok(Review {
            line: row.line,
            ends: self.ends.map(end),
            relation,
            status: match status {
                "" => None,
                name => Some(name.parse::<Status>()?),
            },
            trigger: (row.cell(trigger).trim(), number(trigger_start)),
            source: row.cell(source).trim(),
            verdict: Verdict::parse(row.cell(Some(self.verdict)), relation, names)?,
        })
    }
}

/// Reads a run's `triples.csv` in which a person filled the column `verdict`. Rows without a
/// verdict say nothing and are not samples. The rows of one sentence make one sample.
pub(super) fn read(path: &Path, text: &str) -> Result<Samples> {
    let table = Table::read(text);
    let columns = Columns::find(&table, path)?;
    let names = RelationNames::of(&table, columns.relation)?;
    let mut read = Samples::default();
    for (line, message) in &table.broken {
        read.skip(path, *line, message);
    }
    let mut groups: Vec<(&Row, Vec<Review<'_>>)> = Vec::new();
    let mut seen: BTreeMap<[&str; 3], usize> = BTreeMap::new();
    let [doc, sentence_id, ..] = columns.others;
    for row in &table.rows {
        if row.cell(Some(columns.verdict)).trim().is_empty() {
            continue;
        }
        let key = [doc, sentence_id, Some(columns.sentence)].map(|c| row.cell(c));
        match columns.review(row, &names) {
            Err(message) => read.skip(path, row.line, message),
            Ok(review) => {
                let at = *seen.entry(key).or_insert(groups.len());
                match groups.get_mut(at) {
                    Some(group) => group.1.push(review),
                    None => groups.push((row, vec![review])),
                }
            }
        }
    }
    if groups.is_empty() && read.skipped.is_empty() {
        return Err(Error::format(
            path,
            "no row has a verdict; write ok, wrong or the right relation's name into that column",
        ));
    }
    for (row, reviews) in &groups {
        let id = match row.cell(sentence_id).trim() {
            "" => format!("{}:{}", path.display(), row.line),
            sentence => format!("{}#{sentence}", row.cell(doc).trim()),
        };
        let mut draft = Draft::new(id, row.cell(Some(columns.sentence)).to_string());
        draft.doc = Some(row.cell(doc).trim())
            .filter(|d| !d.is_empty())
            .map(str::to_string);
        draft.mention_coverage = Coverage::Listed;
        draft.relation_coverage = Coverage::Listed;
        let base = sentence_start(&draft.text, reviews);
        let mut usable = false;
        for review in reviews {
            match add(&mut draft, review, base) {
                Ok(()) => usable = true,
                Err(message) => read.skip(path, review.line, message),
            }
        }
        if usable {
            read.add(path, row.line, draft.finish());
        }
    }
    read.skipped.sort_by_key(|s| s.line);
    Ok(read)
}

/// Where the sentence begins in its document, in code points: the place that puts the mentions of
/// most rows where their strings are; the last of equals.
fn sentence_start(sentence: &str, reviews: &[Review<'_>]) -> Option<i64> {
    let offsets = CharOffsets::new(sentence);
    let mut votes: BTreeMap<i64, usize> = BTreeMap::new();
    for end in reviews.iter().flat_map(|r| &r.ends) {
        let Some(start) = end.start else { continue };
        for span in occurrences(sentence, end.text) {
            *votes
                .entry(start - offsets.char_of(span.start) as i64)
                .or_default() += 1;
        }
    }
    votes
        .into_iter()
        .filter(|(base, _)| *base >= 0)
        .max_by_key(|(_, count)| *count)
        .map(|(base, _)| base)
}

fn at_offset(sentence: &str, text: &str, start: Option<i64>, base: Option<i64>) -> Option<Span> {
    let offsets = CharOffsets::new(sentence);
    let from = offsets.byte_of(usize::try_from(start? - base?).ok()?)?;
    let span = Span::new(from, from + text.len());
    (!text.is_empty() && span.of(sentence) == text).then_some(span)
}

/// Where subject and object stand: at their offsets, or else where they are as far from each other as
/// their offsets, since white space that is folded moves names away from these.
fn both_ends(
    sentence: &str,
    ends: &[End<'_>; 2],
    base: Option<i64>,
) -> Result<(Span, Span), String> {
    const SAME: &str = "subject and object are the same words of the sentence";
    let [subject, object] = ends;
    let exact = |end: &End<'_>| at_offset(sentence, end.text, end.start, base);
    if let Some((s, o)) = exact(subject).zip(exact(object)) {
        return if s == o { Err(SAME.into()) } else { Ok((s, o)) };
    }
    let places = |what: &str, end: &End<'_>| {
        let found = occurrences(sentence, end.text);
        if found.is_empty() {
            return Err(format!(
                "the {what} {:?} does not occur in the sentence",
                end.text
            ));
        }
        Ok(found)
    };
    let (subjects, objects) = (places("subject", subject)?, places("object", object)?);
    let offsets = CharOffsets::new(sentence);
    let at = |span: Span| offsets.char_of(span.start) as i64;
    let pair = match subject.start.zip(object.start) {
        Some((start, other)) => closest(&subjects, &objects, |s, o| {
            let apart = (at(o) - at(s)).abs_diff(other.saturating_sub(start));
            (s != o).then(|| (apart, (base.unwrap_or(0) + at(s)).abs_diff(start)))
        }),
        None => nearest(&subjects, &objects),
    };
    pair.ok_or_else(|| SAME.into())
}

fn add(draft: &mut Draft, review: &Review<'_>, base: Option<i64>) -> Result<(), String> {
    let text = draft.text.clone();
    let (s, o) = both_ends(&text, &review.ends, base)?;
    let known = |l: &&Link| l.subject == key(s) && l.object == key(o);
    let says = |label: &str, holds: bool| {
        draft
            .links
            .iter()
            .filter(known)
            .any(|l| l.label == *label && l.holds == holds)
    };
    let any = draft.links.iter().filter(known).any(|l| l.holds);
    let unrelated = draft.unrelated.contains(&(key(s), key(o)));
    let held = match &review.verdict {
        Verdict::Right => Some(Label::from(review.relation)),
        Verdict::Instead(label) => Some(label.clone()),
        Verdict::Wrong | Verdict::Unrelated => None,
    };
    let denied = held.as_ref().is_none_or(|h| h != review.relation);
    let contradicts = held
        .as_ref()
        .is_some_and(|h| unrelated || says(h.as_str(), false))
        || denied && says(review.relation, true)
        || review.verdict == Verdict::Unrelated && any;
    if contradicts {
        return Err("contradicts the verdict of an earlier row of this sentence".into());
    }
    let link = |label: Label, holds: bool| Link {
        holds,
        ..Link::new(key(s), label, key(o))
    };
    if let Some(label) = held {
        let trigger = trigger(&text, review, s, base);
        let source = source(draft, review, [s, o]);
        draft.links.push(Link {
            trigger,
            status: review.status,
            attributed_to: source,
            unattributed: false,
            ..link(label, true)
        });
    }
    if denied {
        draft.links.push(link(Label::from(review.relation), false));
    }
    if review.verdict == Verdict::Unrelated {
        draft.unrelated.push((key(s), key(o)));
    }
    for (span, end) in [s, o].into_iter().zip(&review.ends) {
        if !draft.mentions.iter().any(|m| m.span == span) {
            draft.mention(key(span), span, end.label.clone());
        }
    }
    Ok(())
}

/// Where the trigger stands. White space that is folded before it moves it away from its offset: then
/// the occurrence is meant whose distance from the subject is most like that of the offsets.
fn trigger(sentence: &str, review: &Review<'_>, subject: Span, base: Option<i64>) -> Option<Span> {
    let (words, start) = review.trigger;
    at_offset(sentence, words, start, base).or_else(|| {
        let offsets = CharOffsets::new(sentence);
        let from = review.ends[0].start? - offsets.char_of(subject.start) as i64;
        let wanted = start? - from;
        occurrences(sentence, words)
            .into_iter()
            .min_by_key(|found| (offsets.char_of(found.start) as i64).abs_diff(wanted))
    })
}

/// The mention that is the relation's source, when it is among those already listed.
fn source(draft: &Draft, review: &Review<'_>, ends: [Span; 2]) -> Option<String> {
    if review.source.is_empty() {
        return None;
    }
    let listed = draft.mentions.iter().map(|m| m.span).chain(ends);
    let mut found = listed.filter(|span| span.of(&draft.text) == review.source);
    found.next().map(key)
}

fn key(span: Span) -> String {
    format!("{}-{}", span.start, span.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "verdict;doc_id;sentence_id;subject;subject_type;relation;object;object_type;trigger;status;attributed_to;subject_mention;object_mention;sentence;subject_start;object_start;trigger_start\r\n";
    const SENTENCE: &str = "\"«Iran» said Iran\nblamed Ōta; Iran met Ōta.\"";

    fn row(
        verdict: &str,
        relation: &str,
        ends: [(&str, usize); 2],
        trigger: (&str, usize),
    ) -> String {
        format!(
            "{verdict};d1;4;Islamic Republic;LOC;{relation};Ōta Inc.;ORG;{};claimed;Iran;{};{};{SENTENCE};{};{};{}\r\n",
            trigger.0, ends[0].0, ends[1].0, ends[0].1, ends[1].1, trigger.1
        )
    }

    fn read(text: &str) -> Samples {
        super::read(Path::new("triples.csv"), text).unwrap()
    }

    /// Code points at which the sentence's names begin: Iran 1, 12, 29; Ōta 24, 38. It begins at 100.
    #[test]
    fn repeated_names_are_told_apart_by_their_offsets() {
        let text = HEADER.to_string()
            + &row(
                "ok",
                "accuses",
                [("Iran", 112), ("Ōta", 124)],
                ("blamed", 117),
            )
            + &row(
                "Wrong",
                "meets",
                [("Iran", 129), ("Ōta", 138)],
                ("met", 134),
            )
            + &row("", "rejects", [("Iran", 129), ("Ōta", 138)], ("met", 134))
            + &row(
                "Meets",
                "visits",
                [("Iran", 101), ("Ōta", 138)],
                ("met", 134),
            );
        let read = read(&text);
        assert!(read.skipped.is_empty(), "{:?}", read.skipped);
        assert_eq!(read.samples.len(), 1);
        let s = &read.samples[0];
        assert_eq!((s.id.as_str(), s.doc.as_str()), ("d1#4", "d1"));
        assert_eq!(s.text, "«Iran» said Iran blamed Ōta; Iran met Ōta.");
        let told: Vec<_> = s
            .relations
            .iter()
            .map(|r| (r.subject, r.label.as_str(), r.object, r.holds))
            .collect();
        // Mentions: Iran, Iran, Ōta, Iran, Ōta.
        assert_eq!(
            told,
            [
                (1, "accuses", 2, true),
                (3, "meets", 4, false),
                (0, "meets", 4, true),
                (0, "visits", 4, false),
            ]
        );
        let first = &s.relations[0];
        assert_eq!(first.trigger.unwrap().of(&s.text), "blamed");
        assert_eq!(first.status, Some(Status::Claimed));
        assert_eq!(first.attributed_to, Some(1));
        assert_eq!(s.mentions[1].label, Some("LOC".into()));
    }

    /// The article has no-break spaces and, before `at` and `Inc.`, two spaces.
    #[test]
    fn names_with_no_break_and_double_spaces_are_found() {
        let text = HEADER.to_string()
            + "ok;d1;4;Edi Rama;PER;accuses;Ōta Inc.;ORG;lashed\u{a0}out  at;claimed;Edi\u{a0}Rama;\
               Edi\u{a0}Rama;Ōta  Inc.;Then Edi Rama lashed out at Ōta Inc. again.;105;129;114\r\n";
        let read = read(&text);
        assert!(read.skipped.is_empty(), "{:?}", read.skipped);
        let s = &read.samples[0];
        let words: Vec<&str> = s.mentions.iter().map(|m| m.span.of(&s.text)).collect();
        assert_eq!(words, ["Edi Rama", "Ōta Inc."]);
        let told = &s.relations[0];
        assert_eq!(told.trigger.unwrap().of(&s.text), "lashed out at");
        assert_eq!(told.attributed_to, Some(0));
    }

    #[test]
    fn what_stands_behind_folded_spaces_is_found_by_its_distance() {
        // The article has three spaces for each one of the sentence.
        let text = HEADER.to_string()
            + "ok;d1;4;Iran;LOC;meets;Peru;LOC;met;;;Iran;Peru;Iran met Oman, then Iran met Peru.;128;141;135\r\n";
        let read = read(&text);
        assert!(read.skipped.is_empty(), "{:?}", read.skipped);
        let sample = &read.samples[0];
        let starts: Vec<usize> = sample.mentions.iter().map(|m| m.span.start).collect();
        assert_eq!(starts, [20, 29]);
        assert_eq!(sample.relations[0].trigger, Some(Span::new(25, 28)));
    }

    #[test]
    fn contradictions_and_lost_names_are_told() {
        let ends = [("Iran", 112), ("Ōta", 124)];
        let text = HEADER.to_string()
            + &row("ok", "accuses", ends, ("blamed", 117))
            + &row("wrong", "accuses", ends, ("blamed", 117))
            + &row("none", "meets", ends, ("blamed", 117))
            + &row(
                "ok",
                "accuses",
                [("Iran", 112), ("Peru", 124)],
                ("blamed", 117),
            );
        let read = read(&text);
        // The sentence has a line break, so each row takes two lines.
        let lines: Vec<usize> = read.skipped.iter().map(|s| s.line).collect();
        assert_eq!(lines, [4, 6, 8]);
        assert_eq!(read.samples[0].relations.len(), 1);
        assert!(read.skipped[2].message.contains("\"Peru\""));
    }

    #[test]
    fn a_verdict_names_a_relation_in_any_spelling() {
        let text = "verdict,sentence,subject,relation,object,allowed\n\
            Cuts ties with,Ana left Bo.,Ana,meets,Bo,\n\
            has - Sued,Cal left Di.,Cal,meets,Di,\"ok, wrong, none, or the right one of: has_sued visits\"\n\
            befriends,Eve left Flo.,Eve,meets,Flo,\n\
            none,Gil left Hal.,Gil,Befriends,Hal,\n\
            MEETS,Ida left Jo.,Ida,meets,Jo,\n";
        let read = read(text);
        assert!(read.skipped.is_empty(), "{:?}", read.skipped);
        let held: Vec<&str> = read
            .samples
            .iter()
            .flat_map(|s| s.relations.iter().filter(|r| r.holds))
            .map(|r| r.label.as_str())
            .collect();
        assert_eq!(held, ["cuts_ties_with", "has_sued", "Befriends", "meets"]);
    }

    #[test]
    fn a_mistyped_verdict_makes_no_new_relation() {
        let text = "sentence,subject,relation,object,verdict\n\
            Ana left Bo.,Ana,meets,Bo,acuses\n\
            Cal left Di.,Cal,meets,Di,?\n\
            Eve left Flo.,Eve,meets,Flo,wrogn\n\
            Gil left Hal.,Gil,meets,Hal,ok\n";
        let read = read(text);
        assert_eq!(read.samples.len(), 1);
        let told: Vec<String> = read.skipped.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 3, "{told:?}");
        for (told, parts) in told.iter().zip([
            ["triples.csv:2: \"acuses\"", "did you mean accuses?"],
            ["triples.csv:3: \"?\"", "--data"],
            ["triples.csv:4: \"wrogn\"", "did you mean wrong?"],
        ]) {
            assert!(parts.iter().all(|part| told.contains(part)), "{told}");
        }
        assert!(!told[1].contains("did you mean"), "{told:?}");
    }

    #[test]
    fn without_offsets_the_nearest_names_are_meant() {
        let text = "sentence,subject,relation,object,verdict\nIran said Iran met Oman.,Iran,meets,Oman,ok\nAna left Bo.,Ana,meets,Bo,none\n";
        let read = read(text);
        let s = &read.samples[0];
        assert_eq!(s.mentions[0].span, Span::new(10, 14));
        assert_eq!(read.samples[1].unrelated, [(0, 1)]);
    }

    #[test]
    fn offsets_that_no_document_has_are_passed_over() {
        for far in [i64::MIN, i64::MAX] {
            let text = format!(
                "sentence,subject,relation,object,verdict,trigger,subject_start,object_start,trigger_start\n\
                 Iran said Iran met Oman.,Iran,meets,Oman,ok,met,{far},{far},{far}\n"
            );
            let read = read(&text);
            assert!(read.skipped.is_empty(), "{:?}", read.skipped);
            assert_eq!(read.samples[0].mentions[0].span, Span::new(10, 14));
        }
    }

    #[test]
    fn a_table_without_any_verdict_is_refused() {
        let text = "sentence,subject,relation,object,verdict\nAna met Bo.,Ana,meets,Bo,\n";
        let refused = super::read(Path::new("t.csv"), text).unwrap_err();
        assert!(refused.to_string().contains("no row has a verdict"));
    }
}
