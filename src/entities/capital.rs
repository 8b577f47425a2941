//! Whether the name of a capital means its state (`Washington said`, `ties with Tehran`) or the
//! city (`the embassy in Tehran`): by the words around it and by its part in relations.
//!
//! A wrong state is worse than a missed one, so a capital is a city unless something speaks
//! against it, and the words of a place outweigh a relation.

use crate::annotation::{Annotations, Label, Mention};

const PLACE_BEFORE: [&str; 24] = [
    "in",
    "at",
    "near",
    "outside",
    "inside",
    "around",
    "across",
    "through",
    "throughout",
    "into",
    "downtown",
    "central",
    "northern",
    "southern",
    "eastern",
    "western",
    "north",
    "south",
    "east",
    "west",
    "capital",
    "leaving",
    "visiting",
    "visited",
];
const STATE_BEFORE: [&str; 8] = [
    "with", "against", "by", "between", "towards", "toward", "versus", "than",
];
/// Between one of these and the name stands one of [`LINKS`].
const LINKED: [&str; 46] = [
    "pressure",
    "support",
    "request",
    "demand",
    "demands",
    "criticism",
    "response",
    "message",
    "signal",
    "aid",
    "order",
    "orders",
    "help",
    "reaction",
    "condemnation",
    "threat",
    "threats",
    "concession",
    "concessions",
    "close",
    "loyal",
    "linked",
    "hostile",
    "behest",
    "part",
    "accusation",
    "accusations",
    "allegation",
    "allegations",
    "influence",
    "expense",
    "sanctions",
    "sanction",
    "embargo",
    "tariffs",
    "dependent",
    "permission",
    "approval",
    "warning",
    "backing",
    "opposed",
    "friendly",
    "allied",
    "against",
    "levelled",
    "leveled",
];
const LINKS: [&str; 5] = ["from", "to", "of", "on", "for"];
/// Stems of verbs that a state is the object of.
const VERBS_BEFORE: [&str; 26] = [
    "accus", "blam", "urg", "warn", "criticis", "criticiz", "condemn", "ask", "press", "threaten",
    "anger", "told", "propel", "forc", "punish", "isolat", "engag", "deter", "prompt", "persuad",
    "convinc", "oblig", "suspect", "sanction", "pushed", "pushing",
];
const VERBS_AFTER: [&str; 52] = [
    "said",
    "says",
    "has",
    "had",
    "will",
    "would",
    "wants",
    "wanted",
    "could",
    "should",
    "must",
    "may",
    "might",
    "insists",
    "denies",
    "claims",
    "accuses",
    "blames",
    "rejects",
    "sees",
    "saw",
    "seeks",
    "sought",
    "hopes",
    "fears",
    "plans",
    "agrees",
    "supports",
    "backs",
    "calls",
    "urges",
    "warns",
    "considers",
    "believes",
    "regards",
    "did",
    "does",
    "told",
    "made",
    "took",
    "gave",
    "sent",
    "cut",
    "broke",
    "remains",
    "refuses",
    "stands",
    "can",
    "cannot",
    "also",
    "spent",
    "withdrew",
];
const NOUNS_AFTER: [&str; 62] = [
    "government",
    "decision",
    "decisions",
    "ally",
    "allies",
    "position",
    "policy",
    "policies",
    "claim",
    "claims",
    "demand",
    "demands",
    "support",
    "nuclear",
    "foreign",
    "ambassador",
    "envoy",
    "military",
    "relations",
    "ties",
    "role",
    "involvement",
    "interests",
    "refusal",
    "accusation",
    "accusations",
    "allegations",
    "intention",
    "intentions",
    "leadership",
    "sanctions",
    "approach",
    "stance",
    "help",
    "influence",
    "proposal",
    "offer",
    "response",
    "request",
    "rejection",
    "ambitions",
    "efforts",
    "attempts",
    "attempt",
    "strategy",
    "view",
    "concerns",
    "commitment",
    "move",
    "moves",
    "plan",
    "plans",
    "behaviour",
    "behavior",
    "backing",
    "top",
    "closest",
    "denial",
    "withdrawal",
    "representative",
    "diplomats",
    "regime",
];
/// A capital that begins a clause stands at its start or after one of these.
const CLAUSE_BEFORE: [&str; 18] = [
    "", "that", "and", "but", "as", "while", "if", "whether", "because", "since", "when", "after",
    "before", "though", "although", "says", "said", "what",
];
const ACTS_ON: [&str; 13] = [
    "accuses",
    "criticizes",
    "rejects",
    "supports",
    "agrees_with",
    "cooperates_with",
    "requests",
    "threatens",
    "sanctions",
    "cuts_ties_with",
    "aids",
    "concedes_to",
    "mobilizes_against",
];

/// Whether the mention of a capital stands for the state. `followed_by_its_country` is true for
/// `Tehran, Iran`.
pub(super) fn stands_for_state(
    text: &str,
    layers: &Annotations,
    index: usize,
    followed_by_its_country: bool,
) -> bool {
    let Some(mention) = layers.mentions.get(index) else {
        return false;
    };
    let around = Around::new(text, layers, mention);
    if followed_by_its_country || around.is_place() {
        return false;
    }
    around.is_state() || acts(layers, index)
}

/// The words around a mention, in lower case.
struct Around {
    before: [String; 2],
    /// What stands right after the mention.
    rest: String,
    after: [String; 2],
    begins_sentence: bool,
    after_comma: bool,
}

impl Around {
    fn new(text: &str, layers: &Annotations, mention: &Mention) -> Self {
        let sentence = layers.sentences.get(mention.sentence);
        let (start, end) = sentence.map_or((0, text.len()), |s| (s.start, s.end));
        let lead = text.get(start..mention.span.start).unwrap_or_default();
        let rest = text.get(mention.span.end..end).unwrap_or_default();
        let mut back = lead.split_whitespace().rev().map(plain);
        let mut ahead = rest.split_whitespace();
        let own_possessive = mention.span.of(text).ends_with('s')
            && super::canonical_name(mention.span.of(text)).len() + 2 <= mention.span.len();
        let possessive = own_possessive || is_possessive(rest);
        let rest = rest.to_lowercase();
        if possessive && !own_possessive {
            ahead.next();
        }
        Self {
            before: [
                back.next().unwrap_or_default(),
                back.next().unwrap_or_default(),
            ],
            after: [
                ahead.next().map(plain).unwrap_or_default(),
                ahead.next().map(plain).unwrap_or_default(),
            ],
            rest: if possessive { "'s".into() } else { rest },
            begins_sentence: lead.trim().is_empty(),
            after_comma: lead.trim_end().ends_with([',', ':', ';', '"', '“']),
        }
    }

    fn is_place(&self) -> bool {
        let rest = self.rest.as_str();
        let dateline = self.begins_sentence
            && (rest.starts_with(" (")
                || [" —", " –", " - ", ", "]
                    .iter()
                    .any(|mark| rest.starts_with(mark)));
        let [last, before] = &self.before;
        dateline
            || rest.starts_with("-based")
            || PLACE_BEFORE.contains(&last.as_str())
            || (last == "of"
                && ["city", "streets", "capital", "mayor", "suburb", "outskirts"]
                    .contains(&before.as_str()))
    }

    fn is_state(&self) -> bool {
        let [last, before] = &self.before;
        let [next, second] = &self.after;
        if self.rest == "'s" {
            return NOUNS_AFTER.contains(&next.as_str()) || NOUNS_AFTER.contains(&second.as_str());
        }
        if STATE_BEFORE.contains(&last.as_str())
            || VERBS_BEFORE.iter().any(|stem| last.starts_with(stem))
            || (LINKS.contains(&last.as_str()) && LINKED.contains(&before.as_str()))
        {
            return true;
        }
        let begins_clause =
            self.begins_sentence || self.after_comma || CLAUSE_BEFORE.contains(&last.as_str());
        let joined = |word: &str| !self.rest.starts_with([',', '.', ';', ')']) && !word.is_empty();
        begins_clause
            && joined(next)
            && (VERBS_AFTER.contains(&next.as_str()) || (next.len() > 4 && next.ends_with("ed")))
    }
}

/// A word without the marks around it.
fn plain(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_alphanumeric())
        .to_lowercase()
}

fn is_possessive(rest: &str) -> bool {
    ["'s ", "’s ", "' ", "’ "]
        .iter()
        .any(|mark| rest.starts_with(mark))
}

/// Whether the mention has a part in a relation that only a state can have.
fn acts(layers: &Annotations, index: usize) -> bool {
    let is_act = |label: &Label| ACTS_ON.contains(&label.as_str());
    layers
        .relations
        .iter()
        .any(|r| is_act(&r.label) && (r.subject == index || r.object == index))
}

#[cfg(test)]
mod tests {
    use super::super::example::place;
    use super::*;
    use crate::annotation::{Relation, Status};
    use crate::text::Span;

    /// The capital is the word in brackets.
    fn state(marked: &str, relation: Option<&str>) -> bool {
        let start = marked.find('[').unwrap();
        let end = marked.find(']').unwrap() - 1;
        let text = marked.replace(['[', ']'], "");
        let mention = |start, end| place(Span::new(start, end));
        let layers = Annotations {
            sentences: vec![Span::new(0, text.len())],
            mentions: vec![mention(start, end), mention(0, 1)],
            relations: relation
                .map(|label| Relation {
                    subject: 1,
                    object: 0,
                    label: label.into(),
                    trigger: None,
                    status: Status::Asserted,
                    attributed_to: None,
                    confidence: 0.9,
                })
                .into_iter()
                .collect(),
        };
        stands_for_state(&text, &layers, 0, false)
    }

    #[test]
    fn a_capital_that_acts_is_its_state() {
        for text in [
            "Albania decided to sever ties with [Tehran].",
            "[Washington] said on Monday that it would help.",
            "He termed allegations leveled against [Tehran] as baseless.",
            "Third parties have propelled [Tirana] into taking the decision.",
            "Albania took them in at the request of [Washington], after all.",
            "The minister condemned [Tehran]'s decision to leave.",
            "Analysts say that [Moscow] wants a deal.",
            "[Beijing] rejected the ruling.",
            "Sanctions on [Pyongyang] were tightened.",
        ] {
            assert!(state(text, None), "{text}");
        }
    }

    #[test]
    fn a_capital_that_is_a_place_stays_a_city() {
        for text in [
            "The embassy in [Tehran] was closed.",
            "The staff of the embassy left [Tehran] within a day.",
            "[TEHRAN] (Reuters) - Iran said no.",
            "[London], the largest city, was dark.",
            "He flew from [Moscow] to Baku.",
            "The mayor of [Tirana] resigned.",
            "A [Paris]-based group protested.",
            "[Paris]'s Louvre was closed.",
            "The talks were held in the capital [Tehran].",
        ] {
            assert!(!state(text, None), "{text}");
        }
    }

    #[test]
    fn a_relation_decides_where_the_words_are_silent() {
        let silent = "New measures, long expected, hit [Tehran] on Monday.";
        assert!(!state(silent, None));
        assert!(state(silent, Some("sanctions")));
        assert!(!state(silent, Some("visits")));
        assert!(!state("They met in [Tehran].", Some("sanctions")));
    }
}
