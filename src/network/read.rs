use super::{Model, Network, Prepared};
use crate::annotation::{ReferenceKind, Status};
use crate::error::Result;
use crate::model::{Batch, Phase, Piece, SentenceTokens, Window};
use crate::ner::{TagScores, WordSpan, decode};
use crate::relations::{PairMention, Pairs};

/// What was found in one piece of a window.
#[derive(Debug, Clone, PartialEq)]
pub struct PieceReading {
    /// The sentence, as an index into [`Prepared::sentences`].
    pub sentence: usize,
    /// Mentions, in words of the sentence; types are indices into the model's.
    pub mentions: Vec<WordSpan>,
    /// Of each mention, what kind of reference it is; `None` for a name.
    pub references: Vec<Option<ReferenceKind>>,
    /// Whether the piece is the one that reads the mention's first word.
    pub owned: Vec<bool>,
    /// Relations between them.
    pub relations: Vec<PieceRelation>,
}

/// A relation between two mentions of a piece.
#[derive(Debug, Clone, PartialEq)]
pub struct PieceRelation {
    /// Index into [`PieceReading::mentions`].
    pub subject: usize,
    /// Index into [`PieceReading::mentions`].
    pub object: usize,
    /// Index of the relation in the schema.
    pub relation: usize,
    /// How the text presents it.
    pub status: Status,
    /// First and last word of the trigger.
    pub trigger: Option<(usize, usize)>,
    /// Index into [`PieceReading::mentions`] of the source.
    pub source: Option<usize>,
    /// Probability.
    pub confidence: f32,
}

/// What was found in one window.
pub type WindowReading = Vec<PieceReading>;

/// In a sentence with more mentions than this, only pairs less than half as many mentions apart
/// are scored: such sentences are lists of names.
const MANY_MENTIONS: usize = 64;

impl Network {
    /// Reads windows of one padded length in one encoder pass: tags, mentions, and the relations
    /// between them.
    ///
    /// # Errors
    /// The tensor library refuses a computation.
    pub fn read(
        &self,
        model: &Model,
        windows: &[(&Prepared, usize)],
    ) -> Result<Vec<WindowReading>> {
        let rows: Vec<&Window> = windows.iter().map(|(p, n)| &p.windows[*n]).collect();
        let batch = Batch::new(&rows, model.tokenizer.special().2);
        crate::model::without_gradients(|| {
            let hidden = self.encoder.encode(&batch, Phase::Predict)?;
            let mut readings = Vec::with_capacity(rows.len());
            let mut pairs = Pairs::default();
            let starts: Vec<i64> = pieces(windows)
                .flat_map(|(row, prepared, piece)| {
                    let tokens = &prepared.tokens[piece.sentence];
                    word_positions(tokens, piece)
                        .map(|(_, at)| batch.flat(row, at))
                        .collect::<Vec<_>>()
                })
                .collect();
            let scores = self.tags.score(&hidden, &starts)?;
            let mut used = 0;
            for (row, (prepared, n)) in windows.iter().enumerate() {
                let mut reading = WindowReading::new();
                for piece in &prepared.windows[*n].pieces {
                    let tokens = &prepared.tokens[piece.sentence];
                    let words: Vec<(usize, usize)> = word_positions(tokens, piece).collect();
                    let tags = scores.tags;
                    let own = TagScores {
                        values: scores.values[used * tags..(used + words.len()) * tags].to_vec(),
                        tags,
                    };
                    used += words.len();
                    let found = match &prepared.given {
                        None => {
                            let first_word = words.first().map_or(0, |w| w.0);
                            let mut found = decode(&own);
                            for span in &mut found {
                                span.first += first_word;
                                span.last += first_word;
                            }
                            found
                        }
                        Some(given) => given_words(model, given, tokens, &words),
                    };
                    let (found, references) =
                        with_references(model, prepared, tokens, &words, found);
                    let mentions: Vec<PairMention> = found
                        .iter()
                        .map(|span| place(span, tokens, piece))
                        .collect();
                    let crowded = mentions.len() > MANY_MENTIONS;
                    pairs.push(
                        row,
                        piece.at..piece.at + piece.subwords.len(),
                        &mentions,
                        |s, o| {
                            (!crowded || s.abs_diff(o) < MANY_MENTIONS / 2)
                                && model
                                    .selection
                                    .allows_any(mentions[s].label, mentions[o].label)
                        },
                    );
                    reading.push(PieceReading {
                        sentence: piece.sentence,
                        owned: found
                            .iter()
                            .map(|span| {
                                piece
                                    .owned
                                    .contains(&tokens.subwords_of((span.first, span.first)).0)
                            })
                            .collect(),
                        mentions: found,
                        references,
                        relations: Vec::new(),
                    });
                }
                readings.push(reading);
            }
            self.relate(
                model,
                &hidden,
                batch.row_len(),
                &pairs,
                windows,
                &mut readings,
            )?;
            Ok(readings)
        })
    }

    fn relate(
        &self,
        model: &Model,
        hidden: &crate::model::Hidden,
        row_len: usize,
        pairs: &Pairs,
        windows: &[(&Prepared, usize)],
        readings: &mut [WindowReading],
    ) -> Result<()> {
        let places: Vec<(usize, usize)> = readings
            .iter()
            .enumerate()
            .flat_map(|(row, reading)| (0..reading.len()).map(move |k| (row, k)))
            .collect();
        for (part, first_group) in pairs.parts() {
            let found = self.relations.find(
                hidden,
                row_len,
                &part,
                &model.selection,
                model.config.relation_temperature,
            )?;
            for f in found {
                let pair = part.pairs[f.pair];
                let group = &part.groups[pair.group];
                let (row, k) = places[first_group + pair.group];
                let (prepared, n) = windows[row];
                let piece = &prepared.windows[n].pieces[k];
                let tokens = &prepared.tokens[piece.sentence];
                let word_at = |at: usize| {
                    let subword = at - piece.at + piece.subwords.start;
                    tokens.word_of.get(subword).map_or(0, |&w| w as usize)
                };
                let base = group.mentions.start;
                readings[row][k].relations.push(PieceRelation {
                    subject: pair.subject - base,
                    object: pair.object - base,
                    relation: f.relation,
                    status: f.status,
                    trigger: f.trigger.map(|(a, b)| (word_at(a), word_at(b))),
                    source: f.source.map(|m| m - base),
                    confidence: f.confidence,
                });
            }
        }
        Ok(())
    }
}

fn pieces<'p>(
    windows: &'p [(&'p Prepared, usize)],
) -> impl Iterator<Item = (usize, &'p Prepared, &'p Piece)> {
    windows.iter().enumerate().flat_map(|(row, (p, n))| {
        p.windows[*n]
            .pieces
            .iter()
            .map(move |piece| (row, *p, piece))
    })
}

/// The words whose first subword stands in a piece, with that subword's position in the row.
fn word_positions<'a>(
    tokens: &'a SentenceTokens,
    piece: &'a Piece,
) -> impl Iterator<Item = (usize, usize)> + 'a {
    piece.subwords.clone().filter_map(move |i| {
        let first = i == 0 || tokens.word_of[i] != tokens.word_of[i - 1];
        first.then(|| {
            (
                tokens.word_of[i] as usize,
                piece.at + i - piece.subwords.start,
            )
        })
    })
}

fn place(span: &WordSpan, tokens: &SentenceTokens, piece: &Piece) -> PairMention {
    let (first, last) = tokens.subwords_of((span.first, span.last));
    let at = |subword: usize| {
        let inside = subword.clamp(piece.subwords.start, piece.subwords.end - 1);
        piece.at + inside - piece.subwords.start
    };
    PairMention {
        first: at(first),
        last: at(last),
        label: span.label,
    }
}

/// The mentions found and the proposed references that share no word with them, in text order.
fn with_references(
    model: &Model,
    prepared: &Prepared,
    tokens: &SentenceTokens,
    words: &[(usize, usize)],
    found: Vec<WordSpan>,
) -> (Vec<WordSpan>, Vec<Option<ReferenceKind>>) {
    let (Some(&(from, _)), Some(&(to, _))) = (words.first(), words.last()) else {
        return (found, Vec::new());
    };
    let mut all: Vec<(WordSpan, Option<ReferenceKind>)> =
        found.into_iter().map(|span| (span, None)).collect();
    let names = all.len();
    let inside = tokens.words.first().zip(tokens.words.last());
    let Some((first_word, last_word)) = inside else {
        return (Vec::new(), Vec::new());
    };
    let begin = prepared
        .references
        .partition_point(|r| r.span.end <= first_word.start);
    let here = prepared.references.iter().skip(begin);
    for proposed in here.take_while(|r| r.span.start < last_word.end) {
        let Some((first, last)) = tokens.words_in(proposed.span) else {
            continue;
        };
        let free = all
            .iter()
            .take(names)
            .all(|(name, _)| name.last < first || last < name.first);
        let label = model.tags.index(&proposed.label);
        if let Some(label) = label
            && free
            && first >= from
            && last <= to
        {
            let span = WordSpan {
                first,
                last,
                label,
                confidence: 1.0,
            };
            all.push((span, Some(proposed.kind)));
        }
    }
    all.sort_by_key(|(span, _)| span.first);
    all.into_iter().unzip()
}

fn given_words(
    model: &Model,
    given: &[super::GivenMention],
    tokens: &SentenceTokens,
    words: &[(usize, usize)],
) -> Vec<WordSpan> {
    let (Some(&(from, _)), Some(&(to, _))) = (words.first(), words.last()) else {
        return Vec::new();
    };
    given
        .iter()
        .filter_map(|mention| {
            let (first, last) = tokens.words_in(mention.span)?;
            let label = mention.label.as_ref().and_then(|l| model.tags.index(l));
            (first >= from && last <= to).then_some(WordSpan {
                first,
                last,
                label: label.unwrap_or(model.tags.labels().len()),
                confidence: 1.0,
            })
        })
        .collect()
}
