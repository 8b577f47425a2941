use super::BATCH_TOKENS;
use crate::annotation::{Coverage, Sample};
use crate::error::Result;
use crate::network::Workers;

/// Adds the names that the `base` model finds to those samples whose mentions are only listed, such
/// as reviewed rows: a row tells of two names, and what holds between the others of its sentence is
/// to stay as the base has it. A listed mention that the base finds too gets its type, since it is
/// by that type that relations were scored; one that shares words with a listed one is left out.
///
/// # Errors
/// The base model cannot be run.
pub fn with_names(mut samples: Vec<Sample>, base: &Workers) -> Result<Vec<Sample>> {
    let listed: Vec<Sample> = samples
        .iter()
        .filter(|s| is_listed(s))
        .map(|s| Sample {
            mentions: Vec::new(),
            ..s.clone()
        })
        .collect();
    let mut found = base.predict(&listed, false, BATCH_TOKENS)?.into_iter();
    for sample in samples.iter_mut().filter(|s| is_listed(s)) {
        if let Some(found) = found.next() {
            add(sample, found);
        }
    }
    Ok(samples)
}

fn is_listed(sample: &Sample) -> bool {
    sample.mention_coverage == Coverage::Listed
}

fn add(sample: &mut Sample, found: Sample) {
    for mention in found.mentions {
        let known = &mut sample.mentions;
        if let Some(same) = known.iter_mut().find(|m| m.span == mention.span) {
            same.label = mention.label;
        } else if !known.iter().any(|m| m.span.overlaps(mention.span)) {
            known.push(mention);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotation::SampleMention;
    use crate::text::Span;

    fn sample(mentions: &[(usize, usize, Option<&str>)]) -> Sample {
        Sample {
            id: "1".into(),
            doc: "1".into(),
            text: "Ana met the Bo Bank in Oman.".into(),
            tokens: Vec::new(),
            mentions: mentions
                .iter()
                .map(|&(start, end, label)| SampleMention {
                    id: start.to_string(),
                    span: Span::new(start, end),
                    label: label.map(Into::into),
                })
                .collect(),
            mention_coverage: Coverage::Listed,
            relations: Vec::new(),
            relation_coverage: Coverage::Listed,
            unrelated: Vec::new(),
        }
    }

    #[test]
    fn listed_names_stay_in_their_places_and_others_come_after_them() {
        let mut listed = sample(&[(0, 3, None), (12, 14, Some("PER"))]);
        let found = [
            (0, 3, Some("PER")),
            (12, 19, Some("ORG")),
            (23, 27, Some("LOC")),
        ];
        add(&mut listed, sample(&found));
        let places: Vec<_> = listed
            .mentions
            .iter()
            .map(|m| {
                (
                    m.span.start,
                    m.span.end,
                    m.label.as_ref().map(|l| l.as_str()),
                )
            })
            .collect();
        assert_eq!(
            places,
            [
                (0, 3, Some("PER")),
                (12, 14, Some("PER")),
                (23, 27, Some("LOC")),
            ]
        );
    }
}
