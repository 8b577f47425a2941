//! Whether a person is spoken of as he or she, as far as title or given name tell.

/// He or she.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gender {
    He,
    She,
}

const HE_TITLES: [&str; 14] = [
    "mr",
    "sir",
    "king",
    "prince",
    "lord",
    "congressman",
    "pope",
    "ayatollah",
    "sheikh",
    "imam",
    "father",
    "chairman",
    "spokesman",
    "businessman",
];
const SHE_TITLES: [&str; 12] = [
    "mrs",
    "ms",
    "miss",
    "queen",
    "princess",
    "lady",
    "dame",
    "congresswoman",
    "chairwoman",
    "spokeswoman",
    "businesswoman",
    "actress",
];
const HE_NAMES: &str = " abdul abdullah adam ahmad ahmed alan albert alberto alex alexander alexei \
    alexis ali allen andre andreas andrei andrew angelo antonio anthony anton arthur bashar \
    barack ben benjamin bernard bernie bill billy bob boris brad brett brian bruce carl carlos \
    charles charlie chris christopher chuck claude colin dan daniel dave david dennis dick dmitry \
    dominic don donald doug edi eduardo edward emmanuel enrique eric erik fernando francis \
    francisco francois frank fred gary george gerald gerhard giuseppe gordon greg gregory \
    guillermo hamid hans harold harry hassan heinrich helmut henry hugo hussein ibrahim igor ivan \
    jack jacob jacques jaime james jared jason javad javier jeb jeff jeffrey jens jeremy jim jimmy \
    joe john johnny jonathan jorge jose joseph josh joshua juan julian justin karl keith ken \
    kenneth kevin klaus larry lawrence lech leon lindsey louis luis luke manuel marco marcus mario \
    mark martin matt matteo matthew max michael michel miguel mike mikhail mitch mitt mohamed \
    mohammad mohammed muhammad mustafa narendra nasser neil newt nicolas nicholas nick nigel oleg \
    oliver oscar pablo patrick paul pavel pedro pete peter phil philip pierre rand raul ray recep \
    rex ricardo richard rick robert roberto rod roger roland ron ronald roy rudy rupert ryan \
    salman sam samuel sean sergei sergey sergio scott shinzo silvio simon stefan stephen steve \
    steven stuart ted terry theodore thomas tim timothy todd tom tony vaclav vernon victor viktor \
    vincent vladimir volodymyr walter warren wayne wilbur william wolfgang yasser yuri ";
const SHE_NAMES: &str = " abigail alice alexandra alexandria alison amanda amy angela angelina ann \
    anna anne annie barbara benazir beth betsy betty beverly bonnie brenda carla carly carmen carol \
    caroline carolyn catherine charlotte cheryl chelsea christina christine cindy claire claudia \
    condoleezza cristina cynthia debbie deborah diana diane dianne dilma donna dorothy elena elise \
    elizabeth ella ellen emily emma erin eva fatima fiona florence frances gina gloria grace greta \
    hannah heather heidi helen hillary hope ilhan indira irene isabel ivanka jacinda jane janet \
    jean jeanne jennifer jessica jill joan joanna josephine judith judy julia julie kamala karen \
    kate katherine kathleen kathy katie kellyanne kim kirsten kristina laura lauren lena lisa \
    liz loretta louise lucy lynn madeleine malala margaret maria marie marina marine martha mary \
    melania melinda melissa merkel michele michelle monica nancy natalia natalie nicola nicole \
    nikki olivia pamela patricia paula priti rachel rebecca renee rosa rose ruth sally samantha \
    sandra sara sarah sharon sheila silvia sonia sophia sophie stacey stephanie susan susanna \
    suzanne tammy teresa theresa tina tulsi ursula valerie vanessa vera veronica victoria violet \
    virginia wendy yulia ";

/// By a title in front of the name.
pub(super) fn of_title(word: &str) -> Option<Gender> {
    let word = word.to_lowercase();
    let word = word.trim_end_matches('.');
    if HE_TITLES.contains(&word) {
        Some(Gender::He)
    } else if SHE_TITLES.contains(&word) {
        Some(Gender::She)
    } else {
        None
    }
}

/// By the given name.
pub(super) fn of_given_name(name: &str) -> Option<Gender> {
    let name = format!(" {} ", super::super::entity_key(name));
    match (HE_NAMES.contains(&name), SHE_NAMES.contains(&name)) {
        (true, false) => Some(Gender::He),
        (false, true) => Some(Gender::She),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_and_given_names_tell() {
        assert_eq!(of_title("Mrs."), Some(Gender::She));
        assert_eq!(of_title("President"), None);
        assert_eq!(of_given_name("Theresa"), Some(Gender::She));
        assert_eq!(of_given_name("Edi"), Some(Gender::He));
        assert_eq!(of_given_name("Xi"), None);
        assert_eq!(of_given_name("a"), None);
    }
}
