//! The names of a document's mentions.

use std::borrow::Cow;
use std::collections::HashMap;

use super::countries::{Country, Sense, countries};
use super::reading::{Identity, Reading};
use crate::annotation::{Label, Mention};

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

impl Surface<'_> {
    pub fn plain(&self) -> Reading {
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

/// Gives all mentions of one name one type: that which has most of their confidence; of equals, the
/// first one's.
pub(super) fn agree_on_types(surfaces: &mut [Surface], mentions: &[Mention]) {
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
