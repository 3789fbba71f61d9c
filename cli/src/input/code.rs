//! Codes of other people's registries: which languages and places there are.
//!
//! **Invariant:** what could be two things is refused with both, and the way to say each.

use language_tags::LanguageTag;
use weft_protocol::body::text::{BoundError, Lang, Place, Tag};

/// Reads a language; people write `es-MX` and `es_MX`, and mean `es-mx`.
///
/// # Errors
/// When it is no language tag, or there is no such language.
pub(crate) fn lang(word: &str) -> Result<Lang, String> {
    let tag = word.to_ascii_lowercase().replace('_', "-");
    let tag: Lang = tag.parse().map_err(|error: BoundError| error.to_string())?;
    if is_registered(tag.as_str()) { Ok(tag) } else { Err(NO_LANGUAGE.to_owned()) }
}

/// Why a tag that has the form of one is no language.
const NO_LANGUAGE: &str = "there is no such language; it is a code such as en, es or pt-br";

/// Says whether all parts of a tag are registered. A language has one code there, the shortest: `te`
/// and not `tel`.
pub(crate) fn is_registered(tag: &str) -> bool {
    LanguageTag::parse(tag).is_ok_and(|tag| tag.validate().is_ok())
}

/// Reads a place; people write `gb-bst` and `ie`, and mean `GB-BST` and `IE`. Letters that could be
/// a country and a square of the map alike are asked for again; `geohash:us` is the square.
///
/// # Errors
/// When it is no place, or could be two.
pub(crate) fn place(word: &str) -> Result<Place, String> {
    if let Some(cell) = word.strip_prefix("geohash:") {
        let cell = cell.to_ascii_lowercase().parse::<Place>().ok().filter(Place::is_cell);
        return cell.ok_or_else(|| NO_CELL.to_owned());
    }
    let code = word.to_ascii_uppercase();
    let letters = code.bytes().all(|b| b.is_ascii_uppercase());
    let is_cell = word.parse::<Place>().is_ok_and(|place| place.is_cell());
    match code.split_once('-') {
        Some((country, _)) => {
            let place = code.parse().map_err(|error: BoundError| error.to_string())?;
            if is_country(country) { Ok(place) } else { Err(no_country(country)) }
        }
        None if code.len() == 2 && letters && is_country(&code) => {
            if is_cell {
                Err(country_or_cell(&code, word))
            } else {
                Ok(parsed(&code)?)
            }
        }
        None if code.len() == 2 && letters => Err(no_country(&code)),
        // Three letters are a country in another list of the same standard.
        None if code.len() == 3 && letters && is_cell => Err(three_letters(word)),
        None => parsed(word),
    }
}

fn parsed(code: &str) -> Result<Place, String> {
    code.parse().map_err(|error: BoundError| error.to_string())
}

fn is_country(code: &str) -> bool {
    is_registered(&format!("und-{code}"))
}

const NO_CELL: &str = "a geohash has one to five characters, 0-9 and a-z without a, i, l and o";

fn country_or_cell(country: &str, cell: &str) -> String {
    format!(
        "it could be the country {country} or the square {cell} of the map: write {country}, or geohash:{cell}"
    )
}

fn three_letters(cell: &str) -> String {
    format!(
        "countries have two letters here, and it could be the square {cell} of the map: then write geohash:{cell}"
    )
}

fn no_country(code: &str) -> String {
    match code {
        "UK" => "the code of the United Kingdom is GB".to_owned(),
        code => format!("there is no country {code}; a square of the map is written geohash:gc"),
    }
}

/// Reads a short name, such as a field or what is asked for.
///
/// # Errors
/// When it is none, or has neither letters nor digits.
pub(crate) fn tag(word: &str) -> Result<Tag, String> {
    if !word.chars().any(char::is_alphanumeric) {
        return Err("it has neither letters nor digits".to_owned());
    }
    word.parse().map_err(|error: BoundError| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_one_that_there_is() {
        for (word, tag) in
            [("es-MX", "es-mx"), ("pt_BR", "pt-br"), ("quc", "quc"), ("zh-hant", "zh-hant")]
        {
            assert_eq!(lang(word).unwrap().as_str(), tag);
        }
        for word in ["klingon", "we", "tel", "xx-yy", "e", "en-zz9"] {
            assert!(lang(word).is_err(), "{word}");
        }
    }

    #[test]
    fn a_place_is_understood_in_small_letters_and_what_could_be_two_is_asked_for_again() {
        for (word, code) in [
            ("gb-bst", "GB-BST"),
            ("GB", "GB"),
            ("ie", "IE"),
            ("Us", "US"),
            ("154", "154"),
            ("gcnhq", "gcnhq"),
            ("geohash:us", "us"),
            ("geohash:GCN", "gcn"),
        ] {
            assert_eq!(place(word).unwrap().as_str(), code, "{word}");
        }
        for word in
            ["us", "gb", "gbr", "uk", "UK", "wx-1", "Bristol", "geohash:a", "geohash:GB-BST", ""]
        {
            assert!(place(word).is_err(), "{word}");
        }
        assert!(place("us").unwrap_err().contains("geohash:us"));
    }

    #[test]
    fn a_short_name_has_letters_or_digits() {
        assert!(tag("=").is_err() && tag("--").is_err() && tag("連帯").is_ok());
    }
}
