//! A journal that is only read, by whoever has no node: on a medium, perhaps, that takes no writes.
//!
//! **Invariant:** nothing is written, no index is needed, and what is served hashes to its id.

use std::collections::BTreeMap;
use std::sync::Arc;

use weft_protocol::id::RecordId;

use super::files::File;
use super::frame::record_id;
use super::hidden::Hidden;
use super::item::{Item, Span};
use super::reader::ReadError;
use super::scan::{Scan, Step};
use super::shared::Paths;
use super::{OpenError, Options};

/// The records of a journal, where they stand.
#[derive(Debug)]
pub struct Shelf {
    file: Option<Box<dyn File>>,
    spans: BTreeMap<RecordId, Span>,
}

impl Shelf {
    /// Walks the journal of a closed store, and hands over each record.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn open(options: &Options, mut visit: impl FnMut(&[u8])) -> Result<Self, OpenError> {
        let paths = Paths::new(&options.dir);
        let mut walk = || {
            let file = options.files.open_to_read(&paths.journal)?;
            let mut spans = BTreeMap::new();
            if let Some(file) = &file {
                let mut scan = Scan::new(&**file, file.len()?);
                let mut hidden = Hidden::default();
                while let Some(step) = scan.step()? {
                    let Step::Item { position, checked, bytes } = step else { continue };
                    if let (Item::Record, Some(id)) = (&checked.item, record_id(bytes)) {
                        visit(bytes);
                        spans.insert(id, Span::new(position, bytes));
                    }
                    match hidden.follow(&checked.item) {
                        Some((id, Some(span))) => drop(spans.insert(id, span)),
                        Some((id, None)) => drop(spans.remove(&id)),
                        None => {}
                    }
                }
            }
            Ok(Self { file, spans })
        };
        walk().map_err(OpenError::Journal)
    }

    /// Returns the bytes of a record.
    ///
    /// # Errors
    /// The disk cannot be read.
    pub fn bytes(&self, id: &RecordId) -> Result<Option<Arc<[u8]>>, ReadError> {
        let (Some(span), Some(file)) = (self.spans.get(id), &self.file) else { return Ok(None) };
        let mut bytes = vec![0; span.len as usize];
        let read = file.read_up_to(&mut bytes, span.position)?;
        Ok((record_id(&bytes[..read]).as_ref() == Some(id)).then(|| bytes.into()))
    }
}
