//! Names of organisations: their acronyms, and the bodies that every state has.

use super::entity_key;

const BODIES: [&str; 52] = [
    "parliament",
    "national assembly",
    "senate",
    "congress",
    "house of representatives",
    "house",
    "cabinet",
    "government",
    "supreme court",
    "high court",
    "constitutional court",
    "court of appeal",
    "central bank",
    "army",
    "navy",
    "air force",
    "marine corps",
    "military",
    "armed forces",
    "coast guard",
    "national guard",
    "police",
    "national police",
    "federal police",
    "border police",
    "national security council",
    "supreme national security council",
    "security forces",
    "intelligence service",
    "intelligence agency",
    "election commission",
    "electoral commission",
    "national election commission",
    "foreign office",
    "embassy",
    "consulate",
    "council of ministers",
    "stock exchange",
    "civil aviation authority",
    "football association",
    "red crescent",
    "red cross society",
    "communist party",
    "socialist party",
    "democratic party",
    "labour party",
    "labor party",
    "conservative party",
    "liberal party",
    "green party",
    "social democratic party",
    "republican party",
];
/// Departments of a government, as against those of a city or a university.
const DEPARTMENT_TOPICS: [&str; 25] = [
    "state",
    "justice",
    "treasury",
    "defense",
    "defence",
    "energy",
    "education",
    "commerce",
    "labor",
    "labour",
    "interior",
    "agriculture",
    "transportation",
    "transport",
    "health",
    "health and human services",
    "homeland security",
    "veterans affairs",
    "housing",
    "housing and urban development",
    "finance",
    "foreign affairs",
    "trade",
    "environment",
    "justice and equality",
];
const COMPANY_WORDS: [&str; 17] = [
    "inc",
    "corp",
    "corporation",
    "co",
    "company",
    "ltd",
    "limited",
    "plc",
    "llc",
    "llp",
    "ag",
    "sa",
    "nv",
    "gmbh",
    "spa",
    "oyj",
    "holdings",
];
/// Words that begin many names, and so are a short form of none.
const TOO_COMMON: [&str; 40] = [
    "university",
    "bank",
    "national",
    "european",
    "united",
    "new",
    "department",
    "ministry",
    "house",
    "court",
    "council",
    "federal",
    "international",
    "world",
    "central",
    "supreme",
    "state",
    "first",
    "general",
    "royal",
    "north",
    "south",
    "east",
    "west",
    "people",
    "peoples",
    "party",
    "group",
    "institute",
    "center",
    "centre",
    "association",
    "committee",
    "commission",
    "office",
    "foreign",
    "democratic",
    "republican",
    "islamic",
    "global",
];

/// A body that many states or towns have, under the name that all of them share: `Ministry of
/// Foreign Affairs` for `Foreign Ministry`, `Supreme Court`. `None` for names that are their own.
pub fn common_body(name: &str) -> Option<String> {
    let words: Vec<&str> = name.split_whitespace().collect();
    let lower: Vec<String> = words.iter().map(|w| w.to_lowercase()).collect();
    let kind = |word: &str| match word {
        "ministry" => Some("Ministry"),
        "department" | "dept" => Some("Department"),
        _ => None,
    };
    let ends: Vec<&str> = lower.iter().map(String::as_str).collect();
    let found = match ends.as_slice() {
        [head, "of" | "for", _, ..] if kind(head).is_some() => {
            kind(head).map(|kind| (kind, words.get(2..).unwrap_or_default()))
        }
        [_, .., head] if kind(head).is_some() => {
            kind(head).map(|kind| (kind, words.get(..words.len() - 1).unwrap_or_default()))
        }
        _ => None,
    };
    let Some((kind, topic)) = found else {
        let key = entity_key(name);
        if key == "house" {
            return Some("House of Representatives".to_owned());
        }
        return BODIES.contains(&key.as_str()).then(|| capitalised(&words));
    };
    let topic_key = entity_key(&topic.join(" "));
    let known = DEPARTMENT_TOPICS.contains(&topic_key.as_str());
    if topic.len() > 5 || (kind == "Department" && !known) {
        return None;
    }
    Some(format!("{kind} of {}", usual_topic(&topic_key, topic)))
}

fn usual_topic(key: &str, words: &[&str]) -> String {
    match key {
        "foreign" | "foreign affairs" => "Foreign Affairs".into(),
        "defence" | "defense" => "Defense".into(),
        "labour" => "Labor".into(),
        "treasury" => "the Treasury".into(),
        _ => capitalised(words),
    }
}

fn capitalised(words: &[&str]) -> String {
    let word = |word: &&str| match word.to_lowercase().as_str() {
        small @ ("of" | "and" | "the" | "for") => small.to_owned(),
        lower => {
            let mut letters = lower.chars();
            let first = letters.next().map(|c| c.to_uppercase().to_string());
            first.unwrap_or_default() + letters.as_str()
        }
    };
    words.iter().map(word).collect::<Vec<_>>().join(" ")
}

/// The key of an organisation without the words that only tell its legal form.
pub fn organisation_key(name: &str) -> String {
    let key = entity_key(name);
    let mut words: Vec<&str> = key.split(' ').collect();
    while words.len() > 1 && words.last().is_some_and(|w| COMPANY_WORDS.contains(w)) {
        words.pop();
    }
    words.join(" ")
}

/// Whether the key `short` is how an organisation with the key `full` can be called after having
/// been named: its first words (`Goldman` for `Goldman Sachs`).
pub fn is_short_form(short: &str, full: &str) -> bool {
    let first = short.split(' ').next().unwrap_or_default();
    short.len() >= 4
        && full
            .strip_prefix(short)
            .is_some_and(|rest| rest.starts_with(' '))
        && (!TOO_COMMON.contains(&first) || short.contains(' '))
        && common_body(short).is_none()
}

/// The letters of a mention that is written like an acronym: two to eight, most of them capitals.
pub fn acronym(name: &str) -> Option<String> {
    let letters: String = name.chars().filter(|c| c.is_alphanumeric()).collect();
    let capitals = letters.chars().filter(|c| c.is_uppercase()).count();
    let count = letters.chars().count();
    let marks = name
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '&'));
    ((2..=8).contains(&count) && marks && capitals >= 2 && capitals * 3 >= count * 2)
        .then(|| letters.to_uppercase())
}

/// Whether `acronym` is made of the initials of the capitalised words of `name`, in order.
pub fn has_initials(name: &str, acronym: &str) -> bool {
    let upper = |first: char| first.to_uppercase();
    let all: String = initials(name).flat_map(upper).collect();
    let of_capitals: String = initials(name)
        .filter(|first| first.is_uppercase() || first.is_numeric())
        .flat_map(upper)
        .collect();
    of_capitals.chars().count() > 1 && (of_capitals == acronym || all == acronym)
}

/// The first letter or digit of each word of a name.
fn initials(name: &str) -> impl Iterator<Item = char> {
    name.split(|c: char| c.is_whitespace() || c == '-' || c == '/')
        .filter_map(|word| word.chars().find(|c| c.is_alphanumeric()))
}

/// Whether the letters of `acronym` come in `name` in that order, the first of them first: what a
/// text that writes `name (acronym)` has to fulfil at least.
pub fn abbreviates(acronym: &str, name: &str) -> bool {
    let mut letters = name
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_uppercase);
    let mut wanted = acronym.chars();
    wanted.next() == letters.next() && wanted.all(|c| letters.any(|letter| letter == c))
}

/// Whether at least half of the letters of `acronym` are initials of words of `name`, each used
/// once: what `name (acronym)` has to fulfil between two organisations, whose acronym may be of
/// another language. `Kurdistan Workers' Party (PKK)` does, `NEW ORLEANS (CNN)` does not.
pub fn shares_initials(acronym: &str, name: &str) -> bool {
    let mut initials: Vec<char> = initials(name).flat_map(char::to_uppercase).collect();
    let shared = acronym
        .chars()
        .filter(|letter| {
            let place = initials.iter().position(|initial| initial == letter);
            place.map(|place| initials.swap_remove(place)).is_some()
        })
        .count();
    shared * 2 >= acronym.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ministries_have_one_common_name() {
        for (name, common) in [
            ("Foreign Ministry", Some("Ministry of Foreign Affairs")),
            ("foreign ministry", Some("Ministry of Foreign Affairs")),
            (
                "Ministry of Foreign Affairs",
                Some("Ministry of Foreign Affairs"),
            ),
            ("Defence Ministry", Some("Ministry of Defense")),
            ("Ministry for Health", Some("Ministry of Health")),
            ("Justice Department", Some("Department of Justice")),
            ("Supreme Court", Some("Supreme Court")),
            ("House", Some("House of Representatives")),
            ("Police Department", None),
            ("Department of Linguistics", None),
            ("Ministry", None),
            ("Press TV", None),
            ("", None),
        ] {
            assert_eq!(common_body(name).as_deref(), common, "{name}");
        }
    }

    #[test]
    fn acronyms_are_made_of_initials() {
        assert!(has_initials("European Union", "EU"));
        assert!(has_initials("Mujahedin-e-Khalq Organization", "MKO"));
        assert!(has_initials(
            "Organisation for Economic Co-operation and Development",
            "OECD"
        ));
        assert!(!has_initials("European Union", "UN"));
        assert!(!has_initials("Europe", "E"));
        assert!(abbreviates("PKK", "Partiya Karkeren Kurdistane"));
        assert!(!abbreviates("UK", "European Union"));
    }

    #[test]
    fn a_dateline_is_no_acronym() {
        assert!(shares_initials("PKK", "Kurdistan Workers' Party"));
        assert!(shares_initials("FSB", "Federal Security Service"));
        assert!(shares_initials("MKO", "Mujahedin-e-Khalq Organization"));
        assert!(!shares_initials("CNN", "New Orleans"));
        assert!(!shares_initials("AFP", "White House"));
    }

    #[test]
    fn an_acronym_is_short_and_in_capitals() {
        assert_eq!(acronym("U.N.").as_deref(), Some("UN"));
        assert_eq!(acronym("PiS").as_deref(), Some("PIS"));
        for name in ["Iran", "IT IS", "X", "ORGANISATION"] {
            assert_eq!(acronym(name), None, "{name}");
        }
    }

    #[test]
    fn a_short_form_is_the_beginning_of_a_name() {
        assert!(is_short_form("goldman", "goldman sachs"));
        assert!(is_short_form("labour", "labour party"));
        assert!(!is_short_form("university", "university of oxford"));
        assert!(!is_short_form("gold", "goldman sachs"));
        assert_eq!(
            organisation_key("Goldman Sachs Group, Inc."),
            "goldman sachs group"
        );
        assert_eq!(organisation_key("Inc."), "inc");
    }
}
