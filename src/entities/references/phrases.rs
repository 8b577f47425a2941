//! Which entity a noun phrase means: `the group`, `the prime minister`, `this country`.

use std::collections::HashSet;

use super::nouns::{means, must_be_told, usual};
use super::place::{Place, lists, words};
use super::portrait::Portrait;
use super::rank::{Meant, features};
use super::scene::{Candidate, Scene};
use super::weights::{PHRASE_FEATURES, PHRASES};
use crate::annotation::{Label, ReferenceKind};

/// Sentences back in which a candidate is mentioned: a person keeps the post through a document.
const SENTENCES_OF_PERSON: usize = 100;
const SENTENCES_OF_BODY: usize = 6;
const SENTENCES_OF_PLACE: usize = 8;
/// More are not counted.
const MOST_TIMES: f32 = 2.5;

const COUNTRIES: &str = "country nation republic kingdom emirate";
const PARTS: &str = "city town village county municipality capital province region";
const KINGDOMS: &str = "saudi jordan bahrain";
/// What follows a phrase that ends there.
pub(super) const AFTER_PHRASE: &str = "of to in on at by for with from and or but is was are were has had have \
    will would could should can may might must did does do said says as that which who when where while \
    after before because if than also not never now then still since under over into about against \
    during until through between without so yet again told called announced wants wanted made makes \
    went came took plans planned warned added been be himself itself herself already recently later";

/// A noun phrase.
struct Phrase<'p> {
    place: &'p Place<'p>,
    label: &'p Label,
    /// Its noun in lower case.
    noun: &'p str,
    is_prime: bool,
}

/// The entity that the noun phrase `n` means, if one is probable enough.
pub(super) fn meant_by(scene: &Scene, n: usize) -> Option<Meant> {
    let place = scene.place(n)?;
    let phrase = Phrase {
        noun: noun_of(&place.form),
        is_prime: words(&place.form).rev().nth(1) == Some("prime"),
        label: &place.mention.label,
        place: &place,
    };
    let candidates = scene.candidates(n, phrase.sentences(), |known| phrase.can_mean(known));
    let meant_before = meant_before(scene, n, phrase.noun);
    let named = candidates.iter().map(|c| phrase.names(c.portrait));
    let named: Vec<bool> = named.collect();
    let ranked = candidates.iter().enumerate().map(|(later, candidate)| {
        let own = named.get(later).copied().unwrap_or(false);
        let others = named.iter().filter(|named| **named).count() > usize::from(own);
        let competition = Competition {
            own,
            others,
            alone: candidates.len() == 1,
            latest: later == 0,
            meant_before: meant_before.contains(&candidate.entity),
            other_meant_before: meant_before.iter().any(|other| *other != candidate.entity),
        };
        let features = features_of(&phrase, candidate, &competition);
        (candidate.entity, features)
    });
    PHRASES.choose(ranked)
}

/// The entities that phrases with the noun mean before the mention `n`.
fn meant_before(scene: &Scene, n: usize, noun: &str) -> HashSet<usize> {
    let is_phrase = |other: &usize| {
        let mention = scene.layers.mentions.get(*other);
        mention.is_some_and(|mention| {
            mention.reference.map(|r| r.kind) == Some(ReferenceKind::Nominal)
                && noun_of(&mention.span.of(scene.text).to_lowercase()) == noun
        })
    };
    let before = (0..n).filter(is_phrase);
    before.filter_map(|other| scene.entity(other)).collect()
}

fn noun_of(form: &str) -> &str {
    words(form).next_back().unwrap_or_default()
}

/// A candidate beside the other ones.
struct Competition {
    /// Whether its titles or names hold the noun.
    own: bool,
    /// Whether those of others do.
    others: bool,
    /// Whether it is the only candidate.
    alone: bool,
    /// Whether no other one was mentioned later.
    latest: bool,
    /// Whether the noun has meant it before.
    meant_before: bool,
    /// Whether the noun has meant another one before.
    other_meant_before: bool,
}

/// In the order of the weights.
fn features_of(
    phrase: &Phrase,
    candidate: &Candidate,
    competition: &Competition,
) -> [f32; PHRASE_FEATURES] {
    let (last, known) = (&candidate.last, candidate.portrait);
    let Competition { own, others, .. } = *competition;
    let holds = [
        candidate.distance == 0,
        candidate.distance == 1,
        candidate.distance == 2,
        last.acts(),
        competition.meant_before,
        own,
        own && !others,
        !own && others,
        known.words.contains(phrase.noun),
        known.label == "LOC" && !known.is_country,
        !phrase.ends(),
        competition.alone,
        competition.latest,
        phrase.place.quoted != last.quoted,
        usual(phrase.noun) == "country",
        phrase.noun == "president",
        phrase.noun == "state",
        competition.other_meant_before,
    ];
    features(&holds, &[(known.times as f32).ln_1p().min(MOST_TIMES)])
}

impl Phrase<'_> {
    fn sentences(&self) -> usize {
        match self.label.as_str() {
            "PER" => SENTENCES_OF_PERSON,
            "ORG" => SENTENCES_OF_BODY,
            _ => SENTENCES_OF_PLACE,
        }
    }

    /// Whether its noun can stand for such an entity.
    fn can_mean(&self, known: &Portrait) -> bool {
        let is_told = !must_be_told(self.noun) || self.names(known);
        let fits = if lists(COUNTRIES, self.noun) {
            known.is_country
        } else if lists(PARTS, self.noun) {
            !known.is_country && !known.is_state
        } else {
            self.noun != "state" || known.is_state || known.is_country
        };
        fits && is_told && known.label == *self.label
    }

    /// Whether a title or name of the entity holds its noun.
    fn names(&self, known: &Portrait) -> bool {
        let is_kingdom = known.words.iter().any(|word| lists(KINGDOMS, word));
        means(self.noun, self.is_prime, &known.nouns)
            || self.noun == "state" && known.is_state
            || self.noun == "kingdom" && is_kingdom
    }

    /// Whether nothing goes on behind its noun: `the chief said`, not `the chief financial officer`.
    fn ends(&self) -> bool {
        let after = self.place.after;
        let marks = ['.', ',', ';', ':', '!', '?', '"', '”', '\'', '’', ')'];
        after.is_empty() || after.starts_with(marks) || lists(AFTER_PHRASE, self.place.next_word())
    }
}
