use std::ops::Range;

use super::rows::Triple;
use crate::files::in_one_line;

/// Where a triple's words stand in its sentence, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marks {
    pub subject: Range<usize>,
    pub object: Range<usize>,
    pub trigger: Option<Range<usize>>,
}

/// One way to read the sentence: where it places the words, and how far that is from what the
/// offsets say.
type Place = (usize, usize);

/// Finds a triple's words in its sentence. A name may occur in it more than once; the distances of
/// the offsets, which point into the document, tell which occurrence is meant. They may be off by
/// some, since the sentence is on one line with each run of white space as one space.
///
/// `None` when a name is not in the sentence (a row that somebody edited).
pub fn place(triple: &Triple) -> Option<Marks> {
    let sentence = &triple.sentence;
    let subject = in_one_line(&triple.subject_mention);
    let object = in_one_line(&triple.object_mention);
    let trigger = in_one_line(&triple.trigger);
    let subjects = occurrences(sentence, &subject);
    let objects = occurrences(sentence, &object);
    let triggers = occurrences(sentence, &trigger);
    let distance = |a: Place, b: Place, wanted: Option<(usize, usize)>| {
        wanted.map_or(0, |(x, y)| {
            ((b.1 as i128 - a.1 as i128) - (y as i128 - x as i128)).unsigned_abs()
        })
    };
    let wanted = Some((triple.subject_start, triple.object_start));
    let (s, o, _) = subjects
        .iter()
        .flat_map(|&s| objects.iter().map(move |&o| (s, o)))
        .filter(|(s, o)| s.0 != o.0 || subject != object)
        .map(|(s, o)| (s, o, distance(s, o, wanted)))
        .min_by_key(|(s, _, far)| {
            let start = triple.trigger_start.map(|t| (triple.subject_start, t));
            let trigger = triggers.iter().map(|&t| distance(*s, t, start)).min();
            far + trigger.unwrap_or(0)
        })?;
    let start = triple.trigger_start.map(|t| (triple.subject_start, t));
    let t = triggers.iter().min_by_key(|&&t| distance(s, t, start));
    Some(Marks {
        subject: s.0..s.0 + subject.len(),
        object: o.0..o.0 + object.len(),
        trigger: t.map(|t| t.0..t.0 + trigger.len()),
    })
}

/// The sentence with the subject in `[ ]` and the object in `{ }`, for the eye.
pub fn in_brackets(triple: &Triple) -> String {
    let Some(marks) = place(triple) else {
        return triple.sentence.clone();
    };
    let (s, o) = (&marks.subject, &marks.object);
    // At one place, what closes comes first, and the longer one opens first.
    let mut signs = [
        (s.start, 1, usize::MAX - s.end, '['),
        (s.end, 0, usize::MAX - s.start, ']'),
        (o.start, 1, usize::MAX - o.end, '{'),
        (o.end, 0, usize::MAX - o.start, '}'),
    ];
    signs.sort_unstable();
    let mut text = String::with_capacity(triple.sentence.len() + 4);
    let mut from = 0;
    for (at, _, _, sign) in signs {
        text.push_str(triple.sentence.get(from..at).unwrap_or_default());
        text.push(sign);
        from = at;
    }
    text.push_str(triple.sentence.get(from..).unwrap_or_default());
    text
}

/// Where `words` begin in the sentence, in bytes and in code points.
fn occurrences(sentence: &str, words: &str) -> Vec<Place> {
    if words.is_empty() {
        return Vec::new();
    }
    sentence
        .match_indices(words)
        .map(|(at, _)| (at, sentence.get(..at).map_or(0, |t| t.chars().count())))
        .collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A triple of a sentence that begins at code point 100 of its document.
    pub fn triple(
        sentence: &str,
        subject: (&str, usize),
        object: (&str, usize),
        trigger: (&str, usize),
    ) -> Triple {
        Triple {
            triple_id: "a#t1".into(),
            doc_id: "a".into(),
            source_file: "a.txt".into(),
            title: String::new(),
            date: None,
            sentence_id: "a#s1".into(),
            subject: subject.0.into(),
            subject_type: "LOC".into(),
            subject_id: format!("LOC-{}", subject.0),
            relation: "accuses".into(),
            object: object.0.into(),
            object_type: "LOC".into(),
            object_id: format!("LOC-{}", object.0),
            trigger: trigger.0.into(),
            status: "asserted".into(),
            attributed_to: String::new(),
            confidence: 0.9,
            subject_mention: subject.0.into(),
            object_mention: object.0.into(),
            sentence: sentence.into(),
            subject_start: 100 + subject.1,
            subject_end: 100 + subject.1 + subject.0.chars().count(),
            object_start: 100 + object.1,
            object_end: 100 + object.1 + object.0.chars().count(),
            trigger_start: Some(100 + trigger.1),
            trigger_end: Some(100 + trigger.1 + trigger.0.chars().count()),
        }
    }

    #[test]
    fn the_right_one_of_equal_names_is_marked() {
        let text = "«Iran» said Iran blamed Ōta; Iran met Ōta.";
        let marked = |s, o, t| in_brackets(&triple(text, ("Iran", s), ("Ōta", o), t));
        assert_eq!(
            marked(12, 24, ("blamed", 17)),
            "«Iran» said [Iran] blamed {Ōta}; Iran met Ōta."
        );
        assert_eq!(
            marked(29, 38, ("met", 34)),
            "«Iran» said Iran blamed Ōta; [Iran] met {Ōta}."
        );
    }

    #[test]
    fn wide_spaces_in_the_document_do_no_harm() {
        // The document has three spaces for each one of the sentence.
        let far = triple("Ana and Bo met Ana", ("Bo", 12), ("Ana", 22), ("met", 16));
        assert_eq!(in_brackets(&far), "Ana and [Bo] met {Ana}");
    }

    #[test]
    fn offsets_that_no_document_has_do_no_harm() {
        let far = Triple {
            subject_start: 1 << 63,
            trigger_start: Some(usize::MAX),
            ..triple("Ana met Bo", ("Ana", 0), ("Bo", 8), ("met", 4))
        };
        assert_eq!(in_brackets(&far), "[Ana] met {Bo}");
    }

    #[test]
    fn names_inside_each_other_and_names_that_are_gone() {
        let nested = triple(
            "Bank of Oman closed",
            ("Bank of Oman", 0),
            ("Oman", 8),
            ("", 0),
        );
        assert_eq!(in_brackets(&nested), "[Bank of {Oman}] closed");
        let gone = triple("Ana left", ("Ana", 0), ("Peru", 9), ("left", 4));
        assert_eq!(in_brackets(&gone), "Ana left");
    }
}
