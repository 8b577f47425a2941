use std::collections::HashMap;

use crate::annotation::Sample;

/// One document in so many is held out.
const EVERY: usize = 10;

/// Takes every tenth document out of the samples, counted in the order in which they first appear:
/// what is left to train on, and what is held out to judge by. Of samples from fewer than ten
/// documents, every tenth sample is held out.
pub fn hold_out(samples: Vec<Sample>) -> (Vec<Sample>, Vec<Sample>) {
    let numbers = numbers(&samples);
    let (mut left, mut held_out) = (Vec::new(), Vec::new());
    for (sample, number) in samples.into_iter().zip(numbers) {
        if (number + 1).is_multiple_of(EVERY) {
            held_out.push(sample);
        } else {
            left.push(sample);
        }
    }
    (left, held_out)
}

/// Of each sample, the number of its document; its own number where documents are few.
fn numbers(samples: &[Sample]) -> Vec<usize> {
    let mut documents: HashMap<&str, usize> = HashMap::new();
    let of_document: Vec<usize> = samples
        .iter()
        .map(|sample| {
            let next = documents.len();
            *documents.entry(&sample.doc).or_insert(next)
        })
        .collect();
    if documents.len() < EVERY {
        (0..samples.len()).collect()
    } else {
        of_document
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotation::Coverage;

    /// `count` samples, in turn from so many documents.
    fn interleaved(count: usize, documents: usize) -> Vec<Sample> {
        (0..count)
            .map(|n| Sample {
                id: n.to_string(),
                doc: format!("d{}", n % documents),
                text: "Ana met Bo.".into(),
                tokens: Vec::new(),
                mentions: Vec::new(),
                mention_coverage: Coverage::Full,
                relations: Vec::new(),
                relation_coverage: Coverage::Full,
                unrelated: Vec::new(),
            })
            .collect()
    }

    #[test]
    fn of_interleaved_documents_every_tenth_is_held_out_whole() {
        let (left, held_out) = hold_out(interleaved(100, 20));
        assert_eq!((left.len(), held_out.len()), (90, 10));
        assert!(held_out.iter().all(|s| s.doc == "d9" || s.doc == "d19"));
        assert!(left.iter().all(|s| s.doc != "d9" && s.doc != "d19"));
        let (left, held_out) = hold_out(interleaved(200, 10));
        assert_eq!((left.len(), held_out.len()), (180, 20));
    }

    #[test]
    fn of_few_documents_every_tenth_sample_is_held_out() {
        let (left, held_out) = hold_out(interleaved(45, 3));
        let ids: Vec<&str> = held_out.iter().map(|s| s.id.as_str()).collect();
        assert_eq!(ids, ["9", "19", "29", "39"]);
        assert_eq!(left.len(), 41);
    }
}
