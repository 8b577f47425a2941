use jiff::civil::Date;

/// What is longer is a text, and no date.
const LONGEST: usize = 80;
/// How much of what cannot be read is shown.
const SHOWN: usize = 40;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// What programs write where there is no date.
const NO_DATE: [&str; 9] = [
    "", "-", "na", "n/a", "nan", "nat", "none", "null", "unknown",
];

/// What a written date comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    Day(Date),
    /// 03/04/2025 is in March or in April.
    TwoWays,
    Nothing,
}

/// The day that a date as written in metadata names, in any usual spelling that can be read in one
/// way only.
pub fn find_date(written: &str) -> Option<Date> {
    match reading(written) {
        Reading::Day(date) => Some(date),
        Reading::TwoWays | Reading::Nothing => None,
    }
}

/// The first of several written dates that can be read; if none can, what to tell the user of the
/// first that is given.
pub(super) fn first_date<'w>(
    written: impl IntoIterator<Item = &'w str>,
) -> (Option<Date>, Option<String>) {
    let mut note = None;
    for written in written {
        let written = written.trim();
        let reading = reading(written);
        if let Reading::Day(date) = reading {
            return (Some(date), None);
        }
        let given = !NO_DATE.iter().any(|no| no.eq_ignore_ascii_case(written));
        if given && note.is_none() {
            let shown: String = written.chars().take(SHOWN).collect();
            note = Some(match reading {
                Reading::TwoWays => {
                    format!("date could begin with the day or with the month: {shown:?}")
                }
                _ => format!("date not understood: {shown:?}"),
            });
        }
    }
    (None, note)
}

fn reading(written: &str) -> Reading {
    let written = written.trim();
    if written.is_empty() || written.len() > LONGEST {
        return Reading::Nothing;
    }
    let words = words(written);
    let spelled = || (0..words.len()).find_map(|at| spelled(&words[at..]));
    if let Some(date) = of_number(written)
        .or_else(|| dated_name(written))
        .or_else(spelled)
    {
        return Reading::Day(date);
    }
    let numeric = written
        .split(|c: char| c.is_whitespace() || ",;|()[]".contains(c))
        .filter_map(numeric)
        .find(|reading| *reading != Reading::Nothing);
    numeric.unwrap_or(Reading::Nothing)
}

/// Seconds since 1970 or a smaller unit, or a day and a time without anything between them.
fn of_number(written: &str) -> Option<Date> {
    let (whole, fraction) = written.split_once('.').unwrap_or((written, "0"));
    if !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let seconds = match whole.len() {
        9 | 10 => whole,
        13 | 16 => whole.get(..10)?,
        12 | 14 => return dated_name(whole.get(..8)?),
        _ => return None,
    };
    let moment = jiff::Timestamp::from_second(seconds.parse().ok()?).ok()?;
    plausible(jiff::tz::Offset::UTC.to_datetime(moment).date())
}

fn is_number(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit())
}

/// What stands between white space and the marks that dates are written with.
pub(super) fn words(written: &str) -> Vec<&str> {
    written
        .split(|c: char| c.is_whitespace() || ",;|()[]-–/.".contains(c))
        .filter(|word| !word.is_empty() && !word.eq_ignore_ascii_case("of"))
        .collect()
}

/// A date with a month by name, at the beginning of these words. What follows does not matter.
fn spelled(words: &[&str]) -> Option<Date> {
    let (first, second, rest) = match words {
        [first, second, rest @ ..] => (*first, *second, rest),
        _ => return None,
    };
    if let (Some(day), Some(month)) = (day(first), month(second)) {
        let short = || {
            let alone = rest.get(1).is_none_or(|next| next.contains(':'));
            alone.then(|| short_year(rest.first()?)).flatten()
        };
        return date(long_year(rest).or_else(short)?, month, day);
    }
    if let (Some(month), Some(day)) = (month(first), day(second)) {
        let short = || short_year(rest.first()?.strip_prefix(['\'', '’'])?);
        return date(long_year(rest).or_else(short)?, month, day);
    }
    let year = year(first)?;
    date(year, month(second)?, day(rest.first()?)?)
}

/// The year behind day and month; as some programs write it, behind a time and a zone.
fn long_year(rest: &[&str]) -> Option<i32> {
    let behind = match rest.first()? {
        time if time.contains(':') && year(time).is_none() => 4,
        _ => 1,
    };
    rest.iter().take(behind).find_map(|word| year(word))
}

fn year(word: &str) -> Option<i32> {
    let digits = word.split(':').next().unwrap_or(word);
    (digits.len() == 4 && is_number(digits))
        .then(|| digits.parse().ok())?
        .filter(|year| is_plausible(*year))
}

/// A year in two digits, as POSIX reads them.
fn short_year(word: &str) -> Option<i32> {
    let word = word.trim_start_matches(['\'', '’']);
    (word.len() == 2 && is_number(word))
        .then(|| word.parse().ok())?
        .map(|year: i32| year + if year < 69 { 2000 } else { 1900 })
}

fn day(word: &str) -> Option<i32> {
    let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let ending = word[digits.len()..].to_lowercase();
    let is_day = is_number(digits)
        && digits.len() <= 2
        && ["", "st", "nd", "rd", "th"].contains(&ending.as_str());
    is_day.then(|| digits.parse().ok())?
}

/// The number of a month that is named in full or in short.
pub(super) fn month(word: &str) -> Option<i32> {
    let word = word.to_lowercase();
    let short = match word.as_str() {
        "sept" => "sep",
        other => other,
    };
    let named = |month: &&str| *month == word || short.len() == 3 && month.starts_with(short);
    let at = MONTHS.iter().position(named)?;
    i32::try_from(at + 1).ok()
}

/// A date of three numbers.
fn numeric(word: &str) -> Option<Reading> {
    let separator = word.chars().find(|c| !c.is_ascii_digit())?;
    if !['/', '.', '-'].contains(&separator) {
        return None;
    }
    let mut parts = word.splitn(3, separator);
    let (first, second, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let end = rest.find(|c: char| !c.is_ascii_digit());
    let (third, after) = rest.split_at(end.unwrap_or(rest.len()));
    // 1.2.25.4 is no date.
    let more = after.strip_prefix(separator).unwrap_or("");
    if more.starts_with(|c: char| c.is_ascii_digit()) || !is_number(first) || !is_number(second) {
        return None;
    }
    let number = |part: &str| part.parse::<i32>().ok();
    let (a, b) = (number(first)?, number(second)?);
    let short = |part: &str| (1..=2).contains(&part.len());
    if first.len() == 4 && short(second) && short(third) {
        return date(a, b, number(third)?).map(Reading::Day);
    }
    if !short(first) || !short(second) {
        return None;
    }
    let year = year(third).or_else(|| short_year(third))?;
    Some(match (date(year, b, a), date(year, a, b)) {
        // Where numbers stand between full stops, the day comes first.
        (Some(day_first), None) => Reading::Day(day_first),
        (Some(day_first), Some(_)) if separator == '.' => Reading::Day(day_first),
        (Some(one), Some(other)) if one != other => Reading::TwoWays,
        (_, month_first) => month_first.map_or(Reading::Nothing, Reading::Day),
    })
}

/// The day in a name such as `2019-06-01-fire.txt`, `20190601_fire` or `fire_2019_06_01`.
pub(super) fn dated_name(name: &str) -> Option<Date> {
    let bytes = name.as_bytes();
    (0..bytes.len()).find_map(|at| {
        if at > 0 && bytes[at - 1].is_ascii_digit() || !name.is_char_boundary(at) {
            return None;
        }
        let rest = &bytes[at..];
        let number = |from: usize, len: usize| -> Option<i32> {
            let digits = rest.get(from..from + len)?;
            digits
                .iter()
                .all(u8::is_ascii_digit)
                .then(|| digits.iter().fold(0, |n, d| n * 10 + i32::from(d - b'0')))
        };
        let ends = |to: usize| !rest.get(to).is_some_and(u8::is_ascii_digit);
        let year = number(0, 4)?;
        let (month, day) = match rest.get(4)? {
            separator @ (b'-' | b'_' | b'/' | b'.')
                if rest.get(7) == Some(separator) && ends(10) =>
            {
                (number(5, 2)?, number(8, 2)?)
            }
            b'0'..=b'9' if ends(8) => (number(4, 2)?, number(6, 2)?),
            _ => return None,
        };
        date(year, month, day)
    })
}

fn date(year: i32, month: i32, day: i32) -> Option<Date> {
    let part = |n: i32| i8::try_from(n).ok();
    plausible(Date::new(i16::try_from(year).ok()?, part(month)?, part(day)?).ok()?)
}

fn plausible(date: Date) -> Option<Date> {
    is_plausible(date.year().into()).then_some(date)
}

fn is_plausible(year: i32) -> bool {
    (1500..=2200).contains(&year)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i16, month: i8, day: i8) -> Option<Date> {
        Date::new(year, month, day).ok()
    }

    #[test]
    fn usual_spellings() {
        for written in [
            "2019-06-01",
            "2019-06-01T23:10:00Z",
            "2019-06-01 10:00:00+02:00",
            "Sat, 01 Jun 2019 10:00:00 GMT",
            "Sat, 1 Jun 2019 10:00:00 -0500",
            "Sat Jun 01 2019 10:00:00 GMT+0200",
            "Sat Jun  1 10:00:00 2019",
            "Sat Jun 01 10:00:00 +0000 2019",
            "Sat Jun 01 10:00:00 -0500 2019",
            "1-JUN-2019 15:01:01.79",
            "01-Jun-2019",
            "01-Jun-19",
            "1 Jun 19",
            "1 Jun 19 10:30",
            "01/Jun/2019:10:00:00 +0000",
            "June 1, 2019",
            "June 1, '19",
            "Jun. 1, 2019",
            "June 1st, 2019",
            "Jun 1, 2019 3:04 p.m.",
            "Saturday, June 1, 2019",
            "Published: June 1, 2019",
            "1 June 2019",
            "1st of June 2019",
            "1 JUNE 2019 14:05 UTC",
            "10:30, 1 June 2019",
            "2019 June 1",
            "1559383200",
            "1559383200.25",
            "1559383200000",
            "20190601",
            "20190601T100000Z",
            "201906011000",
            "20190601100000",
            "2019/06/01",
            "2019/6/1",
            "2019-6-1T10:00",
            "01.06.2019",
            "1.6.19",
        ] {
            assert_eq!(find_date(written), day(2019, 6, 1), "{written}");
        }
        for nothing in [
            "",
            "yesterday",
            "12345",
            "2019",
            "June 2019",
            "1 June",
            "June 1 10 p.m.",
            "99999999",
            "31/02/2025",
            "31 June 2019",
            "10.1.19.4",
        ] {
            assert_eq!(find_date(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn a_day_above_twelve_tells_the_order() {
        for written in [
            "13/11/2025",
            "11/13/2025",
            "13-11-2025",
            "13.11.2025",
            "11/13/25",
            "13/11/2025 14:05",
            "11/13/2025, 2:05 PM",
        ] {
            assert_eq!(find_date(written), day(2025, 11, 13), "{written}");
        }
        assert_eq!(find_date("03/04/2025"), None);
        assert_eq!(find_date("04/04/2025"), day(2025, 4, 4));
        assert_eq!(find_date("03.04.2025"), day(2025, 4, 3));
    }

    #[test]
    fn years_of_two_digits() {
        assert_eq!(find_date("13-Nov-68"), day(2068, 11, 13));
        assert_eq!(find_date("13-Nov-69"), day(1969, 11, 13));
        assert_eq!(find_date("26-Feb-87"), day(1987, 2, 26));
    }

    #[test]
    fn what_is_given_and_cannot_be_read_is_told() {
        let told = |written: &str| first_date([written]).1;
        assert_eq!(
            told("31/02/2025").as_deref(),
            Some("date not understood: \"31/02/2025\"")
        );
        assert_eq!(
            told("03/04/2025").as_deref(),
            Some("date could begin with the day or with the month: \"03/04/2025\"")
        );
        for none in ["", "  ", "N/A", "null", "NaN", "2025-11-13"] {
            assert_eq!(told(none), None, "{none}");
        }
        let shown = told(&"é".repeat(100)).unwrap();
        assert!(shown.chars().count() < 70, "{shown}");
        let several = first_date(["soon", "2025-11-13"]);
        assert_eq!(several, (day(2025, 11, 13), None));
    }

    #[test]
    fn names_with_dates() {
        for name in [
            "2020-03-13-season-off.txt",
            "20200313_x.txt",
            "x_2020_03_13",
            "wire/2020/03/13/x.html",
        ] {
            assert_eq!(dated_name(name), day(2020, 3, 13), "{name}");
        }
        assert_eq!(dated_name("12020-03-13"), None);
        assert_eq!(dated_name("2020-13-41"), None);
    }
}
