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
    text.split(move |c: char| !part(c)).map(str::trim).filter(|run| {
        let digits = run.bytes().filter(u8::is_ascii_digit).count();
        digits >= PHONE_DIGITS_MIN && !looks_like_dates(run)
    })
}

/// Says whether it is only dates, such as `2026-12-24` or `24.12.2026`.
fn looks_like_dates(run: &str) -> bool {
    run.split(' ').filter(|word| !word.is_empty()).all(|word| {
        let word = word.trim_matches(|c: char| !c.is_ascii_digit());
        let parts: Vec<&str> = word.split(['-', '.', '/']).collect();
        let year =
            |part: &&str| part.len() == 4 && (part.starts_with("19") || part.starts_with("20"));
        word.is_empty() || parts.len() <= 3 && parts.iter().any(year) && word.len() <= 10
    })
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
    }

    #[test]
    fn dates_amounts_and_links_are_not() {
        for text in [
            "from 2026-12-24 to 2026-12-31",
            "on 24.12.2026 at 18:00",
            "we need 1 200 meals",
            "see https://example.org/@union/2026",
        ] {
            assert!(contacts(text).is_empty(), "{text}: {:?}", contacts(text));
        }
    }
}
