//! What one document says of its mentions, before the rest of the run is known.

use super::{Via, entity_key};
use crate::annotation::Label;

/// What an entity is told by: its type and the key of its canonical name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Identity {
    pub label: Label,
    pub key: String,
}

impl Identity {
    pub fn new(label: &Label, key: String) -> Self {
        Self {
            label: label.clone(),
            key,
        }
    }

    /// The entity of that canonical name.
    pub fn named(label: &Label, name: &str) -> Self {
        Self::new(label, entity_key(name))
    }
}

/// The kind of a short name: how sure it must be that the run means one thing by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum ShortKind {
    /// A surname or a given name.
    Person,
    /// A surname with the presidency: `President Clinton`, `the Clinton administration`.
    President,
    /// Initials.
    Acronym,
    /// A body that many states have, without its owner.
    Body,
}

/// A short name that its document alone does not lead to one full name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Short {
    pub kind: ShortKind,
    /// Who it is if it stays alone.
    pub own: Identity,
    /// Full names of the document that it could belong to, sorted.
    pub candidates: Vec<Identity>,
}

/// Where a mention leads.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Target {
    Settled(Identity),
    Short(Short),
}

/// One mention, read in its document.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reading {
    pub target: Target,
    pub via: Via,
    /// The mention's canonical name.
    pub spelling: String,
    /// The entity's name, where it does not depend on how most articles spell it.
    pub title: Option<String>,
    /// The entity's country, where known.
    pub country: Option<String>,
    /// Whether the type is a fact and not the model's reading.
    pub sure_type: bool,
    /// Whether it is one of the states of the USA.
    pub is_state: bool,
    /// Whether an article is part of the mention's name, where it tells.
    pub article: Option<bool>,
}

impl Reading {
    /// Who a name probably means in its document: a short name the only one that it can stand for.
    pub fn probable(&self) -> &Identity {
        match &self.target {
            Target::Settled(identity) => identity,
            Target::Short(short) => match short.candidates.as_slice() {
                [only] => only,
                _ => &short.own,
            },
        }
    }

    /// A mention that goes by its own name.
    pub fn plain(identity: Identity, spelling: &str) -> Self {
        Self::settled(identity, Via::Name, spelling)
    }

    pub fn settled(identity: Identity, via: Via, spelling: &str) -> Self {
        Self {
            target: Target::Settled(identity),
            via,
            spelling: spelling.to_owned(),
            title: None,
            country: None,
            sure_type: false,
            is_state: false,
            article: None,
        }
    }

    /// A mention of an entity of which name, type and perhaps country are facts.
    pub fn known(
        label: &Label,
        title: String,
        country: Option<String>,
        via: Via,
        spelling: &str,
    ) -> Self {
        Self {
            target: Target::Settled(Identity::named(label, &title)),
            via,
            spelling: spelling.to_owned(),
            title: Some(title),
            country,
            sure_type: true,
            is_state: false,
            article: None,
        }
    }

    pub fn short(short: Short, spelling: &str) -> Self {
        Self {
            target: Target::Short(short),
            via: Via::Alias,
            spelling: spelling.to_owned(),
            title: None,
            country: None,
            sure_type: false,
            is_state: false,
            article: None,
        }
    }

    /// The entity, if the document settles it.
    pub fn identity(&self) -> Option<&Identity> {
        match &self.target {
            Target::Settled(identity) => Some(identity),
            Target::Short(_) => None,
        }
    }
}

/// How a name with a generation stands in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stands {
    Alone,
    /// Beside the same name without the generation.
    Beside,
}

/// A document's readings and what they teach about the rest of the run.
#[derive(Debug, Default)]
pub(super) struct Readings {
    /// One for each mention.
    pub mentions: Vec<Reading>,
    /// Short names and the full names that they stand for in this document.
    pub expansions: Vec<(ShortKind, Identity, Identity)>,
    /// Names with a generation, which may be left out: `Joseph R. Biden Jr.`
    pub generations: Vec<(Identity, Stands)>,
}
