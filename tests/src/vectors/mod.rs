//! The published vectors: records that every implementation must accept, and bytes that it must
//! refuse.
//!
//! They are put together here from the specification's own words (a map of CBOR values, sorted,
//! signed and sealed), not by the code that they test.
//!
//! **Invariant:** the same files come out on every machine: keys come from fixed seeds, times are
//! fixed, and Ed25519 signatures are deterministic.

mod bad;
mod between;
mod bounds;
mod cast;
mod diagnostic;
mod edges;
mod forms;
mod payload;
mod sealed;
mod series;
mod what;
mod who;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

pub use cast::{cast, secrets};
pub use edges::small_order_records;
pub use payload::{error_name, reseal};

/// A record that every implementation must accept.
#[derive(Debug, Clone, Serialize)]
pub struct Good {
    /// What it shows.
    pub name: String,
    /// The whole record in hexadecimal.
    pub hex: String,
    /// Its id in base32.
    pub id: String,
    /// What it is a version of, in base32.
    pub thing: String,
    /// The whole message in diagnostic notation, what byte strings embed decoded.
    pub diagnostic: String,
}

/// Bytes that every implementation must refuse.
#[derive(Debug, Clone, Serialize)]
pub struct Bad {
    /// What is wrong with them.
    pub name: String,
    /// The bytes in hexadecimal.
    pub hex: String,
    /// The name of the error (section 17 of the specification).
    pub error: String,
}

/// One file of vectors.
#[derive(Debug, Clone, Serialize)]
pub struct Vectors {
    /// The name of the file, without its ending.
    #[serde(skip)]
    pub file: &'static str,
    /// What is in it.
    pub about: &'static str,
    /// What must be accepted.
    pub good: Vec<Good>,
    /// What must be refused.
    pub bad: Vec<Bad>,
}

impl Vectors {
    fn new(file: &'static str, about: &'static str) -> Self {
        Self { file, about, good: Vec::new(), bad: Vec::new() }
    }

    fn good(&mut self, name: &str, record: Vec<u8>) {
        let (id, thing) = (payload::id(&record), payload::thing(&record));
        self.good.push(Good {
            name: name.to_owned(),
            hex: hex(&record),
            id: weft_protocol::id::RecordId(id).to_string(),
            thing: weft_protocol::id::ThingId(thing).to_string(),
            diagnostic: diagnostic::message(&record),
        });
    }

    fn bad(&mut self, name: &str, error: &str, bytes: Vec<u8>) {
        self.bad.push(Bad { name: name.to_owned(), hex: hex(&bytes), error: error.to_owned() });
    }

    /// Returns the file's text.
    ///
    /// # Panics
    /// Never: texts and lists of texts have a JSON form.
    pub fn text(&self) -> String {
        serde_json::to_string_pretty(self).expect("texts and lists have a JSON form") + "\n"
    }

    /// Returns where the file stands in the tree.
    pub fn path(&self) -> PathBuf {
        folder().join(self.file).with_extension("json")
    }
}

/// Returns the folder of the vectors.
pub fn folder() -> PathBuf {
    crate::source::root().join("protocol/vectors")
}

/// Returns all files of vectors.
pub fn all() -> Vec<Vectors> {
    let mut files = who::files();
    files.extend(what::files());
    files.extend(between::files());
    files.extend(bad::files());
    files.push(bounds::file());
    files.push(edges::file());
    files.push(sealed::file());
    files
}

/// Returns the text of every file in the folder, by its place in the tree.
pub fn texts() -> BTreeMap<PathBuf, String> {
    let records = all().into_iter().map(|file| (file.path(), file.text()));
    records.chain([(series::path(), series::text())]).collect()
}

/// Writes bytes in lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

/// Reads hexadecimal.
///
/// # Panics
/// When the text is not hexadecimal.
pub fn unhex(text: &str) -> Vec<u8> {
    data_encoding::HEXLOWER.decode(text.as_bytes()).expect("hexadecimal")
}
