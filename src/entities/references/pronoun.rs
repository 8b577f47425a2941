//! Which person a pronoun means.
//!
//! The people mentioned in the pronoun's sentence and the few before it are ranked by a logistic
//! regression over features of form (mention ranking: Denis and Baldridge 2007, IJCAI). "Nobody" is
//! a candidate too, with the score 0, so that a person is taken only if it is probable that it is
//! they and not another one or somebody whom the text does not name. Pronouns are read from left to
//! right: those that are linked are mentions of their person for the ones after.

use std::collections::{HashMap, HashSet};

use super::super::canonical_name;
use super::gender::{Gender, of_given_name, of_title};
use super::place::{OPENING_WORDS, PREPOSITIONS, Place, lists, words};
use super::rank::{Meant, features};
use super::weights::{PEOPLE, PEOPLE_FEATURES};
use crate::annotation::{Annotations, Mention};

/// Sentences back in which a candidate is mentioned.
const SENTENCES: usize = 4;
/// They open a sentence that names its person later: `In his speech, Rama ...`
const OPENING: &str = "in during despite since as";
/// What follows `her` where it is no possessive.
const NOT_OWNED: &str = "to and in on for at with by of that as from when after before but or the \
    a is was if up out about into because while who since during he she they it not";
/// People whom a text speaks of without naming them.
const STRANGERS: &str = "gunman shooter suspect victim prisoner accused killer attacker defendant \
    man woman boy girl student employee worker staffer wife widow husband mother father son \
    daughter brother sister child kid migrant immigrant passenger soldier driver resident patient \
    friend officer someone somebody person anyone anybody everyone everybody nobody colleague \
    opponent reporter voter citizen player neighbor neighbour teacher nurse doctor";

/// The people of a document, as far as it has been read.
pub(super) struct People<'a> {
    text: &'a str,
    layers: &'a Annotations,
    /// The person of each mention; of references, of those that are linked already.
    who: Vec<Option<usize>>,
    genders: HashMap<usize, Gender>,
    /// How often each is named, and how often the one named most.
    times: HashMap<usize, u32>,
    most: u32,
}

impl<'a> People<'a> {
    /// The people among the mentions of a document, of which `entities` are known (references have
    /// none).
    pub fn new(text: &'a str, layers: &'a Annotations, entities: &[Option<usize>]) -> Self {
        let of_person = |(mention, entity): (&Mention, &Option<usize>)| {
            entity.filter(|_| mention.label == "PER")
        };
        let mut people = Self {
            text,
            layers,
            who: layers
                .mentions
                .iter()
                .zip(entities)
                .map(of_person)
                .collect(),
            genders: HashMap::new(),
            times: HashMap::new(),
            most: 0,
        };
        for n in 0..people.who.len() {
            people.learn_from_name(n);
        }
        people.most = people.times.values().copied().max().unwrap_or(0);
        people
    }

    /// Takes up that the reference `n` means this entity.
    pub fn tell(&mut self, n: usize, entity: usize) {
        let mention = self.layers.mentions.get(n).filter(|m| m.label == "PER");
        let (Some(mention), Some(slot)) = (mention, self.who.get_mut(n)) else {
            return;
        };
        *slot = Some(entity);
        if let Some(gender) = gender_of_pronoun(&mention.span.of(self.text).to_lowercase()) {
            self.genders.entry(entity).or_insert(gender);
        }
    }

    /// The person whom the pronoun `n` means, if one is probable enough.
    pub fn meant_by(&self, n: usize) -> Option<Meant> {
        let pronoun = Place::of(self.text, self.layers, n)?;
        let gender = gender_of_pronoun(&pronoun.form)?;
        if let Some(person) = self.ahead_of(n, &pronoun, gender) {
            return Some(Meant {
                entity: person,
                is_sure: true,
            });
        }
        let candidates = self.candidates(n, &pronoun, gender);
        let ranked = candidates
            .iter()
            .enumerate()
            .filter_map(|(later, &(person, mention))| {
                Some((person, self.features(n, &pronoun, person, mention, later)?))
            });
        PEOPLE.choose(ranked)
    }

    fn learn_from_name(&mut self, n: usize) {
        let (Some(mention), Some(Some(person))) = (self.layers.mentions.get(n), self.who.get(n))
        else {
            return;
        };
        *self.times.entry(*person).or_default() += 1;
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
            self.genders.entry(*person).or_insert(gender);
        }
    }

    /// `In his speech, Rama ...`: the person who is named behind a possessive that opens the
    /// sentence.
    fn ahead_of(&self, n: usize, pronoun: &Place, gender: Gender) -> Option<usize> {
        let mut lead = words(pronoun.lead);
        let first = lead.next()?;
        let opens = lists(PREPOSITIONS, first) || lists(OPENING, first);
        let short = lead.nth(OPENING_WORDS - 1).is_none();
        if !(opens && short && owns(pronoun)) {
            return None;
        }
        let is_near = |other: usize| {
            let other = self.layers.mentions.get(other);
            other.is_some_and(|m| m.sentence == pronoun.mention.sentence)
        };
        let is_person = |other: &usize| {
            let other = self.layers.mentions.get(*other);
            other.is_some_and(|m| m.label == "PER")
        };
        if (0..n)
            .rev()
            .take_while(|&m| is_near(m))
            .any(|m| is_person(&m))
        {
            return None;
        }
        let name = (n + 1..self.who.len())
            .take_while(|&m| is_near(m))
            .find(|m| self.who.get(*m).copied().flatten().is_some())?;
        let person = self.who.get(name).copied().flatten()?;
        let span = self.layers.mentions.get(name)?.span;
        let (_, behind) = self
            .text
            .get(pronoun.mention.span.end..span.start)?
            .split_once(',')?;
        let direct = !behind.contains(',') && behind.split_whitespace().count() <= 2;
        // `After his death, Rama, a ...` and `For his wife, Linda, ...`
        let goes_on = !self.text.get(span.end..)?.starts_with(',');
        (direct && goes_on && self.can_be(person, gender)).then_some(person)
    }

    fn can_be(&self, person: usize, gender: Gender) -> bool {
        self.genders
            .get(&person)
            .is_none_or(|known| *known == gender)
    }

    /// The people whom the pronoun `n` can mean, with their last mentions, the latest first.
    fn candidates(&self, n: usize, pronoun: &Place, gender: Gender) -> Vec<(usize, usize)> {
        let mut seen = HashSet::new();
        let near = |other: &usize| {
            let other = self.layers.mentions.get(*other);
            other.is_some_and(|m| pronoun.mention.sentence.saturating_sub(m.sentence) <= SENTENCES)
        };
        (0..n)
            .rev()
            .take_while(near)
            .filter_map(|mention| Some((self.who.get(mention).copied()??, mention)))
            .filter(|&(person, _)| self.can_be(person, gender) && seen.insert(person))
            .collect()
    }

    /// The features of a candidate for the pronoun `n`, in the order of the weights: of the person,
    /// of their last mention, and of how many candidates are mentioned later.
    fn features(
        &self,
        n: usize,
        pronoun: &Place,
        person: usize,
        mention: usize,
        later: usize,
    ) -> Option<[f32; PEOPLE_FEATURES]> {
        let last = Place::of(self.text, self.layers, mention)?;
        let distance = pronoun
            .mention
            .sentence
            .saturating_sub(last.mention.sentence);
        let same = distance == 0;
        let known = self.genders.contains_key(&person);
        let she = gender_of_pronoun(&pronoun.form) == Some(Gender::She);
        let holds = [
            same,
            distance == 1,
            self.times.get(&person) == Some(&self.most),
            known,
            she && !known,
            same && owns(pronoun),
            same && matches!(pronoun.form.as_str(), "he" | "she"),
            last.opens(),
            last.is_oblique(),
            last.is_long(),
            last.says,
            last.says && pronoun.is_speaker(),
            pronoun.quoted && (same && last.is_speaker() || self.speaks_later(n, pronoun, person)),
            pronoun.quoted != last.quoted,
            names_stranger(self.between(&last, pronoun, same)?),
        ];
        Some(features(&holds, &[later as f32]))
    }

    /// Whether that person is named behind the pronoun `n` as the one who says the sentence.
    fn speaks_later(&self, n: usize, pronoun: &Place, person: usize) -> bool {
        (n + 1..self.who.len())
            .map_while(|other| {
                let place = Place::of(self.text, self.layers, other)?;
                (place.mention.sentence == pronoun.mention.sentence).then_some((other, place))
            })
            .any(|(other, place)| self.who.get(other) == Some(&Some(person)) && place.is_speaker())
    }

    /// The text from a mention to the pronoun, without what is said of the person behind a comma;
    /// if the mention is in another sentence, all of the pronoun's own.
    fn between(&self, last: &Place, pronoun: &Place<'a>, same: bool) -> Option<&'a str> {
        if !same {
            return Some(pronoun.lead);
        }
        let from = last.mention.span.end.min(pronoun.mention.span.start);
        let between = self.text.get(from..pronoun.mention.span.start)?;
        Some(match between.trim_start_matches(' ').strip_prefix(',') {
            Some(said) => said
                .trim_start_matches([' ', ','])
                .split_once(',')
                .map_or("", |(_, rest)| rest),
            None => between,
        })
    }
}

/// `his speech`, `her speech`, but not `told her that`
fn owns(pronoun: &Place) -> bool {
    let next = pronoun.after.strip_prefix(' ').unwrap_or_default();
    let starts = next.starts_with(char::is_alphanumeric);
    let next = words(next).next().filter(|_| starts);
    match pronoun.form.as_str() {
        "his" => true,
        "her" => next.is_some_and(|next| !lists(NOT_OWNED, next)),
        _ => false,
    }
}

fn names_stranger(text: &str) -> bool {
    let next = words(text).skip(1).chain(["x"]);
    words(text)
        .zip(next)
        .any(|(word, next)| lists(STRANGERS, word) && !next.starts_with(char::is_uppercase))
}

/// The gender of a pronoun in lower case.
fn gender_of_pronoun(word: &str) -> Option<Gender> {
    match word {
        "he" | "him" | "his" | "himself" => Some(Gender::He),
        "she" | "her" | "herself" => Some(Gender::She),
        _ => None,
    }
}
