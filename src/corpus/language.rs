/// What is longer is judged by its beginning, in characters.
const LOOKED_AT: usize = 10_000;
/// About fifty words.
const FEWEST_LETTERS: usize = 250;
/// A text with more than one digit among so many letters is a table.
const LETTERS_TO_A_DIGIT: usize = 16;
/// Of a hundred words of English prose, 25 to 45 are among [`COMMON`].
const LEAST_PERCENT: usize = 5;

/// Bytes of the longest word of [`COMMON`].
const LONGEST_COMMON: usize = 5;

/// The commonest words of English that are none of its neighbours' commonest.
const COMMON: [&str; 25] = [
    "the", "of", "and", "to", "that", "with", "from", "this", "will", "which", "they", "their",
    "would", "been", "has", "are", "not", "it", "by", "were", "who", "said", "on", "its", "be",
];

/// Whether a text is long enough to tell its language, and that is not English: hardly any of its
/// words are the commonest of English.
pub(super) fn is_foreign(text: &str) -> bool {
    let looked_at = text
        .char_indices()
        .nth(LOOKED_AT)
        .map_or(text, |(end, _)| &text[..end]);
    let letters = looked_at.chars().filter(|c| c.is_alphabetic()).count();
    let digits = looked_at.chars().filter(|c| c.is_numeric()).count();
    if letters < FEWEST_LETTERS || digits * LETTERS_TO_A_DIGIT > letters {
        return false;
    }
    let (mut words, mut common) = (0, 0);
    let parts = looked_at.split(|c: char| !c.is_alphabetic());
    for word in parts.filter(|word| !word.is_empty()) {
        words += 1;
        let is_common = || COMMON.iter().any(|known| known.eq_ignore_ascii_case(word));
        common += usize::from(word.len() <= LONGEST_COMMON && is_common());
    }
    common * 100 < words * LEAST_PERCENT
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENGLISH: &str = "The foreign minister travelled to Rome on Monday to speak with her Italian \
        colleague about the rights of fishermen. Both sides want to go on with the talks next week. \
        The opposition said that the government was giving too much to Brussels, and that it had \
        forgotten the harbours of the north, which live by the sea.";

    #[test]
    fn other_languages_are_known() {
        for text in [
            "Kryeministri i Shqipërisë deklaroi të hënën se vendi i ndërpreu marrëdhëniet \
             diplomatike me Iranin pas një sulmi kibernetik që kishte goditur institucionet \
             shtetërore gjatë verës. Ai tha se diplomatët duhet të largohen brenda njëzet e katër \
             orëve. Ministria e Jashtme e quajti sulmin të papranueshëm dhe falënderoi aleatët.",
            "Udenrigsministeren rejste mandag til Rom for at tale med sin italienske kollega om \
             fiskerirettighederne. Begge parter ønsker at forhandle videre i næste uge. \
             Oppositionen beskyldte regeringen for at forsømme fiskernes interesser og for at give \
             for meget efter over for Bruxelles i de lange forhandlinger om havet.",
            "De minister van Buitenlandse Zaken reisde maandag naar Rome om met zijn Italiaanse \
             collega over de visserijrechten te praten. Beide partijen willen volgende week verder \
             onderhandelen. De oppositie verweet de regering de belangen van de vissers te \
             verwaarlozen en te veel aan Brussel toe te geven in de lange onderhandelingen.",
            "Министар спољних послова отпутовао је у понедељак у Рим да са својим колегом \
             разговара о правима на риболов. Обе стране желе да наставе преговоре следеће недеље. \
             Опозиција је оптужила владу да занемарује интересе рибара и да превише попушта \
             Бриселу у овим преговорима, који трају од пролећа и још нису завршени.",
            &"外交部长星期一前往罗马与意大利外长会谈渔业权利问题。".repeat(12),
        ] {
            assert!(is_foreign(text), "{text}");
        }
    }

    #[test]
    fn english_names_and_tables_are_not_told() {
        assert!(!is_foreign(ENGLISH));
        assert!(!is_foreign(&ENGLISH.to_uppercase()));
        assert!(!is_foreign(&ENGLISH.replace("Rome", "Βρυξέλλες")));
        let table = "Oper shr loss 20 cts vs loss 19 cts\nRevs 93.0 mln vs 90.6 mln\n".repeat(20);
        assert!(!is_foreign(&table));
        assert!(!is_foreign("Le ministre est parti lundi."));
    }
}
