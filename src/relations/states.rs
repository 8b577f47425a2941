use std::collections::{BTreeMap, HashMap};

use tch::Tensor;

use super::{Pair, Pairs};
use crate::model::Hidden;

/// Sentences of the groups, padded to one length and gathered from a batch.
pub(super) struct Sentences {
    /// `[groups, len, width]`.
    pub states: Tensor,
    /// 0 where there is text, a large negative number where padding, `[groups, len]`, fp32.
    pub mask: Tensor,
    pub len: usize,
}

pub(super) const MASKED: f32 = -1e4;

impl Sentences {
    pub fn gather(hidden: &Hidden, row_len: usize, pairs: &Pairs) -> Self {
        let len = pairs
            .groups
            .iter()
            .map(|g| g.subwords.len())
            .max()
            .unwrap_or(0)
            .max(1);
        let groups = pairs.groups.len();
        let mut at = vec![0i64; groups * len];
        let mut mask = vec![MASKED; groups * len];
        for (n, group) in pairs.groups.iter().enumerate() {
            for (k, position) in group.subwords.clone().enumerate() {
                at[n * len + k] = (group.row * row_len + position) as i64;
                mask[n * len + k] = 0.0;
            }
        }
        let states = hidden.at(&at);
        let width = states.size()[1];
        Self {
            states: states.view([groups as i64, len as i64, width]),
            mask: Tensor::from_slice(&mask).view([groups as i64, len as i64]),
            len,
        }
    }
}

/// For each pair, the element-wise maximum of the hidden states between its mentions, zero where
/// nothing stands between them, `[pairs, width]`. Both directions of a pair share the computation.
///
/// Stretches are gathered in groups of similar length, the shorter ones filled up with their own
/// last position, which changes no maximum.
pub(super) fn between_max(hidden: &Hidden, row_len: usize, pairs: &Pairs) -> Tensor {
    let width = hidden.states.size()[1];
    let mut stretches: BTreeMap<usize, Vec<Vec<i64>>> = BTreeMap::new();
    let mut seat_of = HashMap::new();
    for &pair in &pairs.pairs {
        seat_of.entry(undirected(pair)).or_insert_with(|| {
            let base = pairs.groups[pair.group].row * row_len;
            let between = pairs.between(pair);
            let size = if between.is_empty() {
                0
            } else {
                between.len().next_power_of_two()
            };
            let last = base + between.end.saturating_sub(1);
            let mut positions: Vec<i64> = between.map(|p| (base + p) as i64).collect();
            positions.resize(size, last as i64);
            let of_size = stretches.entry(size).or_default();
            of_size.push(positions);
            (size, of_size.len() - 1)
        });
    }
    let mut first_of = HashMap::new();
    let (mut parts, mut count) = (Vec::new(), 0);
    for (&size, of_size) in &stretches {
        first_of.insert(size, count);
        count += of_size.len();
        let n = of_size.len() as i64;
        parts.push(if size == 0 {
            Tensor::zeros([n, width], (hidden.kind(), hidden.states.device()))
        } else {
            hidden
                .at(&of_size.concat())
                .view([n, size as i64, width])
                .amax(1, false)
        });
    }
    let seats: Vec<i64> = pairs
        .pairs
        .iter()
        .filter_map(|&pair| {
            let (size, n) = seat_of.get(&undirected(pair))?;
            Some((first_of.get(size)? + n) as i64)
        })
        .collect();
    Tensor::cat(&parts, 0).index_select(0, &Tensor::from_slice(&seats))
}

fn undirected(pair: Pair) -> (usize, usize) {
    (pair.subject.min(pair.object), pair.subject.max(pair.object))
}
