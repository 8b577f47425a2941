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
use crate::annotation::{Annotations, Mention};

/// Sentences back in which a candidate is mentioned.
const SENTENCES: usize = 4;
/// The least probability at which a pronoun is linked: in cross-validation on 60 news articles 94.3%
/// of the links are right then, and 57.3% of the pronouns of somebody with a name have theirs.
const PROBABLE: f32 = 0.8;
/// What each feature of [`People::features`] adds to the score of a candidate: printed by
/// `scripts/models/pronouns.py`, which fits them to OntoGUM (84 documents, Zeldes 2017) and the 60
/// articles.
const WEIGHTS: [f32; 17] = [
    1.41,  // last mentioned in the same sentence
    1.32,  // last mentioned in the sentence before
    0.69,  // nobody is named more often in the document
    1.21,  // known to be spoken of so
    -0.73, // not known to be, and the pronoun is she or her
    0.76,  // his or her, and last mentioned in the same sentence
    0.73,  // he or she, and last mentioned in the same sentence
    0.40,  // the mention is among the first words of its sentence
    -0.64, // the mention is a name after a preposition, with 's, or part of another name
    -0.59, // the mention is a name of several words
    -0.65, // the mention says something
    2.13,  // so does the pronoun, outside quotations
    -2.23, // speaks the quotation in which the pronoun stands
    -1.15, // one of mention and pronoun is in a quotation, the other is not
    -1.24, // somebody without a name comes between, or earlier in the pronoun's sentence
    -0.29, // other candidates that are mentioned later
    0.18,  // always
];
/// A mention with at most so many words before it opens its sentence.
const OPENING_WORDS: usize = 3;
/// How far back a quotation is looked for in a paragraph, in bytes.
const PARAGRAPH: usize = 1000;

const PREPOSITIONS: &str = "of by with from under to for after before than against about like on at \
    between";
/// They open a sentence that names its person later: `In his speech, Rama ...`
const OPENING: &str = "in during despite since as";
const SAYING: &str = "said says say saying told added adding wrote tweeted continued asked argued \
    stated announced warned replied noted insisted claimed explained declared called described \
    remarked commented";
/// What follows the name of somebody who is not meant: `the Obama administration`
const BODIES: &str =
    "administration campaign camp era team family supporters presidency government";
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

/// A mention and the words around it.
struct Place<'a> {
    mention: &'a Mention,
    form: String,
    /// The rest of its sentence, before and behind it.
    lead: &'a str,
    after: &'a str,
    /// Whether it stands in a quotation.
    quoted: bool,
    /// Whether it says something.
    says: bool,
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
    pub fn meant_by(&self, n: usize) -> Option<usize> {
        let pronoun = self.place(n)?;
        let gender = gender_of_pronoun(&pronoun.form)?;
        if let Some(person) = self.ahead_of(n, &pronoun, gender) {
            return Some(person);
        }
        let candidates = self.candidates(n, &pronoun, gender);
        let powers: Vec<(usize, f32)> = candidates
            .iter()
            .enumerate()
            .filter_map(|(later, &(person, mention))| {
                let features = self.features(n, &pronoun, person, mention, later)?;
                let products = features.iter().zip(WEIGHTS).map(|(value, by)| value * by);
                Some((person, products.sum::<f32>().exp()))
            })
            .collect();
        let all: f32 = powers.iter().map(|(_, power)| power).sum();
        let best = powers.into_iter().max_by(|a, b| a.1.total_cmp(&b.1));
        best.filter(|(_, power)| power / (1.0 + all) >= PROBABLE)
            .map(|(person, _)| person)
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

    fn place(&self, n: usize) -> Option<Place<'a>> {
        let mention = self.layers.mentions.get(n)?;
        let sentence = self.layers.sentences.get(mention.sentence)?;
        let lead = self.text.get(sentence.start..mention.span.start)?;
        let after = self.text.get(mention.span.end..sentence.end)?;
        let says = words(lead)
            .next_back()
            .into_iter()
            .chain(words(after).take(2));
        let before = self.text.get(..mention.span.start)?;
        let paragraph = before.rfind('\n').map_or(0, |end| end + 1);
        let near = before.len() - paragraph <= PARAGRAPH;
        let paragraph = before.get(paragraph..).filter(|_| near).unwrap_or(lead);
        Some(Place {
            mention,
            form: mention.span.of(self.text).to_lowercase(),
            lead,
            after,
            quoted: is_open(paragraph),
            says: says.into_iter().any(|word| lists(SAYING, word)),
        })
    }

    /// `In his speech, Rama ...`: the person who is named behind a possessive that opens the
    /// sentence.
    fn ahead_of(&self, n: usize, pronoun: &Place, gender: Gender) -> Option<usize> {
        let mut lead = words(pronoun.lead);
        let first = lead.next()?;
        let opens = lists(PREPOSITIONS, first) || lists(OPENING, first);
        let short = lead.nth(OPENING_WORDS - 1).is_none();
        if !(opens && short && pronoun.owns()) {
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

    /// The features of a candidate for the pronoun `n`, in the order of [`WEIGHTS`]: of the person,
    /// of their last mention, and of how many candidates are mentioned later.
    fn features(
        &self,
        n: usize,
        pronoun: &Place,
        person: usize,
        mention: usize,
        later: usize,
    ) -> Option<[f32; WEIGHTS.len()]> {
        let last = self.place(mention)?;
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
            same && pronoun.owns(),
            same && matches!(pronoun.form.as_str(), "he" | "she"),
            words(last.lead).nth(OPENING_WORDS).is_none(),
            last.is_oblique(),
            last.is_long(),
            last.says,
            last.says && pronoun.is_speaker(),
            pronoun.quoted && (same && last.is_speaker() || self.speaks_later(n, pronoun, person)),
            pronoun.quoted != last.quoted,
            names_stranger(self.between(&last, pronoun, same)?),
        ];
        let mut features = [1.0; WEIGHTS.len()];
        let values = holds.iter().map(|&holds| f32::from(u8::from(holds)));
        for (slot, value) in features.iter_mut().zip(values.chain([later as f32])) {
            *slot = value;
        }
        Some(features)
    }

    /// Whether that person is named behind the pronoun `n` as the one who says the sentence.
    fn speaks_later(&self, n: usize, pronoun: &Place, person: usize) -> bool {
        (n + 1..self.who.len())
            .map_while(|other| {
                let place = self.place(other)?;
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

impl Place<'_> {
    fn is_pronoun(&self) -> bool {
        gender_of_pronoun(&self.form).is_some()
    }

    /// `his speech`, `her speech`, but not `told her that`
    fn owns(&self) -> bool {
        let next = self.after.strip_prefix(' ').unwrap_or_default();
        let starts = next.starts_with(char::is_alphanumeric);
        match self.form.as_str() {
            "his" => true,
            "her" => {
                starts
                    && words(next)
                        .next()
                        .is_some_and(|next| !lists(NOT_OWNED, next))
            }
            _ => false,
        }
    }

    fn is_speaker(&self) -> bool {
        self.says && !self.quoted
    }

    fn is_long(&self) -> bool {
        !self.is_pronoun() && self.form.split_whitespace().nth(1).is_some()
    }

    /// `of Rama`, `Rama's`, `the Rama government`, `pro-Rama`
    fn is_oblique(&self) -> bool {
        let last = words(self.lead).next_back().unwrap_or_default();
        let next = words(self.after).next().unwrap_or_default();
        let owns = self.after.trim_start_matches(' ').starts_with(['\'', '’'])
            || self.form.ends_with("'s")
            || self.form.ends_with("’s");
        let is_part = self.lead.ends_with(['-', '–'])
            || self.after.starts_with(['-', '–'])
            || lists("the a an", last)
            || lists(BODIES, next);
        !self.is_pronoun() && (lists(PREPOSITIONS, last) || owns || is_part)
    }
}

/// Whether a quotation of the text is still open at its end.
fn is_open(text: &str) -> bool {
    text.matches('"').count() % 2 == 1 || text.matches('“').count() > text.matches('”').count()
}

fn names_stranger(text: &str) -> bool {
    let next = words(text).skip(1).chain(["x"]);
    words(text)
        .zip(next)
        .any(|(word, next)| lists(STRANGERS, word) && !next.starts_with(char::is_uppercase))
}

fn words(text: &str) -> impl DoubleEndedIterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

fn lists(list: &str, word: &str) -> bool {
    let word = word.to_lowercase();
    list.split(' ').any(|listed| listed == word)
}

/// The gender of a pronoun in lower case.
fn gender_of_pronoun(word: &str) -> Option<Gender> {
    match word {
        "he" | "him" | "his" | "himself" => Some(Gender::He),
        "she" | "her" | "herself" => Some(Gender::She),
        _ => None,
    }
}
