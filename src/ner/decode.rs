use super::TagSet;
use super::tags::OUTSIDE;

/// Log-probabilities of the tags of one sentence's words, row by row.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TagScores {
    /// `words * tags` values.
    pub values: Vec<f32>,
    /// Number of tags.
    pub tags: usize,
}

impl TagScores {
    /// The tags' log-probabilities for one word.
    pub fn word(&self, word: usize) -> &[f32] {
        self.values
            .get(word * self.tags..(word + 1) * self.tags)
            .unwrap_or(&[])
    }

    /// Number of words.
    pub fn words(&self) -> usize {
        self.values.len().checked_div(self.tags).unwrap_or(0)
    }
}

/// A mention found in a sentence, in words.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WordSpan {
    /// First word.
    pub first: usize,
    /// Last word.
    pub last: usize,
    /// Index of its type in the [`TagSet`].
    pub label: usize,
    /// Probability of exactly this span and type under independent tags.
    pub confidence: f32,
}

/// The best tag sequence that is well formed (Viterbi search over the BIO transitions), as mentions.
pub fn decode(scores: &TagScores) -> Vec<WordSpan> {
    spans(&best_tags(scores), scores)
}

fn best_tags(scores: &TagScores) -> Vec<usize> {
    let (words, tags) = (scores.words(), scores.tags);
    if words == 0 {
        return Vec::new();
    }
    let mut best: Vec<f32> = (0..tags)
        .map(|t| {
            if TagSet::may_follow(None, t) {
                scores.word(0)[t]
            } else {
                f32::NEG_INFINITY
            }
        })
        .collect();
    let mut back: Vec<Vec<usize>> = Vec::with_capacity(words);
    for word in 1..words {
        let (top, _) = argmax(best.iter().copied());
        let row = scores.word(word);
        let mut next = vec![f32::NEG_INFINITY; tags];
        let mut from = vec![top; tags];
        for tag in 0..tags {
            // A tag that opens or stands outside may follow any; one that goes on may follow two.
            let before = if TagSet::is_inside(tag) {
                if best[tag] > best[tag - 1] {
                    tag
                } else {
                    tag - 1
                }
            } else {
                top
            };
            next[tag] = best[before] + row[tag];
            from[tag] = before;
        }
        best = next;
        back.push(from);
    }
    let (mut tag, _) = argmax(best.iter().copied());
    let mut path = vec![tag];
    for from in back.iter().rev() {
        tag = from[tag];
        path.push(tag);
    }
    path.reverse();
    path
}

fn argmax(values: impl Iterator<Item = f32>) -> (usize, f32) {
    values.enumerate().fold(
        (0, f32::NEG_INFINITY),
        |top, (i, v)| if v > top.1 { (i, v) } else { top },
    )
}

fn spans(tags: &[usize], scores: &TagScores) -> Vec<WordSpan> {
    let mut found: Vec<WordSpan> = Vec::new();
    for (word, &tag) in tags.iter().enumerate() {
        let row = scores.word(word);
        if TagSet::is_inside(tag) {
            if let Some(open) = found.last_mut() {
                open.last = word;
                open.confidence *= row[tag].exp();
            }
            continue;
        }
        // The word before was the last of its mention only if this one does not go on with it.
        if let Some(open) = found.last_mut().filter(|s| s.last + 1 == word) {
            open.confidence *= 1.0 - row[TagSet::inside(open.label)].exp();
        }
        if tag != OUTSIDE
            && let Some(label) = TagSet::label_of(tag)
        {
            found.push(WordSpan {
                first: word,
                last: word,
                label,
                confidence: row[tag].exp(),
            });
        }
    }
    for span in &mut found {
        span.confidence = span.confidence.clamp(0.0, 1.0);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scores(rows: &[[f32; 5]]) -> TagScores {
        TagScores {
            values: rows.iter().flatten().map(|p| p.ln()).collect(),
            tags: 5,
        }
    }

    #[test]
    fn an_inside_tag_cannot_open_a_mention() {
        // O, B-0, I-0, B-1, I-1: alone, each word would take I-0.
        let found = decode(&scores(&[
            [0.1, 0.3, 0.4, 0.1, 0.1],
            [0.1, 0.1, 0.6, 0.1, 0.1],
        ]));
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].first, found[0].last, found[0].label), (0, 1, 0));
        assert!((found[0].confidence - 0.18).abs() < 1e-6);
    }

    #[test]
    fn neighbours_of_one_type_stay_two() {
        let b = [0.02, 0.9, 0.04, 0.02, 0.02];
        let found = decode(&scores(&[b, b]));
        assert_eq!(found.len(), 2);
        assert!((found[0].confidence - 0.9 * 0.96).abs() < 1e-6);
    }

    proptest! {
        #[test]
        fn tags_come_back_from_their_spans(tags in prop::collection::vec(0usize..5, 0..30)) {
            let set = TagSet::new(vec!["A".into(), "B".into()]);
            let mut legal = Vec::new();
            for tag in tags {
                let ok = TagSet::may_follow(legal.last().copied(), tag);
                legal.push(if ok { tag } else { OUTSIDE });
            }
            let rows: Vec<[f32; 5]> = legal
                .iter()
                .map(|&t| std::array::from_fn(|k| if k == t { 0.96 } else { 0.01 }))
                .collect();
            let found = decode(&scores(&rows));
            let mentions: Vec<_> = found.iter().map(|s| (s.first, s.last, s.label)).collect();
            prop_assert_eq!(set.encode(legal.len(), &mentions), legal);
        }
    }
}
