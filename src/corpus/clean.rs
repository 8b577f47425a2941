//! Page debris: what surrounds an article on its page and comes along when it is scraped.
//!
//! Works on whole lines and keeps a line when in doubt: losing a sentence is worse than keeping a
//! share bar. What a page inserts into its sentences (`inserts`) goes first. The lists are data, in
//! lower case, with straight apostrophes and single spaces.

use super::inserts::without_inserts;

/// A text without its page debris.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleaned {
    /// The lines kept, each byte for byte as it was, but for inserts.
    pub text: String,
    /// The lines left out, in order, without white space at their ends.
    pub left_out: Vec<String>,
    /// How many lists of links were left out that stood within a sentence.
    pub inserts: usize,
}

/// Lines that are debris when they are just this, whatever marks stand around them.
const WHOLE: &str = "\
    advertisement|advertising|ad|ads by google|advertise with us|article continues below|\
    article continues after advertisement|story continues below|story continued below|\
    story continues below advertisement|story continues after advertisement|\
    advertisement continue reading the main story|continue reading the main story|\
    continue reading below|continue reading|accept all cookies|cookie policy|cookie settings|\
    privacy policy|terms of service|terms of use|back to top|skip to content|skip to main content|\
    skip to navigation|skip advertisement|click here to subscribe|comments|leave a comment|\
    leave a reply|cancel reply|post a comment|post comment|write a comment|view comments|\
    show comments|join the conversation|have your say|connecting to %s|twitter picture|\
    facebook photo|google photo|google+ photo|wordpress.com logo|gravatar|like loading|\
    loading|copy link|embed|email this|print this page|follow us|log in|log out / change|\
    login|sign in|sign up|subscribe|subscribe now|log in to comment|latest news|load more|\
    show more|view more|more news|more from this section|more on this story|more on this topic|\
    more coverage|most popular|most read|most viewed|trending|trending now|top stories|next article|\
    next post|next story|previous article|previous post|previous story|open in app|read more|\
    recommended|recommended for you|recommended stories|related|related articles|related content|\
    related coverage|related news|related posts|related stories|related topics|related links|\
    see also|you may also like|you might also like|what to read next|view all posts|share|\
    share article|share on facebook|share on twitter|share on whatsapp|share this|\
    share this article|share this page|share this post|share this story|share via email|sponsored|\
    sponsored content|paid content|promoted content|watch live|newsletter|newsletters|\
    newsletter sign up|newsletter sign-up|email sign up|hide caption|enlarge this image|\
    enlarge image|toggle caption|media playback is unsupported on your device|replay more videos|\
    don't see the graphic above? click here|can't see the video? click here|\
    don't see the video? click here|close";

/// Lines of a share bar or a menu, which are debris only beside other debris.
const BESIDE_DEBRIS: &str = "\
    facebook|twitter|instagram|linkedin|pinterest|reddit|telegram|whatsapp|youtube|email|e-mail|\
    print|tweet|save|reply|submit|search|next|previous|more|tags|follow|listen|popular|video|photo|\
    photos|comment|logo|flipboard|messenger|copy|like|contact us|about us|name|\
    website|home|menu|register|like this";

/// Lines of at most [`LONGEST_LINK`] words that are debris when they begin like this.
const LINKS: &str = "\
    read more:|read more from |read more about |read also:|also read:|read next:|read or share this story|\
    see also:|related:|related story:|related stories:|related articles:|more on this story:|\
    filed under:|posted in:|share this:|share this article|share this story|share this post|\
    follow us on |like us on facebook|\
    subscribe to our |click here to subscribe|click here for more|\
    download our app|get our app|start the day smarter:|photo credit:|image credit:|image source:|\
    this entry was posted|bookmark the permalink|your email address will not be published|\
    required fields are marked|notify me of |save my name, email|enter your email|\
    by clicking subscribe|by clicking 'subscribe|we use cookies|this site uses cookies|\
    this website uses cookies|this site uses akismet|report a typo|report an error|\
    this article is more than |this article tagged under|listen to article|view all comments|\
    fill in your details below";

/// The same for lines that do not end like a sentence.
const HEADINGS: &str = "\
    more:|watch:|tags:|tagged:|click here to |click here for |slideshow (|newsletter sign|\
    follow @|advertisement |sign up for |sign up to |sign up here|subscribe here|subscribe for |\
    join us on |got a question? ";

/// Lines of at most [`LONGEST_NOTICE`] words that are debris when they hold this.
const NOTICES: &str = "\
    can also be accessed at the following alternate address|click an icon to log in|\
    you are commenting using your |log out / change|may not be published, broadcast, rewritten|\
    all rights reserved|this material may not be published|sign up for our newsletter|\
    sign up for our free newsletter|sign up to our newsletter|subscribe to our newsletter|\
    your email address will not be published|please verify you're not a robot|\
    this site is protected by recaptcha|by signing up, you agree to our |\
    by signing up you agree to |as an interest to stay up to date on the latest|\
    stories you care about delivered to your inbox|delivered to your inbox. sign up|\
    just \"star\" this story in |follow the ticker on twitter|\
    willing to speak to a bbc journalist|your contact details will never be published|\
    transcripts are created on a rush deadline by|visit our website terms of use";

/// Headings above a form or a list of links. What follows one, down to the end of the text, is
/// debris if no sentence is in it.
const FORMS: &str = "\
    leave a reply|leave a comment|post a comment|write a comment|share this article|\
    share this story|share this post|share this page|share this|related articles|related stories|\
    related posts|related news|related content|related links|you may also like|\
    you might also like|most read|most popular|recommended for you|top stories|trending|\
    more from this section|what to read next|sponsored content";

const LONGEST_LINK: usize = 25;
const LONGEST_NOTICE: usize = 90;
const LONGEST_BELOW_FORM: usize = 12;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Blank,
    Debris,
    /// Debris that opens a form.
    Form,
    /// Debris if its neighbour is.
    BesideDebris,
    /// Short, and no sentence.
    Short,
    Content,
}

/// Leaves page debris out of a plain text.
///
/// The lines of the result are lines of the text, in order. Blank lines around what is left out
/// become one. Cleaning a clean text changes nothing.
pub fn clean(text: &str) -> Cleaned {
    let (text, inserts) = without_inserts(text);
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut kinds: Vec<Kind> = lines.iter().map(|line| kind(line)).collect();
    close_forms(&mut kinds);
    spread_debris(kinds.iter_mut());
    spread_debris(kinds.iter_mut().rev());

    let mut cleaned = Cleaned {
        text: String::with_capacity(text.len()),
        left_out: Vec::new(),
        inserts,
    };
    // Blank lines wait until it is known whether debris is beside them.
    let mut blank: Vec<&str> = Vec::new();
    let mut beside_debris = false;
    for (line, kind) in lines.into_iter().zip(kinds) {
        match kind {
            Kind::Blank => blank.push(line),
            Kind::Debris => {
                cleaned.left_out.push(line.trim().to_string());
                beside_debris = true;
            }
            _ => {
                if beside_debris {
                    blank.truncate(usize::from(!cleaned.text.is_empty()));
                }
                cleaned.text.extend(blank.drain(..));
                cleaned.text.push_str(line);
                beside_debris = false;
            }
        }
    }
    if !beside_debris {
        cleaned.text.extend(blank);
    }
    cleaned
}

/// Turns forms into debris, and the short lines below one into debris too if they are the last of
/// the text.
fn close_forms(kinds: &mut [Kind]) {
    let below_content = kinds
        .iter()
        .rposition(|&k| k == Kind::Content)
        .map_or(kinds.len(), |at| at + 1);
    let tail = kinds
        .iter()
        .skip(below_content)
        .position(|&k| k == Kind::Form)
        .map_or(kinds.len(), |at| below_content + at);
    for (at, kind) in kinds.iter_mut().enumerate() {
        if *kind == Kind::Form || (at > tail && *kind != Kind::Blank) {
            *kind = Kind::Debris;
        }
    }
}

fn spread_debris<'k>(kinds: impl Iterator<Item = &'k mut Kind>) {
    let mut after_debris = false;
    for kind in kinds.filter(|k| **k != Kind::Blank) {
        if after_debris && *kind == Kind::BesideDebris {
            *kind = Kind::Debris;
        }
        after_debris = *kind == Kind::Debris;
    }
}

fn kind(line: &str) -> Kind {
    let words = line.split_whitespace().take(LONGEST_NOTICE + 1).count();
    if words == 0 {
        return Kind::Blank;
    }
    if words > LONGEST_NOTICE {
        return Kind::Content;
    }
    let plain = squeezed(line);
    let ends = ends_a_sentence(&plain);
    let bare = bare(&plain);
    let short = words <= LONGEST_LINK;
    let debris = (short
        && (lists(WHOLE, bare)
            || begins(LINKS, &plain)
            || (!ends && begins(HEADINGS, &plain))
            || is_copyright(&plain)
            || is_rule(&plain)
            || is_address(line.trim())
            || is_crumb_trail(&plain)
            || is_share_bar(&plain)
            || is_link_in_brackets(&plain)
            || (!ends && is_credit(line, &plain))))
        || (!plain.starts_with(['"', '“', '\''])
            && NOTICES.split('|').any(|notice| plain.contains(notice)))
        || (plain.starts_with("just watched ") && plain.contains("replay more videos"));
    match () {
        () if debris && lists(FORMS, bare) => Kind::Form,
        () if debris => Kind::Debris,
        () if lists(BESIDE_DEBRIS, bare) => Kind::BesideDebris,
        () if words <= LONGEST_BELOW_FORM && !(ends && words > 2) => Kind::Short,
        () => Kind::Content,
    }
}

fn lists(list: &str, line: &str) -> bool {
    list.split('|').any(|listed| listed == line)
}

fn begins(list: &str, line: &str) -> bool {
    list.split('|').any(|opening| line.starts_with(opening))
}

/// One space between words, lower case, straight apostrophes.
fn squeezed(line: &str) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    words.join(" ").to_lowercase().replace(['’', '‘'], "'")
}

/// Without the marks around it; a full stop stays, because "Listen." is a sentence.
fn bare(plain: &str) -> &str {
    let ellipsis = plain.trim_end_matches(['…', '.']);
    let without = if plain.ends_with("...") || plain.ends_with('…') {
        ellipsis
    } else {
        plain
    };
    without.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '.' | '!' | '?' | '%'))
}

fn ends_a_sentence(plain: &str) -> bool {
    plain
        .trim_end_matches(['"', '”', '\'', '’', ')', ']'])
        .ends_with(['.', '!', '?', '…'])
}

/// "___", "* * *".
fn is_rule(plain: &str) -> bool {
    plain.len() > 1
        && plain
            .chars()
            .all(|c| matches!(c, '_' | '*' | '-' | '=' | '~' | '—' | '•' | ' '))
}

/// "© 2020 The Daily", "Copyright 2013 The Daily".
fn is_copyright(plain: &str) -> bool {
    let behind = ["copyright ©", "copyright (c)", "copyright", "©", "(c)"]
        .iter()
        .find_map(|sign| plain.strip_prefix(sign));
    behind.map(str::trim_start).is_some_and(|b| {
        b.starts_with("19")
            || b.starts_with("20")
            || (plain.starts_with('©') && !ends_a_sentence(b))
    })
}

/// Nothing but a web address.
fn is_address(line: &str) -> bool {
    const DOMAINS: &str = "com|org|net|gov|edu|info|tv|ir|uk|au|ca|de|fr|in|io|me|us|news";
    const OPENINGS: &str = "http://|https://|www.";
    let host = line.split('/').next().unwrap_or("");
    let in_host = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '-' | '.');
    let domain = host.rsplit_once('.').map_or("", |(_, end)| end);
    !line.contains(char::is_whitespace)
        && (begins(OPENINGS, line) || (lists(DOMAINS, domain) && host.chars().all(in_host)))
}

/// "news / politics", "home > world > europe".
fn is_crumb_trail(plain: &str) -> bool {
    const SECTIONS: &str = "\
        home|news|world|world news|politics|business|sport|sports|opinion|culture|tech|technology|\
        science|health|local|national|international|us|u.s.|uk|europe|asia|africa|americas|\
        middle east|economy|entertainment|lifestyle|travel|video|features|markets|front page";
    [" / ", " > ", " » ", " | ", " › ", " :: ", " → "]
        .iter()
        .any(|separator| {
            let parts: Vec<&str> = plain.split(separator).map(str::trim).collect();
            let short = |part: &&str| !part.is_empty() && part.split(' ').count() <= 3;
            let sections = parts.iter().filter(|part| lists(SECTIONS, part)).count();
            parts.len() >= 2
                && parts.iter().all(short)
                && (sections >= 2 || parts.first().is_some_and(|part| lists("home|news", part)))
        })
}

/// "facebook twitter email print", "share this article share tweet post email".
fn is_share_bar(plain: &str) -> bool {
    const PLACES: &str = "\
        facebook|twitter|email|e-mail|print|whatsapp|telegram|linkedin|reddit|pinterest|share|tweet|\
        instagram|youtube|flipboard|messenger|pin|copy";
    const BETWEEN: &str =
        "this|article|story|post|page|on|via|to|link|a|x|listen|comment|comments|+|&|and";
    let parts = || {
        plain
            .split([' ', '|', '/', '•', '·', ',', ':'])
            .filter(|part| !part.is_empty())
    };
    let is_number = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    parts().all(|part| lists(PLACES, part) || lists(BETWEEN, part) || is_number(part))
        && parts().filter(|part| lists(PLACES, part)).count() >= 2
}

/// "(PHOTOS: the year in pictures)".
fn is_link_in_brackets(plain: &str) -> bool {
    const KINDS: &str = "photos:|photo:|video:|watch:|related:|read more:|see also:|also on |more:";
    let inside = plain
        .strip_prefix(['(', '['])
        .and_then(|p| p.strip_suffix([')', ']']));
    inside.is_some_and(|inside| {
        begins(KINDS, inside.trim()) && !inside.contains([')', ']']) && !ends_a_sentence(inside)
    })
}

/// A photographer and an agency: "Ann Lee/AP", "Photo: Ann Lee for The Daily". A caption before it
/// keeps the line.
fn is_credit(line: &str, plain: &str) -> bool {
    const AGENCIES: &str =
        "ap|afp|reuters|getty images|getty|epa|shutterstock|tass|xinhua|upi|npr|ap photo|pool";
    const OPENINGS: &str = "\
        photo:|photograph:|photographer:|photo by |photos by |image:|image copyright |picture:|\
        enlarge this image toggle caption |enlarge this image |toggle caption |previous next ";
    const SMALL_WORDS: &str =
        "by|for|the|of|via|and|this|image|toggle|caption|copyright|de|van|al|bin";
    const LONGEST_NAME: usize = 5;
    let mut words = line.split_whitespace();
    if words.any(|word| word.starts_with(char::is_lowercase) && !lists(SMALL_WORDS, word)) {
        return false;
    }
    let inside = plain.trim_matches(['(', ')', '[', ']']);
    let opening = OPENINGS
        .split('|')
        .find(|opening| inside.starts_with(opening));
    let behind = inside.strip_prefix(opening.unwrap_or("")).unwrap_or(inside);
    let is_agency = |part: &str| {
        let name = part.split([',', '(']).next().unwrap_or("");
        lists(AGENCIES, name.split(" via ").next().unwrap_or("").trim())
    };
    let is_name =
        |part: &str| part.split(' ').count() <= LONGEST_NAME && !part.contains(['|', '(', ':']);
    let parts = || behind.split('/').map(str::trim);
    let named = parts().nth(1).is_some() && parts().any(is_agency) && parts().all(is_name);
    named || (opening.is_some() && !behind.contains(" caption "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_scraped_page() {
        let page = "News   /   World\n\nAna left Rome\n\nAna Lee left Rome on Monday.\n\nThis file photo shows Rome.\n\n\n\
            Leave a Reply\n\nFill in your details below or click an icon to log in: Logo\n\n\
            You are commenting using your account. Log\u{a0}Out /  Change )\n\nTwitter picture\n\nConnecting to %s";
        let cleaned = clean(page);
        assert_eq!(
            cleaned.text,
            "Ana left Rome\n\nAna Lee left Rome on Monday.\n\nThis file photo shows Rome.\n"
        );
        assert_eq!(cleaned.left_out.len(), 6);
        assert_eq!(cleaned.left_out[0], "News   /   World");
    }

    #[test]
    fn links_within_a_sentence() {
        let page =
            "Ann Lee Anna (Ann) LeeVoters wait Talks go on MORE left.\n\nSHARE THIS ARTICLE\n";
        let cleaned = clean(page);
        assert_eq!(cleaned.text, "Ann Lee left.\n");
        assert_eq!((cleaned.inserts, cleaned.left_out.len()), (1, 1));
    }

    #[test]
    fn footers_and_share_bars() {
        let page = "She left on Monday. \r\n\r\n\r\nThe site can also be accessed at the following alternate addresses:\r\n\r\n\
            www.example.co.uk\r\n\r\nSHARE THIS ARTICLE\r\nExample Radio App";
        let cleaned = clean(page);
        assert_eq!(cleaned.text, "She left on Monday. \r\n");
        assert_eq!(
            cleaned.left_out.last().map(String::as_str),
            Some("Example Radio App")
        );
    }

    #[test]
    fn a_form_ends_where_sentences_begin_again() {
        let page = "One came home today.\n\nSHARE THIS ARTICLE\nBy Ann Lee\n\nTwo of them left the town.\nA short line";
        let kept = "One came home today.\n\nBy Ann Lee\n\nTwo of them left the town.\nA short line";
        assert_eq!(clean(page).text, kept);
        assert_eq!(clean("SHARE THIS\nAnn Lee\nRome").text, "Ann Lee\nRome");
    }

    #[test]
    fn debris_of_many_kinds() {
        for line in [
            "ADVERTISEMENT",
            "Story Continued Below",
            "Read more: Rome falls",
            "More: Rome falls",
            "Share this article Share Tweet Post Email",
            "Facebook | Twitter | E-mail",
            "Home > World > Europe",
            "© 2020 The Daily Example",
            "Copyright 2013 Example Press. All rights reserved.",
            "https://example.org/a",
            "example.org/news",
            "Ann Lee/AP",
            "(Ann Lee/Pool via Getty Images)",
            "Photo: Ann Lee for The Daily",
            "Enlarge this image toggle caption Ann Lee/Reuters Ann Lee/Reuters",
            "( PHOTOS: Rome in pictures)",
            "Sign up for the morning briefing",
            "Get it all. By signing up, you agree to our Privacy Policy",
            "Loading...",
            "* * *",
        ] {
            assert_eq!(clean(line).text, "", "{line}");
        }
    }

    #[test]
    fn sentences_about_such_things_stay() {
        for line in [
            "He asked them to subscribe to the view that all was well.",
            "Facebook and Twitter said they would share this data.",
            "By clicking on it, users would see more details, he added.",
            "Sign up for health insurance by Dec. 15, he told them.",
            "\"All rights reserved,\" he joked.",
            "Copyright is a right.",
            "Listen.",
            "Twitter",
            "Iran / Iraq",
            "Print media are dying.",
            "By Ann Lee",
            "Ann Lee and Bo Cho in Rome. | Ann Lee/AP Photo",
            "The AP/NORC poll found that most agreed",
            "FactCheck.org",
            "This file photo shows the ministry.",
        ] {
            assert_eq!(clean(line).text, line);
            assert!(clean(line).left_out.is_empty());
        }
    }

    #[test]
    fn menus_are_debris_only_beside_debris() {
        assert_eq!(
            clean("He left.\n\nTwitter\n\nPrint\n\nShare this\n\nShe stayed.").text,
            "He left.\n\nShe stayed."
        );
        assert_eq!(
            clean("He left.\n\n\nTwitter\n\nShe stayed.").text,
            "He left.\n\n\nTwitter\n\nShe stayed."
        );
    }

    #[test]
    fn long_lines_take_linear_time() {
        for text in [
            "Share ".repeat(300_000),
            "Share\n".repeat(300_000),
            "a / ".repeat(300_000),
            "\n".repeat(900_000),
        ] {
            let began = std::time::Instant::now();
            clean(&text);
            assert!(began.elapsed().as_secs() < 20);
        }
    }

    const LINES: &str = "(Leave a Reply|Home > World|Share|Twitter|Print|SHARE THIS ARTICLE|Log in|Ana met Bo in the town\\.|Ana|  |\r|)";

    proptest! {
        #[test]
        fn lines_are_only_left_out(lines in prop::collection::vec(LINES, 0..14)) {
            let text = lines.join("\n");
            let cleaned = clean(&text);
            let mut rest = text.lines();
            for line in cleaned.text.lines() {
                prop_assert!(rest.any(|l| l == line));
            }
            let count = |t: &str| t.lines().filter(|l| !l.trim().is_empty()).count();
            prop_assert_eq!(count(&cleaned.text) + cleaned.left_out.len(), count(&text));
            let again = clean(&cleaned.text);
            prop_assert_eq!(&again.text, &cleaned.text);
            prop_assert!(again.left_out.is_empty());
        }

        #[test]
        fn any_text_is_cleaned_without_panic(text in "(\\PC|\n){0,120}") {
            let cleaned = clean(&text);
            prop_assert_eq!(clean(&cleaned.text).text, cleaned.text);
        }
    }
}
