use tch::{Kind, Tensor, nn};

use super::pairs::DISTANCES;
use super::states::{MASKED, Sentences, between_max};
use super::{Pairs, Selection};
use crate::annotation::Status;
use crate::error::{Error, Result};
use crate::model::{Hidden, VariableScope, recurring};

/// Scores relations between mentions.
///
/// A mention is its first and last subword's hidden states and its type. A pair is its two
/// mentions, their product, the element-wise maximum of what stands between them, an
/// attention-weighted mean of the whole sentence queried by the pair, and the distance. A
/// multi-layer perceptron turns that into a pair state; each relation has one sigmoid on it. Status
/// (softmax), trigger (start and end pointers into the sentence) and source (a pointer to a
/// mention) are asked of a pair state together with a relation.
#[derive(Debug)]
pub struct RelationHead {
    types: nn::Embedding,
    distances: nn::Embedding,
    subject: nn::Linear,
    object: nn::Linear,
    between: nn::Linear,
    query: nn::Linear,
    key: nn::Linear,
    context: nn::Linear,
    state: nn::Linear,
    output: nn::Linear,
    status: Ask,
    status_output: nn::Linear,
    trigger_start: Ask,
    trigger_end: Ask,
    trigger_key: nn::Linear,
    source: Ask,
    source_key: nn::Linear,
    relations: usize,
    types_known: usize,
}

const TYPE_WIDTH: i64 = 64;
const DISTANCE_WIDTH: i64 = 64;
const KEY_WIDTH: i64 = 128;
const STATUS_WIDTH: i64 = 256;
const DROPOUT: f64 = 0.1;
/// Longest trigger, in subwords.
const LONGEST_TRIGGER: usize = 10;

/// A question about a relation of a pair: linear in the pair state, plus a vector per relation.
#[derive(Debug)]
struct Ask {
    state: nn::Linear,
    relation: nn::Embedding,
}

impl Ask {
    fn new(scope: VariableScope<'_>, state: i64, relations: i64, width: i64) -> Self {
        let small = nn::EmbeddingConfig {
            ws_init: nn::Init::Randn {
                mean: 0.0,
                stdev: 0.02,
            },
            ..Default::default()
        };
        Self {
            state: (&scope / "state").linear(state, width, Default::default()),
            relation: nn::embedding((&scope / "relation").path(), relations, width, small),
        }
    }

    fn of(&self, states: &Tensor, relations: &Tensor) -> Tensor {
        recurring(states, &self.state) + relations.apply(&self.relation)
    }
}

/// The pair states of a batch and what is needed to ask about them.
pub(crate) struct PairStates {
    sentences: Sentences,
    mentions: Tensor,
    states: Tensor,
    /// Logits `[pairs, relations]`, fp32.
    pub(crate) logits: Tensor,
}

/// A relation found, with indices into the [`Pairs`] it was found in.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Index into [`Pairs::pairs`].
    pub pair: usize,
    /// Index of the relation.
    pub relation: usize,
    /// Its probability.
    pub confidence: f32,
    /// How the text presents it.
    pub status: Status,
    /// First and last row position of its trigger.
    pub trigger: Option<(usize, usize)>,
    /// The mention that is its source, as an index into [`Pairs::mentions`].
    pub source: Option<usize>,
}

impl RelationHead {
    /// A head on hidden states of `width`, for `types` entity types and `relations` relations.
    pub fn new(scope: &VariableScope<'_>, width: i64, types: usize, relations: usize) -> Self {
        let linear =
            |name: &str, from: i64, to: i64| (scope / name).linear(from, to, Default::default());
        let (mention, state) = (2 * width + TYPE_WIDTH, 2 * width);
        let (n, types_known) = (relations as i64, types);
        Self {
            types: nn::embedding(
                (scope / "types").path(),
                types as i64 + 1,
                TYPE_WIDTH,
                Default::default(),
            ),
            distances: nn::embedding(
                (scope / "distances").path(),
                DISTANCES,
                DISTANCE_WIDTH,
                Default::default(),
            ),
            subject: linear("subject", mention, width),
            object: linear("object", mention, width),
            between: linear("between", width, width),
            query: linear("query", 2 * width, KEY_WIDTH),
            key: linear("key", width, KEY_WIDTH),
            context: linear("context", width, width),
            state: linear("state", 5 * width + DISTANCE_WIDTH, state),
            output: (scope / "output").linear(
                state,
                n,
                // Few pairs have a relation: start from that, not from a coin.
                nn::LinearConfig {
                    bs_init: Some(nn::Init::Const(-4.0)),
                    ..Default::default()
                },
            ),
            status: Ask::new(scope / "status", state, n, STATUS_WIDTH),
            status_output: linear("status_output", STATUS_WIDTH, Status::ALL.len() as i64),
            trigger_start: Ask::new(scope / "trigger_start", state, n, KEY_WIDTH),
            trigger_end: Ask::new(scope / "trigger_end", state, n, KEY_WIDTH),
            trigger_key: linear("trigger_key", width, KEY_WIDTH),
            source: Ask::new(scope / "source", state, n, KEY_WIDTH),
            source_key: linear("source_key", mention, KEY_WIDTH),
            relations,
            types_known,
        }
    }

    /// Scores all `pairs` (at least one) of a batch whose rows are `row_len` long.
    pub(crate) fn states(
        &self,
        hidden: &Hidden,
        row_len: usize,
        pairs: &Pairs,
        train: bool,
    ) -> PairStates {
        let mentions = self.mentions(hidden, row_len, pairs);
        let pick = |of: fn(&super::Pair) -> usize| {
            Tensor::from_slice(&pairs.pairs.iter().map(|p| of(p) as i64).collect::<Vec<_>>())
        };
        let subject = recurring(&mentions, &self.subject).index_select(0, &pick(|p| p.subject));
        let object = recurring(&mentions, &self.object).index_select(0, &pick(|p| p.object));
        let sentences = Sentences::gather(hidden, row_len, pairs);
        let context = self.context(&sentences, pairs, &Tensor::cat(&[&subject, &object], 1));
        let between = recurring(&between_max(hidden, row_len, pairs), &self.between);
        let distances: Vec<i64> = pairs.pairs.iter().map(|&p| pairs.distance(p)).collect();
        let distance = Tensor::from_slice(&distances)
            .apply(&self.distances)
            .to_kind(hidden.kind());
        let product = &subject * &object;
        let all = Tensor::cat(
            &[&subject, &object, &product, &between, &context, &distance],
            1,
        )
        .dropout(DROPOUT, train);
        let states = recurring(&all, &self.state)
            .gelu("none")
            .dropout(DROPOUT, train);
        let logits = recurring(&states, &self.output).to_kind(Kind::Float);
        PairStates {
            sentences,
            mentions,
            states,
            logits,
        }
    }

    /// `[mentions, 2 * width + types]`.
    fn mentions(&self, hidden: &Hidden, row_len: usize, pairs: &Pairs) -> Tensor {
        let mut rows = vec![0usize; pairs.mentions.len()];
        for group in &pairs.groups {
            for row in &mut rows[group.mentions.clone()] {
                *row = group.row;
            }
        }
        let at = |of: fn(&super::PairMention) -> usize| {
            let positions: Vec<i64> = pairs
                .mentions
                .iter()
                .zip(&rows)
                .map(|(m, row)| (row * row_len + of(m)) as i64)
                .collect();
            hidden.at(&positions)
        };
        let labels: Vec<i64> = pairs
            .mentions
            .iter()
            .map(|m| m.label.min(self.types_known) as i64)
            .collect();
        let types = Tensor::from_slice(&labels)
            .apply(&self.types)
            .to_kind(hidden.kind());
        Tensor::cat(&[at(|m| m.first), at(|m| m.last), types], 1)
    }

    /// Attention of each pair over its sentence, `[pairs, width]`.
    fn context(&self, sentences: &Sentences, pairs: &Pairs, both: &Tensor) -> Tensor {
        let most = pairs
            .groups
            .iter()
            .map(|g| g.pairs.len())
            .max()
            .unwrap_or(0)
            .max(1);
        let mut seats = vec![0i64; pairs.groups.len() * most];
        let mut seat_of = vec![0i64; pairs.pairs.len()];
        for (n, group) in pairs.groups.iter().enumerate() {
            for (k, pair) in group.pairs.clone().enumerate() {
                seats[n * most + k] = pair as i64;
                seat_of[pair] = (n * most + k) as i64;
            }
        }
        let queries = recurring(both, &self.query)
            .index_select(0, &Tensor::from_slice(&seats))
            .view([pairs.groups.len() as i64, most as i64, KEY_WIDTH]);
        let keys = recurring(&sentences.states, &self.key);
        let scores = queries.bmm(&keys.transpose(1, 2)).to_kind(Kind::Float)
            / (KEY_WIDTH as f64).sqrt()
            + sentences.mask.unsqueeze(1);
        let weights = scores
            .softmax(-1, Kind::Float)
            .to_kind(sentences.states.kind());
        let width = sentences.states.size()[2];
        let seen = weights.bmm(&sentences.states).view([-1, width]);
        recurring(
            &seen.index_select(0, &Tensor::from_slice(&seat_of)),
            &self.context,
        )
    }

    fn asked(&self, states: &PairStates, items: &[(usize, usize)]) -> (Tensor, Tensor) {
        let pairs: Vec<i64> = items.iter().map(|i| i.0 as i64).collect();
        let relations: Vec<i64> = items.iter().map(|i| i.1 as i64).collect();
        (
            states.states.index_select(0, &Tensor::from_slice(&pairs)),
            Tensor::from_slice(&relations),
        )
    }

    /// Status logits `[items, 4]`, fp32, of these pairs and relations.
    pub(crate) fn status(&self, states: &PairStates, items: &[(usize, usize)]) -> Tensor {
        let (state, relations) = self.asked(states, items);
        let asked = self.status.of(&state, &relations).gelu("none");
        recurring(&asked, &self.status_output).to_kind(Kind::Float)
    }

    /// Start and end logits `[items, len]`, fp32, of triggers; position 0 of the sentence piece
    /// first.
    pub(crate) fn trigger(
        &self,
        states: &PairStates,
        pairs: &Pairs,
        items: &[(usize, usize)],
    ) -> (Tensor, Tensor) {
        let (state, relations) = self.asked(states, items);
        let groups: Vec<i64> = items
            .iter()
            .map(|i| pairs.pairs[i.0].group as i64)
            .collect();
        let groups = Tensor::from_slice(&groups);
        let keys = recurring(&states.sentences.states, &self.trigger_key).index_select(0, &groups);
        let mask = states.sentences.mask.index_select(0, &groups);
        let point = |ask: &Ask| {
            let query = ask.of(&state, &relations).unsqueeze(1);
            query
                .bmm(&keys.transpose(1, 2))
                .squeeze_dim(1)
                .to_kind(Kind::Float)
                + &mask
        };
        (point(&self.trigger_start), point(&self.trigger_end))
    }

    /// Source logits `[items, 1 + mentions]`, fp32: column 0 is "none named", column `k + 1` the
    /// `k`-th mention of the pair's sentence.
    pub(crate) fn source(
        &self,
        states: &PairStates,
        pairs: &Pairs,
        items: &[(usize, usize)],
    ) -> Tensor {
        let (state, relations) = self.asked(states, items);
        let of = |item: &(usize, usize)| pairs.groups[pairs.pairs[item.0].group].mentions.clone();
        let most = items.iter().map(|i| of(i).len()).max().unwrap_or(0);
        let mut at = vec![0i64; items.len() * most];
        let mut mask = vec![MASKED; items.len() * (most + 1)];
        for (n, item) in items.iter().enumerate() {
            mask[n * (most + 1)] = 0.0;
            for (k, mention) in of(item).enumerate() {
                at[n * most + k] = mention as i64;
                mask[n * (most + 1) + k + 1] = 0.0;
            }
        }
        let n = items.len() as i64;
        let keys = recurring(&states.mentions, &self.source_key)
            .index_select(0, &Tensor::from_slice(&at))
            .view([n, most as i64, KEY_WIDTH]);
        let query = self.source.of(&state, &relations);
        let mentions = query
            .unsqueeze(1)
            .bmm(&keys.transpose(1, 2))
            .squeeze_dim(1)
            .to_kind(Kind::Float);
        // "None named" stands at zero; the queries' relation vectors learn where that is.
        let none = Tensor::zeros([n, 1], (Kind::Float, mentions.device()));
        Tensor::cat(&[none, mentions], 1) + Tensor::from_slice(&mask).view([n, most as i64 + 1])
    }

    /// Number of relations scored.
    pub fn relations(&self) -> usize {
        self.relations
    }

    /// The relations that hold between the mentions of a batch, by pair and relation. Logits are
    /// divided by `temperature` before they become confidences.
    ///
    /// # Errors
    /// The tensor library refuses the computation.
    pub fn find(
        &self,
        hidden: &Hidden,
        row_len: usize,
        pairs: &Pairs,
        selection: &Selection,
        temperature: f64,
    ) -> Result<Vec<Found>> {
        if pairs.pairs.is_empty() {
            return Ok(Vec::new());
        }
        let states = self.states(hidden, row_len, pairs, false);
        let probabilities = plain((&states.logits / temperature).sigmoid())?;
        let chosen = selection.choose(pairs, &probabilities);
        if chosen.is_empty() {
            return Ok(Vec::new());
        }
        let items: Vec<(usize, usize)> = chosen.iter().map(|c| (c.pair, c.relation)).collect();
        let status = plain(self.status(&states, &items))?;
        let (start, end) = self.trigger(&states, pairs, &items);
        let (start, end) = (plain(start)?, plain(end)?);
        let source = plain(self.source(&states, pairs, &items))?;
        let (len, sources) = (states.sentences.len, source.len() / items.len());
        Ok(chosen
            .iter()
            .enumerate()
            .map(|(n, c)| {
                let group = &pairs.groups[pairs.pairs[c.pair].group];
                let row = n * len..n * len + group.subwords.len();
                let trigger = best_span(&start[row.clone()], &end[row]);
                let status = Status::ALL[top(&status[n * 4..n * 4 + 4])];
                let named = top(&source[n * sources..(n + 1) * sources]).checked_sub(1);
                Found {
                    pair: c.pair,
                    relation: c.relation,
                    confidence: c.confidence,
                    status,
                    trigger: trigger
                        .map(|(a, b)| (group.subwords.start + a, group.subwords.start + b)),
                    source: named
                        .filter(|_| status == Status::Claimed)
                        .map(|k| group.mentions.start + k),
                }
            })
            .collect())
    }
}

fn plain(tensor: Tensor) -> Result<Vec<f32>> {
    Vec::<f32>::try_from(tensor.contiguous().view([-1]))
        .map_err(|e| Error::tensor("scoring relations", e))
}

fn top(values: &[f32]) -> usize {
    let mut best = 0;
    for (n, v) in values.iter().enumerate() {
        if *v > values[best] {
            best = n;
        }
    }
    best
}

/// The span with the highest sum of start and end logits.
fn best_span(start: &[f32], end: &[f32]) -> Option<(usize, usize)> {
    let mut best: Option<(usize, usize, f32)> = None;
    for (a, s) in start.iter().enumerate() {
        for (b, e) in end.iter().enumerate().skip(a).take(LONGEST_TRIGGER) {
            if best.is_none_or(|(_, _, score)| s + e > score) {
                best = Some((a, b, s + e));
            }
        }
    }
    best.map(|(a, b, _)| (a, b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn triggers_run_forward() {
        assert_eq!(best_span(&[0.0, 3.0, 0.0], &[5.0, 0.0, 1.0]), Some((0, 0)));
        assert_eq!(best_span(&[0.0, 9.0, 0.0], &[5.0, 0.0, 1.0]), Some((1, 2)));
        assert_eq!(best_span(&[], &[]), None);
    }
}
