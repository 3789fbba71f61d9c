//! Typed values out of items: serde's side of the strict reader.
//!
//! **Invariant:** every type has one form. A byte string is never read as text or as a list of
//! numbers, a list never as a struct; a variant without a value is its name, one with a value a
//! map of exactly one pair. What a general CBOR library forgives would be a second encoding here.

use serde::de::value::{BorrowedStrDeserializer, MapAccessDeserializer};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::{CborError, Major, Reader};

impl Error for CborError {
    /// Whatever serde or a type's own bound complains about, the shape is wrong.
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Self::Shape
    }
}

/// The items of an array or the pairs of a map that are still to come.
struct Rest<'r, 'de> {
    reader: &'r mut Reader<'de>,
    left: u64,
}

impl Rest<'_, '_> {
    fn next(&mut self) -> bool {
        let more = self.left > 0;
        self.left -= u64::from(more);
        more
    }

    /// How many items to make room for: never more than there are bytes left.
    fn hint(&self) -> Option<usize> {
        usize::try_from(self.left).ok().map(|n| n.min(self.reader.rest.len()))
    }

    fn end<T>(self, value: T) -> Result<T, CborError> {
        if self.left == 0 { Ok(value) } else { Err(CborError::Shape) }
    }
}

impl<'de> SeqAccess<'de> for &mut Rest<'_, 'de> {
    type Error = CborError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, CborError> {
        if self.next() { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }

    fn size_hint(&self) -> Option<usize> {
        self.hint()
    }
}

impl<'de> MapAccess<'de> for &mut Rest<'_, 'de> {
    type Error = CborError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, CborError> {
        if self.next() { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, CborError> {
        seed.deserialize(&mut *self.reader)
    }

    fn size_hint(&self) -> Option<usize> {
        self.hint()
    }
}

impl<'de> Reader<'de> {
    fn seq<V: Visitor<'de>>(&mut self, left: u64, visitor: V) -> Result<V::Value, CborError> {
        let mut rest = Rest { reader: self, left };
        let value = visitor.visit_seq(&mut rest)?;
        rest.end(value)
    }

    fn map<V: Visitor<'de>>(&mut self, left: u64, visitor: V) -> Result<V::Value, CborError> {
        let mut rest = Rest { reader: self, left };
        let value = visitor.visit_map(&mut rest)?;
        rest.end(value)
    }

    fn utf8(&mut self, len: u64) -> Result<&'de str, CborError> {
        std::str::from_utf8(self.take(len)?).map_err(|_| CborError::Utf8)
    }
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = CborError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CborError> {
        let (major, arg) = self.head()?;
        match major {
            Major::Uint => visitor.visit_u64(arg),
            Major::Nint => match i64::try_from(arg) {
                Ok(arg) => visitor.visit_i64(-1 - arg),
                Err(_) => visitor.visit_i128(-1 - i128::from(arg)),
            },
            Major::Bytes => visitor.visit_borrowed_bytes(self.take(arg)?),
            Major::Text => visitor.visit_borrowed_str(self.utf8(arg)?),
            Major::Array => self.seq(arg, visitor),
            Major::Map => self.map(arg, visitor),
            Major::Bool => visitor.visit_bool(arg != 0),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CborError> {
        visitor.visit_borrowed_str(self.text()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CborError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CborError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CborError> {
        visitor.visit_borrowed_bytes(self.bytes()?)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CborError> {
        self.deserialize_bytes(visitor)
    }

    /// What is there is some: the encoding has no null.
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CborError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, CborError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CborError> {
        let pairs = self.pairs()?;
        self.map(pairs, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, CborError> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, CborError> {
        match self.head()? {
            (Major::Text, len) => visitor.visit_enum(BorrowedStrDeserializer::new(self.utf8(len)?)),
            (Major::Map, 1) => {
                let mut rest = Rest { reader: self, left: 1 };
                let value = visitor.visit_enum(MapAccessDeserializer::new(&mut rest))?;
                rest.end(value)
            }
            _ => Err(CborError::Shape),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, CborError> {
        self.item()?;
        visitor.visit_unit()
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char
        unit unit_struct seq tuple tuple_struct
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use super::*;
    use crate::cbor::{check, from_bytes, to_bytes};
    use crate::id::RecordId;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum Choice {
        Yes,
        Some(u8),
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Item {
        choice: Choice,
        #[serde(default)]
        name: Option<String>,
        #[serde(default)]
        pair: Option<(u8, u8)>,
    }

    fn reads(hex: &str) -> Result<Item, CborError> {
        let bytes = data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap();
        assert_eq!(check(&bytes), Ok(()), "{hex}");
        from_bytes(&bytes)
    }

    #[test]
    fn a_variant_has_one_form() {
        let yes = Item { choice: Choice::Yes, name: None, pair: None };
        assert_eq!(reads("a16663686f69636563796573"), Ok(yes));
        let some = Item { choice: Choice::Some(7), name: None, pair: None };
        assert_eq!(reads("a16663686f696365a164736f6d6507"), Ok(some));
        // {"choice": {"yes": 0}}, {"choice": "some"}, {"choice": {"some": 7, "else": 0}}
        assert_eq!(reads("a16663686f696365a16379657300"), Err(CborError::Shape));
        assert_eq!(reads("a16663686f69636564736f6d65"), Err(CborError::Shape));
        assert_eq!(reads("a16663686f696365a264656c73650064736f6d6507"), Err(CborError::Shape));
    }

    #[test]
    fn bytes_are_not_text_and_lists_are_not_structs() {
        // {"name": h'6162', "choice": "yes"}, ["yes"], {"pair": [1, 2, 3], "choice": "yes"}
        assert_eq!(reads("a2646e616d654261626663686f69636563796573"), Err(CborError::Type));
        assert_eq!(reads("8163796573"), Err(CborError::Type));
        assert_eq!(
            reads("a264706169728301 02036663686f69636563796573".replace(' ', "").as_str()),
            Err(CborError::Shape)
        );
    }

    #[test]
    fn an_id_is_a_byte_string_and_not_a_list_of_numbers() {
        let list = to_bytes(&vec![5u8; 32]).unwrap();
        assert_eq!(from_bytes::<RecordId>(&list), Err(CborError::Type));
        assert_eq!(from_bytes(&to_bytes(&RecordId([5; 32])).unwrap()), Ok(RecordId([5; 32])));
    }
}
