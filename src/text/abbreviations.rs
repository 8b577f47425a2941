//! What the words and marks around a stop say about it: whether it belongs to the word before it,
//! what closes with it, and whether the words behind it begin a sentence. Lists are data: a word
//! that is missing is added to its list, and no rule changes.

/// Lead to a name or a word: `Mr.`, `Sen.`, `e.g.`
const OPENING: &str = "\
    adm amb asst atty attn brig capt cdr cmdr col cllr cpl dr fr gen gov govs hon insp lt maj \
    messrs mlle mme mr mrs ms msgr mt pfc pres prof profs pvt rep reps rev sen sens sgt spc ste \
    supt ven det comdr ens treas";

/// The same, in lower case too.
const OPENING_WORDS: &str = "vs v e.g i.e viz cf approx sq";

/// Lead to a number, and are words otherwise: `No. 5`, `Sept. 7`
const NUMERIC: &str = "art arts ch sect sec rs tel figs ext eds op ver rte hwy";

/// The same, in lower case too.
const NUMERIC_WORDS: &str = "no nos p pp para paras vol vols ca c fig est al";

/// Months and days: a date mostly follows.
const DATES: &str = "\
    jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun";

/// States, as newspapers shorten them behind the name of a town.
const PLACES: &str = "\
    ala ariz ark calif colo conn del fla ga ill ind kan ky la md mass mich minn miss mo mont neb \
    nev okla ore pa tenn tex vt va wash wis wyo ont que alta d.c n.h n.j n.m n.y n.c n.d r.i s.c \
    s.d w.va b.c p.r";

/// End a name or stand alone, so that a name may follow: `Inc.`, `U.S.`, `Jr.`
const CLOSING: &str = "\
    inc corp co cos ltd llc plc bros jr sr esq ph.d m.d st ave blvd rd dept univ assn assoc mfg \
    intl natl govt s.p.a seq pty pte";

/// Behind `a.m.` and `p.m.` these go on with the time, as do zones in capitals.
const TIME_GOES_ON: &str = "\
    eastern central pacific mountain greenwich e.t e.d.t e.s.t p.t utc u.s local";

/// Days and months in full: behind a time or a place they go on with the sentence.
const DAYS_AND_MONTHS: &str = "\
    monday tuesday wednesday thursday friday saturday sunday january february march april may \
    june july august september october november december";

/// Posts and offices: behind a place they go on with its name.
const POSTS: &str = "\
    mayor gov governor sen rep police sheriff attorney judge district fire county republican \
    democrat democratic state circuit council court chief";

/// Whether a list of words, one space apart, has `word`.
pub(super) fn lists(list: &str, word: &str) -> bool {
    list.split(' ').any(|listed| listed == word)
}

/// What a word with a full stop behind it says about the end of the sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// An ordinary word: the sentence ends.
    Plain,
    /// The sentence goes on, always.
    Opening,
    /// It goes on if a number follows, and ends otherwise.
    Numeric,
    /// `a.m.`, `p.m.`: it goes on with the zone or the day.
    Time,
    /// A state or its like.
    Place,
    /// `etc.`
    Rest,
    /// It ends only if what follows starts a sentence.
    Closing,
    /// One capital letter: an initial, mostly.
    Initial,
}

/// Judges a word, given without its last full stop.
pub(super) fn judge(word: &str) -> Stop {
    let word = word.trim_start_matches(|c: char| !c.is_alphanumeric());
    let clock = |c: char| c.is_ascii_digit() || c == ':';
    if matches!(word.trim_start_matches(clock), "a.m" | "p.m") {
        return Stop::Time;
    }
    // "then-Gov.", "O'B.", "Lt.Gov."
    let last = |marks: &[char]| word.rsplit(marks).next().and_then(judge_part);
    last(&['-', '–', '/'])
        .or_else(|| last(&['\'', '’']).filter(|&stop| stop == Stop::Initial))
        .or_else(|| last(&['.', '-']))
        .unwrap_or(Stop::Plain)
}

const LONGEST_ABBREVIATION: usize = 16;

fn judge_part(word: &str) -> Option<Stop> {
    let first = word.chars().next()?;
    let single = word.chars().nth(1).is_none() && first.is_alphabetic();
    if single && first.is_uppercase() {
        return Some(Stop::Initial);
    }
    if word.len() > LONGEST_ABBREVIATION {
        return None;
    }
    let lower = word.to_lowercase();
    let lower = lower.as_str();
    let name = first.is_uppercase();
    let listed = |list: &str| lists(list, lower);
    // "sen" and "sat" are words; "Sen." and "Sat." are not.
    let stop = match lower {
        "etc" => Stop::Rest,
        _ if listed(OPENING_WORDS) || (name && listed(OPENING)) => Stop::Opening,
        _ if listed(NUMERIC_WORDS) || (name && (listed(NUMERIC) || listed(DATES))) => Stop::Numeric,
        _ if name && listed(PLACES) => Stop::Place,
        _ if (name || lower.contains('.')) && listed(CLOSING) => Stop::Closing,
        _ if single => Stop::Closing,
        // Letters with stops between them, such as "U.S.S.R" or "J.R".
        _ if lower.contains('.')
            && lower
                .split('.')
                .all(|part| part.len() == 1 && !part.starts_with(|c: char| c.is_ascii_digit())) =>
        {
            Stop::Closing
        }
        _ => return None,
    };
    Some(stop)
}

/// The word `next` begins with, in lower case, without what is not a letter, a stop or an apostrophe.
fn first_word(next: &str) -> String {
    next.chars()
        .take(24)
        .take_while(|c| c.is_alphabetic() || matches!(c, '\'' | '’' | '.'))
        .map(|c| if c == '’' { '\'' } else { c })
        .collect::<String>()
        .trim_end_matches('.')
        .to_lowercase()
}

/// Whether a time goes on with its zone, its place or its day.
pub(super) fn goes_on_with_time(next: &str) -> bool {
    let word = first_word(next);
    let mut words = next.split_whitespace();
    let zone = words.next().is_some_and(|w| {
        let w = w.trim_end_matches(|c: char| !c.is_alphabetic());
        (2..=4).contains(&w.len()) && w.ends_with('T') && w.bytes().all(|b| b.is_ascii_uppercase())
    });
    !next.starts_with(char::is_alphabetic)
        || zone
        || words.take(3).any(|w| w.starts_with("time"))
        || lists(TIME_GOES_ON, &word)
        || lists(DATES, &word)
        || lists(DAYS_AND_MONTHS, &word)
}

/// Whether the name of a place goes on with a day, a post or an office.
pub(super) fn goes_on_with_post(next: &str) -> bool {
    let word = first_word(next);
    !next.starts_with(char::is_alphabetic) || lists(DAYS_AND_MONTHS, &word) || lists(POSTS, &word)
}

const STARTERS: &str = "\
    a about according additionally afterward afterwards again ahead all almost already also \
    although amid among an and another any anyone anything apparently around as asked at back \
    because before behind besides between beyond both but by can despite did do does don't during \
    each earlier either even eventually every everyone everything few finally first following for \
    from further furthermore given he he'd he'll he's hence her here here's his how however i i'd \
    i'll i'm i've if in indeed initially instead it it'll it's its just last later let let's like \
    likewise many maybe meanwhile more moreover most much my nearly neither never nevertheless \
    next no nobody none nonetheless nor not nothing now of often on once one only or other others \
    otherwise our over perhaps previously rather recently separately several she she'd she'll \
    she's similarly since so some sometimes soon still such suddenly that that's the their them \
    then there there's therefore these they they'd they'll they're they've this those though \
    three through throughout thus to today together tomorrow two under unfortunately unless \
    unlike until upon we we'd we'll we're we've well what what's when whenever where whereas \
    whether which while who whoever whose why with within without yes yesterday yet you you'll \
    you're you've your after";

/// Starters that are as often part of a name or of a headline: a word in lower case must follow.
const WEAK_STARTERS: &str = "can did do does first last next of or over police to under and not";

/// Whether `next` begins like a sentence and not like a name. In a headline every word has a
/// capital: there, one in lower case must follow.
pub(super) fn starts_sentence(next: &str, headline: bool) -> bool {
    if next.starts_with(['"', '“', '‘', '«', '\'']) {
        return !is_nickname(next);
    }
    if next.starts_with('•') {
        return true;
    }
    let letters: String = next
        .chars()
        .take(16)
        .take_while(|c| c.is_alphabetic() || matches!(c, '\'' | '’'))
        .map(|c| if c == '’' { '\'' } else { c })
        .collect();
    let mut chars = letters.chars();
    let capitalised = chars.next().is_some_and(char::is_uppercase)
        && !chars.any(char::is_uppercase)
        || letters.starts_with("I'");
    let rest = next
        .get(
            next.chars()
                .take(letters.chars().count())
                .map(char::len_utf8)
                .sum::<usize>()..,
        )
        .unwrap_or("");
    // "J. A. Smith" and "No. 5" are no sentences.
    if !capitalised || rest.starts_with('.') || rest.starts_with('-') {
        return false;
    }
    let word = letters.to_lowercase();
    let weak = headline || lists(WEAK_STARTERS, &word);
    lists(STARTERS, &word) && (!weak || rest.trim_start().starts_with(char::is_lowercase))
}

/// A quoted name between names: `L.S. "Casey" Cagle`.
fn is_nickname(next: &str) -> bool {
    let mut chars = next.char_indices().take(24).skip(1);
    let Some((at, mark)) = chars.find(|(_, c)| matches!(c, '"' | '”' | '’' | '»' | '\''))
    else {
        return false;
    };
    let behind = &next[at + mark.len_utf8()..];
    next[..at].ends_with(char::is_alphabetic)
        && behind.starts_with(' ')
        && behind.trim_start().starts_with(char::is_uppercase)
}

const SPEAKING: &str = "\
    added adds answered argued asked asks chanted chants continued cried declared demanded \
    exclaimed inquired insisted joked mused posted pressed quipped recalled replied responded \
    said says screamed shouted shouts tells told tweeted warned wonders wondered writes wrote \
    yelled";

/// Whether what follows a quoted question or shout only names its speaker: `Smith said`.
pub(super) fn attributes(next: &str) -> bool {
    if starts_sentence(next, false) {
        return false;
    }
    let near: usize = next.chars().take(80).map(char::len_utf8).sum();
    let mut rest = next[..near].trim_start();
    for _ in 0..6 {
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let word = &rest[..end];
        rest = rest[end..].trim_start();
        if lists(
            SPEAKING,
            word.trim_end_matches(|c: char| !c.is_alphabetic()),
        ) {
            return true;
        }
        let stop = word.strip_suffix('.').map(judge);
        let ended = word.ends_with(['!', '?', '”', '"', '…'])
            || stop.is_some_and(|stop| match stop {
                Stop::Opening => false,
                Stop::Initial | Stop::Closing => starts_sentence(rest, false),
                _ => true,
            });
        if ended {
            return false;
        }
    }
    false
}

pub(super) const STOPS: [char; 7] = ['.', '!', '?', '…', '。', '！', '？'];

/// The length of the run of stops `text` starts with, a spaced ellipsis ('. . .') included.
pub(super) fn run_of_stops(text: &str) -> usize {
    let run = |from: usize| {
        text[from..]
            .find(|c| !STOPS.contains(&c))
            .map_or(text.len(), |n| from + n)
    };
    let mut end = run(0);
    while let Some(next) = text[end..].strip_prefix([' ', '\u{a0}']) {
        let begin = text.len() - next.len();
        let further = run(begin);
        let dots = &text[begin..further];
        let ends = text[further..]
            .chars()
            .next()
            .is_none_or(|c| c.is_whitespace() || is_closing(c));
        if dots.is_empty() || !ends || dots.contains(['!', '?']) {
            break;
        }
        end = further;
    }
    end
}

/// The length of the closing quotes, brackets and note numbers (`[3]`) that `tail` starts with. A
/// straight quote with a letter behind it opens what follows unless one is open.
pub(super) fn closing_marks(tail: &str, mut in_quotes: bool) -> usize {
    let mut end = 0;
    while let Some(c) = tail[end..].chars().next() {
        let behind = &tail[end + c.len_utf8()..];
        let alone = behind.chars().next().is_none_or(|c| {
            c.is_whitespace() || is_closing(c) || matches!(c, ',' | ';' | ':' | '.' | '—' | '–')
        });
        let digits = behind
            .bytes()
            .take_while(u8::is_ascii_digit)
            .take(4)
            .count();
        match c {
            '[' if digits > 0 && behind[digits..].starts_with(']') => end += digits + 2,
            '"' if alone || in_quotes => {
                in_quotes = false;
                end += 1;
            }
            '\'' | '“' | '‘' if alone => end += c.len_utf8(),
            '”' | '’' | '»' | '›' | ')' | ']' | '}' => end += c.len_utf8(),
            _ => break,
        }
    }
    // A mark that stands by itself closes too: 'over.' ”
    let rest = &tail[end..];
    let next = rest.trim_start();
    let mut chars = next.chars();
    let closes = chars
        .next()
        .is_some_and(|c| matches!(c, '”' | '»' | ')' | ']') || (c == '"' && in_quotes));
    let behind = chars.as_str();
    let opens = behind.trim_start().starts_with(['\'', '‘', '“']);
    if closes && !opens && behind.chars().next().is_none_or(char::is_whitespace) {
        return tail.len() - behind.len();
    }
    end
}

pub(super) fn is_closing(c: char) -> bool {
    matches!(c, '"' | '\'' | '”' | '’' | '»' | ')' | ']' | '}' | '›')
}

pub(super) fn is_opening(c: char) -> bool {
    matches!(
        c,
        '"' | '\'' | '“' | '‘' | '«' | '(' | '[' | '‹' | '—' | '–' | '-' | '¿' | '¡'
    )
}

/// Endings of addresses that people capitalise: `HealthCare.Gov`.
pub(super) const DOMAINS: &str = "com org net gov edu info uk tv io co ai js";

/// At most the last `bytes` bytes of `text`.
pub(super) fn tail_of(text: &str, bytes: usize) -> &str {
    let from =
        (text.len().saturating_sub(bytes)..=text.len()).find(|&at| text.is_char_boundary(at));
    &text[from.unwrap_or(text.len())..]
}

/// At most the first `bytes` bytes of `text`.
pub(super) fn head_of(text: &str, bytes: usize) -> &str {
    let to = (0..=bytes.min(text.len()))
        .rev()
        .find(|&at| text.is_char_boundary(at));
    &text[..to.unwrap_or(0)]
}

pub(super) fn last_word(before: &str) -> &str {
    tail_of(before, 60)
        .rsplit(|c: char| c.is_whitespace() || matches!(c, '—' | '“' | '"' | '('))
        .next()
        .unwrap_or("")
}

const LONGEST_HEADLINE: usize = 100;

/// Whether all longer words so far are capitalised, and there are not too many of them.
pub(super) fn is_headline(before: &str) -> bool {
    if before.len() > LONGEST_HEADLINE {
        return false;
    }
    let is_long = |word: &&str| word.chars().count() >= 4 && !word.contains('.');
    let mut long = before
        .split_whitespace()
        .skip(1)
        .map(|w| w.trim_start_matches(is_opening))
        .filter(is_long);
    long.clone().count() >= 2 && long.all(|w| !w.starts_with(char::is_lowercase))
}

/// Whether a sentence can begin like this at all.
pub(super) fn may_begin(next: &str) -> bool {
    let bare = head_of(next, 60).trim_start_matches(|c: char| is_opening(c) || c.is_whitespace());
    match bare.chars().next() {
        Some(c) if c.is_lowercase() => has_inner_capital(bare),
        Some(c) => {
            c.is_alphanumeric()
                || !c.is_ascii()
                || matches!(c, '$' | '#' | '@' | '.' | '*' | '%' | '&')
        }
        None => true,
    }
}

/// Names such as iPhone or al-Qaeda.
fn has_inner_capital(word: &str) -> bool {
    let behind = ["al-", "el-", "d'", "d’"]
        .iter()
        .find_map(|p| word.strip_prefix(p));
    behind.is_some_and(|w| w.starts_with(char::is_uppercase))
        || word.chars().nth(1).is_some_and(char::is_uppercase)
}

/// Names with a mark: `Yahoo!`, `E! News`. At the start of a sentence, shouts.
pub(super) fn is_name_with_mark(before: &str, run: &str) -> bool {
    let word = last_word(before);
    let first = before.trim() == word;
    run == "!"
        && (matches!(word, "Yahoo" | "oOh" | "Jeopardy" | "Yum" | "E" | "Wham")
            || (!first && matches!(word, "Oklahoma" | "Mamma" | "Panic" | "Jeb")))
}

/// What comes before a letter that is no initial: `vitamin C.`
pub(super) const LETTERED: &str = "\
    plan vitamin hepatitis group grade title type section part point option war schedule exhibit \
    chapter phase appendix category class";

/// A line that ends in one of these goes on in the next line.
pub(super) const HANGING: &str = "a an and into its my of or our than the their whose your";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_an_abbreviation_only_as_written() {
        assert_eq!(judge("Sen"), Stop::Opening);
        assert_eq!(judge("then-Gov"), Stop::Opening);
        assert_eq!(judge("(R-N.D"), Stop::Place);
        assert_eq!(judge("sat"), Stop::Plain);
        assert_eq!(judge("Sat"), Stop::Numeric);
        assert_eq!(judge("p.m"), Stop::Time);
        assert_eq!(judge("U.S.S.R"), Stop::Closing);
        assert_eq!(judge("example.com"), Stop::Plain);
        assert_eq!(judge("“J"), Stop::Initial);
        assert_eq!(judge(""), Stop::Plain);
    }

    #[test]
    fn sentences_start_with_their_own_words() {
        assert!(starts_sentence("The talks", false));
        assert!(starts_sentence("It’s over", false));
        assert!(!starts_sentence("First Lady", false));
        assert!(starts_sentence("First came", false));
        assert!(!starts_sentence("In Peril", true));
        assert!(!starts_sentence("A. Smith", false));
        assert!(!starts_sentence("“Casey” Cagle", false));
        assert!(starts_sentence("“We won", false));
    }

    #[test]
    fn a_speaker_is_named_behind_a_question() {
        assert!(attributes("Smith said."));
        assert!(attributes("Mr. Trump, smiling, asked"));
        assert!(!attributes("The crowd said"));
        assert!(!attributes("Rome fell. Lee said"));
        assert!(!attributes("U.S. The chief said"));
    }
}
