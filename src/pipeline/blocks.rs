use std::collections::HashMap;
use std::iter::Peekable;

use rayon::prelude::*;

use super::duplicates::Duplicates;
use crate::corpus::{Failure, Item, ReadOptions, Source, read};
use crate::text::count_words;

/// Blocks that are worked on or wait to be journalled, together: while the threads read one, the next
/// is prepared.
pub(super) const IN_FLIGHT: usize = 3;

/// A block is full at this many bytes of text, or this many items.
const BLOCK_BYTES: usize = 96 << 10;
const BLOCK_ITEMS: usize = 512;
/// Files of one article are read together up to this size, unpacked.
const READ_BYTES: u64 = 32 << 20;
const READ_FILES: usize = 64;

/// Consecutive items.
pub(super) struct Block {
    pub number: usize,
    pub items: Vec<Entry>,
}

/// An item, and what it repeats; a document that repeats another has lost its text.
pub(super) struct Entry {
    pub item: Item,
    pub repeats: Option<Repeat>,
}

/// What is left of a document that repeats an earlier one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Repeat {
    /// The id of the earlier document.
    pub of: String,
    /// Words of the text.
    pub words: usize,
}

/// Reads all inputs in order and hands them on in blocks, until `send` refuses one. What repeats an
/// earlier document is told apart if `duplicates` are looked for.
pub(super) fn produce(
    sources: Vec<Result<Source, Failure>>,
    options: &ReadOptions,
    mut duplicates: Option<Duplicates>,
    pool: &rayon::ThreadPool,
    mut send: impl FnMut(Block) -> bool,
) {
    let mut ids: HashMap<String, u32> = HashMap::new();
    let mut open = Vec::new();
    let (mut bytes, mut number) = (0, 0);
    let mut take = |mut item: Item| {
        make_unique(&mut item, &mut ids);
        let repeats = duplicates
            .as_mut()
            .and_then(|seen| without_repeated_text(&mut item, seen));
        if let Item::Document(document) = &item {
            bytes += document.text.len();
        }
        open.push(Entry { item, repeats });
        if bytes < BLOCK_BYTES && open.len() < BLOCK_ITEMS {
            return true;
        }
        bytes = 0;
        number += 1;
        send(Block {
            number: number - 1,
            items: std::mem::take(&mut open),
        })
    };
    let mut sources = sources.into_iter().peekable();
    while let Some(source) = sources.next() {
        if single(&source, options) {
            let group = group(source, &mut sources, options);
            let read_together: Vec<Vec<Item>> = pool.install(|| {
                group
                    .into_par_iter()
                    .map(|s| items(s, options).collect())
                    .collect()
            });
            for item in read_together.into_iter().flatten() {
                if !take(item) {
                    return;
                }
            }
        } else {
            for item in items(source, options) {
                if !take(item) {
                    return;
                }
            }
        }
    }
    if !open.is_empty() {
        send(Block {
            number,
            items: open,
        });
    }
}

/// What the document repeats; its text, which nothing needs then, is dropped.
fn without_repeated_text(item: &mut Item, seen: &mut Duplicates) -> Option<Repeat> {
    let Item::Document(document) = item else {
        return None;
    };
    if document.text.trim().is_empty() {
        return None;
    }
    let of = seen.earlier(&document.id, &document.text)?.to_owned();
    let text = std::mem::take(&mut document.text);
    Some(Repeat {
        of,
        words: count_words(&text),
    })
}

/// A file of one article, and those behind it that may be read at the same time.
fn group(
    first: Result<Source, Failure>,
    rest: &mut Peekable<impl Iterator<Item = Result<Source, Failure>>>,
    options: &ReadOptions,
) -> Vec<Result<Source, Failure>> {
    let size_of =
        |source: &Result<Source, Failure>| source.as_ref().map_or(0, Source::unpacked_size);
    let mut size = size_of(&first);
    let mut group = vec![first];
    while group.len() < READ_FILES
        && let Some(next) = rest.next_if(|source| {
            single(source, options) && size.saturating_add(size_of(source)) <= READ_BYTES
        })
    {
        size = size.saturating_add(size_of(&next));
        group.push(next);
    }
    group
}

fn single(source: &Result<Source, Failure>, options: &ReadOptions) -> bool {
    source.as_ref().map_or(true, |s| s.is_single(options))
}

fn items(
    source: Result<Source, Failure>,
    options: &ReadOptions,
) -> Box<dyn Iterator<Item = Item> + Send> {
    match source {
        Ok(source) => read(&source, options),
        Err(failure) => Box::new(std::iter::once(Item::Failed(failure))),
    }
}

/// The second document of an id becomes `id~2`, and so on.
fn make_unique(item: &mut Item, ids: &mut HashMap<String, u32>) {
    let id = match item {
        Item::Document(document) => &mut document.id,
        Item::Failed(failure) => &mut failure.id,
    };
    let count = ids.entry(id.clone()).or_default();
    *count += 1;
    if *count > 1 {
        let mut n = *count;
        let mut other = format!("{id}~{n}");
        while ids.contains_key(&other) {
            n += 1;
            other = format!("{id}~{n}");
        }
        ids.insert(other.clone(), 1);
        *id = other;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::Inputs;

    #[test]
    fn what_repeats_an_article_keeps_only_its_number_of_words() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.txt", "b.txt"] {
            std::fs::write(folder.path().join(name), "Ana Lee met Bo Cho.").unwrap();
        }
        let sources = Inputs::below(&[folder.path().to_path_buf()], None).sources;
        let pool = rayon::ThreadPoolBuilder::new().build().unwrap();
        let mut entries = Vec::new();
        let (options, duplicates) = (ReadOptions::default(), Some(Duplicates::default()));
        produce(sources, &options, duplicates, &pool, |block| {
            entries.extend(block.items);
            true
        });
        let texts: Vec<&str> = entries
            .iter()
            .map(|entry| match &entry.item {
                Item::Document(document) => document.text.as_str(),
                Item::Failed(failure) => panic!("{failure:?}"),
            })
            .collect();
        assert_eq!(texts, ["Ana Lee met Bo Cho.", ""]);
        let repeat = Repeat {
            of: "a.txt".into(),
            words: 5,
        };
        assert_eq!(entries[1].repeats, Some(repeat));
    }

    #[test]
    fn files_are_read_together_by_what_they_unpack_to() {
        let folder = tempfile::tempdir().unwrap();
        for (ending, together) in [("txt", 32), ("txt.gz", 2), ("txt.zst", 2)] {
            let root = folder.path().join(ending);
            std::fs::create_dir(&root).unwrap();
            for n in 0..40 {
                let file = std::fs::File::create(root.join(format!("{n:02}.{ending}"))).unwrap();
                file.set_len(1 << 20).unwrap();
            }
            let sources = Inputs::below(&[root], None).sources;
            let mut sources = sources.into_iter().peekable();
            let first = sources.next().unwrap();
            let group = group(first, &mut sources, &ReadOptions::default());
            assert_eq!(group.len(), together, "{ending}");
        }
    }

    #[test]
    fn ids_are_made_unique() {
        let mut ids = HashMap::new();
        let mut id = |id: &str| {
            let mut item = Item::Failed(Failure {
                id: id.into(),
                source_file: "x".into(),
                message: String::new(),
            });
            make_unique(&mut item, &mut ids);
            match item {
                Item::Failed(f) => f.id,
                Item::Document(d) => d.id,
            }
        };
        assert_eq!(
            [id("a"), id("a~2"), id("a"), id("a")],
            ["a", "a~2", "a~3", "a~4"].map(String::from)
        );
    }
}
