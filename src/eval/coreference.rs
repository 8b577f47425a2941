use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use pathfinding::kuhn_munkres::kuhn_munkres;
use pathfinding::matrix::Matrix;
use serde::Serialize;

use super::Counts;
use super::counts::percent;
use crate::annotation::{Coreferences, Link, ReferenceKind, Wording};
use crate::text::Span;

/// How well the mentions of documents are put into chains.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CoreferenceReport {
    /// Documents.
    pub documents: usize,
    /// Vilain et al. 1995: links that are needed to join the chains.
    pub muc: Quality,
    /// Bagga and Baldwin 1998: of each mention, the share of its chain.
    pub b_cubed: Quality,
    /// Luo 2005 with its fourth similarity: chains matched one to one.
    pub ceaf_e: Quality,
    /// Mean of the three F1 (the CoNLL-2012 shared task's figure).
    pub conll: f64,
    /// Pronouns that are linked to a name.
    pub pronouns: LinkQuality,
    /// Noun phrases that are linked to a name.
    pub nominals: LinkQuality,
}

/// Precision, recall and their harmonic mean, 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Quality {
    pub precision: f64,
    pub recall: f64,
    pub f1: f64,
}

/// How many of the words that refer to a name are linked, and rightly.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LinkQuality {
    #[serde(flatten)]
    pub quality: Quality,
    /// Links to a name of the right chain.
    pub right: usize,
    /// Links.
    pub linked: usize,
    /// Mentions whose chain has a name.
    pub gold: usize,
}

/// Numerators and denominators of recall and precision, added up over documents.
#[derive(Debug, Clone, Copy, Default)]
struct Ratios {
    recalled: f64,
    to_recall: f64,
    precise: f64,
    proposed: f64,
}

impl Ratios {
    fn quality(self) -> Quality {
        let precision = percent(self.precise, self.proposed);
        let recall = percent(self.recalled, self.to_recall);
        let f1 = if precision + recall > 0.0 {
            2.0 * precision * recall / (precision + recall)
        } else {
            0.0
        };
        Quality {
            precision,
            recall,
            f1,
        }
    }
}

type Chain = Vec<Span>;

/// Compares chains that were found with the gold ones, document by document (the same documents in
/// the same order). Chains of a single mention are left out on both sides, as in CoNLL-2012; a
/// mention is the same when its span is.
pub fn score_coreference(gold: &[Coreferences], found: &[Coreferences]) -> CoreferenceReport {
    let (mut muc, mut b_cubed, mut ceaf_e) =
        (Ratios::default(), Ratios::default(), Ratios::default());
    let mut links: BTreeMap<ReferenceKind, Counts> = BTreeMap::new();
    for (gold, found) in gold.iter().zip(found) {
        let (key, response) = (chains(&gold.links), chains(&found.links));
        let (recalled, to_recall) = muc_links(&key, &response);
        let (precise, proposed) = muc_links(&response, &key);
        add(&mut muc, [recalled, to_recall, precise, proposed]);
        let (recalled, to_recall) = shares(&key, &response);
        let (precise, proposed) = shares(&response, &key);
        add(&mut b_cubed, [recalled, to_recall, precise, proposed]);
        let matched = best_match(&key, &response);
        add(
            &mut ceaf_e,
            [matched, key.len() as f64, matched, response.len() as f64],
        );
        for kind in [ReferenceKind::Pronoun, ReferenceKind::Nominal] {
            *links.entry(kind).or_default() += count_links(gold, found, kind);
        }
    }
    let of_kind = |kind| {
        let counts = links.get(&kind).copied().unwrap_or_default();
        LinkQuality {
            quality: Quality {
                precision: counts.precision(),
                recall: counts.recall(),
                f1: counts.f1(),
            },
            right: counts.correct as usize,
            linked: counts.predicted as usize,
            gold: counts.gold as usize,
        }
    };
    let (muc, b_cubed, ceaf_e) = (muc.quality(), b_cubed.quality(), ceaf_e.quality());
    CoreferenceReport {
        documents: gold.len(),
        muc,
        b_cubed,
        ceaf_e,
        conll: (muc.f1 + b_cubed.f1 + ceaf_e.f1) / 3.0,
        pronouns: of_kind(ReferenceKind::Pronoun),
        nominals: of_kind(ReferenceKind::Nominal),
    }
}

fn add(ratios: &mut Ratios, [recalled, to_recall, precise, proposed]: [f64; 4]) {
    ratios.recalled += recalled;
    ratios.to_recall += to_recall;
    ratios.precise += precise;
    ratios.proposed += proposed;
}

fn chains(links: &[Link]) -> Vec<Chain> {
    let mut chains: BTreeMap<usize, Chain> = BTreeMap::new();
    for link in links {
        if let Some(chain) = link.chain {
            let spans = chains.entry(chain).or_default();
            if !spans.contains(&link.span) {
                spans.push(link.span);
            }
        }
    }
    chains.into_values().filter(|c| c.len() > 1).collect()
}

fn chain_of(chains: &[Chain]) -> HashMap<Span, usize> {
    let numbered = chains.iter().enumerate();
    numbered
        .flat_map(|(n, chain)| chain.iter().map(move |&span| (span, n)))
        .collect()
}

/// Of the links that `of` needs, how many `by` has.
fn muc_links(of: &[Chain], by: &[Chain]) -> (f64, f64) {
    let place = chain_of(by);
    let (mut kept, mut needed) = (0, 0);
    for chain in of {
        let parts: HashSet<usize> = chain.iter().filter_map(|s| place.get(s).copied()).collect();
        let alone = chain.iter().filter(|s| !place.contains_key(s)).count();
        kept += chain.len() - (parts.len() + alone);
        needed += chain.len() - 1;
    }
    (kept as f64, f64::from(needed as u32))
}

/// Sum over the mentions of `of` of the share of their chain that `by` puts with them.
fn shares(of: &[Chain], by: &[Chain]) -> (f64, f64) {
    let place = chain_of(by);
    let (mut sum, mut mentions) = (0.0, 0);
    for chain in of {
        let mut together: HashMap<usize, usize> = HashMap::new();
        for span in chain {
            if let Some(&n) = place.get(span) {
                *together.entry(n).or_default() += 1;
            }
        }
        // Each of the n mentions that one found chain shares has n of the chain's mentions.
        let squares: usize = together.values().map(|n| n * n).sum();
        sum += squares as f64 / chain.len() as f64;
        mentions += chain.len();
    }
    (sum, mentions as f64)
}

/// The largest sum of similarities, 2 |K and R| / (|K| + |R|), when each chain is matched with at
/// most one.
fn best_match(key: &[Chain], response: &[Chain]) -> f64 {
    const SCALE: f64 = 1e9;
    let (few, many) = if key.len() <= response.len() {
        (key, response)
    } else {
        (response, key)
    };
    if few.is_empty() {
        return 0.0;
    }
    let similarity = |a: &Chain, b: &Chain| {
        let both = a.iter().filter(|span| b.contains(span)).count();
        (SCALE * 2.0 * both as f64 / (a.len() + b.len()) as f64).round() as i64
    };
    let weights = Matrix::from_fn(few.len(), many.len(), |(a, b)| {
        similarity(&few[a], &many[b])
    });
    kuhn_munkres(&weights).0 as f64 / SCALE
}

fn count_links(gold: &Coreferences, found: &Coreferences, kind: ReferenceKind) -> Counts {
    let named: HashSet<usize> = gold
        .links
        .iter()
        .filter(|link| link.wording == Wording::Name)
        .filter_map(|link| link.chain)
        .collect();
    let wanted = |link: &&Link| link.wording == Wording::Reference(kind);
    let right = |link: &Link| {
        let meant = gold
            .links
            .iter()
            .find(|other| other.span == link.span)
            .and_then(|other| other.chain);
        let name = nearest_name(&found.links, link);
        let name = name.and_then(|name| innermost(&gold.links, name.span));
        meant.is_some() && name.and_then(|name| name.chain) == meant
    };
    let linked = found
        .links
        .iter()
        .filter(wanted)
        .filter(|l| l.chain.is_some());
    Counts {
        correct: linked.clone().filter(|link| right(link)).count() as f64,
        predicted: linked.count() as f64,
        gold: gold
            .links
            .iter()
            .filter(wanted)
            .filter(|link| link.chain.is_some_and(|chain| named.contains(&chain)))
            .count() as f64,
    }
}

/// The last name of a link's chain in front of it, else the first after it.
fn nearest_name<'l>(links: &'l [Link], link: &Link) -> Option<&'l Link> {
    let names = links
        .iter()
        .filter(|other| other.wording == Wording::Name && other.chain == link.chain);
    let before = names
        .clone()
        .filter(|other| other.span.start < link.span.start);
    before.max_by_key(|other| other.span.start).or_else(|| {
        names
            .filter(|other| other.span.start > link.span.start)
            .min_by_key(|other| other.span.start)
    })
}

/// The smallest mention that holds the span, or, when none does, the largest within it: gold
/// mentions are whole noun phrases in some corpora and names in others.
fn innermost(links: &[Link], span: Span) -> Option<&Link> {
    let size = |link: &&Link| link.span.end - link.span.start;
    let holds = |link: &&Link| link.span.start <= span.start && span.end <= link.span.end;
    let within = |link: &&Link| span.start <= link.span.start && link.span.end <= span.end;
    let holding = links.iter().filter(holds).min_by_key(size);
    holding.or_else(|| links.iter().filter(within).max_by_key(size))
}

impl fmt::Display for CoreferenceReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} documents", self.documents)?;
        writeln!(
            f,
            "{:<12}{:>10}{:>8}{:>8}",
            "chains", "precision", "recall", "F1"
        )?;
        for (name, quality) in [
            ("MUC", self.muc),
            ("B-cubed", self.b_cubed),
            ("CEAF-e", self.ceaf_e),
        ] {
            row(f, name, quality)?;
            writeln!(f)?;
        }
        writeln!(f, "{:<12}{:>26.2}", "CoNLL mean", self.conll)?;
        writeln!(
            f,
            "\n{:<12}{:>10}{:>8}{:>8}",
            "links", "precision", "recall", "F1"
        )?;
        for (name, links) in [("pronouns", self.pronouns), ("nominals", self.nominals)] {
            row(f, name, links.quality)?;
            writeln!(
                f,
                "  {} of {} right, {} to be found",
                links.right, links.linked, links.gold
            )?;
        }
        Ok(())
    }
}

fn row(f: &mut fmt::Formatter<'_>, name: &str, quality: Quality) -> fmt::Result {
    write!(
        f,
        "{name:<12}{:>10.2}{:>8.2}{:>8.2}",
        quality.precision, quality.recall, quality.f1
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A document of one-letter mentions: each chain is a string of their places, `a` for 0.
    fn document(chains: &[&str]) -> Coreferences {
        let links = chains.iter().enumerate().flat_map(|(n, chain)| {
            chain.bytes().map(move |place| {
                let at = usize::from(place - b'a');
                Link {
                    span: Span::new(at, at + 1),
                    wording: Wording::Name,
                    chain: Some(n),
                }
            })
        });
        Coreferences {
            id: String::new(),
            text: "x".repeat(30),
            links: links.collect(),
        }
    }

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-6
    }

    /// The example of Luo (2005, section 2), worked out by hand there: key {1 2 3 4 5} {6 7} {8 9 A
    /// B C}, response {1 2 3 4 5} {6 7 8 9 A B C}.
    #[test]
    fn chains_are_scored_as_in_the_literature() {
        let key = document(&["abcde", "fg", "hijkl"]);
        let response = document(&["abcde", "fghijkl"]);
        let report = score_coreference(&[key], &[response]);
        // Nine links are needed and kept; the response has ten, one too many.
        assert!(close(report.muc.recall, 100.0) && close(report.muc.precision, 90.0));
        // (5 + 2 * 2/7 + 5 * 5/7) / 12.
        assert!(close(report.b_cubed.recall, 100.0));
        assert!(close(
            report.b_cubed.precision,
            100.0 * (5.0 + 29.0 / 7.0) / 12.0
        ));
        // 1 + 10/12 matched, of three chains and of two.
        let matched = 1.0 + 10.0 / 12.0;
        assert!(close(report.ceaf_e.recall, 100.0 * matched / 3.0));
        assert!(close(report.ceaf_e.precision, 100.0 * matched / 2.0));
    }

    #[test]
    fn the_same_chains_are_perfect_and_none_are_nothing() {
        let key = document(&["abc", "de"]);
        let same = score_coreference(std::slice::from_ref(&key), std::slice::from_ref(&key));
        assert!(close(same.conll, 100.0));
        let none = score_coreference(&[key], &[document(&[])]);
        assert!(close(none.conll, 0.0));
    }

    #[test]
    fn a_link_is_right_when_its_name_is_of_the_same_chain() {
        let link = |at: usize, wording, chain| Link {
            span: Span::new(at, at + 1),
            wording,
            chain,
        };
        let pronoun = Wording::Reference(ReferenceKind::Pronoun);
        let mut gold = document(&[]);
        gold.links = vec![
            link(0, Wording::Name, Some(0)),
            link(2, Wording::Name, Some(1)),
            link(4, pronoun, Some(0)),
            link(6, pronoun, Some(1)),
            link(8, pronoun, None),
        ];
        let mut found = document(&[]);
        found.links = vec![
            link(0, Wording::Name, Some(5)),
            link(2, Wording::Name, Some(6)),
            link(4, pronoun, Some(5)),
            link(6, pronoun, Some(5)),
        ];
        let links = score_coreference(&[gold], &[found]).pronouns;
        assert_eq!((links.right, links.linked, links.gold), (1, 2, 2));
    }
}
