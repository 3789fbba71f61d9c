//! Finds what looks like a person's e-mail address or telephone number in public words.
//!
//! It warns; it does not judge. A network may publish its own address on purpose.

/// The fewest digits in a row, with spaces between, that look like a telephone number: fewer are
/// years, amounts and house numbers.
const PHONE_DIGITS_MIN: usize = 8;

/// Returns the pieces of a text that look like contact details.
pub(crate) fn contacts(text: &str) -> Vec<&str> {
    let mut found: Vec<&str> =
        text.split_whitespace().map(trimmed).filter(|w| is_mail(w)).collect();
    found.extend(telephones(text));
    found
}

fn trimmed(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric() && c != '+')
}

fn is_mail(word: &str) -> bool {
    let word = word.strip_prefix("mailto:").unwrap_or(word);
    word.split_once('@').is_some_and(|(person, domain)| {
        let dotted = domain.rsplit_once('.').is_some_and(|(host, top)| {
            !host.is_empty() && top.len() >= 2 && top.chars().all(char::is_alphabetic)
        });
        !person.is_empty() && !person.contains('/') && dotted
    })
}

fn telephones(text: &str) -> impl Iterator<Item = &str> {
    let part = |c: char| c.is_ascii_digit() || "+-./() ".contains(c);
    let mut end = 0;
    text.split_inclusive(move |c: char| !part(c)).filter_map(move |piece| {
        let begin = end;
        end += piece.len();
        let run = piece.trim_end_matches(|c: char| !part(c));
        let (before, after) = (&text[..begin], &text[begin + run.len()..]);
        let left = run.split_whitespace().filter(|word| !is_date(word));
        let digits: usize = left.map(|word| word.bytes().filter(u8::is_ascii_digit).count()).sum();
        let run = run.trim();
        let number = is_number(run) || is_money(before, after);
        (digits >= PHONE_DIGITS_MIN && !number).then_some(run)
    })
}

/// Says whether a word is a date, such as `2026-12-24`, `24.12.2026` or `20261224`, or two with a stroke
/// between them.
fn is_date(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_ascii_digit());
    let year = |part: &str| part.len() == 4 && (part.starts_with("19") || part.starts_with("20"));
    let parts: Vec<&str> = word.split(['-', '.', '/']).collect();
    let few = word.len() <= 10 && parts.len() <= 3;
    let two = || word.split_once('/').is_some_and(|(one, other)| is_date(one) && is_date(other));
    (few && parts.iter().any(|part| year(part))) || is_compact(word) || (word.len() > 10 && two())
}

/// Says whether eight digits are a day as calendars write it: `20270630`.
fn is_compact(word: &str) -> bool {
    let within = |from: usize, most: u8| {
        let number = word.get(from..from + 2).and_then(|two| two.parse::<u8>().ok());
        number.is_some_and(|number| (1..=most).contains(&number))
    };
    let century = word.starts_with("19") || word.starts_with("20");
    word.len() == 8 && century && within(4, 12) && within(6, 31)
}

/// Says whether it is one number: with a fraction, such as `51.454513`, or in groups of three digits
/// that are no more than those of a large amount, such as `12 500 000`. Nine digits in threes are a
/// telephone number in many countries.
fn is_number(run: &str) -> bool {
    let run = run.trim_matches(|c: char| !c.is_ascii_digit());
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let whole =
        |part: &str| plain(part) && part.len() <= 3 && (part == "0" || !part.starts_with('0'));
    let fraction = run.split_once('.').is_some_and(|(before, after)| whole(before) && plain(after));
    let groups = |by: char| {
        let mut parts = run.split(by);
        let first = parts.next().is_some_and(|first| whole(first) && first.len() < 3);
        first && parts.clone().count() == 2 && parts.all(|part| plain(part) && part.len() == 3)
    };
    fraction || groups(' ') || groups('.')
}

/// Says whether a sign of money stands before or after a number.
fn is_money(before: &str, after: &str) -> bool {
    let (before, after) = (before.trim_end(), after.trim_start());
    let signs = ["€", "$", "£", "EUR", "USD", "GBP", "MXN"];
    signs.iter().any(|sign| before.ends_with(sign) || after.starts_with(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows: 0.24.
    #[test]
    fn addresses_and_numbers_are_found() {
        assert_eq!(contacts("Write to (ana@example.org)!"), ["ana@example.org"]);
        assert_eq!(contacts("call 020 7946 0991 tonight").len(), 1);
        assert_eq!(contacts("ring 0117-496-0123.").len(), 1);
        assert_eq!(contacts("llame al 612 345 678").len(), 1);
        assert_eq!(contacts("on 2026-12-24: 020 7946 0991").len(), 1);
    }

    #[test]
    fn dates_amounts_and_links_are_not() {
        for text in [
            "from 2026-12-24 to 2026-12-31",
            "on 24.12.2026 at 18:00",
            "we need 1 200 meals",
            "see https://example.org/@union/2026",
            "FREQ=DAILY;UNTIL=20270630T190000Z",
            "from 20270630 to 20270704",
            "2026-12-24/2026-12-31",
            "the years 2026-2028",
            "on 2026-12-24 at 18:00, 2026-12-25 at 10:30",
            "12 500 000 people, 12.500.000 in all",
            "at 51.454513, -2.587910",
            "€100000000 and 250 000 000 EUR",
            "9q8yyk8yt",
        ] {
            assert!(contacts(text).is_empty(), "{text}: {:?}", contacts(text));
        }
    }
}
