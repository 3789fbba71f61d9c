//! What frames need beside the items of [`cbor`](crate::cbor): bounded numbers, counts and heads.
//!
//! **Invariant:** no count is larger than the bytes that are left, so reserving room for what was
//! counted is bounded by the input.

use super::frame::FrameError;
use crate::cbor::{Major, Reader, write_head};

/// Reads a number that must be below the bound.
pub(super) fn below(r: &mut Reader<'_>, bound: usize) -> Result<usize, FrameError> {
    let number = usize::try_from(r.uint()?).map_err(|_| FrameError::Shape)?;
    if number < bound { Ok(number) } else { Err(FrameError::Shape) }
}

/// Reads the head of an array and returns how many items follow.
pub(super) fn count(r: &mut Reader<'_>) -> Result<usize, FrameError> {
    let items = usize::try_from(r.items()?).map_err(|_| FrameError::Shape)?;
    if items <= r.rest().len() { Ok(items) } else { Err(FrameError::Shape) }
}

/// Reads the head of an array that must have so many items.
pub(super) fn count_of(r: &mut Reader<'_>, items: usize) -> Result<(), FrameError> {
    if count(r)? == items { Ok(()) } else { Err(FrameError::Shape) }
}

/// Says whether the next item is of this type.
pub(super) fn next_is(r: &Reader<'_>, major: Major) -> bool {
    r.clone().head().is_ok_and(|(next, _)| next == major)
}

/// Writes a number.
pub(super) fn write_uint(out: &mut Vec<u8>, value: u64) {
    write_head(out, Major::Uint, value);
}

/// Writes the head of an array.
pub(super) fn write_count(out: &mut Vec<u8>, items: usize) {
    write_head(out, Major::Array, items as u64);
}

/// Writes the head of a frame of this kind, with so many items after the kind.
pub(super) fn write_kind(out: &mut Vec<u8>, kind: u64, items: usize) {
    write_count(out, items + 1);
    write_uint(out, kind);
}
