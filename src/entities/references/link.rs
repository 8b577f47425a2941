use std::collections::HashMap;

use super::super::aliases::Aliases;
use super::super::document::read_document;
use super::super::reading::{Reading, Target};
use super::pronoun::People;
use crate::annotation::{Annotations, ReferenceKind};

/// Sentences back in which the name of a noun phrase is looked for.
const PHRASE_SENTENCES: usize = 2;

/// Finds the names that the pronouns and noun phrases of a document refer to, and takes away those
/// for which there is none that they surely mean, with the relations that they are part of.
/// Spans are bytes of `text`.
pub fn link(text: &str, layers: &mut Annotations) {
    if layers.mentions.iter().all(|m| m.reference.is_none()) {
        return;
    }
    let readings = read_document(text, layers, &Aliases::default()).mentions;
    let mut sieve = Sieve::new(text, layers, &readings);
    let antecedents: Vec<Option<usize>> = (0..layers.mentions.len())
        .map(|n| sieve.antecedent(n))
        .collect();
    let entities = sieve.all_entities();
    let confidences: Vec<f32> = layers.mentions.iter().map(|m| m.confidence).collect();
    for (mention, antecedent) in layers.mentions.iter_mut().zip(&antecedents) {
        if let Some(reference) = &mut mention.reference {
            reference.antecedent = *antecedent;
            let of_name = antecedent.and_then(|name| confidences.get(name));
            mention.confidence = of_name.copied().unwrap_or(mention.confidence);
        }
    }
    // `Rama said his ...` is no relation of two.
    let entity = |n: usize| entities.get(n).copied().flatten();
    let refers = |n: usize| antecedents.get(n).is_some_and(Option::is_some);
    layers.relations.retain(|relation| {
        let (subject, object) = (relation.subject, relation.object);
        !(refers(subject) || refers(object)) || entity(subject) != entity(object)
    });
    layers.retain_mentions(|mention| {
        mention
            .reference
            .is_none_or(|reference| reference.antecedent.is_some())
    });
}

struct Sieve<'a> {
    text: &'a str,
    layers: &'a Annotations,
    /// The entity of each mention, by number; `None` for references.
    entities: Vec<Option<usize>>,
    /// References that are linked already: mention and entity.
    linked: Vec<(usize, usize)>,
    people: People<'a>,
    /// Entities that are countries.
    countries: Vec<bool>,
    names: Vec<String>,
}

impl<'a> Sieve<'a> {
    fn new(text: &'a str, layers: &'a Annotations, readings: &[Reading]) -> Self {
        let mut numbers: HashMap<&Target, usize> = HashMap::new();
        let mut entities = Vec::with_capacity(readings.len());
        let (mut countries, mut names) = (Vec::new(), Vec::new());
        for (mention, reading) in layers.mentions.iter().zip(readings) {
            if mention.reference.is_some() {
                entities.push(None);
                continue;
            }
            let next = numbers.len();
            let entity = *numbers.entry(&reading.target).or_insert(next);
            if entity == next {
                let is_country = reading.country.is_some()
                    && reading.identity().is_some_and(|i| i.label == "LOC");
                countries.push(is_country);
                let name = reading.title.clone();
                names.push(name.unwrap_or_else(|| reading.spelling.clone()));
            }
            entities.push(Some(entity));
        }
        let people = People::new(text, layers, &entities);
        Self {
            text,
            layers,
            entities,
            linked: Vec::new(),
            people,
            countries,
            names,
        }
    }

    /// The entity of each mention, references that are linked among them.
    fn all_entities(&self) -> Vec<Option<usize>> {
        let mut all = self.entities.clone();
        for &(mention, entity) in &self.linked {
            if let Some(slot) = all.get_mut(mention) {
                *slot = Some(entity);
            }
        }
        all
    }

    /// The named mention that the reference `n` means: the nearest name of its entity in front of
    /// it, else behind it.
    fn antecedent(&mut self, n: usize) -> Option<usize> {
        let entity = match self.layers.mentions.get(n)?.reference?.kind {
            ReferenceKind::Pronoun => self.people.meant_by(n)?,
            ReferenceKind::Nominal => self.phrase(n)?,
        };
        self.people.tell(n, entity);
        self.linked.push((n, entity));
        (0..n)
            .rev()
            .chain(n + 1..self.entities.len())
            .find(|&other| self.entities.get(other) == Some(&Some(entity)))
    }

    /// What a noun phrase means: the only country, ministry or group near it, or the only person of
    /// the document with that post.
    fn phrase(&self, n: usize) -> Option<usize> {
        let mention = self.layers.mentions.get(n)?;
        let words = mention.span.of(self.text).to_lowercase();
        let noun = words.strip_prefix("the ").unwrap_or(&words);
        let fits = |other: usize, entity: usize| -> bool {
            let Some(named) = self.layers.mentions.get(other) else {
                return false;
            };
            match noun {
                "country" => self.countries.get(entity).copied().unwrap_or(false),
                "ministry" => self.name_has(entity, "ministry"),
                "party" => self.name_has(entity, "party"),
                "group" | "organisation" | "organization" | "company" => named.label == "ORG",
                _ => named.label == "PER" && self.has_post(other, noun),
            }
        };
        let is_post = mention.label == "PER";
        let nearest = mention.sentence.saturating_sub(PHRASE_SENTENCES);
        let mut found: Vec<usize> = (0..n)
            .filter_map(|other| {
                let entity = self.entities.get(other).copied()??;
                let sentence = self.layers.mentions.get(other)?.sentence;
                (fits(other, entity) && (is_post || sentence >= nearest)).then_some(entity)
            })
            .collect();
        found.sort_unstable();
        found.dedup();
        match found.as_slice() {
            [only] => Some(*only),
            _ => None,
        }
    }

    fn name_has(&self, entity: usize, word: &str) -> bool {
        self.names
            .get(entity)
            .is_some_and(|name| name.to_lowercase().split(' ').any(|part| part == word))
    }

    /// Whether the name is introduced with that post: `Prime Minister Edi Rama`.
    fn has_post(&self, n: usize, post: &str) -> bool {
        let Some(mention) = self.layers.mentions.get(n) else {
            return false;
        };
        let before = self.text.get(..mention.span.start).unwrap_or_default();
        let before = before.trim_end().to_lowercase();
        before.ends_with(post)
            && !before.ends_with("vice president")
            && !before.ends_with(&format!("former {post}"))
            || mention.span.of(self.text).to_lowercase().starts_with(post)
    }
}

#[cfg(test)]
mod tests {
    use super::super::propose;
    use super::*;
    use crate::annotation::{Mention, Reference};
    use crate::text::{Span, split_sentences};

    /// What the references of a text mean; names are written as `[PER Edi Rama]`.
    fn links(marked: &str) -> Vec<(String, String)> {
        let mut text = String::new();
        let mut mentions = Vec::new();
        let mut rest = marked;
        let mention = |start: usize, text: &str, label: &str, reference| Mention {
            span: Span::new(start, text.len()),
            label: label.into(),
            sentence: 0,
            confidence: 1.0,
            reference,
        };
        while let Some((before, inside)) = rest.split_once('[') {
            let (name, after) = inside.split_once(']').unwrap();
            let (label, name) = name.split_once(' ').unwrap();
            text.push_str(before);
            let start = text.len();
            text.push_str(name);
            mentions.push(mention(start, &text, label, None));
            rest = after;
        }
        text.push_str(rest);
        let sentences = split_sentences(&text);
        for proposed in propose(&text, &sentences) {
            let reference = Reference {
                kind: proposed.kind,
                antecedent: None,
            };
            let mut new = mention(0, "", proposed.label.as_str(), Some(reference));
            new.span = proposed.span;
            mentions.push(new);
        }
        mentions.sort_by_key(|m| m.span.start);
        for mention in &mut mentions {
            mention.sentence = sentences.partition_point(|s| s.end <= mention.span.start);
        }
        let mut layers = Annotations {
            sentences,
            mentions,
            relations: Vec::new(),
        };
        link(&text, &mut layers);
        let words = |n: usize| layers.mentions[n].span.of(&text).to_owned();
        layers
            .mentions
            .iter()
            .enumerate()
            .filter_map(|(n, m)| Some((words(n), words(m.reference?.antecedent?))))
            .collect()
    }

    fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = |&(a, b): &(&str, &str)| (a.to_owned(), b.to_owned());
        expected.iter().map(owned).collect()
    }

    #[test]
    fn a_pronoun_means_the_person_it_surely_can() {
        assert_eq!(
            links("[PER Edi Rama] met [LOC Iran]. He left. Then his aides left."),
            pairs(&[("He", "Edi Rama"), ("his", "Edi Rama")])
        );
        assert_eq!(
            links("[PER Theresa May] met [PER Donald Trump]. She left. He stayed."),
            pairs(&[("She", "Theresa May"), ("He", "Donald Trump")])
        );
        assert_eq!(
            links("[PER Edi Rama] won. Of himself he said nothing."),
            pairs(&[("himself", "Edi Rama"), ("he", "Edi Rama")])
        );
    }

    #[test]
    fn a_possessive_that_opens_a_sentence_means_its_subject() {
        assert_eq!(
            links("[PER Xi] spoke. In his reply, [PER Donald Trump] said no."),
            pairs(&[("his", "Donald Trump")])
        );
    }

    #[test]
    fn a_pronoun_that_can_mean_two_means_nobody() {
        assert_eq!(
            links("[PER Boris Johnson] met [PER Donald Trump]. He left."),
            []
        );
        assert_eq!(links("He left. [PER Edi Rama] stayed."), []);
    }

    #[test]
    fn whom_a_quotation_speaks_of_is_not_its_speaker() {
        assert_eq!(links("[PER Edi Rama] said: “I hope he comes.”"), []);
    }

    #[test]
    fn a_noun_phrase_means_the_only_thing_it_can() {
        assert_eq!(
            links("[LOC Albania] voted. The country is calm."),
            pairs(&[("The country", "Albania")])
        );
        assert_eq!(
            links("[LOC Albania] met [LOC Iran]. The country is calm."),
            []
        );
        assert_eq!(
            links(
                "Prime Minister [PER Edi Rama] met [PER Li]. Days passed. The prime minister left."
            ),
            pairs(&[("The prime minister", "Edi Rama")])
        );
    }
}
