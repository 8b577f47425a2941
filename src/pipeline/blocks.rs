use std::collections::HashMap;

use rayon::prelude::*;

use super::duplicates::Duplicates;
use crate::corpus::{Failure, Item, ReadOptions, Source, read};

/// Blocks that are worked on or wait to be journalled, together: while the threads read one, the next
/// is prepared.
pub(super) const IN_FLIGHT: usize = 3;

/// A block is full at this many bytes of text, or this many items.
const BLOCK_BYTES: usize = 96 << 10;
const BLOCK_ITEMS: usize = 512;
/// Files of one article are read together up to this size.
const READ_BYTES: u64 = 32 << 20;
const READ_FILES: usize = 64;

/// Consecutive items.
pub(super) struct Block {
    pub number: usize,
    pub items: Vec<Entry>,
}

/// An item, and the id of the earlier document that it repeats.
pub(super) struct Entry {
    pub item: Item,
    pub repeats: Option<String>,
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
        let mut repeats = None;
        if let Item::Document(document) = &item {
            let earlier = duplicates
                .as_mut()
                .filter(|_| !document.text.trim().is_empty())
                .and_then(|seen| seen.earlier(&document.id, &document.text));
            repeats = earlier.map(str::to_owned);
            if repeats.is_none() {
                bytes += document.text.len();
            }
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
        let mut group = vec![source];
        if single(&group[0], options) {
            let mut size = group.iter().flatten().map(|s| s.size).sum::<u64>();
            while group.len() < READ_FILES
                && let Some(next) = sources.next_if(|s| {
                    single(s, options) && size + s.as_ref().map_or(0, |s| s.size) <= READ_BYTES
                })
            {
                size += next.as_ref().map_or(0, |s| s.size);
                group.push(next);
            }
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
            for item in group.into_iter().flat_map(|s| items(s, options)) {
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
