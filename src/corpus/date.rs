use jiff::civil::Date;
use jiff::fmt::strtime;

/// The day that a date as written in metadata names, in any usual spelling.
pub fn find_date(written: &str) -> Option<Date> {
    let written = written.trim();
    if written.is_empty() || written.len() > 80 {
        return None;
    }
    if written.bytes().all(|b| b.is_ascii_digit()) && (written.len() == 10 || written.len() == 13) {
        let seconds: i64 = written.get(..10)?.parse().ok()?;
        return plausible(
            jiff::tz::Offset::UTC
                .to_datetime(jiff::Timestamp::from_second(seconds).ok()?)
                .date(),
        );
    }
    if let Some(date) = dated_name(written) {
        return Some(date);
    }
    const SPELLINGS: [&str; 13] = [
        "%a, %d %b %Y",
        "%A, %d %B %Y",
        "%A, %B %d, %Y",
        "%a, %b %d, %Y",
        "%B %d, %Y",
        "%b %d, %Y",
        "%b. %d, %Y",
        "%d %B %Y",
        "%d %b %Y",
        "%d-%b-%Y",
        "%d.%m.%Y",
        "%a %b %d %Y",
        "%Y/%m/%d",
    ];
    // What follows the day (a time, a zone) does not matter.
    let words: Vec<&str> = written.split_whitespace().collect();
    (1..=words.len().min(5)).rev().find_map(|n| {
        let part = words[..n].join(" ");
        SPELLINGS.iter().find_map(|spelling| {
            let date = strtime::parse(spelling, part.trim_end_matches(','))
                .ok()?
                .to_date()
                .ok()?;
            plausible(date)
        })
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
        let part = |n: i32| i8::try_from(n).ok();
        plausible(Date::new(i16::try_from(year).ok()?, part(month)?, part(day)?).ok()?)
    })
}

fn plausible(date: Date) -> Option<Date> {
    (1500..=2200).contains(&date.year()).then_some(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_spellings() {
        for written in [
            "2019-06-01",
            "2019-06-01T23:10:00Z",
            "2019-06-01 10:00:00+02:00",
            "Sat, 01 Jun 2019 10:00:00 GMT",
            "1-JUN-2019 15:01:01.79",
            "01-Jun-2019",
            "June 1, 2019",
            "Jun 1, 2019 3:04 p.m.",
            "Saturday, June 1, 2019",
            "1 June 2019",
            "1559383200",
            "1559383200000",
            "20190601",
            "2019/06/01",
            "01.06.2019",
        ] {
            assert_eq!(find_date(written), Date::new(2019, 6, 1).ok(), "{written}");
        }
        for nothing in ["", "yesterday", "12345", "2019", "99999999"] {
            assert_eq!(find_date(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn names_with_dates() {
        let day = Date::new(2020, 3, 13).ok();
        for name in [
            "2020-03-13-season-off.txt",
            "20200313_x.txt",
            "x_2020_03_13",
            "wire/2020/03/13/x.html",
        ] {
            assert_eq!(dated_name(name), day, "{name}");
        }
        assert_eq!(dated_name("12020-03-13"), None);
        assert_eq!(dated_name("2020-13-41"), None);
    }
}
