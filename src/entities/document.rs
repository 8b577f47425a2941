//! The mentions of one document, judged by each other: what is the same name, whose short form a
//! name is, which country an adjective or a capital stands for.

use std::borrow::Cow;
use std::collections::HashMap;

use super::aliases::{Alias, Aliases};
use super::article::has_article;
use super::capital::stands_for_state;
use super::countries::{Country, Sense, Tie, countries};
use super::reading::{Identity, Reading, Readings};
use super::senses::find_countries;
use super::states::{COUNTRY, State, state, state_of_people};
use super::{Via, bodies, canonical_name, entity_key, groups, people};
use crate::annotation::{Annotations, Label, Mention, ReferenceKind};

/// A document with what is needed of each mention more than once.
pub(super) struct Page<'t> {
    pub text: &'t str,
    pub layers: &'t Annotations,
    pub surfaces: Vec<Surface<'t>>,
    /// Countries named without doubt, with the number of times.
    evidence: HashMap<usize, u32>,
}

/// A mention's name.
pub(super) struct Surface<'t> {
    pub name: Cow<'t, str>,
    pub key: String,
    /// The mention's type, or the one that most mentions of that name have in the document.
    pub label: Label,
    /// What country it is tied to, if any.
    pub sense: Option<Sense>,
    /// Whether it is a name and not a pronoun or noun phrase.
    pub is_name: bool,
}

/// Reads a document; `aliases` are the user's.
pub(super) fn read_document(text: &str, layers: &Annotations, aliases: &Aliases) -> Readings {
    let page = Page::new(text, layers);
    let mut expansions = Vec::new();
    let mut open: Vec<Option<Reading>> = (0..page.surfaces.len())
        .map(|n| page.fixed(n, aliases))
        .collect();
    bodies::read(&page, &mut open, &mut expansions);
    for (n, reading) in open.iter_mut().enumerate() {
        if reading.is_none() {
            *reading = page.well_known(n);
        }
    }
    people::read(&page, &mut open, &mut expansions);
    groups::read(&page, &mut open, &mut expansions);
    let named: Vec<Reading> = open
        .into_iter()
        .zip(&page.surfaces)
        .enumerate()
        .map(|(n, (reading, surface))| Reading {
            article: page.article(n),
            ..reading.unwrap_or_else(|| surface.plain())
        })
        .collect();
    let mentions = (0..named.len())
        .filter_map(|n| page.referred(n, &named))
        .collect();
    Readings {
        mentions,
        expansions,
    }
}

impl Surface<'_> {
    fn plain(&self) -> Reading {
        Reading::plain(Identity::new(&self.label, self.key.clone()), &self.name)
    }

    pub fn is_person(&self) -> bool {
        self.label == "PER"
    }

    /// The country that this name is tied to.
    pub fn country(&self) -> Option<&'static Country> {
        countries().get(self.sense?.country)
    }
}

impl<'t> Page<'t> {
    fn new(text: &'t str, layers: &'t Annotations) -> Self {
        let mut surfaces: Vec<Surface> = layers
            .mentions
            .iter()
            .map(|mention| {
                let name = canonical_name(mention.span.of(text));
                Surface {
                    key: entity_key(&name),
                    name,
                    label: mention.label.clone(),
                    sense: None,
                    is_name: mention.reference.is_none(),
                }
            })
            .collect();
        agree_on_types(&mut surfaces, &layers.mentions);
        let evidence = find_countries(&mut surfaces);
        Self {
            text,
            layers,
            surfaces,
            evidence,
        }
    }

    /// The text between the end of one mention and the start of another.
    pub fn between(&self, first: usize, second: usize) -> Option<&'t str> {
        let end = self.layers.mentions.get(first)?.span.end;
        let start = self.layers.mentions.get(second)?.span.start;
        self.text.get(end..start)
    }

    /// The text of its sentence before a mention.
    pub fn before(&self, mention: usize) -> &'t str {
        let mention = self.layers.mentions.get(mention);
        let lead = mention.and_then(|mention| {
            let sentence = self.layers.sentences.get(mention.sentence)?;
            self.text.get(sentence.start..mention.span.start)
        });
        lead.unwrap_or_default()
    }

    /// The text after a mention.
    pub fn after(&self, mention: usize) -> &'t str {
        let end = self.layers.mentions.get(mention).map(|m| m.span.end);
        end.and_then(|end| self.text.get(end..)).unwrap_or_default()
    }

    /// Whether an article is part of the name of an organisation of one word, where the mention tells.
    fn article(&self, n: usize) -> Option<bool> {
        let is_word = |s: &&Surface| s.is_name && s.label == "ORG" && !s.name.contains(' ');
        self.surfaces.get(n).filter(is_word)?;
        let mention = self.layers.mentions.get(n)?;
        has_article(self.before(n), mention.span.of(self.text))
    }

    /// The only country that the document names.
    pub fn only_country(&self) -> Option<&'static Country> {
        let mut all = self.evidence.keys();
        match (all.next(), all.next()) {
            (Some(&only), None) => countries().get(only),
            _ => None,
        }
    }

    /// The reading of a mention that a table decides: the user's, or that of the countries.
    fn fixed(&self, n: usize, aliases: &Aliases) -> Option<Reading> {
        let surface = self.surfaces.get(n).filter(|s| s.is_name)?;
        if let Some(alias) = aliases.find(&surface.name, &surface.label) {
            return Some(by_alias(alias, surface));
        }
        if let Some(state) = self.state(n) {
            return Some(of_state(state, &surface.name));
        }
        if let Some(state) = self.state_of_people(n) {
            return Some(Reading {
                via: Via::Nationality,
                ..of_state(state, &surface.name)
            });
        }
        let country = self.country(n)?;
        let via = match surface.sense.map_or(Tie::Name, |sense| sense.tie) {
            Tie::Name => Via::Name,
            Tie::Nationality => Via::Nationality,
            Tie::Capital { acts } => {
                let followed = self.is_followed_by_its_country(n);
                if !(acts && stands_for_state(self.text, self.layers, n, followed)) {
                    return Some(self.city(n, country));
                }
                Via::Capital
            }
        };
        let label = Label::from("LOC");
        let code = Some(country.code.clone());
        Some(Reading::known(
            &label,
            country.name.clone(),
            code,
            via,
            &surface.name,
        ))
    }

    fn city(&self, n: usize, country: &Country) -> Reading {
        let name = self.surfaces.get(n).map_or("", |s| s.name.as_ref());
        // `Seattle, Washington` is no capital.
        let is_state = n
            .checked_sub(1)
            .and_then(|before| self.between(before, n))
            .is_some_and(|between| between.trim() == ",");
        let label = Label::from("LOC");
        if is_state && let Some(state) = state(name) {
            return of_state(state, name);
        }
        let usual = countries().city(name).unwrap_or(name).to_owned();
        let via = if entity_key(&usual) == entity_key(name) {
            Via::Name
        } else {
            Via::Alias
        };
        Reading::known(&label, usual, Some(country.code.clone()), via, name)
    }

    /// The country that a mention is tied to.
    pub fn country(&self, n: usize) -> Option<&'static Country> {
        let surface = self.surfaces.get(n)?;
        let shared = || {
            let is_place = surface.is_name && surface.label == "LOC";
            state(&surface.name).filter(|state| is_place && state.is_shared())?;
            (!self.is_american()).then_some(())?;
            countries().get(countries().senses(&surface.name).first()?.country)
        };
        surface.country().or_else(shared)
    }

    /// The state of the USA that a place is, also in short: whoever says `Georgia` next to American
    /// names, without another word of the country, means the state.
    pub fn state(&self, n: usize) -> Option<&'static State> {
        let is_place = |s: &&Surface| s.is_name && s.label == "LOC";
        let surface = self.surfaces.get(n).filter(is_place)?;
        state(&surface.name).filter(|_| self.country(n).is_none())
    }

    /// The state of the USA whose people a mention names.
    fn state_of_people(&self, n: usize) -> Option<&'static State> {
        let surface = self.surfaces.get(n).filter(|s| s.label == "MISC")?;
        state_of_people(&surface.name).filter(|_| surface.sense.is_none())
    }

    /// Whether the document names the USA or a state that has its name for itself.
    fn is_american(&self) -> bool {
        let is_usa = |n: &usize| countries().get(*n).is_some_and(|c| c.code == COUNTRY);
        let is_state = |s: &Surface| {
            s.is_name && s.label == "LOC" && state(&s.name).is_some_and(|state| !state.is_shared())
        };
        self.evidence.keys().any(is_usa) || self.surfaces.iter().any(is_state)
    }

    /// `Tehran, Iran`
    fn is_followed_by_its_country(&self, n: usize) -> bool {
        let country = |n: usize| {
            self.surfaces
                .get(n)
                .and_then(|s| s.sense)
                .map(|s| s.country)
        };
        country(n + 1) == country(n)
            && self
                .between(n, n + 1)
                .is_some_and(|between| between == ", ")
    }

    /// The reading of a mention whose name the program's own table has.
    fn well_known(&self, n: usize) -> Option<Reading> {
        let surface = self.surfaces.get(n).filter(|s| s.is_name)?;
        let alias = Aliases::known().find(&surface.name, &surface.label)?;
        let fits = (alias.label == "PER") == surface.is_person() || surface.name.contains(' ');
        fits.then(|| by_alias(alias, surface))
    }

    /// The reading of a mention that refers to another one is the other's.
    fn referred(&self, n: usize, named: &[Reading]) -> Option<Reading> {
        let own = named.get(n)?;
        let reference = self.layers.mentions.get(n)?.reference;
        let Some(reference) = reference else {
            return Some(own.clone());
        };
        let antecedent = reference.antecedent.and_then(|a| named.get(a));
        Some(antecedent.map_or_else(
            || own.clone(),
            |antecedent| Reading {
                via: match reference.kind {
                    ReferenceKind::Pronoun => Via::Pronoun,
                    ReferenceKind::Nominal => Via::Nominal,
                },
                ..antecedent.clone()
            },
        ))
    }
}

fn of_state(state: &State, name: &str) -> Reading {
    let title = state.title();
    let via = if entity_key(&title) == entity_key(name) {
        Via::Name
    } else {
        Via::Alias
    };
    let country = Some(COUNTRY.to_owned());
    Reading {
        is_state: true,
        ..Reading::known(&Label::from("LOC"), title, country, via, name)
    }
}

fn by_alias(alias: &Alias, surface: &Surface) -> Reading {
    let (name, country) = alias.entity();
    let via = if entity_key(&name) == surface.key {
        Via::Name
    } else {
        Via::Alias
    };
    Reading::known(
        &Label::from(alias.label.as_str()),
        name,
        country,
        via,
        &surface.name,
    )
}

/// Gives all mentions of one name one type: that which has most of their confidence; of equals, the
/// first one's.
fn agree_on_types(surfaces: &mut [Surface], mentions: &[Mention]) {
    let mut shares: HashMap<String, Vec<(Label, f32)>> = HashMap::new();
    for (surface, mention) in surfaces.iter().zip(mentions).filter(|(s, _)| s.is_name) {
        let labels = shares.entry(surface.key.clone()).or_default();
        match labels.iter_mut().find(|(label, _)| *label == surface.label) {
            Some((_, share)) => *share += mention.confidence,
            None => labels.push((surface.label.clone(), mention.confidence)),
        }
    }
    for surface in surfaces.iter_mut().filter(|s| s.is_name) {
        let labels = shares.get(&surface.key).filter(|labels| labels.len() > 1);
        let most = labels.and_then(|labels| {
            let surer = |a: &&(Label, f32), b: &&(Label, f32)| a.1.total_cmp(&b.1);
            labels.iter().rev().max_by(surer)
        });
        if let Some((label, _)) = most {
            surface.label = label.clone();
        }
    }
}
