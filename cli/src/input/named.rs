//! Words from a fixed list, such as `need` or `member_of`, as the records themselves spell them.

use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error, StrDeserializer};

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
        .map_err(|e| e.to_string().replace("unknown variant", "unknown word"))
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
        let error = named::<CallKind>("plea").unwrap_err();
        assert!(error.contains("need") && error.contains("invitation"), "{error}");
    }
}
