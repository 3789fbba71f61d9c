//! Words, lists and small names with bounds.
//!
//! **Invariant:** the bound is in the type: a value that exists is within it.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use icu_casemap::CaseMapper;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use serde::{Deserialize, Serialize};

use super::seen::{Form, is_seen};

/// The most languages that one text may have: more than any movement paper uses, few enough that
/// a title in all of them stays below three kilobytes.
pub const LANGUAGES_MAX: usize = 12;

/// A value is out of its type's bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BoundError {
    /// Not a language tag.
    #[error("a language is a tag such as 'en' or 'pt-br'")]
    Lang,
    /// A text is empty, has too many languages, characters that nobody sees or too many bytes.
    #[error("the text is empty, too long, or has characters that cannot be shown")]
    Text,
    /// A list is too long.
    #[error("the list is too long")]
    List,
    /// Not a short name.
    #[error("a short name has 1 to 64 bytes and no control characters or outer spaces")]
    Tag,
    /// A sealed box has too few bytes for one, or too many.
    #[error("a sealed box has 49 to 4144 bytes")]
    Sealed,
    /// Not a place.
    #[error("a place is an ISO 3166 or UN M49 code or a geohash of at most five characters")]
    Place,
}

/// A BCP 47 language tag, 2 to 35 characters, lower case by convention so that one language has
/// one key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Lang(Box<str>);

impl TryFrom<String> for Lang {
    type Error = BoundError;

    fn try_from(tag: String) -> Result<Self, BoundError> {
        let part = |p: &str| {
            (1..=8).contains(&p.len())
                && p.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        };
        let first = tag.split('-').next().unwrap_or_default();
        let fine = (2..=35).contains(&tag.len())
            && first.len() >= 2
            && first.bytes().all(|b| b.is_ascii_lowercase())
            && tag.split('-').all(part);
        if fine { Ok(Self(tag.into())) } else { Err(BoundError::Lang) }
    }
}

/// Words for people, in one or more languages, at most `MAX` bytes in each; in lines and paragraphs,
/// or in one line only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<Lang, String>", into = "BTreeMap<Lang, String>")]
pub struct Text<const MAX: usize, const ONE_LINE: bool = false>(BTreeMap<Lang, String>);

/// Words for people in one line: a name, a title.
pub type Line<const MAX: usize> = Text<MAX, true>;

impl<const MAX: usize, const ONE_LINE: bool> Text<MAX, ONE_LINE> {
    /// Makes a text in one language.
    ///
    /// # Errors
    /// [`BoundError`], when the language is none or the words are out of bounds.
    pub fn new(lang: &str, words: &str) -> Result<Self, BoundError> {
        let lang = lang.parse()?;
        BTreeMap::from([(lang, words.to_owned())]).try_into()
    }

    /// Returns language and words in the first of these languages that the text has (`pt` finds
    /// `pt-br`), or else in the language that comes first.
    pub fn in_any(&self, wanted: &[Lang]) -> (&str, &str) {
        let primary = |tag: &Lang| tag.0.split('-').next().map(str::to_owned);
        let find = |lang: &Lang| {
            self.0
                .get_key_value(lang)
                .or_else(|| self.0.iter().find(|(have, _)| primary(have) == primary(lang)))
        };
        let found = wanted.iter().find_map(find).or_else(|| self.0.iter().next());
        found.map_or(("", ""), |(lang, words)| (lang.as_str(), words.as_str()))
    }

    /// Iterates over languages and words.
    pub fn iter(&self) -> impl Iterator<Item = (&Lang, &str)> {
        self.0.iter().map(|(lang, words)| (lang, words.as_str()))
    }
}

impl<const MAX: usize, const ONE_LINE: bool> TryFrom<BTreeMap<Lang, String>>
    for Text<MAX, ONE_LINE>
{
    type Error = BoundError;

    fn try_from(map: BTreeMap<Lang, String>) -> Result<Self, BoundError> {
        let form = if ONE_LINE { Form::OneLine } else { Form::Lines };
        let words = |w: &String| w.len() <= MAX && is_seen(w, form);
        let fine = (1..=LANGUAGES_MAX).contains(&map.len()) && map.values().all(words);
        if fine { Ok(Self(map)) } else { Err(BoundError::Text) }
    }
}

impl<const MAX: usize, const ONE_LINE: bool> From<Text<MAX, ONE_LINE>> for BTreeMap<Lang, String> {
    fn from(text: Text<MAX, ONE_LINE>) -> Self {
        text.0
    }
}

impl<const MAX: usize, const ONE_LINE: bool> fmt::Debug for Text<MAX, ONE_LINE> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Something for machines in another standard's notation: 1 to `MAX` visible ASCII characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Ascii<const MAX: usize>(Box<str>);

impl<const MAX: usize> Ascii<MAX> {
    /// Returns the characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> TryFrom<String> for Ascii<MAX> {
    type Error = BoundError;

    fn try_from(text: String) -> Result<Self, BoundError> {
        let visible = text.bytes().all(|b| b.is_ascii_graphic());
        let fine = visible && (1..=MAX).contains(&text.len());
        if fine { Ok(Self(text.into())) } else { Err(BoundError::Text) }
    }
}

impl<const MAX: usize> From<Ascii<MAX>> for String {
    fn from(text: Ascii<MAX>) -> Self {
        text.0.into()
    }
}

impl<const MAX: usize> fmt::Debug for Ascii<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A short name from an open vocabulary: a field, a sector, a skill, a unit. It stays as it was
/// written, and is the same name as any that only differs in capitals, or in how its accents are
/// encoded.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Tag {
    written: Box<str>,
    /// What it is compared by, where that differs from how it is written.
    folded: Option<Box<str>>,
}

impl Tag {
    /// Returns what it is compared by: equal for two names exactly when they are the same one.
    pub fn folded(&self) -> &str {
        self.folded.as_deref().unwrap_or(&self.written)
    }
}

impl PartialEq for Tag {
    fn eq(&self, other: &Self) -> bool {
        self.folded() == other.folded()
    }
}

impl Eq for Tag {}

impl PartialOrd for Tag {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Tag {
    fn cmp(&self, other: &Self) -> Ordering {
        self.folded().cmp(other.folded())
    }
}

/// Returns a text without what people write in different ways and mean alike: its full case folding
/// (Unicode, section 3.13, D145), in normal form C.
pub fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        let capitals = text.bytes().any(|b| b.is_ascii_uppercase());
        return if capitals { text.to_ascii_lowercase().into() } else { text.into() };
    }
    let apart = DecomposingNormalizerBorrowed::new_nfd().normalize(text);
    let small = CaseMapper::new().fold_string(&apart);
    let folded = ComposingNormalizerBorrowed::new_nfc().normalize(&small);
    if folded == text { text.into() } else { folded.into_owned().into() }
}

impl TryFrom<String> for Tag {
    type Error = BoundError;

    fn try_from(tag: String) -> Result<Self, BoundError> {
        let fine =
            (1..=64).contains(&tag.len()) && tag.trim() == tag && is_seen(&tag, Form::OneLine);
        if !fine {
            return Err(BoundError::Tag);
        }
        let folded = Some(fold(&tag)).filter(|folded| *folded != tag).map(|folded| folded.into());
        Ok(Self { folded, written: tag.into() })
    }
}

/// A place: ISO 3166-1 or -2, UN M49, or a geohash of at most five characters (about 5 km).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Place(Box<str>);

impl TryFrom<String> for Place {
    type Error = BoundError;

    fn try_from(code: String) -> Result<Self, BoundError> {
        let upper = |s: &str| s.bytes().all(|b| b.is_ascii_uppercase());
        let alnum = |s: &str| s.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        let iso = match code.split_once('-') {
            None => code.len() == 2 && upper(&code),
            Some((c, s)) => c.len() == 2 && upper(c) && (1..=3).contains(&s.len()) && alnum(s),
        };
        let m49 = code.len() == 3 && code.bytes().all(|b| b.is_ascii_digit());
        let cell = |b: u8| matches!(b, b'0'..=b'9' | b'b'..=b'h' | b'j' | b'k' | b'm' | b'n' | b'p'..=b'z');
        let geohash = (1..=5).contains(&code.len()) && code.bytes().all(cell);
        if iso || m49 || geohash { Ok(Self(code.into())) } else { Err(BoundError::Place) }
    }
}

impl Place {
    /// Says whether another place is this one or lies within it, as far as their codes tell: a
    /// country holds its parts (`GB`, `GB-BST`), a cell of a geohash the smaller ones. Codes of
    /// different systems hold nothing of each other.
    pub fn holds(&self, other: &Self) -> bool {
        let rest = other.0.strip_prefix(&*self.0);
        rest.is_some_and(|rest| {
            rest.is_empty() || rest.starts_with('-') || (self.is_cell() && other.is_cell())
        })
    }

    /// Says whether it is a geohash: three digits are the number of a country.
    pub fn is_cell(&self) -> bool {
        let number = self.0.len() == 3 && self.0.bytes().all(|b| b.is_ascii_digit());
        !number && !self.0.bytes().any(|b| b.is_ascii_uppercase())
    }
}

macro_rules! small_name {
    ($($name:ident.$written:tt),+) => {$(
        impl $name {
            /// Returns the name as it is written.
            pub fn as_str(&self) -> &str {
                &self.$written
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.$written.into()
            }
        }

        impl FromStr for $name {
            type Err = BoundError;

            fn from_str(name: &str) -> Result<Self, BoundError> {
                name.to_owned().try_into()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )+};
}

small_name!(Lang.0, Tag.written, Place.0);

/// At most `MAX` items.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<T>", into = "Vec<T>")]
#[serde(bound(serialize = "T: Clone + Serialize", deserialize = "T: Deserialize<'de>"))]
pub struct List<T, const MAX: usize>(Vec<T>);

impl<T, const MAX: usize> Default for List<T, MAX> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T, const MAX: usize> TryFrom<Vec<T>> for List<T, MAX> {
    type Error = BoundError;

    fn try_from(items: Vec<T>) -> Result<Self, BoundError> {
        if items.len() <= MAX { Ok(Self(items)) } else { Err(BoundError::List) }
    }
}

impl<T, const MAX: usize> From<List<T, MAX>> for Vec<T> {
    fn from(list: List<T, MAX>) -> Self {
        list.0
    }
}

impl<T, const MAX: usize> Deref for List<T, MAX> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T: fmt::Debug, const MAX: usize> fmt::Debug for List<T, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::{Place, Tag};

    #[test]
    fn names_are_the_same_whatever_their_capitals_and_the_encoding_of_their_accents() {
        let tag = |name: &str| name.parse::<Tag>().unwrap();
        for (one, other) in [
            ("Housing", "housing"),
            ("caf\u{e9}", "cafe\u{301}"),
            ("CAF\u{c9}", "cafe\u{301}"),
            ("STRASSE", "stra\u{df}e"),
            (
                "\u{3a3}\u{3af}\u{3c3}\u{3c5}\u{3c6}\u{3bf}\u{3c2}",
                "\u{3c3}\u{3af}\u{3c3}\u{3c5}\u{3c6}\u{3bf}\u{3c3}",
            ),
        ] {
            assert_eq!(tag(one), tag(other), "{one} and {other}");
            assert_eq!(tag(one).as_str(), one, "it stays as it is written");
        }
        assert_ne!(tag("caf\u{e9}"), tag("cafe"), "an accent is a letter's own");
    }

    /// Rows: 4.32.
    #[test]
    fn a_place_holds_what_lies_within_it_and_nothing_of_another_system() {
        let holds = |one: &str, other: &str| {
            one.parse::<Place>().unwrap().holds(&other.parse::<Place>().unwrap())
        };
        for (one, other) in [("GB", "GB"), ("GB", "GB-BST"), ("gcn", "gcnhq"), ("15", "154b")] {
            assert!(holds(one, other), "{one} holds {other}");
        }
        for (one, other) in [("GB-BST", "GB"), ("154", "1545"), ("15", "154"), ("gcnhq", "gcn")] {
            assert!(!holds(one, other), "{one} does not hold {other}");
        }
        assert!(!holds("GB-B", "GB-BST"));
    }
}
