//! The parts of a person's name, as far as telling people apart needs them.

use super::entity_key;

const TITLES: [&str; 62] = [
    "mr",
    "mrs",
    "ms",
    "miss",
    "dr",
    "prof",
    "professor",
    "president",
    "vice",
    "prime",
    "minister",
    "premier",
    "chancellor",
    "secretary",
    "senator",
    "sen",
    "rep",
    "representative",
    "congressman",
    "congresswoman",
    "gov",
    "governor",
    "mayor",
    "judge",
    "justice",
    "gen",
    "general",
    "lt",
    "col",
    "colonel",
    "maj",
    "major",
    "capt",
    "captain",
    "cmdr",
    "commander",
    "sgt",
    "adm",
    "admiral",
    "brig",
    "sir",
    "dame",
    "lord",
    "lady",
    "ayatollah",
    "grand",
    "sheikh",
    "rev",
    "reverend",
    "fr",
    "cardinal",
    "archbishop",
    "bishop",
    "ambassador",
    "former",
    "then",
    "attorney",
    "chief",
    "comrade",
    "herr",
    "monsieur",
    "señor",
];
const SUFFIXES: [&str; 6] = ["jr", "sr", "ii", "iii", "iv", "esq"];

/// Given names and the short forms of each that people go by.
const SHORT_NAMES: [(&str, &[&str]); 34] = [
    ("alexander", &["alex", "sasha"]),
    ("andrew", &["andy", "drew"]),
    ("anthony", &["tony"]),
    ("benjamin", &["ben"]),
    ("bernard", &["bernie"]),
    ("charles", &["charlie", "chuck"]),
    ("christopher", &["chris"]),
    ("daniel", &["dan", "danny"]),
    ("david", &["dave"]),
    ("donald", &["don"]),
    ("edward", &["ed", "eddie", "ted"]),
    ("elizabeth", &["liz", "beth", "betsy"]),
    ("francis", &["frank"]),
    ("gregory", &["greg"]),
    ("james", &["jim", "jimmy", "jamie"]),
    ("jeffrey", &["jeff"]),
    ("john", &["jack", "johnny"]),
    ("joseph", &["joe", "joey"]),
    ("joshua", &["josh"]),
    ("katherine", &["kate", "kathy", "katie"]),
    ("kenneth", &["ken"]),
    ("lawrence", &["larry"]),
    ("matthew", &["matt"]),
    ("michael", &["mike", "mick"]),
    ("nicholas", &["nick"]),
    ("patrick", &["pat", "paddy"]),
    ("peter", &["pete"]),
    ("richard", &["dick", "rick", "rich"]),
    ("robert", &["bob", "bobby", "rob"]),
    ("samuel", &["sam"]),
    ("stephen", &["steve", "steven"]),
    ("thomas", &["tom", "tommy"]),
    ("timothy", &["tim"]),
    ("william", &["bill", "billy", "will"]),
];

/// A person's name in parts; each part is a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonName {
    /// Given names and surname, without titles, initials in the middle and generations.
    parts: Vec<String>,
    /// `jr`, `iii`.
    generation: Option<String>,
}

impl PersonName {
    /// Reads a canonical name; one that is nothing but titles is taken whole.
    pub fn read(name: &str) -> Self {
        let mut parts: Vec<(String, bool)> = name
            .split_whitespace()
            .map(|word| (entity_key(word), is_initial(word)))
            .filter(|(key, _)| !key.is_empty())
            .collect();
        let titles = parts
            .iter()
            .take(parts.len().saturating_sub(1))
            .take_while(|(key, _)| TITLES.contains(&key.as_str()))
            .count();
        parts.drain(..titles);
        let generation = match parts.last() {
            Some((last, _)) if parts.len() > 1 && SUFFIXES.contains(&last.as_str()) => {
                parts.pop().map(|(key, _)| key)
            }
            _ => None,
        };
        let last = parts.len().saturating_sub(1);
        let parts = parts
            .into_iter()
            .enumerate()
            .filter(|(n, (_, initial))| *n == 0 || *n == last || !initial)
            .map(|(_, (key, _))| key)
            .collect();
        Self { parts, generation }
    }

    /// What the spellings of this name have in common.
    pub fn key(&self) -> String {
        let mut key = self.parts.join(" ");
        if let Some(generation) = &self.generation {
            key.push(' ');
            key.push_str(generation);
        }
        key
    }

    /// Whether it has more than a surname or a given name.
    pub fn is_full(&self) -> bool {
        self.parts.len() > 1
    }

    /// `jr`, `iii`, if it tells one.
    pub fn generation(&self) -> Option<&str> {
        self.generation.as_deref()
    }

    /// The keys of the same name without its generation, in each form of the given name; none if it
    /// tells no generation.
    pub fn without_generation(&self) -> Vec<String> {
        if self.generation.is_none() {
            return Vec::new();
        }
        let plain = Self {
            generation: None,
            ..self.clone()
        };
        let mut keys = plain.with_other_given_names();
        keys.push(plain.key());
        keys
    }

    /// The key of the surname, with the generation if it tells one.
    pub fn surname_key(&self) -> String {
        let surname = Self {
            parts: self.parts.last().cloned().into_iter().collect(),
            generation: self.generation.clone(),
        };
        surname.key()
    }

    /// The last part.
    pub fn surname(&self) -> &str {
        self.parts.last().map_or("", String::as_str)
    }

    /// Whether `short` is what this person can be called after having been named: the last parts of
    /// the name, which may tell the generation (`Rama`, `bin Salman`, `Trump Jr.`).
    pub fn ends_with(&self, short: &Self) -> bool {
        (short.generation.is_none() || short.generation == self.generation)
            && short.parts.len() < self.parts.len()
            && self.parts.ends_with(&short.parts)
    }

    /// Whether `short` is the first part of this name (`Hillary`, `Kim`).
    pub fn begins_with(&self, short: &Self) -> bool {
        short.generation.is_none()
            && self.is_full()
            && short.parts.len() == 1
            && self.parts.starts_with(&short.parts)
    }

    /// The key of the same name without its middle parts, if it has any.
    pub fn without_middle(&self) -> Option<String> {
        let [first, _, .., last] = self.parts.as_slice() else {
            return None;
        };
        Some(
            Self {
                parts: vec![first.clone(), last.clone()],
                generation: self.generation.clone(),
            }
            .key(),
        )
    }

    /// The first part, or the given name of which it is a short form.
    pub fn usual_given_name(&self) -> &str {
        let first = self.parts.first().map_or("", String::as_str);
        let long = SHORT_NAMES.iter().find(|(_, short)| short.contains(&first));
        long.map_or(first, |(long, _)| long)
    }

    /// The same name with each of the other forms of its given name.
    pub fn with_other_given_names(&self) -> Vec<String> {
        let Some((first, rest)) = self
            .parts
            .split_first()
            .filter(|(_, rest)| !rest.is_empty())
        else {
            return Vec::new();
        };
        given_name_forms(first)
            .into_iter()
            .map(|form| {
                let mut parts = vec![form.to_owned()];
                parts.extend_from_slice(rest);
                Self {
                    parts,
                    generation: self.generation.clone(),
                }
                .key()
            })
            .collect()
    }
}

fn given_name_forms(first: &str) -> Vec<&'static str> {
    SHORT_NAMES
        .iter()
        .filter(|(long, short)| *long == first || short.contains(&first))
        .flat_map(|(long, short)| std::iter::once(*long).chain(short.iter().copied()))
        .filter(|form| *form != first)
        .collect()
}

/// `W.`, `H.W.`, `J`
fn is_initial(word: &str) -> bool {
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    let points = word.chars().filter(|c| *c == '.').count();
    letters > 0
        && word
            .chars()
            .all(|c| c.is_uppercase() || matches!(c, '.' | '-'))
        && (letters == 1 || points == letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> String {
        PersonName::read(name).key()
    }

    #[test]
    fn titles_and_middle_initials_do_not_tell_people_apart() {
        for (a, b) in [
            ("Prime Minister Edi Rama", "Edi Rama"),
            ("Donald J. Trump", "Donald Trump"),
            ("Sen. Tammy Duckworth", "Tammy Duckworth"),
            ("Nasser Kana’ani", "Nasser Kanaani"),
            ("Kim Jong-un", "Kim Jong Un"),
            ("John Doe, Jr.", "John Doe Jr"),
        ] {
            assert_eq!(key(a), key(b), "{a}");
        }
        assert_ne!(key("Donald Trump Jr."), key("Donald Trump"));
        assert_eq!(key("President"), "president");
    }

    #[test]
    fn people_are_called_by_the_end_of_their_name() {
        let full = PersonName::read("Mohammed bin Salman");
        assert!(full.ends_with(&PersonName::read("Salman")));
        assert!(full.ends_with(&PersonName::read("bin Salman")));
        assert!(!full.ends_with(&PersonName::read("Mohammed")));
        assert!(!full.ends_with(&full));
        assert!(full.begins_with(&PersonName::read("Mohammed")));
        let son = PersonName::read("Donald Trump Jr.");
        for (short, fits) in [("Trump", true), ("Trump Jr.", true), ("Trump III", false)] {
            assert_eq!(son.ends_with(&PersonName::read(short)), fits, "{short}");
        }
        assert!(!PersonName::read("Donald Trump").ends_with(&PersonName::read("Trump Jr.")));
    }

    #[test]
    fn given_names_have_short_forms() {
        let forms = PersonName::read("Joe Biden").with_other_given_names();
        assert!(forms.contains(&"joseph biden".to_owned()), "{forms:?}");
        assert!(
            PersonName::read("Biden")
                .with_other_given_names()
                .is_empty()
        );
    }
}
