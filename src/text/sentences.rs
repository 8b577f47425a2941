//! Where sentences begin and end in news text.
//!
//! A text is cut at blank lines, then at line ends that are no mere wrapping, then at stops. Every
//! character that is not white space lands in exactly one sentence. Each decision looks at a bounded
//! stretch around its stop, so the time is linear in the text, whatever the text is.

use super::Span;
use super::abbreviations::{
    DOMAINS, HANGING, LETTERED, STOPS, Stop, attributes, closing_marks, goes_on_with_post,
    goes_on_with_time, head_of, is_closing, is_headline, is_name_with_mark, judge, last_word,
    lists, may_begin, run_of_stops, starts_sentence, tail_of,
};
use super::bounded::bounded;

/// The sentences of `text`: in order, disjoint, on char boundaries, without white space at their
/// ends, never empty. What is far longer than any prose is cut.
pub fn split_sentences(text: &str) -> Vec<Span> {
    let mut sentences = Vec::new();
    for block in blocks(text) {
        split_block(text, block, &mut sentences);
    }
    bounded(text, sentences)
}

// Lines into blocks.

const LINE_ENDS: [char; 7] = [
    '\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}',
];
const LONGEST_WRAPPED_LINE: usize = 160;
const SHORTEST_WRAPPED_LINE: usize = 25;

/// Runs of lines that read on from one to the next.
fn blocks(text: &str) -> Vec<Span> {
    let paragraphs = paragraphs(text);
    let full = full_line(text, &paragraphs);
    let mut blocks = Vec::new();
    for lines in &paragraphs {
        let mut open: Option<Span> = None;
        let mut before = "";
        for line in lines {
            open = Some(match open {
                Some(block) if reads_on(before, line.of(text), full) => {
                    Span::new(block.start, line.end)
                }
                other => {
                    blocks.extend(other);
                    *line
                }
            });
            before = line.of(text);
        }
        blocks.extend(open);
    }
    blocks
}

/// The lines of each paragraph, without white space at their ends. A blank line, a form feed or a
/// paragraph separator ends a paragraph.
fn paragraphs(text: &str) -> Vec<Vec<Span>> {
    let mut paragraphs = Vec::new();
    let mut lines: Vec<Span> = Vec::new();
    let mut start = 0;
    let mut after_return = false;
    for piece in text.split_inclusive(LINE_ENDS) {
        let line = Span::new(start, start + piece.len());
        start = line.end;
        // "\r\n" is cut in two: its second half is no blank line.
        let second_half = after_return && piece == "\n";
        after_return = piece.ends_with('\r');
        let inside = line.trimmed(text);
        if !inside.is_empty() {
            lines.push(inside);
        }
        let ends = (inside.is_empty() && !second_half) || piece.ends_with(['\u{c}', '\u{2029}']);
        if ends && !lines.is_empty() {
            paragraphs.push(std::mem::take(&mut lines));
        }
    }
    paragraphs.push(lines);
    paragraphs
}

/// How many characters a line and the first word of the next one have together at least when the
/// line was full, or `None` for a text that is not wrapped. Learnt from the line ends that are
/// surely wrapped: those before a word in lower case.
fn full_line(text: &str, paragraphs: &[Vec<Span>]) -> Option<usize> {
    let mut pairs = 0;
    let mut reaches = Vec::new();
    for pair in paragraphs.iter().flat_map(|lines| lines.windows(2)) {
        let [line, next] = pair else { continue };
        let next = next.of(text);
        pairs += usize::from(next.starts_with(char::is_alphabetic));
        if next.starts_with(char::is_lowercase) && line.len() <= 4 * LONGEST_WRAPPED_LINE {
            reaches.push(reach(line.of(text), next));
        }
    }
    reaches.sort_unstable();
    // A few lines may be short by accident.
    let shortest = reaches.get(reaches.len() / 20)?.saturating_sub(2);
    let wrapped = reaches.len() * 4 >= pairs
        && (SHORTEST_WRAPPED_LINE..=LONGEST_WRAPPED_LINE).contains(&shortest);
    wrapped.then_some(shortest)
}

fn reach(line: &str, next: &str) -> usize {
    let word = next
        .chars()
        .take(LONGEST_WRAPPED_LINE)
        .take_while(|c| !c.is_whitespace())
        .count();
    line.chars().take(LONGEST_WRAPPED_LINE + 1).count() + 1 + word
}

/// Whether the sentence at the end of a line goes on in the next line.
fn reads_on(line: &str, next: &str, full: Option<usize>) -> bool {
    let was_full = full.is_some_and(|full| reach(line, next) >= full);
    let ended = line
        .trim_end_matches(is_closing)
        .ends_with(['.', '!', '?', '…', ':']);
    if is_list_item(next) {
        // "on November / 6. The", "the army / – a rare sight"
        return was_full
            && !ended
            && next.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '–' | '—'));
    }
    if next.starts_with(char::is_lowercase) {
        return was_full || !ended;
    }
    if next.starts_with([',', ';', '.', '!', '?', ')', '”', '»']) {
        return true;
    }
    let word = last_word(line);
    let hangs = line.ends_with(',')
        || lists(HANGING, word)
        || line
            .strip_suffix('.')
            .is_some_and(|l| judge(last_word(l)) == Stop::Opening)
        || (line.ends_with('-') && word.chars().count() > 1);
    hangs
        || (was_full
            && !line.ends_with(':')
            && !next.starts_with("By ")
            && !next.starts_with("BY "))
}

fn is_list_item(line: &str) -> bool {
    if line.starts_with(['*', '•', '·', '▪', '◦', '●', '■', '►', '–', '—', '-']) {
        return !line.starts_with("--");
    }
    let number = line.trim_start_matches('(');
    let digits = number.bytes().take_while(u8::is_ascii_digit).count();
    (1..=2).contains(&digits)
        && number
            .get(digits..)
            .is_some_and(|rest| rest.starts_with([')', '.']) && rest[1..].starts_with(' '))
}

// Blocks into sentences.

/// A run of stops, and the text around it as far as it matters.
struct Place<'t> {
    /// From the start of the sentence to the run.
    before: &'t str,
    run: &'t str,
    /// Closing quotes and brackets behind the run.
    closing: &'t str,
    /// The rest of the block.
    after: &'t str,
}

fn split_block(text: &str, block: Span, sentences: &mut Vec<Span>) {
    let inside = block.of(text);
    let (mut start, mut at) = (0, 0);
    let mut in_quotes = false;
    while let Some(found) = inside[at..].find(STOPS) {
        let stop = at + found;
        in_quotes ^= inside[at..stop].matches('"').count() % 2 == 1;
        let run_end = stop + run_of_stops(&inside[stop..]);
        let end = run_end + closing_marks(&inside[run_end..], in_quotes);
        in_quotes ^= inside[run_end..end].matches('"').count() % 2 == 1;
        let place = Place {
            before: &inside[start..stop],
            run: &inside[stop..run_end],
            closing: &inside[run_end..end],
            after: &inside[end..],
        };
        if place.ends_sentence() {
            push(text, block, start, end, sentences);
            start = inside.len() - inside[end..].trim_start().len();
        }
        at = end;
    }
    push(text, block, start, inside.len(), sentences);
}

fn push(text: &str, block: Span, start: usize, end: usize, sentences: &mut Vec<Span>) {
    let span = Span::new(block.start + start, block.start + end).trimmed(text);
    if !span.is_empty() {
        sentences.push(span);
    }
}

impl Place<'_> {
    /// Whether the sentence ends here.
    fn ends_sentence(&self) -> bool {
        let next = self.after.trim_start();
        if next.is_empty() || self.run.contains(['。', '！', '？']) {
            return true;
        }
        if next.len() == self.after.len() {
            return self.ends_without_space(next);
        }
        if !may_begin(next) {
            return false;
        }
        match self.run {
            "." => self.full_stop_ends(next),
            run if run.contains(['!', '?']) => self.mark_ends(next),
            _ => self.ellipsis_ends(next),
        }
    }

    fn is_quoted(&self) -> bool {
        self.closing.contains(['"', '”', '’', '\'', '»'])
    }

    fn full_stop_ends(&self, next: &str) -> bool {
        let word = last_word(self.before);
        let starts = || starts_sentence(next, is_headline(self.before));
        let in_brackets = self.closing.starts_with([')', ']']);
        // "1. Open the door", "A. Open it"
        let numbered = self.before == word && word.len() <= 2;
        let stop = judge(word);
        // A dateline: "OAKLAND, Calif. -- Protesters"
        if stop != Stop::Plain && next.starts_with(['-', '–', '—']) {
            return false;
        }
        match stop {
            Stop::Plain => !(numbered && word.bytes().all(|b| b.is_ascii_digit())),
            Stop::Opening => false,
            Stop::Numeric => !next.starts_with(|c: char| c.is_ascii_digit()),
            Stop::Rest => starts() || !in_brackets,
            Stop::Time => starts() || !(in_brackets || goes_on_with_time(next)),
            Stop::Place if self.names_a_place(word) && !is_headline(self.before) => {
                starts() || !goes_on_with_post(next)
            }
            Stop::Place | Stop::Closing => starts() || self.closes_a_long_quote(),
            Stop::Initial if numbered => false,
            Stop::Initial => starts() || self.follows_a_kind(word),
        }
    }

    /// "Richmond, Va." and "Washington D.C.", not "the D.C. Circuit".
    fn names_a_place(&self, word: &str) -> bool {
        let town = self.before[..self.before.len() - word.len()].trim_end();
        self.closing.is_empty() && (town.ends_with(',') || town.ends_with("Washington"))
    }

    /// '"We will leave the U.S." Smith ...', but not '"Monsters Inc." director'.
    fn closes_a_long_quote(&self) -> bool {
        self.is_quoted() && !tail_of(self.before, 32).contains(['"', '“', '‘', '«', '\''])
    }

    /// "plan B." and "I." behind a word that no name begins with.
    fn follows_a_kind(&self, letter: &str) -> bool {
        let kind =
            last_word(self.before[..self.before.len() - letter.len()].trim_end()).to_lowercase();
        lists(LETTERED, &kind)
            || (letter == "I" && lists("am do did can will than have was", &kind))
    }

    fn mark_ends(&self, next: &str) -> bool {
        if self.is_quoted() && attributes(next) {
            return false;
        }
        // "He (finally!) Smith": what is in brackets ends no sentence.
        let in_brackets = self.closing.starts_with([')', ']']);
        let name = self.closing.is_empty() && is_name_with_mark(self.before, self.run);
        !(in_brackets || name) || starts_sentence(next, is_headline(self.before))
    }

    fn ellipsis_ends(&self, next: &str) -> bool {
        if self.is_quoted() {
            return !attributes(next);
        }
        // A full stop and an ellipsis, or only an ellipsis?
        let dots = self
            .run
            .chars()
            .map(|c| if c == '…' { 3 } else { usize::from(c == '.') })
            .sum::<usize>();
        dots > 3 || starts_sentence(next, is_headline(self.before))
    }

    /// A stop with no white space behind it: within a number or an address, or the space is missing.
    fn ends_without_space(&self, next: &str) -> bool {
        let word = last_word(self.before);
        let near = head_of(next, 60);
        let after = near.split(char::is_whitespace).next().unwrap_or("");
        let letters: String = after.chars().take_while(|c| c.is_alphabetic()).collect();
        let mut chars = letters.chars();
        let capitalised = chars.next().is_some_and(char::is_uppercase)
            && chars.next().is_some_and(char::is_lowercase)
            && !lists(DOMAINS, &letters.to_lowercase());
        let quote_opens = self.is_quoted() || after.starts_with(['"', '“', '‘']);
        let in_address = |c: char| {
            matches!(c, '/' | '@' | '\\' | '_' | '=' | '#' | '.') || (c == ':' && !quote_opens)
        };
        let rest = &after[letters.len()..];
        let address =
            word.contains(in_address) || rest.trim_end_matches(['.', ':']).contains(in_address);
        if !capitalised && !after.starts_with(['"', '“', '‘', '«']) || address {
            return false;
        }
        let ellipsis = self.run.contains('…') || self.run.len() > 1 && self.run.starts_with('.');
        let long = word.chars().filter(|c| c.is_alphanumeric()).count() > 2;
        let lower = self.run != "."
            || word.ends_with(|c: char| c.is_lowercase() || is_closing(c) || c.is_ascii_digit());
        let plain = judge(word) == Stop::Plain && !is_name_with_mark(self.before, self.run);
        match self.closing.chars().next() {
            Some(')' | ']') => false,
            Some(_) => plain && !attributes(next),
            None if ellipsis => false,
            None => lower && long && plain,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn split(text: &str) -> Vec<&str> {
        split_sentences(text)
            .into_iter()
            .map(|s| s.of(text))
            .collect()
    }

    /// Each case is one text with its sentence ends marked by a bar.
    macro_rules! splits {
        ($($name:ident: $marked:expr;)*) => {$(
            #[test]
            fn $name() {
                let wanted: Vec<&str> = $marked.split('|').map(str::trim).collect();
                let text = $marked.replace('|', "");
                assert_eq!(split(&text), wanted);
            }
        )*};
    }

    splits! {
        plain: "One came.| Two left!| Did three stay?| Yes.";
        titles_and_initials: "U.S. Sen. J. D. Vance said so.| Gen. Ray T. Odierno of St. Paul agreed with Mr. Lee.";
        former_titles: "He thanked ex-Rep. Lee, then-Gov. Cho and Lt.-Gen. Ray O'B. Diaz.| They left.";
        nicknames: "Both L.S. “Bo” Cho and C.D. \"Al\" Lee came.| “Why?” they asked.";
        letters: "There was no plan B.| The war went on.| So did World War I.| Rome fell.";
        roman_numerals: "Elizabeth II. died.| John Paul II.| Rome wept.";
        months_and_states: "He met Gov. Brown in Sacramento, Calif., on Jan. 5.| The talks lasted.";
        states_end: "They met in Richmond, Va.| Northam spoke.| The D.C. Circuit ruled in Erie, Pa. Mayor Lee left.";
        country_or_its_bodies: "They flew to the U.S.| The trip took long.| The U.S. Army and the U.S. Congress waited.";
        headline_words: "Somali Refugees Leave For The U.S. After Long Wait";
        quoted_country: "\"We will never go back to the U.S.\"| Cho left.| Pixar's “Monsters Inc.” Director Lee stayed.";
        companies: "Acme Inc. shares fell.| He left Acme Inc.| It was late.| Acme Corp. Chief Executive Lee left.";
        times: "It began at 5 p.m.| The crowd cheered.| It ended at 6 p.m. Eastern time.| At 7 p.m. ET it rained.";
        times_and_days: "It shut at 4:20 a.m. Monday (9 p.m. EDT Sunday).| It opened at 5:10 p.m.| Smith came.";
        numbers: "It cost $3.5 million.| Version 2.0 came in at No. 10 of 12.| Was it .5 percent?| No.| Lee denied it.";
        closing_quotes: "“We won.”| He smiled.| (He rarely did.)| \"Go.\"| Then he left.| ‘Stay.’| Ana did.";
        quotes_apart: "He said 'not now.' ”| She left.";
        quoted_questions: "“Is it over?” he asked.| “We won!” Smith said.| “Why?”| The crowd was silent.";
        quoted_question_and_title: "\"Is it over?\" Mr. Lee of Rome asked.| \"It is...\" Cho added.";
        brackets: "He (finally!) Smith’s equal (so they say.)| Then (who knew?) Rome fell.";
        ellipses: "I thought... maybe not.| He waited . . .| The door opened.| We need … Rome.| It ended....| Rome fell.";
        ellipsis_between: "He is not bad. …| He is late. ...| She knows.";
        elision: "He asked the \"most wanted [...] man.\"| He left [...]| The end came.";
        addresses: "See www.example.com and a.b@example.org for more.| It is at example.co.uk.";
        address_with_question: "See http://example.com/a.Bc?Next=1!x and Example.Com or report.Final.pdf now.";
        notes: "It fell.[1]| It rose.[12][13]| It fell again.";
        missing_space: "The war ended.|The troops left.|“We won.”|They smiled.|Why?|Nobody knew.";
        missing_space_before_quote: "They left.|\"We won,\" he added.|\"It is over.\"|She left.";
        dateline: "TIRANA, Albania, Sept. 7 (Agency) - The minister left.| He flew home.";
        dateline_dash: "WASHINGTON (Agency) — The House voted.| OAKLAND, Calif. -- Protesters met.";
        unicode: "Él llegó a São Paulo.| 🎉 The party began.| A\u{a0}b left.|\u{a0}The cafe\u{301}.| Émile left.";
        names_with_marks: "He joined Yahoo! Inc. in May.| He won Jeopardy! Champions twice.| oOh! Media fell.";
        small_letters: "It fell.| iPhone sales rose.| al-Qaeda left. and so on. was it?";
        semicolons: "One left; two stayed.";
        wide_stops: "一。|二！|三";
        degrees: "She has a Ph.D. in law.| She works at Acme Corp. in Ohio.";
        latin: "It is Roe v. Wade again.| It was Lee vs. Cho.| See e.g. Rome, i.e. Italy, etc.| Rome fell.";
        decades: "It was the 1980s.| Rome fell to Moody's.| Lee left.";
        enumeration: "1. Open the door.| 2. Close it.| A. Leave.";
        ellipsis_without_spaces: "\"This extreme response...is fully just,\" he said.";
    }

    #[test]
    fn headlines_and_bylines_stand_alone() {
        let text =
            "Iran denies accusations\n\nBy Ann Lee\nJan 5, 2020\n\nIran denied it on Monday.";
        assert_eq!(
            split(text),
            [
                "Iran denies accusations",
                "By Ann Lee",
                "Jan 5, 2020",
                "Iran denied it on Monday."
            ]
        );
    }

    #[test]
    fn a_paragraph_a_line() {
        let text = "Rome falls\nThe city fell on Monday, said Lee.\nHe left\rShe stayed.\u{2028}They slept\u{c}All woke";
        assert_eq!(split(text).len(), 6);
    }

    const WRAPPED: &str = "The minister said on Monday that the talks with the other\n\
        Albanian side would go on until both sides had agreed on a\n\
        date for the next round in Rome. He then left for the embassy\n\
        – the old one – and stays in his home there until November\n\
        6. The talks will be held with all the staff of the embassy.";

    #[test]
    fn wrapped_lines_are_joined() {
        let sentences = split(WRAPPED);
        assert_eq!(sentences.len(), 3, "{sentences:?}");
        assert!(sentences[1].ends_with("November\n6."));
        assert_eq!(split(&WRAPPED.replace('\n', "\r\n")).len(), 3);
    }

    #[test]
    fn a_headline_above_wrapped_lines_stands_alone() {
        let text = format!("Ministers talk\nBy Ann Lee\n{WRAPPED}");
        assert_eq!(split(&text)[..2], ["Ministers talk", "By Ann Lee"]);
        assert_eq!(split(&text).len(), 5);
    }

    #[test]
    fn list_items_are_sentences() {
        assert_eq!(
            split("Demands:\n- free Ana Lee\n- pay the fine\n1. Open the door.\n2. Close it.")
                .len(),
            5
        );
    }

    #[test]
    fn long_texts_take_linear_time() {
        let units = "word |.|a.|a.a |(.|. |a\n|U.S. |“|\" |.\"|a.[1]|! (|.…\u{a0}|é.É";
        for unit in units.split('|') {
            let text = unit.repeat(1_000_000 / unit.len());
            let began = std::time::Instant::now();
            split_sentences(&text);
            assert!(began.elapsed().as_secs() < 20, "{unit:?}");
        }
        assert_eq!(split(&"word ".repeat(400_000)).len(), 1);
        assert_eq!(split(&".".repeat(400_000)).len(), 1);
    }

    fn assert_lawful(text: &str) -> Result<(), TestCaseError> {
        let mut last = 0;
        let mut kept = String::new();
        for s in split_sentences(text) {
            prop_assert!(s.start >= last && s.start < s.end);
            prop_assert!(text.is_char_boundary(s.start) && text.is_char_boundary(s.end));
            let inside = s.of(text);
            prop_assert_eq!(inside.trim(), inside);
            kept.push_str(inside);
            last = s.end;
        }
        let bare = |t: &str| t.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        prop_assert_eq!(bare(&kept), bare(text));
        Ok(())
    }

    proptest! {
        #[test]
        fn every_character_is_in_one_sentence(text in "[a-zA-Z .!?…“”\"'\n\r\u{a0}\u{c}é\u{301}🎉()0-9-]{0,200}") {
            assert_lawful(&text)?;
        }

        #[test]
        fn any_text_is_split_without_panic(text in "\\PC{0,120}") {
            assert_lawful(&text)?;
        }

        #[test]
        fn words_and_marks_are_kept(text in "(The|U\\.S\\.|Mr\\.|p\\.m\\.|J\\.|said|Rome|5|[.!?…]|[“”\"’)\\[\\]]|\\. \\. \\.|\r\n|\n| ){0,40}") {
            assert_lawful(&text)?;
        }

        // A straight quote opens or closes by what came before it, so they are left out here.
        #[test]
        fn a_sentence_is_one_sentence(text in "((The|U\\.S\\.|Mr\\.|p\\.m\\.|J\\.|said|Rome|it|5|home\\.|home!”|“Why\\?”|left…) ){0,20}") {
            for sentence in split(&text) {
                prop_assert_eq!(split(sentence), [sentence]);
            }
        }
    }
}
