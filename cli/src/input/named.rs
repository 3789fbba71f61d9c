//! Words from a fixed list, such as `need` or `member_of`, as the records themselves spell them.

use serde::de::IntoDeserializer;
use serde::de::value::{Error, StrDeserializer};
use serde::{Deserialize, Serialize};
use weft_protocol::body::response::Choice;
use weft_protocol::record::Kind;
use weft_protocol::region::{ParseRegionError, Region};

/// Reads a word of a fixed list; `-` and `_` are the same to people.
///
/// # Errors
/// With the words that there are.
pub(crate) fn named<T: for<'de> Deserialize<'de>>(word: &str) -> Result<T, String> {
    let read = |word: &str| {
        let words: StrDeserializer<'_, Error> = word.into_deserializer();
        T::deserialize(words)
    };
    read(word)
        .or_else(|e| read(&word.replace('-', "_")).map_err(|_| e))
        .or_else(|e| read(&word.to_uppercase()).map_err(|_| e))
        .map_err(|e| among(&e.to_string()))
}

/// Returns the word that records use for a value of a fixed list.
pub(crate) fn spelt(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// Takes the words that there are out of serde's sentence: "…, expected one of `need`, `offer`".
fn among(sentence: &str) -> String {
    let known = sentence.split('`').skip(3).step_by(2);
    format!("say one of {}", known.collect::<Vec<_>>().join(", ").replace('_', "-"))
}

/// Reads a kind of record, of those that this program knows: others may come, and a word that is none
/// of ours is a slip of the finger.
///
/// # Errors
/// With the kinds that there are.
pub(crate) fn kind(word: &str) -> Result<Kind, String> {
    let known = Kind::ALL.into_iter().find(|kind| kind.as_str() == word);
    known.ok_or_else(|| {
        format!("the kinds of records are {}", Kind::ALL.map(|k| k.to_string()).join(", "))
    })
}

/// Reads the name of a region; people write `GB-Bristol` and mean `gb-bristol`.
///
/// # Errors
/// When it is no name of a region.
pub(crate) fn region(word: &str) -> Result<Region, String> {
    word.to_ascii_lowercase().parse().map_err(|error: ParseRegionError| error.to_string())
}

/// Reads a choice of an elector among those that are words.
///
/// # Errors
/// With the words that there are.
pub(crate) fn choice(word: &str) -> Result<Choice, String> {
    match word.replace('_', "-").as_str() {
        "consent" => Ok(Choice::Consent),
        "stand-aside" => Ok(Choice::StandAside),
        "object" => Ok(Choice::Object),
        "abstain" => Ok(Choice::Abstain),
        _ => Err("say consent, stand-aside, object or abstain; or --option NUMBER for an option"
            .to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use weft_protocol::body::call::CallKind;
    use weft_protocol::body::tie::TieKind;
    use weft_protocol::body::values::ValueType;

    use super::*;

    #[test]
    fn words_are_read_as_records_spell_them() {
        assert_eq!(named::<CallKind>("need"), Ok(CallKind::Need));
        assert_eq!(named::<TieKind>("member-of"), Ok(TieKind::MemberOf));
        assert_eq!(named::<ValueType>("un"), Ok(ValueType::Un));
        assert_eq!(region("GB-Bristol").unwrap().as_str(), "gb-bristol");
        assert_eq!(kind("call"), Ok(Kind::Call));
        assert!(kind("calls").unwrap_err().contains("gathering"));
        assert_eq!(choice("stand-aside"), Ok(Choice::StandAside));
        assert!(choice("options").unwrap_err().contains("--option"));
        let error = named::<CallKind>("plea").unwrap_err();
        assert!(error.contains("need") && error.contains("invitation"), "{error}");
    }
}
