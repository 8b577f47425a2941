//! A document and the names of its mentions, with what they tell of each other.

use std::collections::HashMap;

use super::article::has_article;
use super::countries::{Country, countries};
use super::senses::find_countries;
use super::states::{COUNTRY, State, state, state_of_people};
use super::surface::{Surface, agree_on_types};
use super::{canonical_name, entity_key};
use crate::annotation::Annotations;

/// A document with what is needed of each mention more than once.
pub(super) struct Page<'t> {
    pub text: &'t str,
    pub layers: &'t Annotations,
    pub surfaces: Vec<Surface<'t>>,
    /// Countries named without doubt, with the number of times.
    evidence: HashMap<usize, u32>,
}

impl<'t> Page<'t> {
    pub fn new(text: &'t str, layers: &'t Annotations) -> Self {
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
    pub fn article(&self, n: usize) -> Option<bool> {
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
    pub fn state_of_people(&self, n: usize) -> Option<&'static State> {
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
    pub fn is_followed_by_its_country(&self, n: usize) -> bool {
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
}
