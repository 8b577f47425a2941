use std::collections::BTreeMap;
use std::path::Path;

use super::Samples;
use super::draft::{Draft, Link};
use super::locate::{nearest, occurrences};
use super::table::{Row, Table};
use crate::annotation::{Coverage, Sample};
use crate::error::Result;
use crate::text::Span;

pub(super) const SENTENCE: &[&str] = &["sentence", "text"];
pub(super) const SUBJECT: &[&str] = &["subject", "head"];
pub(super) const RELATION: &[&str] = &["relation"];
pub(super) const OBJECT: &[&str] = &["object", "tail"];

/// Whether a relation's name says that there is none.
pub(super) fn is_none(relation: &str) -> bool {
    ["none", "no_relation", "no relation"]
        .iter()
        .any(|name| relation.eq_ignore_ascii_case(name))
}

/// Reads a table of sentence, subject, relation, object: surface strings, relation `none` for a
/// negative. Rows of one sentence make one sample; where a string occurs repeatedly, the
/// occurrences nearest to each other are meant.
pub(super) fn read(path: &Path, text: &str) -> Result<Samples> {
    let table = Table::read(text);
    let sentence = table.needed(path, SENTENCE)?;
    let columns = [
        table.needed(path, SUBJECT)?,
        table.needed(path, RELATION)?,
        table.needed(path, OBJECT)?,
    ];
    let doc = table.column(&["doc_id", "doc", "document"]);
    let mut read = Samples::default();
    for (line, message) in &table.broken {
        read.skip(path, *line, message);
    }
    let mut groups: Vec<Vec<&Row>> = Vec::new();
    let mut seen: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for row in &table.rows {
        let key = (row.cell(doc), row.cell(Some(sentence)));
        let at = *seen.entry(key).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.push(row),
            None => groups.push(vec![row]),
        }
    }
    for group in groups {
        let Some(first) = group.first() else { continue };
        let id = format!("{}:{}", path.display(), first.line);
        let text = first.cell(Some(sentence));
        let mut draft = Draft::new(id, text.to_string());
        draft.doc = Some(first.cell(doc).trim())
            .filter(|d| !d.is_empty())
            .map(str::to_string);
        draft.mention_coverage = Coverage::Listed;
        draft.relation_coverage = Coverage::Listed;
        let mut usable = false;
        for row in &group {
            match add(&mut draft, columns.map(|c| row.cell(Some(c)).trim())) {
                Ok(()) => usable = true,
                Err(message) => read.skip(path, row.line, message),
            }
        }
        if usable {
            let made: Result<Sample, String> = draft.finish();
            read.add(path, first.line, made);
        }
    }
    read.skipped.sort_by_key(|s| s.line);
    Ok(read)
}

fn add(draft: &mut Draft, [subject, relation, object]: [&str; 3]) -> Result<(), String> {
    if relation.is_empty() {
        return Err("names no relation; write none where there is none".into());
    }
    let find = |what: &str, name: &str| {
        let found = occurrences(&draft.text, name);
        if found.is_empty() {
            return Err(format!(
                "the {what} {name:?} does not occur in the sentence"
            ));
        }
        Ok(found)
    };
    let pair = nearest(&find("subject", subject)?, &find("object", object)?);
    let (s, o) = pair
        .ok_or_else(|| format!("{subject:?} and {object:?} are the same words of the sentence"))?;
    let (s, o) = (name_at(draft, s), name_at(draft, o));
    let listed = |l: &Link| l.subject == s && l.object == o;
    let pair = (s.clone(), o.clone());
    if is_none(relation) {
        if draft.links.iter().any(listed) {
            return Err("says none of a pair that another row gives a relation".into());
        }
        draft.unrelated.push(pair);
    } else {
        if draft.unrelated.contains(&pair) {
            return Err("gives a relation to a pair of which another row says none".into());
        }
        draft.links.push(Link::new(s, relation, o));
    }
    Ok(())
}

/// The name of the mention at a span, which is made if need be.
fn name_at(draft: &mut Draft, span: Span) -> String {
    let id = format!("{}-{}", span.start, span.end);
    if !draft.mentions.iter().any(|m| m.id == id) {
        draft.mention(id.clone(), span, None);
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_a_sentence_make_one_sample() {
        let text = "sentence,subject,relation,object,note\n\
            \"Iran, not Oman, blamed Israel.\",Iran,accuses,Israel,x\n\
            Ana left.,Ana,meets,Bo,\n\
            \"Iran, not Oman, blamed Israel.\",Oman,None,Israel,\n\
            \"Iran, not Oman, blamed Israel.\",Oman,accuses,Israel,\n\
            \"Iran, not Oman, blamed Israel.\",Iran,,Israel,\n";
        let read = read(Path::new("x.csv"), text).unwrap();
        assert_eq!(read.samples.len(), 1);
        let s = &read.samples[0];
        let words: Vec<&str> = s.mentions.iter().map(|m| m.span.of(&s.text)).collect();
        assert_eq!(words, ["Iran", "Oman", "Israel"]);
        assert!(s.mentions.iter().all(|m| m.label.is_none()));
        let r = &s.relations[0];
        assert_eq!((r.subject, r.object, r.label.as_str()), (0, 2, "accuses"));
        assert_eq!(s.unrelated, [(1, 2)]);
        assert_eq!(s.relation_coverage, Coverage::Listed);
        let lines: Vec<usize> = read.skipped.iter().map(|s| s.line).collect();
        assert_eq!(lines, [3, 5, 6]);
        assert!(read.skipped[0].message.contains("\"Bo\""));
    }

    #[test]
    fn a_missing_column_is_named() {
        let refused = read(Path::new("x.csv"), "sentence,subject,object\na,b,c\n");
        assert!(refused.unwrap_err().to_string().contains("\"relation\""));
    }
}
