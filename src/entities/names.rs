use std::collections::HashMap;

use super::{canonical_name, entity_id, name_key};
use crate::annotation::{Label, Mention};

/// Someone or something that mentions name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entity {
    /// Depends on type and name only; see [`entity_id`].
    pub id: String,
    /// The most frequent spelling of the canonical name; of equally frequent ones the first seen.
    pub name: String,
    /// Entity type, such as `PER`.
    pub label: Label,
    /// The other spellings, by frequency, then as first seen.
    pub aliases: Vec<String>,
}

/// The names of a run, counted.
#[derive(Debug, Default)]
pub struct Names {
    /// Canonical names as spelled, by type: their entity and their position in its spellings.
    places: HashMap<Label, HashMap<String, (usize, usize)>>,
    keys: HashMap<Label, HashMap<String, usize>>,
    entities: Vec<Counted>,
}

#[derive(Debug)]
struct Counted {
    label: Label,
    key: String,
    spellings: Vec<(String, u64)>,
}

impl Names {
    /// Counts the mentions of one document; documents come in input order. Spans are bytes of
    /// `text`.
    pub fn add(&mut self, text: &str, mentions: &[Mention]) {
        for mention in mentions {
            let name = canonical_name(mention.span.of(text));
            let place = self
                .places
                .get(&mention.label)
                .and_then(|places| places.get(name.as_ref()))
                .copied();
            let (entity, spelling) = place.unwrap_or_else(|| self.place(&mention.label, &name));
            let counted = self
                .entities
                .get_mut(entity)
                .and_then(|e| e.spellings.get_mut(spelling));
            if let Some((_, count)) = counted {
                *count += 1;
            }
        }
    }

    fn place(&mut self, label: &Label, name: &str) -> (usize, usize) {
        let key = name_key(name);
        let next = self.entities.len();
        let entity = *self
            .keys
            .entry(label.clone())
            .or_default()
            .entry(key.clone())
            .or_insert(next);
        if entity == next {
            self.entities.push(Counted {
                label: label.clone(),
                key,
                spellings: Vec::new(),
            });
        }
        let spelling = self.entities.get_mut(entity).map_or(0, |counted| {
            counted.spellings.push((name.to_owned(), 0));
            counted.spellings.len() - 1
        });
        self.places
            .entry(label.clone())
            .or_default()
            .insert(name.to_owned(), (entity, spelling));
        (entity, spelling)
    }

    /// The entities of all names, in the order in which they were first seen.
    pub fn resolve(self) -> Entities {
        Entities {
            places: self.places,
            entities: self.entities.into_iter().map(Counted::entity).collect(),
        }
    }
}

impl Counted {
    fn entity(mut self) -> Entity {
        self.spellings
            .sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let mut spellings = self.spellings.into_iter().map(|(spelling, _)| spelling);
        Entity {
            id: entity_id(&self.label, &self.key),
            name: spellings.next().unwrap_or_default(),
            label: self.label,
            aliases: spellings.collect(),
        }
    }
}

/// The entities of a run.
#[derive(Debug)]
pub struct Entities {
    places: HashMap<Label, HashMap<String, (usize, usize)>>,
    entities: Vec<Entity>,
}

impl Entities {
    /// The entity of each mention of one document, as positions in [`Self::all`]; `None` when the
    /// document has a name that [`Names::add`] never saw. Spans are bytes of `text`.
    pub fn of(&self, text: &str, mentions: &[Mention]) -> Option<Vec<usize>> {
        mentions
            .iter()
            .map(|mention| {
                let name = canonical_name(mention.span.of(text));
                let places = self.places.get(&mention.label)?;
                places.get(name.as_ref()).map(|&(entity, _)| entity)
            })
            .collect()
    }

    /// All entities, in the order in which they were first seen.
    pub fn all(&self) -> &[Entity] {
        &self.entities
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Span;

    fn mentions(text: &str, label: &str) -> Vec<Mention> {
        text.split('|')
            .map(|name| {
                let start = name.as_ptr() as usize - text.as_ptr() as usize;
                Mention {
                    span: Span::new(start, start + name.len()),
                    label: label.into(),
                    sentence: 0,
                    confidence: 1.0,
                }
            })
            .collect()
    }

    fn resolve(documents: &[(&str, &str)]) -> Entities {
        let mut names = Names::default();
        for (text, label) in documents {
            names.add(text, &mentions(text, label));
        }
        names.resolve()
    }

    #[test]
    fn spellings_meet_in_one_entity_named_as_most_spell_it() {
        let text = "KANA'ANI|Kana’ani|Kana’ani's|the Kana'ani|Rama";
        let entities = resolve(&[(text, "PER")]);
        assert_eq!(
            entities.of(text, &mentions(text, "PER")),
            Some(vec![0, 0, 0, 0, 1])
        );
        let kanaani = &entities.all()[0];
        assert_eq!(kanaani.name, "Kana’ani");
        assert_eq!(kanaani.aliases, ["KANA'ANI", "Kana'ani"]);
    }

    #[test]
    fn of_equally_frequent_spellings_the_first_names_the_entity() {
        let entities = resolve(&[("IRAN", "LOC"), ("Iran", "LOC")]);
        assert_eq!(entities.all()[0].name, "IRAN");
    }

    #[test]
    fn types_keep_names_apart() {
        let entities = resolve(&[("Washington", "PER"), ("Washington", "LOC")]);
        assert_eq!(entities.all().len(), 2);
        assert_ne!(entities.all()[0].id, entities.all()[1].id);
    }

    #[test]
    fn an_unseen_name_has_no_entity() {
        let entities = resolve(&[("Iran", "LOC")]);
        assert_eq!(entities.of("Iraq", &mentions("Iraq", "LOC")), None);
        assert_eq!(entities.of("Iran", &mentions("Iran", "ORG")), None);
    }
}
