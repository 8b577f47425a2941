//! Nouns that can stand for a name, and which of them mean the same.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::place::lists;

/// Nouns for people, by their posts and callings.
const PERSONS: &str = "president premier minister chancellor secretary senator governor congressman \
    congresswoman representative judge justice leader dictator strongman candidate nominee \
    billionaire businessman mogul mayor general commander diplomat ambassador envoy lawmaker lawyer \
    attorney spokesman spokeswoman director chairman chairwoman chief king queen prince pope pontiff \
    activist actor actress journalist reporter author democrat republican politician frontrunner \
    tycoon singer";
/// Nouns for bodies of people.
const ORGANISATIONS: &str = "group organisation organization company firm giant party ministry department \
    agency bureau court bank airline carrier retailer startup newspaper paper magazine outlet network \
    broadcaster committee commission council panel body institution institute university charity \
    foundation watchdog union bloc alliance coalition militia club team army regulator \
    corporation insurer publisher automaker manufacturer federation association senate chamber \
    parliament";
/// Nouns for places.
const PLACES: &str = "country nation kingdom republic island city town village state province region \
    territory capital county municipality emirate";
/// Nouns that stand only for who is called so in the text, of people, bodies and places.
const TOLD_PERSONS: &str = "officer prosecutor commissioner colonel captain sergeant admiral sheriff \
    professor scientist cleric ayatollah monarch emperor sheikh statesman coach rapper comedian host \
    anchor columnist blogger analyst economist writer filmmaker magnate executive founder contender \
    hopeful speaker negotiator adviser advisor aide strategist dissident fugitive philanthropist \
    entrepreneur investor banker engineer physician doctor historian bishop archbishop cardinal priest \
    pastor rabbi imam warlord militant hacker whistleblower spy defector suspect defendant";
const TOLD_ORGANISATIONS: &str = "outfit cult sect gang cartel faction force police brigade front unit \
    office division league nonprofit ngo chain maker operator supplier utility subsidiary lender website \
    site station channel publication tabloid school college hospital church museum congress assembly \
    legislature house tribunal caliphate service military movement campaign";
const TOLD_PLACES: &str = "enclave peninsula continent archipelago neighborhood neighbourhood suburb \
    district port camp river strait lake desert valley building prison palace compound airport stadium \
    base";
/// Nouns, and words of titles and names, that mean what another noun means.
const SAME: [(&str, &str); 40] = [
    ("firm", "company"),
    ("corporation", "company"),
    ("giant", "company"),
    ("startup", "company"),
    ("retailer", "company"),
    ("automaker", "company"),
    ("publisher", "company"),
    ("insurer", "company"),
    ("manufacturer", "company"),
    ("inc", "company"),
    ("corp", "company"),
    ("ltd", "company"),
    ("plc", "company"),
    ("co", "company"),
    ("llc", "company"),
    ("carrier", "airline"),
    ("airlines", "airline"),
    ("airways", "airline"),
    ("organisation", "group"),
    ("organization", "group"),
    ("nation", "country"),
    ("bureau", "agency"),
    ("newspaper", "paper"),
    ("times", "paper"),
    ("post", "paper"),
    ("journal", "paper"),
    ("institution", "body"),
    ("frontrunner", "candidate"),
    ("nominee", "candidate"),
    ("congressman", "representative"),
    ("congresswoman", "representative"),
    ("rep", "representative"),
    ("chairwoman", "chairman"),
    ("pontiff", "pope"),
    ("diplomat", "ambassador"),
    ("amb", "ambassador"),
    ("sen", "senator"),
    ("gov", "governor"),
    ("gen", "general"),
    ("pres", "president"),
];
/// Before a post they say that it is another one, or nobody's now.
pub(super) const NOT_IN_POST: &str = "former ex late vice deputy lt lieutenant assistant";
/// Who is spoken of as `the leader` of a country.
const RULERS: &str = "president premier chancellor king prince leader dictator pope";

/// The types of all nouns. Every word of every text is looked up here.
static LABELS: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    let lists = [
        ("PER", [PERSONS, TOLD_PERSONS]),
        ("ORG", [ORGANISATIONS, TOLD_ORGANISATIONS]),
        ("LOC", [PLACES, TOLD_PLACES]),
    ];
    let nouns = lists.into_iter().flat_map(|(label, lists)| {
        let nouns = lists.into_iter().flat_map(|list| list.split(' '));
        nouns.map(move |noun| (noun, label))
    });
    nouns.collect()
});

/// The type of what a noun, in lower case, can stand for.
pub(super) fn label_of(noun: &str) -> Option<&'static str> {
    LABELS.get(noun).copied()
}

/// Whether a noun stands only for who is called so.
pub(super) fn must_be_told(noun: &str) -> bool {
    let told = [TOLD_PERSONS, TOLD_ORGANISATIONS, TOLD_PLACES];
    told.iter().any(|list| lists(list, noun))
}

/// The noun by which all of one meaning go.
pub(super) fn usual(noun: &str) -> &str {
    let same = SAME.iter().find(|(other, _)| *other == noun);
    same.map_or(noun, |(_, usual)| usual)
}

/// The nouns among the words of a title or name, by their usual form: `Vice President` is none.
/// Two of a prime minister's are found, `minister` and `premier`.
pub(super) fn nouns_of(words: &[String]) -> Vec<&str> {
    let before = |n: usize, back: usize| {
        let word = n.checked_sub(back).and_then(|at| words.get(at));
        word.map_or("", String::as_str)
    };
    let holds = |n: usize| ![1, 2].iter().any(|&back| is_not_in_post(before(n, back)));
    let mut found = Vec::new();
    for (n, word) in words.iter().enumerate() {
        let noun = usual(word);
        if label_of(noun).is_some() && holds(n) {
            found.push(noun);
            if noun == "minister" && before(n, 1) == "prime" {
                found.push("premier");
            }
        }
    }
    found
}

fn is_not_in_post(word: &str) -> bool {
    lists(NOT_IN_POST, word)
}

/// Whether a noun stands for the bearer of the nouns.
pub(super) fn means(noun: &str, is_prime: bool, nouns: &HashSet<String>) -> bool {
    match usual(noun) {
        "minister" if is_prime => nouns.contains("premier"),
        "leader" => RULERS.split(' ').any(|ruler| nouns.contains(ruler)),
        usual => nouns.contains(usual),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(title: &str) -> Vec<String> {
        let words: Vec<String> = title.split(' ').map(str::to_lowercase).collect();
        nouns_of(&words).into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn titles_and_names_hold_nouns() {
        assert_eq!(of("Sen"), ["senator"]);
        assert_eq!(of("Prime Minister"), ["minister", "premier"]);
        assert_eq!(of("Delta Airlines Inc"), ["airline", "company"]);
        assert_eq!(of("Former Vice President"), [""; 0]);
    }

    #[test]
    fn some_nouns_mean_the_same() {
        let of = |nouns: &[&str]| nouns.iter().map(ToString::to_string).collect();
        assert!(means("firm", false, &of(&["company"])));
        assert!(means("leader", false, &of(&["president"])));
        assert!(means("minister", true, &of(&["minister", "premier"])));
        assert!(!means("minister", true, &of(&["minister"])));
        assert!(!means("president", false, &of(&["minister"])));
    }
}
