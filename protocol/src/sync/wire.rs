//! The few items of deterministic CBOR that frames are made of: unsigned integers, byte strings,
//! text and arrays.
//!
//! **Invariant:** the reader accepts exactly what the writer writes (shortest heads, definite
//! lengths, no bytes after the end), and never announces more items than there are bytes left, so
//! that reserving room for them is bounded by the input.

/// Bytes are not a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// The frame is longer than [`FRAME_BYTES_MAX`](super::FRAME_BYTES_MAX).
    #[error("frame longer than allowed")]
    TooLong,
    /// The bytes end before the frame does, or go on after it.
    #[error("frame cut short, or followed by more")]
    Length,
    /// A number or a length is not written in its shortest form, or not definite.
    #[error("frame not in deterministic encoding")]
    Form,
    /// An item is of another type, or out of bounds, or out of order.
    #[error("frame of the wrong shape")]
    Shape,
    /// No frame has this number.
    #[error("unknown kind of frame")]
    Kind,
}

const UINT: u8 = 0;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;

/// Takes items off the front of a slice.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Ends the reading: nothing may be left.
    pub(super) fn end(self) -> Result<(), FrameError> {
        if self.rest.is_empty() { Ok(()) } else { Err(FrameError::Length) }
    }

    pub(super) fn uint(&mut self) -> Result<u64, FrameError> {
        self.head(UINT)
    }

    /// Reads a number that must be below the bound.
    pub(super) fn below(&mut self, bound: usize) -> Result<usize, FrameError> {
        let number = usize::try_from(self.uint()?).map_err(|_| FrameError::Shape)?;
        if number < bound { Ok(number) } else { Err(FrameError::Shape) }
    }

    /// Reads the head of an array and returns how many items follow.
    pub(super) fn array(&mut self) -> Result<usize, FrameError> {
        let items = self.head(ARRAY)?;
        self.within(items)
    }

    /// Reads the head of an array that must have so many items.
    pub(super) fn array_of(&mut self, items: usize) -> Result<(), FrameError> {
        if self.array()? == items { Ok(()) } else { Err(FrameError::Shape) }
    }

    pub(super) fn bytes(&mut self) -> Result<&'a [u8], FrameError> {
        let length = self.head(BYTES)?;
        self.take(length)
    }

    pub(super) fn fixed<const N: usize>(&mut self) -> Result<[u8; N], FrameError> {
        self.bytes()?.try_into().map_err(|_| FrameError::Shape)
    }

    pub(super) fn text(&mut self) -> Result<&'a str, FrameError> {
        let length = self.head(TEXT)?;
        std::str::from_utf8(self.take(length)?).map_err(|_| FrameError::Shape)
    }

    pub(super) fn at_text(&self) -> bool {
        self.at(TEXT)
    }

    pub(super) fn at_bytes(&self) -> bool {
        self.at(BYTES)
    }

    pub(super) fn at_array(&self) -> bool {
        self.at(ARRAY)
    }

    fn at(&self, major: u8) -> bool {
        self.rest.first().is_some_and(|byte| byte >> 5 == major)
    }

    fn head(&mut self, major: u8) -> Result<u64, FrameError> {
        let (&first, rest) = self.rest.split_first().ok_or(FrameError::Length)?;
        if first >> 5 != major {
            return Err(FrameError::Shape);
        }
        self.rest = rest;
        let (width, least) = match first & 0x1f {
            small @ 0..=23 => return Ok(u64::from(small)),
            24 => (1, 24),
            25 => (2, 1 << 8),
            26 => (4, 1 << 16),
            27 => (8, 1 << 32),
            _ => return Err(FrameError::Form),
        };
        let bytes = self.take(width)?;
        let value = bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
        if value < least { Err(FrameError::Form) } else { Ok(value) }
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8], FrameError> {
        let (taken, rest) = self.rest.split_at(self.within(length)?);
        self.rest = rest;
        Ok(taken)
    }

    /// Returns the length if so many bytes are left.
    fn within(&self, length: u64) -> Result<usize, FrameError> {
        let length = usize::try_from(length).map_err(|_| FrameError::Length)?;
        if length <= self.rest.len() { Ok(length) } else { Err(FrameError::Length) }
    }
}

/// Puts items one after the other.
#[derive(Debug)]
pub(super) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    pub(super) fn new() -> Self {
        Self { bytes: Vec::new() }
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.bytes
    }

    /// Begins a frame of this kind with so many items after the kind.
    pub(super) fn begin(&mut self, kind: u64, items: usize) {
        self.array(items + 1);
        self.uint(kind);
    }

    pub(super) fn uint(&mut self, value: u64) {
        self.head(UINT, value);
    }

    pub(super) fn array(&mut self, items: usize) {
        self.head(ARRAY, items as u64);
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.begin_bytes(bytes.len());
        self.raw(bytes);
    }

    /// Begins a byte string whose bytes follow by [`Writer::raw`].
    pub(super) fn begin_bytes(&mut self, length: usize) {
        self.head(BYTES, length as u64);
    }

    pub(super) fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    pub(super) fn text(&mut self, text: &str) {
        self.head(TEXT, text.len() as u64);
        self.raw(text.as_bytes());
    }

    fn head(&mut self, major: u8, value: u64) {
        let bytes = value.to_be_bytes();
        let major = major << 5;
        match value {
            0..=23 => self.bytes.push(major | bytes[7]),
            24..=0xff => self.bytes.extend([major | 24, bytes[7]]),
            0x100..=0xffff => {
                self.bytes.push(major | 25);
                self.raw(&bytes[6..]);
            }
            0x1_0000..=0xffff_ffff => {
                self.bytes.push(major | 26);
                self.raw(&bytes[4..]);
            }
            _ => {
                self.bytes.push(major | 27);
                self.raw(&bytes);
            }
        }
    }
}
