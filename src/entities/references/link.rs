use std::collections::HashMap;

use super::super::aliases::Aliases;
use super::super::canonical_name;
use super::super::document::read_document;
use super::super::reading::{Reading, Target};
use super::gender::{Gender, of_given_name, of_title};
use crate::annotation::{Annotations, ReferenceKind};

/// Sentences back in which a pronoun's or a noun phrase's name is looked for.
const PRONOUN_SENTENCES: usize = 2;
const PHRASE_SENTENCES: usize = 2;
/// Sentences back in which the person has to be named, however many pronouns lie between.
const NAME_SENTENCES: usize = 4;
const PREPOSITIONS: [&str; 16] = [
    "of", "by", "with", "from", "under", "to", "for", "after", "before", "than", "against",
    "about", "like", "on", "at", "between",
];

/// Finds the names that the pronouns and noun phrases of a document refer to, and takes away those
/// for which there is not exactly one that they can mean, with the relations that they are part of.
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
    genders: HashMap<usize, Gender>,
    /// References that are linked already: mention and entity.
    linked: Vec<(usize, usize)>,
    /// Entities that are countries, ministries, and the people with a post.
    countries: Vec<bool>,
    names: Vec<String>,
    /// How often each entity is named, and the person named most often.
    times: Vec<u32>,
    most_named: Option<usize>,
}

impl<'a> Sieve<'a> {
    fn new(text: &'a str, layers: &'a Annotations, readings: &[Reading]) -> Self {
        let mut numbers: HashMap<&Target, usize> = HashMap::new();
        let mut sieve = Self {
            text,
            layers,
            entities: Vec::with_capacity(readings.len()),
            genders: HashMap::new(),
            linked: Vec::new(),
            countries: Vec::new(),
            names: Vec::new(),
            times: Vec::new(),
            most_named: None,
        };
        for (mention, reading) in layers.mentions.iter().zip(readings) {
            if mention.reference.is_some() {
                sieve.entities.push(None);
                continue;
            }
            let next = numbers.len();
            let entity = *numbers.entry(&reading.target).or_insert(next);
            if entity == next {
                let is_country = reading.country.is_some()
                    && reading.identity().is_some_and(|i| i.label == "LOC");
                sieve.countries.push(is_country);
                let name = reading.title.clone();
                sieve
                    .names
                    .push(name.unwrap_or_else(|| reading.spelling.clone()));
            }
            if entity == next {
                sieve.times.push(0);
            }
            if let Some(times) = sieve.times.get_mut(entity) {
                *times += 1;
            }
            sieve.entities.push(Some(entity));
        }
        sieve.most_named = (0..layers.mentions.len())
            .filter(|&n| layers.mentions.get(n).is_some_and(|m| m.label == "PER"))
            .filter_map(|n| sieve.entities.get(n).copied().flatten())
            .max_by_key(|&entity| sieve.times.get(entity));
        for n in 0..layers.mentions.len() {
            sieve.learn_gender(n);
        }
        sieve
    }

    fn learn_gender(&mut self, n: usize) {
        let (Some(mention), Some(Some(entity))) =
            (self.layers.mentions.get(n), self.entities.get(n))
        else {
            return;
        };
        if mention.label != "PER" {
            return;
        }
        let before = self.text.get(..mention.span.start).unwrap_or_default();
        let title = before.split_whitespace().next_back().unwrap_or_default();
        let name = canonical_name(mention.span.of(self.text));
        let given = name
            .split_whitespace()
            .next()
            .filter(|_| name.contains(' '));
        let by_own_title = given.and_then(of_title);
        let told = of_title(title)
            .or(by_own_title)
            .or_else(|| of_given_name(given?));
        if let Some(gender) = told {
            self.genders.entry(*entity).or_insert(gender);
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

    /// The named mention that the reference `n` means.
    fn antecedent(&mut self, n: usize) -> Option<usize> {
        let mention = self.layers.mentions.get(n)?;
        let reference = mention.reference?;
        let entity = match reference.kind {
            ReferenceKind::Pronoun => self.pronoun(n)?,
            ReferenceKind::Nominal => self.phrase(n)?,
        };
        if reference.kind == ReferenceKind::Pronoun
            && let Some(gender) = gender_of_pronoun(mention.span.of(self.text))
        {
            self.genders.entry(entity).or_insert(gender);
        }
        self.linked.push((n, entity));
        // The nearest name of the entity in front of it.
        (0..n)
            .rev()
            .find(|&other| self.entities.get(other) == Some(&Some(entity)))
    }

    /// The person whom a pronoun means: the only one of that gender in its own sentence so far and
    /// the ones before, if the text makes much of that person.
    fn pronoun(&self, n: usize) -> Option<usize> {
        let mention = self.layers.mentions.get(n)?;
        let gender = gender_of_pronoun(mention.span.of(self.text))?;
        if self.points_ahead(n) || self.is_quoted(n) {
            return None;
        }
        let mut people: Vec<usize> = (0..=PRONOUN_SENTENCES)
            .flat_map(|back| self.people_in(n, back, gender))
            .collect();
        people.sort_unstable();
        people.dedup();
        match people.as_slice() {
            [only] if self.is_prominent(*only, n) => Some(*only),
            _ => None,
        }
    }

    /// Whether a pronoun in front of which that person was named can mean them: the text names
    /// nobody more often, or they are the subject of the clause that names them last.
    fn is_prominent(&self, person: usize, n: usize) -> bool {
        let times = |entity: usize| self.times.get(entity).copied().unwrap_or(0);
        let known = self.genders.contains_key(&person);
        let is_main = self
            .most_named
            .is_some_and(|most| times(most) == times(person));
        let named = (0..n)
            .rev()
            .find(|&other| self.entities.get(other) == Some(&Some(person)));
        let Some(named) = named.and_then(|named| self.layers.mentions.get(named)) else {
            return false;
        };
        let near = self.layers.mentions.get(n).is_some_and(|mention| {
            mention.sentence.saturating_sub(named.sentence) <= NAME_SENTENCES
        });
        let before = self.text.get(..named.span.start).unwrap_or_default();
        let last = before.split_whitespace().next_back().unwrap_or_default();
        let is_object = PREPOSITIONS.contains(&last.to_lowercase().as_str());
        near && (is_main || (known && !is_object))
    }

    /// Whether the mention stands in a quotation that its sentence opens: whom it means, the quoted
    /// speaker knows.
    fn is_quoted(&self, n: usize) -> bool {
        let lead = self.layers.mentions.get(n).and_then(|mention| {
            let sentence = self.layers.sentences.get(mention.sentence)?;
            self.text.get(sentence.start..mention.span.start)
        });
        let lead = lead.unwrap_or_default();
        let straight = lead.matches('"').count();
        straight % 2 == 1 || lead.matches('“').count() > lead.matches('”').count()
    }

    /// `In his speech, Rama ...`: a pronoun that opens a sentence with a person's name further on.
    fn points_ahead(&self, n: usize) -> bool {
        let Some(mention) = self.layers.mentions.get(n) else {
            return true;
        };
        let Some(sentence) = self.layers.sentences.get(mention.sentence) else {
            return true;
        };
        let lead = self
            .text
            .get(sentence.start..mention.span.start)
            .unwrap_or_default();
        let words = lead.split_whitespace().count();
        let possessive = matches!(
            mention.span.of(self.text).to_lowercase().as_str(),
            "his" | "her"
        );
        let ahead =
            self.layers.mentions.iter().skip(n + 1).any(|m| {
                m.sentence == mention.sentence && m.label == "PER" && m.reference.is_none()
            });
        possessive && (1..=3).contains(&words) && ahead
    }

    /// The people of that gender who are named or referred to in front of mention `n`, in the
    /// sentence so many before its own.
    fn people_in(&self, n: usize, back: usize, gender: Gender) -> Vec<usize> {
        let Some(sentence) = self
            .layers
            .mentions
            .get(n)
            .and_then(|m| m.sentence.checked_sub(back))
        else {
            return Vec::new();
        };
        let named = (0..n).filter_map(|other| {
            let mention = self.layers.mentions.get(other)?;
            let person = mention.sentence == sentence && mention.label == "PER";
            self.entities.get(other).copied()?.filter(|_| person)
        });
        let referred = self.linked.iter().filter_map(|&(other, entity)| {
            let mention = self.layers.mentions.get(other)?;
            let person = mention.sentence == sentence && mention.label == "PER";
            person.then_some(entity)
        });
        let mut people: Vec<usize> = named
            .chain(referred)
            .filter(|person| {
                self.genders
                    .get(person)
                    .is_none_or(|known| *known == gender)
            })
            .collect();
        people.sort_unstable();
        people.dedup();
        people
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

fn gender_of_pronoun(word: &str) -> Option<Gender> {
    match word.to_lowercase().as_str() {
        "he" | "him" | "his" | "himself" => Some(Gender::He),
        "she" | "her" | "herself" => Some(Gender::She),
        _ => None,
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
    fn a_pronoun_means_the_only_person_it_can() {
        assert_eq!(
            links("[PER Edi Rama] met [LOC Iran]. He left. Then his aides left."),
            pairs(&[("He", "Edi Rama"), ("his", "Edi Rama")])
        );
        assert_eq!(
            links("[PER Theresa May] met [PER Donald Trump]. She left. He stayed."),
            pairs(&[("She", "Theresa May"), ("He", "Donald Trump")])
        );
    }

    #[test]
    fn a_pronoun_that_can_mean_two_means_nobody() {
        assert_eq!(
            links("[PER Boris Johnson] met [PER Donald Trump]. He left."),
            []
        );
        assert_eq!(
            links("[PER Xi] spoke. In his reply, [PER Donald Trump] said no."),
            []
        );
        assert_eq!(links("He left. [PER Edi Rama] stayed."), []);
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
