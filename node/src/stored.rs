//! What a journal holds, as records again.
//!
//! **Invariant:** a store with a whole item that is no record of this format is not worked with: another
//! program has written it, and what is not understood must neither look as if it were not there nor be
//! written over.

use weft_protocol::record::{DecodeError, Record, Unverified};

use crate::home::Home;
use crate::store::{OpenError, Options, Shelf};

/// What is stored is of another format than this program's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// A later version of the program has written it.
    #[error("a newer weft has written the records that are stored; update this one")]
    Newer,
    /// An earlier one has, before the format of records was settled.
    #[error(
        "an early weft has written the records that are stored, before their format was settled"
    )]
    Earlier,
}

/// Takes the bytes of an item for a record whose signature was verified before it was stored.
///
/// # Errors
/// [`FormatError`]: its check says that it is what was written, and it is no record.
pub(crate) fn stored(bytes: &[u8]) -> Result<Record, FormatError> {
    match Unverified::decode(bytes) {
        Ok(unverified) => Ok(unverified.assume_verified()),
        Err(DecodeError::Format) => Err(FormatError::Newer),
        Err(_) => Err(FormatError::Earlier),
    }
}

/// Says whether all that is stored in a home is of this program's format, and changes nothing.
///
/// # Errors
/// The journal cannot be read.
pub(crate) fn format(home: &Home) -> Result<Result<(), FormatError>, OpenError> {
    let mut format = Ok(());
    Shelf::open(&Options::new(&home.store()), |bytes| {
        if format.is_ok() {
            format = stored(bytes).map(drop);
        }
    })?;
    Ok(format)
}
