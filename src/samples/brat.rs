use std::path::{Path, PathBuf};

use super::draft::{Draft, Link, span_of};
use super::{Samples, decode};
use crate::annotation::{Coverage, Label, Status};
use crate::error::{Error, Result};
use crate::text::CharOffsets;

/// Reads a folder of brat's `.txt` and `.ann` files, folders in it included, or one such pair. An
/// annotation that cannot be used is left out and named; its document is used all the same.
pub(super) fn read(path: &Path) -> Result<Samples> {
    let mut texts = Vec::new();
    if path.is_dir() {
        find(path, &mut texts)?;
    } else {
        texts.push(path.with_extension("txt"));
    }
    if !texts.iter().any(|t| t.with_extension("ann").is_file()) {
        return Err(Error::Usage(format!(
            "{}: holds no pair of .txt and .ann files, as brat writes them; name a folder that does, \
             or a file of samples",
            path.display()
        )));
    }
    let mut read = Samples::default();
    for text in &texts {
        document(path, text, &mut read)?;
    }
    // Without any relation in the folder, the annotators were not after relations.
    if read.samples.iter().all(|s| s.relations.is_empty()) {
        for sample in &mut read.samples {
            sample.relation_coverage = Coverage::Nothing;
        }
    }
    Ok(read)
}

fn find(folder: &Path, texts: &mut Vec<PathBuf>) -> Result<()> {
    let mut entries = std::fs::read_dir(folder)
        .and_then(|list| {
            list.map(|e| e.map(|e| e.path()))
                .collect::<Result<Vec<_>, _>>()
        })
        .map_err(|e| Error::io(folder, e))?;
    entries.sort();
    for entry in entries {
        let linked = entry.is_symlink();
        if entry.is_dir() && !linked {
            find(&entry, texts)?;
        } else if entry.extension().is_some_and(|e| e == "txt") {
            texts.push(entry);
        }
    }
    Ok(())
}

fn document(root: &Path, path: &Path, read: &mut Samples) -> Result<()> {
    let load = |path: &Path| {
        let bytes = std::fs::read(path).map_err(|e| Error::io(path, e))?;
        let decoded = decode::decode(&bytes);
        match decoded.guessed_from {
            None => Ok(decoded.text),
            Some(line) => Err(Error::line(path, line, "is not UTF-8; save it as UTF-8")),
        }
    };
    let ann = path.with_extension("ann");
    if !ann.is_file() {
        read.skip(path, 1, "has no .ann file beside it");
        return Ok(());
    }
    let (text, annotations) = match (load(path), load(&ann)) {
        (Ok(text), Ok(annotations)) => (text, annotations),
        (
            Err(Error::Line {
                path,
                line,
                message,
            }),
            _,
        )
        | (
            _,
            Err(Error::Line {
                path,
                line,
                message,
            }),
        ) => {
            read.skip(&path, line, message);
            return Ok(());
        }
        (Err(e), _) | (_, Err(e)) => return Err(e),
    };
    if annotations.trim().is_empty() {
        read.skip(&ann, 1, "is empty: the text is not annotated yet");
        return Ok(());
    }
    let name = path
        .strip_prefix(root)
        .ok()
        .filter(|p| !p.as_os_str().is_empty());
    let id = name
        .unwrap_or(path)
        .with_extension("")
        .display()
        .to_string();
    let (draft, mut trouble) = draft(&id, &text, &annotations);
    // Offsets may have been counted on a text whose line ends were one character.
    let (draft, trouble) = if !trouble.is_empty() && text.contains("\r\n") {
        let (other, fewer) = self::draft(&id, &text.replace("\r\n", "\n"), &annotations);
        if fewer.len() < trouble.len() {
            trouble = fewer;
            (other, trouble)
        } else {
            (draft, trouble)
        }
    } else {
        (draft, trouble)
    };
    for (line, message) in trouble {
        read.skip(&ann, line, message);
    }
    read.add_passage(path, 1, draft.finish());
    Ok(())
}

/// A document's annotations, and the lines of those that cannot be used.
fn draft(id: &str, text: &str, annotations: &str) -> (Draft, Vec<(usize, String)>) {
    let offsets = CharOffsets::new(text);
    let mut draft = Draft::new(id.to_string(), text.to_string());
    draft.relation_coverage = Coverage::Full;
    let mut trouble = Vec::new();
    let lines = || {
        annotations
            .lines()
            .enumerate()
            .map(|(n, line)| (n + 1, line))
    };
    for (n, line) in lines().filter(|(_, line)| line.starts_with('T')) {
        if let Err(message) = entity(&mut draft, &offsets, line) {
            trouble.push((n, message));
        }
    }
    let mut names: Vec<(&str, usize)> = Vec::new();
    for (n, line) in lines() {
        let done = match line.chars().next() {
            Some('R') => relation(&draft, line).map(|link| {
                names.push((line.split('\t').next().unwrap_or(""), draft.links.len()));
                draft.links.push(link);
            }),
            Some('E') => Err("events are not read, only entities and relations".to_string()),
            // Entities are read; attributes come later; notes, normalisations and equivalences say
            // nothing about relations.
            Some('T' | 'A' | 'M' | 'N' | '#' | '*') | None => Ok(()),
            Some(_) => Err(format!("{line:?} is no annotation")),
        };
        if let Err(message) = done {
            trouble.push((n, message));
        }
    }
    for (_, line) in lines().filter(|(_, line)| line.starts_with(['A', 'M'])) {
        let mut parts = line.split(['\t', ' ']).skip(1);
        let (Some(name), Some(target)) = (parts.next(), parts.next()) else {
            continue;
        };
        let Some(status) = status(name, parts.next()) else {
            continue;
        };
        let at = names.iter().find(|(id, _)| *id == target).map(|n| n.1);
        if let Some(link) = at.and_then(|at| draft.links.get_mut(at)) {
            link.status = Some(status);
        }
    }
    trouble.sort();
    (draft, trouble)
}

/// `T1<tab>PER 0 5<tab>words`
fn entity(draft: &mut Draft, offsets: &CharOffsets<'_>, line: &str) -> Result<(), String> {
    let mut columns = line.splitn(3, '\t');
    let (Some(id), Some(place)) = (columns.next(), columns.next()) else {
        return Err(format!(
            "{line:?} is no entity: its columns are not separated by tabs"
        ));
    };
    if place.contains(';') {
        return Err(format!("{id} is in several pieces, which cannot be used"));
    }
    let parts: Vec<&str> = place.split_whitespace().collect();
    let [label, start, end] = parts.as_slice() else {
        return Err(format!("{place:?} is no type with start and end"));
    };
    let number = |n: &str| {
        n.parse::<usize>()
            .map_err(|_| format!("{n:?} is no offset"))
    };
    let span = span_of(&draft.text, offsets, id, number(start)?, number(end)?)?;
    let found = span.of(&draft.text);
    if let Some(words) = columns.next()
        && !words.split_whitespace().eq(found.split_whitespace())
    {
        return Err(format!(
            "{id} is said to read {words:?}, but the text reads {found:?}"
        ));
    }
    draft.mention(id, span, Some(Label::from(*label)));
    Ok(())
}

/// `R1<tab>accuses Arg1:T1 Arg2:T2`
fn relation(draft: &Draft, line: &str) -> Result<Link, String> {
    let parts: Vec<&str> = line.split_whitespace().collect();
    let [id, label, subject, object] = parts.as_slice() else {
        return Err(format!("{line:?} is no relation of two arguments"));
    };
    let find = |argument: &str| {
        let entity = argument.split_once(':').map_or(argument, |a| a.1);
        match draft.mentions.iter().find(|m| m.id == entity) {
            Some(mention) => Ok(mention.id.clone()),
            None => Err(format!("{id} joins {entity}, which is no usable entity")),
        }
    };
    let (subject, object) = (find(subject)?, find(object)?);
    if subject == object {
        return Err(format!("{id} joins {subject} with itself"));
    }
    Ok(Link::new(subject, *label, object))
}

/// An attribute `Status R1 claimed`, or one that is named for a status, such as `Negated R1`.
fn status(name: &str, value: Option<&str>) -> Option<Status> {
    match name.to_lowercase().as_str() {
        "status" => value?.parse().ok(),
        "negation" => Some(Status::Negated),
        other => other.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: &str = "T1\tPER 0 3\tŌta\nT2\tPER 8 10\tBo\nT3\tORG 0 3;8 10\tŌta Bo\nR1\tmeets Arg1:T2 Arg2:T1\t\nA1\tStatus R1 possible\n#1\tAnnotatorNotes T1\thm\nE1\tMeet:T1\n";

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        folder
    }

    #[test]
    fn entities_relations_and_status() {
        let folder = folder(&[
            ("sub/b.txt", "Ōta met Bo."),
            ("sub/b.ann", ANN),
            ("c.txt", "Not annotated."),
            ("d.txt", "Not annotated yet."),
            ("d.ann", ""),
        ]);
        let read = read(folder.path()).unwrap();
        assert_eq!(read.samples.len(), 1);
        let s = &read.samples[0];
        assert_eq!(s.id, Path::new("sub").join("b").display().to_string());
        let r = &s.relations[0];
        assert_eq!(
            (r.subject, r.object, r.status),
            (1, 0, Some(Status::Possible))
        );
        let told: Vec<_> = read
            .skipped
            .iter()
            .map(|s| (s.path.file_name().unwrap().to_str().unwrap(), s.line))
            .collect();
        assert_eq!(
            told,
            [("c.txt", 1), ("d.ann", 1), ("b.ann", 3), ("b.ann", 7)]
        );
    }

    #[test]
    fn offsets_of_windows_texts_count_either_way() {
        for (start, end) in [(8, 10), (9, 11)] {
            let ann = format!("T1\tPER {start} {end}\tBo\n");
            let folder = folder(&[("a.txt", "Ōta met\r\nBo."), ("a.ann", &ann)]);
            let read = read(&folder.path().join("a.ann")).unwrap();
            assert!(read.skipped.is_empty(), "{:?}", read.skipped);
            let s = &read.samples[0];
            assert_eq!(s.mentions[0].span.of(&s.text), "Bo");
            assert_eq!(s.relation_coverage, Coverage::Nothing);
        }
    }

    #[test]
    fn a_folder_without_annotations_is_refused() {
        let folder = folder(&[("a.txt", "Ana")]);
        assert!(
            read(folder.path())
                .unwrap_err()
                .to_string()
                .contains(".ann")
        );
    }
}
