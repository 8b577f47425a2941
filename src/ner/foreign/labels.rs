use std::collections::BTreeMap;

use crate::annotation::Label;

/// Which of a foreign model's types are which of ours; an empty name leaves a type out.
///
/// Types that it does not list are taken over where ours have the same name, and those of OntoNotes
/// by their usual match.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LabelMap(BTreeMap<String, String>);

impl LabelMap {
    /// A map of foreign names to ours.
    pub fn new(names: BTreeMap<String, String>) -> Self {
        Self(names)
    }

    /// Reads `PERSON=PER,GPE=LOC,DATE=`.
    ///
    /// # Errors
    /// A part holds no `=`.
    pub fn parse(list: &str) -> Result<Self, String> {
        let parts = list.split(',').filter(|part| !part.trim().is_empty());
        let names = parts.map(|part| {
            let (theirs, ours) = part.split_once('=').ok_or_else(|| {
                format!("{part:?} has no =; write their name, =, ours: PERSON=PER,GPE=LOC,DATE=")
            })?;
            Ok((theirs.trim().to_string(), ours.trim().to_string()))
        });
        names.collect::<Result<_, String>>().map(Self)
    }

    /// This map, and for the names it does not list, `other`.
    pub fn over(mut self, other: &LabelMap) -> Self {
        for (theirs, ours) in &other.0 {
            self.0.entry(theirs.clone()).or_insert_with(|| ours.clone());
        }
        self
    }

    /// Our name for one of theirs, if it is one of `known`.
    pub(super) fn ours(&self, theirs: &str, known: &[Label]) -> Option<Label> {
        let of_name = |name: &str| known.iter().find(|l| l.as_str() == name).cloned();
        match self.0.get(theirs) {
            Some(ours) => of_name(ours),
            None => of_name(theirs).or_else(|| of_name(usual(theirs)?)),
        }
    }

    /// Names on our side that are none of `known`.
    pub(super) fn unknown(&self, known: &[Label]) -> Vec<&str> {
        let names = self.0.values().map(String::as_str);
        names
            .filter(|name| !name.is_empty() && !known.iter().any(|l| l.as_str() == *name))
            .collect()
    }

    /// Whether a type is left out on purpose.
    pub(super) fn leaves_out(&self, theirs: &str) -> bool {
        match self.0.get(theirs) {
            Some(ours) => ours.is_empty(),
            None => usual(theirs) == Some(""),
        }
    }
}

/// What the types of OntoNotes and other wide-spread lists are in that of CoNLL-2003; nothing for
/// those that are no names.
fn usual(theirs: &str) -> Option<&'static str> {
    Some(match theirs.to_uppercase().as_str() {
        "PERSON" | "PERS" | "PER" => "PER",
        "ORGANIZATION" | "ORGANISATION" | "CORPORATION" | "GROUP" | "ORG" => "ORG",
        "GPE" | "LOCATION" | "FAC" | "FACILITY" | "LOC" => "LOC",
        "NORP" | "EVENT" | "WORK_OF_ART" | "LAW" | "PRODUCT" | "LANGUAGE" | "MISC" => "MISC",
        "DATE" | "TIME" | "PERCENT" | "MONEY" | "QUANTITY" | "ORDINAL" | "CARDINAL" => "",
        _ => return None,
    })
}

/// How a tag stands to the mention it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Begins a mention: `B`.
    Begins,
    /// Goes on with one, or (in IOB1 and without prefixes) begins it: `I`, `M`, none.
    Inside,
    /// Ends one: `E`, `L`.
    Ends,
    /// Is one alone: `S`, `U`, `W`.
    Alone,
}

/// A foreign tag; `None`: outside all mentions.
pub(super) type Tag = Option<(Place, String)>;

/// Reads a tag's name: `B-PER`, `I_LOC`, `PER`, `O`.
pub(super) fn tag(name: &str) -> Tag {
    let name = name.trim();
    if name.is_empty() || name.eq_ignore_ascii_case("o") {
        return None;
    }
    let split = name.split_once(['-', '_']).and_then(|(prefix, label)| {
        let place = match prefix {
            "B" => Place::Begins,
            "I" | "M" => Place::Inside,
            "E" | "L" => Place::Ends,
            "S" | "U" | "W" => Place::Alone,
            _ => return None,
        };
        (!label.is_empty()).then(|| (place, label.to_string()))
    });
    split.or_else(|| Some((Place::Inside, name.to_string())))
}

/// Mentions read off a sequence of tags by conlleval's rule, which fits IOB1, BIO, BIOES, BILOU and
/// bare types: first unit, last unit, type.
pub(super) fn mentions<'t>(tags: &[Option<(Place, &'t Label)>]) -> Vec<(usize, usize, &'t Label)> {
    let mut found: Vec<(usize, usize, &Label)> = Vec::new();
    let mut open = false;
    for (n, tag) in tags.iter().enumerate() {
        let Some((place, label)) = *tag else {
            open = false;
            continue;
        };
        let goes_on = open && matches!(place, Place::Inside | Place::Ends);
        match found.last_mut() {
            Some(last) if goes_on && last.2 == label => last.1 = n,
            _ => found.push((n, n, label)),
        }
        open = matches!(place, Place::Begins | Place::Inside);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(names: &str) -> Vec<(usize, usize, String)> {
        let tags: Vec<Tag> = names.split(' ').map(tag).collect();
        let labels: Vec<Option<(Place, Label)>> = tags
            .into_iter()
            .map(|t| t.map(|(place, name)| (place, Label::from(name))))
            .collect();
        let borrowed: Vec<_> = labels
            .iter()
            .map(|t| t.as_ref().map(|(place, label)| (*place, label)))
            .collect();
        mentions(&borrowed)
            .into_iter()
            .map(|(a, b, l)| (a, b, l.to_string()))
            .collect()
    }

    #[test]
    fn every_scheme_gives_the_same_mentions() {
        let wanted =
            [(0, 1, "LOC"), (3, 3, "PER"), (4, 4, "ORG")].map(|(a, b, l)| (a, b, l.to_string()));
        for tags in [
            "B-LOC I-LOC O B-PER B-ORG",
            "I-LOC I-LOC O I-PER I-ORG",
            "B-LOC E-LOC O S-PER S-ORG",
            "B-LOC L-LOC O U-PER U-ORG",
            "LOC LOC O PER ORG",
        ] {
            assert_eq!(read(tags), wanted, "{tags}");
        }
    }

    #[test]
    fn tags_in_no_order_are_harmless() {
        assert_eq!(read("I-PER I-LOC O E-LOC").len(), 3);
        assert_eq!(read("S-PER I-PER").len(), 2);
        assert_eq!(tag("LABEL_0"), Some((Place::Inside, "LABEL_0".into())));
    }

    #[test]
    fn names_are_mapped_kept_or_left_out() {
        let known: Vec<Label> = ["PER", "LOC"].map(Label::from).to_vec();
        let map = LabelMap::parse("PERSON=PER, DATE=").unwrap();
        assert_eq!(map.ours("PERSON", &known), Some("PER".into()));
        assert_eq!(map.ours("LOC", &known), Some("LOC".into()));
        assert_eq!(map.ours("DATE", &known), None);
        assert_eq!(map.ours("GPE", &known), Some("LOC".into()));
        assert_eq!(map.ours("WEAPON", &known), None);
        assert!(map.leaves_out("DATE") && map.leaves_out("TIME") && !map.leaves_out("WEAPON"));
        let below = LabelMap::parse("PERSON=LOC,GPE=LOC,NORP=MISC").unwrap();
        let both = map.over(&below);
        assert_eq!(both.ours("PERSON", &known), Some("PER".into()));
        assert_eq!(both.ours("GPE", &known), Some("LOC".into()));
        assert_eq!(both.unknown(&known), ["MISC"]);
        assert!(LabelMap::parse("PERSON").unwrap_err().contains("PERSON"));
    }
}
