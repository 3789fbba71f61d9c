//! Text in several languages: `--title en="Beds wanted" --title es="Se buscan camas"`.
//!
//! **Invariant:** words are free: what stands before `=` is a language only where it can hardly be
//! anything else, and `=` in front of all says that it is none.

use std::collections::BTreeMap;

use anyhow::Result;
use weft_protocol::body::text::{BoundError, LANGUAGES_MAX, Lang, List, Text};

use crate::exit::Failure;
use crate::input::code::is_registered;
use crate::words::NEEDED;

/// Joins the pieces of one text; `None` when there are none.
///
/// A piece without a language in front is in the language `usual`.
///
/// # Errors
/// A usage failure that names `flag`, when a language comes twice or the words are out of bounds.
pub(crate) fn text<const MAX: usize, const ONE_LINE: bool>(
    flag: &str,
    pieces: &[String],
    usual: &Lang,
) -> Result<Option<Text<MAX, ONE_LINE>>> {
    let mut words = BTreeMap::new();
    for piece in pieces {
        let several = pieces.len() > 1;
        let (lang, piece) =
            split(piece, usual, several).map_err(|why| Failure::usage(flag, why))?;
        if words.insert(lang.clone(), piece.to_owned()).is_some() {
            return Err(Failure::usage(flag, format!("it has two texts in '{lang}'")));
        }
    }
    if words.is_empty() {
        return Ok(None);
    }
    let why = unfit(&words, MAX, ONE_LINE);
    match Text::try_from(words) {
        Ok(text) => Ok(Some(text)),
        Err(BoundError::Text) => Err(Failure::usage(flag, why)),
        Err(other) => Err(Failure::usage(flag, other)),
    }
}

/// Returns why words are no text, if they are none.
fn unfit(words: &BTreeMap<Lang, String>, most: usize, one_line: bool) -> String {
    if words.len() > LANGUAGES_MAX {
        return format!("a text has at most {LANGUAGES_MAX} languages");
    }
    let long = words.values().find(|words| words.len() > most);
    if let Some(words) = long {
        let (bytes, letters) = (words.len(), words.chars().count());
        return format!(
            "it has {letters} letters, which take {bytes} bytes, and at most {most} bytes fit; a letter such as ñ takes two"
        );
    }
    if words.values().any(|words| words.trim().is_empty()) {
        return "it says nothing".to_owned();
    }
    if one_line && words.values().any(|words| words.contains(['\n', '\t'])) {
        return "it stands in one line: leave out the line breaks and tabs".to_owned();
    }
    "it has characters that nobody can see".to_owned()
}

/// The same for a text that must be there.
///
/// # Errors
/// As [`text`], and when there are no pieces.
pub(crate) fn needed<const MAX: usize, const ONE_LINE: bool>(
    flag: &str,
    pieces: &[String],
    usual: &Lang,
) -> Result<Text<MAX, ONE_LINE>> {
    text(flag, pieces, usual)?.ok_or_else(|| Failure::usage(flag, NEEDED))
}

/// Returns a list that was said or, when nothing was, the one of before.
///
/// # Errors
/// A usage failure that names `flag`, when it is too long.
pub(crate) fn list<T: Clone, const MAX: usize>(
    flag: &str,
    said: Vec<T>,
    last: Option<&List<T, MAX>>,
) -> Result<List<T, MAX>> {
    match last {
        Some(last) if said.is_empty() => Ok(last.clone()),
        _ => said.try_into().map_err(|e| Failure::usage(flag, e)),
    }
}

/// Splits `es=hola` into language and words. What stands before `=` is a language when it is the
/// person's own, a registered code of two letters (`es`), or one with its country or script
/// (`quc-gt`); where there are several texts, one of three letters, too (`quc`).
///
/// # Errors
/// When a lone code is a word or a unit as well.
fn split<'a>(piece: &'a str, usual: &Lang, several: bool) -> Result<(Lang, &'a str), String> {
    let plain = (usual.clone(), piece);
    let Some((tag, words)) = piece.split_once('=') else { return Ok(plain) };
    if tag.is_empty() {
        return Ok((usual.clone(), words));
    }
    let Ok(lang) = tag.to_ascii_lowercase().parse::<Lang>() else { return Ok(plain) };
    if lang == *usual {
        return Ok((lang, words));
    }
    if !is_registered(lang.as_str()) {
        return Ok(plain);
    }
    match (lang.as_str().len(), several) {
        (2, false) if ALSO_WORDS.contains(&lang.as_str()) => Err(format!(
            "'{tag}' could be a language or a word: begin with '={tag}=' if it is a word, or add --lang {lang} and leave it out"
        )),
        (3, false) => Ok(plain),
        _ => Ok((lang, words)),
    }
}

/// Codes of languages that are words or units, too, and often stand before `=`.
const ALSO_WORDS: &[&str] = &[
    "am", "as", "be", "ha", "he", "hi", "id", "is", "it", "kg", "km", "lb", "mg", "ml", "my", "no",
    "or", "si", "so", "to",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: &[&str]) -> Result<Option<Text<40>>> {
        let pieces: Vec<String> = pieces.iter().map(|&p| p.to_owned()).collect();
        text("--title", &pieces, &"en".parse().unwrap())
    }

    /// Rows: 3.26, 4.24.
    #[test]
    fn each_piece_may_name_its_language() {
        let text = read(&["Beds wanted", "es=Se buscan camas", "pt-BR=Camas"]).unwrap().unwrap();
        let all: Vec<_> = text.iter().map(|(lang, words)| (lang.as_str(), words)).collect();
        assert_eq!(all, [("en", "Beds wanted"), ("es", "Se buscan camas"), ("pt-br", "Camas")]);
    }

    #[test]
    fn an_equals_sign_in_a_sentence_is_part_of_it() {
        let text = read(&["silence = consent?"]).unwrap().unwrap();
        assert_eq!(text.iter().next().unwrap().1, "silence = consent?");
    }

    #[test]
    fn what_is_no_language_is_part_of_the_words() {
        for words in
            ["solidarity=strength", "we=power", "tel=see the poster", "bed=20", "-20% = too much"]
        {
            let text = read(&[words]).unwrap().unwrap();
            let (lang, said) = text.iter().next().unwrap();
            assert_eq!((lang.as_str(), said), ("en", words));
        }
        let text = read(&["=es=no"]).unwrap().unwrap();
        assert_eq!(text.iter().next().unwrap().1, "es=no", "it is said that it is none");
    }

    #[test]
    fn a_code_that_is_a_word_too_is_asked_for_again_unless_others_stand_beside_it() {
        assert!(read(&["no=means no"]).unwrap_err().to_string().contains("'=no='"));
        let text = read(&["Beds", "it=Letti", "quc=Ch'at"]).unwrap().unwrap();
        let all: Vec<_> = text.iter().map(|(lang, _)| lang.as_str()).collect();
        assert_eq!(all, ["en", "it", "quc"]);
        assert_eq!(
            read(&["quc-gt=Ch'at"]).unwrap().unwrap().iter().next().unwrap().0.as_str(),
            "quc-gt"
        );
    }

    #[test]
    fn what_is_too_long_is_said_in_letters_and_bytes() {
        let said = read(&[&"ñ".repeat(21)]).unwrap_err().to_string();
        assert!(
            said.contains("21 letters") && said.contains("42 bytes") && said.contains("40 bytes"),
            "{said}"
        );
    }

    #[test]
    fn a_title_that_has_lines_is_told_so_and_a_text_may_have_them() {
        let two = ["Beds\nby Harbour Care".to_owned()];
        let usual = "en".parse().unwrap();
        assert!(needed::<40, false>("--text", &two, &usual).is_ok());
        let said = needed::<40, true>("--title", &two, &usual).unwrap_err().to_string();
        assert!(said.contains("in one line"), "{said}");
    }

    #[test]
    fn no_pieces_are_no_text_and_doubled_or_long_ones_are_refused() {
        assert!(read(&[]).unwrap().is_none());
        assert!(read(&["a", "en=b"]).is_err());
        assert!(read(&[&"x".repeat(41)]).is_err());
        assert!(read(&["  "]).is_err());
    }
}
