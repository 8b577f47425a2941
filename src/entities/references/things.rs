//! Which organisation or place `it`, `its`, `they` and `their` mean.
//!
//! Most mean nothing that has a name: an event, a clause, people. So much speaks for "nobody", and
//! what counts is whether a name was the subject not long before, and whether nouns without a name
//! have come between.

use super::phrases::AFTER_PHRASE;
use super::place::{PREPOSITIONS, Place, lists, words};
use super::portrait::Portrait;
use super::rank::{Meant, features};
use super::sayers;
use super::scene::{Candidate, Scene};
use super::weights::{THING_FEATURES, THINGS};

/// Sentences back in which a candidate is mentioned.
const SENTENCES: usize = 3;
/// More are not counted.
const MOST_LATER: usize = 6;
const MOST_NOUNS: usize = 3;
const MOST_TIMES: f32 = 2.5;

const PLURAL: &str = "they them their themselves";
const OWNING: &str = "its their";
/// What states have: `its government`
const OF_STATES: &str = "ally allies neighbor neighbors neighbour neighbours government military \
    president people citizens border borders economy nuclear territory currency army troops sovereignty \
    parliament prime foreign missile ballistic airspace";
/// How adjectives of countries end.
const ADJECTIVES: &str = "an ans ish ese ch i is";
/// After `it` they tell what something is like: `it is clear`, `it would be`
const BE: &str = "is was be been s isn wasn";
const MODALS: &str = "would will has had may could might can should";
const BE_AFTER_MODAL: &str = "be been not";
/// Before a noun without a name.
const DETERMINERS: &str = "the a an this that his her its their our any another no each every one";
/// Plurals without an `s`.
const PEOPLE: &str = "people officials men women leaders children police";
/// Words on `s` that are no plurals.
const SINGULARS: &str = "is was has his its this as us says does yes ours hers theirs perhaps always \
    sometimes besides thus plus across news series politics unless press business process access \
    success address congress crisis basis analysis previous various religious serious numerous \
    dangerous famous towards afterwards wants needs seems appears makes takes comes goes";

/// Whether it is a pronoun of things in lower case.
pub(super) fn is_thing(word: &str) -> bool {
    lists("it itself", word) || lists(OWNING, word) || lists(PLURAL, word)
}

/// The organisation or place that the pronoun `n` means, if one is probable enough.
pub(super) fn meant_by(scene: &Scene, n: usize) -> Option<Meant> {
    let pronoun = scene.place(n)?;
    if let Some(entity) = sayers::meant_by(scene, n, &pronoun) {
        return Some(Meant {
            entity,
            is_sure: true,
        });
    }
    let candidates = scene.candidates(n, SENTENCES, |portrait| {
        portrait.label == "ORG" || portrait.label == "LOC"
    });
    let ranked = candidates.iter().enumerate().map(|(later, candidate)| {
        let person = scene.person_between(candidate.mention, n);
        let features = features_of(scene, &pronoun, candidate, later, person);
        (candidate.entity, features)
    });
    let meant = THINGS.choose(ranked)?;
    // Whom else `they` means is never sure enough.
    Some(Meant {
        is_sure: meant.is_sure && !lists(PLURAL, &pronoun.form),
        ..meant
    })
}

/// In the order of the weights.
fn features_of(
    scene: &Scene,
    pronoun: &Place,
    candidate: &Candidate,
    later: usize,
    person: bool,
) -> [f32; THING_FEATURES] {
    let (last, known) = (&candidate.last, candidate.portrait);
    let same = candidate.distance == 0;
    let plural = lists(PLURAL, &pronoun.form);
    let is_thing = last.is_pronoun() && is_thing(&last.form);
    let as_many = lists(PLURAL, &last.form) == plural;
    let between = scene.between(candidate, pronoun);
    let holds = [
        same,
        candidate.distance == 1,
        last.acts(),
        last.says && pronoun.is_speaker(),
        is_thing && as_many,
        is_thing && !as_many,
        known.is_country,
        known.label == "LOC" && !known.is_country,
        !same && pronoun.opens() && last.opens(),
        pronoun.form == "its",
        is_copula(pronoun),
        is_object(pronoun),
        same && last.opens(),
        known.is_country && owns_of_states(pronoun),
        known.is_country && is_adjective(last, known),
        person,
    ];
    let plurals = if plural { plurals(between) } else { 0 };
    let counts = [
        later.min(MOST_LATER) as f32,
        (known.times as f32).ln_1p().min(MOST_TIMES),
        nouns(between).min(MOST_NOUNS) as f32,
        plurals.min(MOST_NOUNS) as f32,
        f32::from(u8::from(is_part(last))),
    ];
    features(&holds, &counts)
}

/// `its government`, `their nuclear programme`
fn owns_of_states(pronoun: &Place) -> bool {
    let mut next = words(pronoun.after).take(2);
    lists(OWNING, &pronoun.form) && next.any(|word| lists(OF_STATES, word))
}

/// `Iranian`, of a country
fn is_adjective(last: &Place, known: &Portrait) -> bool {
    let ends = ADJECTIVES.split(' ').any(|end| last.form.ends_with(end));
    last.mention.reference.is_none() && ends && !known.name.contains(&last.form)
}

/// `the Colby College poll`
fn is_part(last: &Place) -> bool {
    let next = last.next_word();
    let is_noun =
        next.starts_with(|c: char| !c.is_uppercase()) && !last.acts() && !lists(AFTER_PHRASE, next);
    let beside = last.after.strip_prefix(' ').unwrap_or_default();
    last.mention.reference.is_none() && beside.starts_with(char::is_alphanumeric) && is_noun
}

/// `it is`, `it would be`
fn is_copula(pronoun: &Place) -> bool {
    let mut next = words(pronoun.after);
    let (first, second) = (next.next(), next.next());
    let is = |list: &str, word: Option<&str>| word.is_some_and(|word| lists(list, word));
    lists("it itself", &pronoun.form)
        && (is(BE, first) || is(MODALS, first) && is(BE_AFTER_MODAL, second))
}

/// `of it`, `favour it.`
fn is_object(pronoun: &Place) -> bool {
    let after = pronoun.after;
    let ends = after.is_empty() || after.starts_with(['.', ',', ';', ':', '!', '?']);
    let beside =
        lists(PREPOSITIONS, pronoun.last_word()) || lists(PREPOSITIONS, pronoun.next_word());
    !lists(OWNING, &pronoun.form) && (ends || beside)
}

/// Nouns without a name, told by their determiners.
fn nouns(text: &str) -> usize {
    let next = text.split_whitespace().skip(1);
    text.split_whitespace()
        .map(|word| word.trim_matches(['"', '“', '(']))
        .zip(next)
        .filter(|(word, next)| lists(DETERMINERS, word) && next.starts_with(char::is_lowercase))
        .count()
}

/// Words that are probably plurals, also of names: `Democrats`
fn plurals(text: &str) -> usize {
    let ends = |word: &str| {
        word.chars().count() > 3
            && word.ends_with('s')
            && !word.ends_with("ss")
            && !lists(SINGULARS, word)
    };
    words(text)
        .filter(|word| lists(PEOPLE, word) || ends(word))
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_without_a_name_are_counted() {
        assert_eq!(nouns("the deal of a firm with the U.S."), 2);
        assert_eq!(plurals("Troops and rebels press people, who has"), 3);
    }
}
