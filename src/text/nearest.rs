/// How like a name a word must be to be taken for it mistyped.
const NEAR: f64 = 0.85;

/// The one of the `names` that a mistyped word most likely means, if any.
pub fn nearest<'n>(word: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let word = word.to_lowercase();
    names
        .into_iter()
        .map(|name| (likeness(&word, &name.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness >= NEAR)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

/// The question behind a refusal: ` (did you mean accuses?)`, or nothing.
pub fn did_you_mean<'n>(word: &str, names: impl IntoIterator<Item = &'n str>) -> String {
    nearest(word, names).map_or_else(String::new, |name| format!(" (did you mean {name}?)"))
}

/// From 0 to 1. In short names two letters that changed places are a great part of the whole.
fn likeness(word: &str, name: &str) -> f64 {
    let like = strsim::jaro_winkler(word, name);
    if word.chars().count() > 2 && strsim::osa_distance(word, name) == 1 {
        like.max(0.95)
    } else {
        like
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_name_is_recognised_and_another_word_is_not() {
        let models = ["news-en", "news-en-fast"];
        assert_eq!(nearest("news-en-fats", models), Some("news-en-fast"));
        assert_eq!(nearest("News-EN", models), Some("news-en"));
        assert_eq!(nearest("acuses", ["meets", "accuses"]), Some("accuses"));
        assert_eq!(nearest("PRE", ["ORG", "PER", "LOC"]), Some("PER"));
        assert_eq!(nearest("befriends", ["meets", "defeats"]), None);
        assert_eq!(nearest("", models), None);
        assert_eq!(
            did_you_mean("asertd", ["asserted"]),
            " (did you mean asserted?)"
        );
        assert_eq!(did_you_mean("x", models), "");
    }
}
