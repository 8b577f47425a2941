use crate::annotation::{Sample, SampleMention, SampleRelation};
use crate::text::{Span, count_words, split_sentences};

/// Passages up to this many words are read as one sample.
const LONGEST: usize = 100;

/// Relations across more sentences than this are not kept: nothing here reads that far.
const REACH: usize = 3;

/// Cuts a long passage, such as an article, between sentences. It is not cut inside a mention, nor
/// between the ends of a relation within three sentences of each other. Returns the pieces, and
/// what was lost.
pub(super) fn cut(sample: Sample) -> (Vec<Sample>, Vec<String>) {
    if count_words(&sample.text) <= LONGEST || !sample.tokens.is_empty() {
        return (vec![sample], Vec::new());
    }
    let sentences = split_sentences(&sample.text);
    let at = |byte: usize| {
        sentences
            .partition_point(|s| s.start <= byte)
            .saturating_sub(1)
    };
    // Whether a piece goes on from a sentence to the next.
    let mut tied = vec![false; sentences.len()];
    let mut tie = |first: usize, last: usize| {
        if let Some(between) = tied.get_mut(first..last) {
            between.fill(true);
        }
    };
    for m in &sample.mentions {
        tie(at(m.span.start), at(m.span.end.saturating_sub(1)));
    }
    let mut lost = Vec::new();
    let mut kept: Vec<(&SampleRelation, usize)> = Vec::new();
    for r in &sample.relations {
        let spans = [Some(r.subject), Some(r.object), r.attributed_to]
            .into_iter()
            .flatten()
            .filter_map(|n| Some(sample.mentions.get(n)?.span))
            .chain(r.trigger);
        let places: Vec<usize> = spans
            .flat_map(|s| [at(s.start), at(s.end.saturating_sub(1))])
            .collect();
        let (Some(&first), Some(&last)) = (places.iter().min(), places.iter().max()) else {
            continue;
        };
        if last - first >= REACH {
            lost.push(format!(
                "{} in {} reaches over {} sentences and is left out",
                r.label,
                sample.id,
                last - first + 1
            ));
        } else {
            tie(first, last);
            kept.push((r, first));
        }
    }
    let mut pieces = Vec::new();
    let mut from = 0;
    for (n, sentence) in sentences.iter().enumerate() {
        if tied.get(n).copied().unwrap_or(false) {
            continue;
        }
        if let Some(first) = sentences.get(from) {
            let span = Span::new(first.start, sentence.end);
            let relations: Vec<&SampleRelation> = kept
                .iter()
                .filter(|(_, at)| (from..=n).contains(at))
                .map(|(r, _)| *r)
                .collect();
            pieces.push(piece(&sample, span, &relations, pieces.len() + 1));
        }
        from = n + 1;
    }
    (pieces, lost)
}

fn piece(sample: &Sample, part: Span, relations: &[&SampleRelation], number: usize) -> Sample {
    let inside = |m: &&SampleMention| part.contains(m.span);
    let first = sample.mentions.iter().position(|m| inside(&m)).unwrap_or(0);
    let back = |span: Span| Span::new(span.start - part.start, span.end - part.start);
    let mentions = sample
        .mentions
        .iter()
        .filter(inside)
        .map(|m| SampleMention {
            span: back(m.span),
            ..m.clone()
        });
    let relations = relations.iter().map(|r| SampleRelation {
        subject: r.subject.saturating_sub(first),
        object: r.object.saturating_sub(first),
        trigger: r.trigger.map(back),
        attributed_to: r.attributed_to.map(|n| n.saturating_sub(first)),
        ..(*r).clone()
    });
    Sample {
        id: format!("{}#{number}", sample.id),
        doc: sample.doc.clone(),
        text: part.of(&sample.text).to_string(),
        tokens: Vec::new(),
        mentions: mentions.collect(),
        relations: relations.collect(),
        unrelated: Vec::new(),
        ..*sample
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotation::Coverage;
    use crate::samples::draft::{Draft, Link};

    fn article() -> Draft {
        let filler = "The weather was fine on that day, and nobody in town had much to say about it at all. ";
        let text = format!("{0}Ana rose. She met Bo. {0}{0}Cy sat. {0}{0}", filler);
        let mut draft = Draft::new("a".into(), text.clone());
        draft.relation_coverage = Coverage::Full;
        for name in ["Ana", "Bo", "Cy"] {
            let at = text.find(name).unwrap();
            draft.mention(name, Span::new(at, at + name.len()), Some("PER".into()));
        }
        draft
    }

    #[test]
    fn long_passages_are_cut_around_relations() {
        let mut draft = article();
        draft.links = vec![
            Link::new("Bo", "meets", "Ana"),
            Link::new("Ana", "meets", "Cy"),
        ];
        let (pieces, lost) = cut(draft.finish().unwrap());
        assert_eq!(pieces.len(), 7);
        assert_eq!(pieces[1].text, "Ana rose. She met Bo.");
        assert_eq!(
            (pieces[1].id.as_str(), pieces[1].doc.as_str()),
            ("a#2", "a")
        );
        let r = &pieces[1].relations[0];
        let name = |n: usize| pieces[1].mentions[n].span.of(&pieces[1].text);
        assert_eq!((name(r.subject), name(r.object)), ("Bo", "Ana"));
        assert_eq!(pieces[4].mentions[0].span.of(&pieces[4].text), "Cy");
        assert_eq!(lost.len(), 1);
        assert!(lost[0].contains("5 sentences"), "{}", lost[0]);
    }

    #[test]
    fn short_passages_stay_whole() {
        let mut draft = Draft::new("a".into(), "Ana rose. Bo sat.".into());
        draft.mention("x", Span::new(0, 3), None);
        let sample = draft.finish().unwrap();
        assert_eq!(cut(sample.clone()), (vec![sample], vec![]));
    }
}
