//! The one CBOR encoding of everything: core deterministic encoding (RFC 8949, section 4.2.1),
//! narrowed to what records need.
//!
//! **Invariant:** [`check`] accepts exactly one encoding of a value: shortest integers and lengths,
//! definite lengths, text keys in bytewise order without repeats, no floats, tags, null or
//! undefined, at most [`DEPTH_MAX`] deep, nothing after the item. It allocates nothing.
//!
//! **Invariant:** what [`to_bytes`] writes, [`check`] accepts.

mod decode;

use ciborium::Value;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// How deeply arrays and maps may nest. Bodies need five; twelve leaves room for later kinds and
/// keeps the stack of any reader, in any language, small.
pub const DEPTH_MAX: usize = 12;

/// Bytes are not the one deterministic encoding of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CborError {
    /// The bytes end inside an item.
    #[error("the bytes end inside an item")]
    Truncated,
    /// Bytes follow the item.
    #[error("bytes follow the item")]
    Trailing,
    /// An integer or a length is not in its shortest form.
    #[error("an integer or length is not in its shortest form")]
    NotShortest,
    /// A string, array or map has no definite length.
    #[error("a length is indefinite")]
    Indefinite,
    /// A float, tag, null, undefined or other simple value.
    #[error("a float, tag, null or simple value is not allowed here")]
    Forbidden,
    /// A map's key is not text.
    #[error("a map's key is not text")]
    KeyNotText,
    /// A map's keys are not in bytewise order, or one repeats.
    #[error("a map's keys are out of order or repeated")]
    KeyOrder,
    /// Arrays and maps nest deeper than [`DEPTH_MAX`].
    #[error("nested deeper than {DEPTH_MAX}")]
    Depth,
    /// A text is not UTF-8.
    #[error("a text is not valid UTF-8")]
    Utf8,
    /// The item is of another type than the format has here.
    #[error("an item has the wrong type")]
    Type,
    /// The item's shape or a bound of it is not what its type asks for.
    #[error("an item does not have the shape of its type")]
    Shape,
}

/// The major types of CBOR (RFC 8949, section 3.1) that records use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Major {
    /// An unsigned integer.
    Uint,
    /// A negative integer, -1 minus the argument.
    Nint,
    /// A byte string.
    Bytes,
    /// A text string.
    Text,
    /// An array.
    Array,
    /// A map.
    Map,
    /// False (0) or true (1).
    Bool,
}

/// Reads items from a slice, strictly.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Begins at the first of these bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Returns what has not been read.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    fn take(&mut self, n: u64) -> Result<&'a [u8], CborError> {
        let n = usize::try_from(n).map_err(|_| CborError::Truncated)?;
        let (head, rest) = self.rest.split_at_checked(n).ok_or(CborError::Truncated)?;
        self.rest = rest;
        Ok(head)
    }

    /// Reads an item's head: its type and argument.
    ///
    /// # Errors
    /// Any [`CborError`] that a head can have.
    pub fn head(&mut self) -> Result<(Major, u64), CborError> {
        let first = self.take(1)?[0];
        let info = first & 0x1f;
        let (arg, least) = match info {
            0..=23 => (u64::from(info), 0),
            24 => (u64::from(self.take(1)?[0]), 24),
            25 => (self.number(2)?, 1 << 8),
            26 => (self.number(4)?, 1 << 16),
            27 => (self.number(8)?, 1 << 32),
            31 => return Err(CborError::Indefinite),
            _ => return Err(CborError::Forbidden),
        };
        let major = match first >> 5 {
            0 => Major::Uint,
            1 => Major::Nint,
            2 => Major::Bytes,
            3 => Major::Text,
            4 => Major::Array,
            5 => Major::Map,
            7 if info == 20 || info == 21 => return Ok((Major::Bool, u64::from(info - 20))),
            _ => return Err(CborError::Forbidden),
        };
        if arg < least { Err(CborError::NotShortest) } else { Ok((major, arg)) }
    }

    fn number(&mut self, bytes: u64) -> Result<u64, CborError> {
        Ok(self.take(bytes)?.iter().fold(0, |n, b| n << 8 | u64::from(*b)))
    }

    fn expect(&mut self, wanted: Major) -> Result<u64, CborError> {
        let (major, arg) = self.head()?;
        if major == wanted { Ok(arg) } else { Err(CborError::Type) }
    }

    /// Reads an unsigned integer.
    ///
    /// # Errors
    /// Any [`CborError`] of its head; [`CborError::Type`] when it is something else.
    pub fn uint(&mut self) -> Result<u64, CborError> {
        self.expect(Major::Uint)
    }

    /// Reads a byte string.
    ///
    /// # Errors
    /// As [`Reader::uint`].
    pub fn bytes(&mut self) -> Result<&'a [u8], CborError> {
        let n = self.expect(Major::Bytes)?;
        self.take(n)
    }

    /// Reads a byte string of exactly `N` bytes.
    ///
    /// # Errors
    /// As [`Reader::uint`]; [`CborError::Shape`] when the length differs.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], CborError> {
        self.bytes()?.try_into().map_err(|_| CborError::Shape)
    }

    /// Reads a text string.
    ///
    /// # Errors
    /// As [`Reader::uint`]; [`CborError::Utf8`].
    pub fn text(&mut self) -> Result<&'a str, CborError> {
        let n = self.expect(Major::Text)?;
        std::str::from_utf8(self.take(n)?).map_err(|_| CborError::Utf8)
    }

    /// Reads the head of an array and returns the number of its items.
    ///
    /// # Errors
    /// As [`Reader::uint`].
    pub fn items(&mut self) -> Result<u64, CborError> {
        self.expect(Major::Array)
    }

    /// Reads the head of a map and returns the number of its pairs.
    ///
    /// # Errors
    /// As [`Reader::uint`].
    pub fn pairs(&mut self) -> Result<u64, CborError> {
        self.expect(Major::Map)
    }

    /// Reads one whole item, checks it, and returns its bytes.
    ///
    /// # Errors
    /// Any [`CborError`].
    pub fn item(&mut self) -> Result<&'a [u8], CborError> {
        let before = self.rest;
        self.walk(DEPTH_MAX)?;
        Ok(&before[..before.len() - self.rest.len()])
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// [`CborError::Trailing`] when bytes are left.
    pub fn end(self) -> Result<(), CborError> {
        if self.rest.is_empty() { Ok(()) } else { Err(CborError::Trailing) }
    }

    fn walk(&mut self, depth: usize) -> Result<(), CborError> {
        let (major, arg) = self.head()?;
        match major {
            Major::Uint | Major::Nint | Major::Bool => Ok(()),
            Major::Bytes => self.take(arg).map(drop),
            Major::Text => {
                std::str::from_utf8(self.take(arg)?).map(drop).map_err(|_| CborError::Utf8)
            }
            Major::Array | Major::Map if depth == 0 => Err(CborError::Depth),
            Major::Array => {
                for _ in 0..arg {
                    self.walk(depth - 1)?;
                }
                Ok(())
            }
            Major::Map => {
                let mut last: &[u8] = &[];
                for _ in 0..arg {
                    let before = self.rest;
                    if before.first().is_some_and(|b| b >> 5 != 3) {
                        return Err(CborError::KeyNotText);
                    }
                    self.text()?;
                    let key = &before[..before.len() - self.rest.len()];
                    if key <= last {
                        return Err(CborError::KeyOrder);
                    }
                    last = key;
                    self.walk(depth - 1)?;
                }
                Ok(())
            }
        }
    }
}

/// Checks that these bytes are one item in deterministic encoding and nothing else.
///
/// # Errors
/// The first [`CborError`] from the left.
pub fn check(bytes: &[u8]) -> Result<(), CborError> {
    let mut reader = Reader::new(bytes);
    reader.item()?;
    reader.end()
}

/// Writes the head of an item in its shortest form.
pub fn write_head(out: &mut Vec<u8>, major: Major, arg: u64) {
    let top = match major {
        Major::Uint => 0,
        Major::Nint => 1 << 5,
        Major::Bytes => 2 << 5,
        Major::Text => 3 << 5,
        Major::Array => 4 << 5,
        Major::Map => 5 << 5,
        Major::Bool => return out.push(0xf4 | u8::from(arg != 0)),
    };
    let be = arg.to_be_bytes();
    match arg {
        0..=23 => out.push(top | be[7]),
        24..=0xff => out.extend_from_slice(&[top | 24, be[7]]),
        0x100..=0xffff => out.extend_from_slice(&[top | 25, be[6], be[7]]),
        0x1_0000..=0xffff_ffff => {
            out.push(top | 26);
            out.extend_from_slice(&be[4..]);
        }
        _ => {
            out.push(top | 27);
            out.extend_from_slice(&be);
        }
    }
}

/// Writes a text string.
pub fn write_text(out: &mut Vec<u8>, text: &str) {
    write_head(out, Major::Text, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

/// Writes a byte string.
pub fn write_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    write_head(out, Major::Bytes, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Encodes a value deterministically: whatever order its fields are declared in, its keys are
/// sorted.
///
/// # Errors
/// [`CborError::Shape`] when the value has what the encoding has not, such as a float, a null or
/// a key that is not text.
pub fn to_bytes<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, CborError> {
    let value = Value::serialized(value).map_err(|_| CborError::Shape)?;
    let mut out = Vec::new();
    write_value(&mut out, &value)?;
    Ok(out)
}

fn write_value(out: &mut Vec<u8>, value: &Value) -> Result<(), CborError> {
    match value {
        Value::Integer(i) => {
            let i = i128::from(*i);
            let (major, arg) = if i < 0 { (Major::Nint, -1 - i) } else { (Major::Uint, i) };
            write_head(out, major, u64::try_from(arg).map_err(|_| CborError::Shape)?);
        }
        Value::Bytes(bytes) => write_bytes(out, bytes),
        Value::Text(text) => write_text(out, text),
        Value::Bool(yes) => write_head(out, Major::Bool, u64::from(*yes)),
        Value::Array(items) => {
            write_head(out, Major::Array, items.len() as u64);
            items.iter().try_for_each(|item| write_value(out, item))?;
        }
        Value::Map(pairs) => {
            let mut encoded = Vec::with_capacity(pairs.len());
            for (key, value) in pairs {
                let Value::Text(key) = key else { return Err(CborError::KeyNotText) };
                let mut pair = (Vec::new(), Vec::new());
                write_text(&mut pair.0, key);
                write_value(&mut pair.1, value)?;
                encoded.push(pair);
            }
            encoded.sort();
            write_head(out, Major::Map, encoded.len() as u64);
            for (key, value) in encoded {
                out.extend_from_slice(&key);
                out.extend_from_slice(&value);
            }
        }
        _ => return Err(CborError::Shape),
    }
    Ok(())
}

/// Decodes a value from bytes that [`check`] has accepted.
///
/// # Errors
/// Any [`CborError`] but those of order and depth, which only [`check`] finds:
/// [`CborError::Type`] or [`CborError::Shape`] when the item is not of this type or breaks a bound
/// of it.
pub fn from_bytes<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, CborError> {
    let mut reader = Reader::new(bytes);
    let value = T::deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn refuses(hex: &str, error: CborError) {
        let bytes = data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap();
        assert_eq!(check(&bytes), Err(error), "{hex}");
    }

    #[test]
    fn every_other_encoding_of_a_value_is_refused() {
        refuses("", CborError::Truncated);
        refuses("1800", CborError::NotShortest);
        refuses("190001", CborError::NotShortest);
        refuses("1b0000000000000001", CborError::NotShortest);
        refuses("5f4100ff", CborError::Indefinite);
        refuses("9fff", CborError::Indefinite);
        refuses("f6", CborError::Forbidden);
        refuses("f93c00", CborError::Forbidden);
        refuses("c101", CborError::Forbidden);
        refuses("a10100", CborError::KeyNotText);
        refuses("a2616200616100", CborError::KeyOrder);
        refuses("a2616100616100", CborError::KeyOrder);
        refuses("0000", CborError::Trailing);
        refuses("61ff", CborError::Utf8);
        refuses("9bffffffffffffffff", CborError::Truncated);
        refuses("5b0000010000000000", CborError::Truncated);
        refuses(&"81".repeat(13), CborError::Depth);
    }

    #[test]
    fn a_nest_as_deep_as_allowed_is_accepted() {
        let mut bytes = vec![0x81; DEPTH_MAX];
        bytes.push(0);
        assert_eq!(check(&bytes), Ok(()));
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<i64>().prop_map(|i| Value::Integer(i.into())),
            any::<bool>().prop_map(Value::Bool),
            ".{0,6}".prop_map(Value::Text),
            proptest::collection::vec(any::<u8>(), 0..40).prop_map(Value::Bytes),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            let pairs = proptest::collection::btree_map("[a-z]{0,30}", inner.clone(), 0..6);
            prop_oneof![
                proptest::collection::vec(inner, 0..6).prop_map(Value::Array),
                pairs.prop_map(|m| {
                    Value::Map(m.into_iter().map(|(k, v)| (Value::Text(k), v)).rev().collect())
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_accepted_and_reads_back(value in value()) {
            let bytes = to_bytes(&value).unwrap();
            prop_assert_eq!(check(&bytes), Ok(()));
            let back: Value = from_bytes(&bytes).unwrap();
            prop_assert_eq!(to_bytes(&back).unwrap(), bytes);
        }

        #[test]
        fn what_is_accepted_is_its_own_encoding(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            if check(&bytes).is_ok() {
                let value: Value = from_bytes(&bytes).unwrap();
                prop_assert_eq!(to_bytes(&value).unwrap(), bytes);
            }
        }
    }
}
