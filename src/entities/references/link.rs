use super::super::aliases::Aliases;
use super::super::document::read_document;
use super::super::reading::Reading;
use super::pronoun::People;
use super::rank::Meant;
use super::scene::Scene;
use super::{phrases, things};
use crate::annotation::{Annotations, Label, ReferenceKind};

/// Finds the names that the pronouns and noun phrases of a document refer to, and takes away those
/// for which there is none that they surely mean, with the relations that they are part of.
/// Spans are bytes of `text`.
pub fn link(text: &str, layers: &mut Annotations) {
    if layers.mentions.iter().all(|m| m.reference.is_none()) {
        return;
    }
    let readings = read_document(text, layers, &Aliases::default()).mentions;
    let mut reader = Reader::new(text, layers, &readings);
    let antecedents: Vec<Option<usize>> = (0..layers.mentions.len())
        .map(|n| reader.antecedent(n))
        .collect();
    let Scene {
        entities,
        portraits,
        ..
    } = reader.scene;
    let entity = |n: usize| entities.get(n).copied().flatten();
    let labels: Vec<Option<Label>> = (0..layers.mentions.len())
        .map(|n| Some(portraits.get(entity(n)?)?.label.clone()))
        .collect();
    let confidences: Vec<f32> = layers.mentions.iter().map(|m| m.confidence).collect();
    let found = antecedents.iter().zip(labels);
    for (mention, (antecedent, label)) in layers.mentions.iter_mut().zip(found) {
        if let Some(reference) = &mut mention.reference {
            reference.antecedent = *antecedent;
            mention.label = label.unwrap_or_else(|| mention.label.clone());
            let of_name = antecedent.and_then(|name| confidences.get(name));
            mention.confidence = of_name.copied().unwrap_or(mention.confidence);
        }
    }
    // `Rama said his ...` is no relation of two.
    let refers = |n: usize| antecedents.get(n).is_some_and(Option::is_some);
    layers.relations.retain(|relation| {
        let (subject, object) = (relation.subject, relation.object);
        !(refers(subject) || refers(object)) || entity(subject) != entity(object)
    });
    layers.retain_mentions(|mention| {
        mention
            .reference
            .is_none_or(|reference| reference.antecedent.is_some())
    });
}

/// A document that is read from left to right.
struct Reader<'a> {
    scene: Scene<'a>,
    people: People<'a>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, layers: &'a Annotations, readings: &[Reading]) -> Self {
        let scene = Scene::new(text, layers, readings);
        let people = People::new(text, layers, &scene.entities);
        Self { scene, people }
    }

    /// The named mention that the reference `n` means: the nearest name of its entity in front of
    /// it, else behind it.
    fn antecedent(&mut self, n: usize) -> Option<usize> {
        let mention = self.scene.layers.mentions.get(n)?;
        let kind = mention.reference?.kind;
        let of_person = kind == ReferenceKind::Pronoun && mention.label == "PER";
        let Meant { entity, is_sure } = match kind {
            ReferenceKind::Pronoun if of_person => self.people.meant_by(n)?,
            ReferenceKind::Pronoun => things::meant_by(&self.scene, n)?,
            ReferenceKind::Nominal => phrases::meant_by(&self.scene, n)?,
        };
        // Each model hears of its own words' probable entities, of other words' sure ones.
        if is_sure || of_person {
            self.people.tell(n, entity);
        }
        if is_sure || !of_person {
            self.scene.tell(n, entity);
        }
        if !is_sure {
            return None;
        }
        let mentions = &self.scene.layers.mentions;
        let is_name = |other: &usize| {
            let other = mentions.get(*other);
            other.is_some_and(|other| other.reference.is_none())
        };
        (0..n)
            .rev()
            .chain(n + 1..mentions.len())
            .filter(is_name)
            .find(|&other| self.scene.entity(other) == Some(entity))
    }
}

#[cfg(test)]
mod tests {
    use super::super::propose;
    use super::*;
    use crate::annotation::{Mention, Reference};
    use crate::text::{Span, split_sentences};

    /// What the references of a text mean; names are written as `[PER Edi Rama]`.
    fn links(marked: &str) -> Vec<(String, String)> {
        let mut text = String::new();
        let mut mentions = Vec::new();
        let mut rest = marked;
        let mention = |start: usize, text: &str, label: &str, reference| Mention {
            span: Span::new(start, text.len()),
            label: label.into(),
            sentence: 0,
            confidence: 1.0,
            reference,
        };
        while let Some((before, inside)) = rest.split_once('[') {
            let (name, after) = inside.split_once(']').unwrap();
            let (label, name) = name.split_once(' ').unwrap();
            text.push_str(before);
            let start = text.len();
            text.push_str(name);
            mentions.push(mention(start, &text, label, None));
            rest = after;
        }
        text.push_str(rest);
        let sentences = split_sentences(&text);
        for proposed in propose(&text, &sentences) {
            let reference = Reference {
                kind: proposed.kind,
                antecedent: None,
            };
            let mut new = mention(0, "", proposed.label.as_str(), Some(reference));
            new.span = proposed.span;
            mentions.push(new);
        }
        mentions.sort_by_key(|m| m.span.start);
        for mention in &mut mentions {
            mention.sentence = sentences.partition_point(|s| s.end <= mention.span.start);
        }
        let mut layers = Annotations {
            sentences,
            mentions,
            relations: Vec::new(),
        };
        link(&text, &mut layers);
        let words = |n: usize| layers.mentions[n].span.of(&text).to_owned();
        layers
            .mentions
            .iter()
            .enumerate()
            .filter_map(|(n, m)| Some((words(n), words(m.reference?.antecedent?))))
            .collect()
    }

    fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = |&(a, b): &(&str, &str)| (a.to_owned(), b.to_owned());
        expected.iter().map(owned).collect()
    }

    #[test]
    fn a_pronoun_means_the_person_it_surely_can() {
        assert_eq!(
            links("[PER Edi Rama] met [LOC Iran]. He left. Then his aides left."),
            pairs(&[("He", "Edi Rama"), ("his", "Edi Rama")])
        );
        assert_eq!(
            links("[PER Theresa May] met [PER Donald Trump]. She left. He stayed."),
            pairs(&[("She", "Theresa May"), ("He", "Donald Trump")])
        );
        assert_eq!(
            links("[PER Edi Rama] won. Of himself he said nothing."),
            pairs(&[("himself", "Edi Rama"), ("he", "Edi Rama")])
        );
    }

    #[test]
    fn a_possessive_that_opens_a_sentence_means_its_subject() {
        assert_eq!(
            links("[PER Xi] spoke. In his reply, [PER Donald Trump] said no."),
            pairs(&[("his", "Donald Trump")])
        );
    }

    #[test]
    fn a_pronoun_that_can_mean_two_means_nobody() {
        assert_eq!(
            links("[PER Boris Johnson] met [PER Donald Trump]. He left."),
            []
        );
        assert_eq!(links("He left. [PER Edi Rama] stayed."), []);
    }

    #[test]
    fn whom_a_quotation_speaks_of_is_not_its_speaker() {
        assert_eq!(links("[PER Edi Rama] said: “I hope he comes.”"), []);
    }

    #[test]
    fn a_pronoun_of_things_means_who_acted_before() {
        assert_eq!(
            links("[ORG Hamas] won. [ORG Hamas] said its men will fight on."),
            pairs(&[("its", "Hamas")])
        );
        assert_eq!(
            links("The deal of a firm with [ORG Hamas] shows that it can work."),
            []
        );
        assert_eq!(links("[ORG Hamas] left. It is clear that nobody won."), []);
        assert_eq!(links("[PER Edi Rama] left. It rained."), []);
    }

    #[test]
    fn they_are_who_says_so() {
        assert_eq!(
            links("But some [MISC Greens] have now said that they want no more. They left."),
            pairs(&[("they", "Greens")])
        );
        for text in [
            "Aides of the [MISC Greens] say they won.",
            "[MISC Greens] and [MISC Reds] say they won.",
            "[MISC Greens] met rebels who say they won.",
            "[MISC Greens] say. They won.",
            "The [MISC Green] says they won.",
            "[ORG Greens] say they won.",
        ] {
            assert_eq!(links(text), [], "{text}");
        }
    }

    #[test]
    fn a_noun_phrase_means_who_bears_the_noun() {
        assert_eq!(
            links(
                "[LOC Albania] voted. [LOC Albania] won. [LOC Albania] says the country is calm."
            ),
            pairs(&[("the country", "Albania")])
        );
        assert_eq!(
            links("[LOC Albania] met [LOC Iran]. The country is calm."),
            []
        );
        assert_eq!(
            links(
                "Prime Minister [PER Edi Rama] met [PER Li]. [PER Edi Rama] left. The prime minister said no."
            ),
            pairs(&[("The prime minister", "Edi Rama")])
        );
        assert_eq!(
            links("The [ORG Foreign Ministry] and [ORG Hamas] met. The ministry said no."),
            pairs(&[("The ministry", "Foreign Ministry")])
        );
    }

    #[test]
    fn a_narrower_phrase_is_another_body() {
        let before = "The [ORG Supreme Court] met. The [ORG Supreme Court] voted. ";
        assert_eq!(
            links(&format!("{before}The court said no.")),
            pairs(&[("The court", "Supreme Court")])
        );
        assert_eq!(links(&format!("{before}The appeals court said no.")), []);
    }

    #[test]
    fn a_noun_phrase_means_nothing_of_another_kind() {
        assert_eq!(links("[PER Edi Rama] spoke. The city is calm."), []);
        assert_eq!(
            links("[LOC Texas] voted. [LOC Texas] is calm. The country is too."),
            []
        );
    }
}
