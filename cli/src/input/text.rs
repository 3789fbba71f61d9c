//! Text in several languages: `--title en="Beds wanted" --title es="Se buscan camas"`.

use std::collections::BTreeMap;

use anyhow::Result;
use weft_protocol::body::text::{BoundError, Lang, List, Text};

use crate::exit::Failure;
use crate::words::NEEDED;

/// Joins the pieces of one text; `None` when there are none.
///
/// A piece without a language in front is in the language `usual`.
///
/// # Errors
/// A usage failure that names `flag`, when a language comes twice or the words are out of bounds.
pub(crate) fn text<const MAX: usize>(
    flag: &str,
    pieces: &[String],
    usual: &Lang,
) -> Result<Option<Text<MAX>>> {
    let mut words = BTreeMap::new();
    for piece in pieces {
        let (lang, piece) = split(piece, usual);
        if words.insert(lang.clone(), piece.to_owned()).is_some() {
            return Err(Failure::usage(flag, format!("it has two texts in '{lang}'")));
        }
    }
    if words.is_empty() {
        return Ok(None);
    }
    match Text::try_from(words) {
        Ok(text) => Ok(Some(text)),
        Err(BoundError::Text) => {
            let why =
                format!("a text has 1 to {MAX} bytes in each language and no invisible characters");
            Err(Failure::usage(flag, why))
        }
        Err(other) => Err(Failure::usage(flag, other)),
    }
}

/// The same for a text that must be there.
///
/// # Errors
/// As [`text`], and when there are no pieces.
pub(crate) fn needed<const MAX: usize>(
    flag: &str,
    pieces: &[String],
    usual: &Lang,
) -> Result<Text<MAX>> {
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

/// Splits `es=hola` into language and words. What stands before `=` is a language when it looks
/// like one: two or three letters, then perhaps a region (`pt-br`).
pub(crate) fn split<'a>(piece: &'a str, usual: &Lang) -> (Lang, &'a str) {
    let tagged = piece.split_once('=').and_then(|(tag, words)| {
        let short = tag.split('-').next().is_some_and(|first| (2..=3).contains(&first.len()));
        let lang = tag.to_ascii_lowercase().parse().ok().filter(|_| short)?;
        Some((lang, words))
    });
    tagged.unwrap_or_else(|| (usual.clone(), piece))
}

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
        let text = read(&["solidarity=strength"]).unwrap().unwrap();
        assert_eq!(text.iter().next().unwrap().0.as_str(), "en");
    }

    #[test]
    fn no_pieces_are_no_text_and_doubled_or_long_ones_are_refused() {
        assert!(read(&[]).unwrap().is_none());
        assert!(read(&["a", "en=b"]).is_err());
        assert!(read(&[&"x".repeat(41)]).is_err());
        assert!(read(&["  "]).is_err());
    }
}
