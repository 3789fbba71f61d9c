//! Length-delimited frames over any byte stream: a peer's stream and the door's socket alike.
//!
//! A frame is a four-byte big-endian length and as many bytes.
//!
//! **Invariant:** no frame is longer than [`FRAME_BYTES_MAX`]; a longer one is refused by its length
//! alone, before a byte of it is read or a place for it allocated.
//! **Invariant:** a sender that is not read waits: nothing is buffered beyond one frame and what the
//! stream itself holds.

use std::io;

use futures::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::bytes::{Bytes, BytesMut};
use tokio_util::codec::{
    self, Decoder, Encoder, LengthDelimitedCodec, length_delimited::LengthDelimitedCodecError,
};

/// The most bytes of one frame: room for sixteen records of the largest size, so a slow link is
/// never held for long by one frame. Peers count on this number; doubling it breaks them.
pub const FRAME_BYTES_MAX: usize = 256 * 1024;

/// A stream could not carry a frame. The stream is of no further use.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The frame, or the length that the other side announced, is above [`FRAME_BYTES_MAX`].
    #[error("a frame is longer than {FRAME_BYTES_MAX} bytes")]
    TooLong,
    /// The stream broke, or ended within a frame.
    #[error("the stream broke")]
    Io(#[source] io::Error),
}

impl From<io::Error> for FrameError {
    fn from(error: io::Error) -> Self {
        match error.get_ref() {
            Some(cause) if cause.is::<LengthDelimitedCodecError>() => Self::TooLong,
            _ => Self::Io(error),
        }
    }
}

/// A byte stream that carries frames, both ways.
#[derive(Debug)]
pub struct Framed<S>(codec::Framed<S, Codec>);

impl<S: AsyncRead + AsyncWrite + Unpin> Framed<S> {
    /// Carries frames over this stream, which must be at a frame's boundary.
    pub fn new(stream: S) -> Self {
        Self(codec::Framed::new(stream, codec()))
    }

    /// Receives the next frame, or `None` when the other side has closed at a frame's boundary.
    ///
    /// Dropping the future loses nothing: what was read waits for the next call.
    ///
    /// # Errors
    /// [`FrameError::TooLong`] when the other side announces too long a frame, [`FrameError::Io`] when
    /// the stream breaks.
    pub async fn recv(&mut self) -> Result<Option<BytesMut>, FrameError> {
        Ok(self.0.next().await.transpose()?)
    }

    /// Sends a frame and waits until the stream has taken it.
    ///
    /// Dropping the future may leave the frame unsent or sent by the next call, never in pieces.
    ///
    /// # Errors
    /// [`FrameError::TooLong`] when the frame is above [`FRAME_BYTES_MAX`], [`FrameError::Io`] when the
    /// stream breaks.
    pub async fn send(&mut self, frame: Bytes) -> Result<(), FrameError> {
        Ok(self.0.send(frame).await?)
    }

    /// Takes a frame to be sent with those that follow, at the latest with the next
    /// [`Framed::flush`].
    ///
    /// Dropping the future may leave the frame untaken, never in pieces.
    ///
    /// # Errors
    /// As [`Framed::send`].
    pub async fn feed(&mut self, frame: Bytes) -> Result<(), FrameError> {
        Ok(self.0.feed(frame).await?)
    }

    /// Waits until the stream has taken all frames.
    ///
    /// # Errors
    /// [`FrameError::Io`] when the stream breaks.
    pub async fn flush(&mut self) -> Result<(), FrameError> {
        Ok(SinkExt::<Bytes>::flush(&mut self.0).await?)
    }

    /// Says that no further frame will follow, and waits until the stream has taken the last.
    ///
    /// # Errors
    /// [`FrameError::Io`] when the stream breaks.
    pub async fn close(&mut self) -> Result<(), FrameError> {
        Ok(SinkExt::<Bytes>::close(&mut self.0).await?)
    }
}

/// Cuts frames, and knows when a stream ends within one: the codec below takes what ends right behind a
/// length for an end at a boundary.
#[derive(Debug)]
struct Codec {
    lengths: LengthDelimitedCodec,
    /// Whether a length was read, and not all that it announces.
    within: bool,
}

fn codec() -> Codec {
    let lengths = LengthDelimitedCodec::builder()
        .big_endian()
        .length_field_type::<u32>()
        .max_frame_length(FRAME_BYTES_MAX)
        .new_codec();
    Codec { lengths, within: false }
}

impl Decoder for Codec {
    type Item = BytesMut;
    type Error = io::Error;

    fn decode(&mut self, bytes: &mut BytesMut) -> io::Result<Option<BytesMut>> {
        let before = bytes.len();
        let frame = self.lengths.decode(bytes)?;
        self.within = frame.is_none() && (self.within || bytes.len() < before);
        Ok(frame)
    }

    fn decode_eof(&mut self, bytes: &mut BytesMut) -> io::Result<Option<BytesMut>> {
        match self.decode(bytes)? {
            None if self.within || !bytes.is_empty() => Err(io::ErrorKind::UnexpectedEof.into()),
            frame => Ok(frame),
        }
    }
}

impl Encoder<Bytes> for Codec {
    type Error = io::Error;

    fn encode(&mut self, frame: Bytes, bytes: &mut BytesMut) -> io::Result<()> {
        self.lengths.encode(frame, bytes)
    }
}

/// The reading half of a stream that carries frames.
#[derive(Debug)]
pub struct FrameSource<S>(codec::FramedRead<S, Codec>);

impl<S: AsyncRead + Unpin> FrameSource<S> {
    /// Reads frames from this half, which must be at a frame's boundary.
    pub fn new(stream: S) -> Self {
        Self(codec::FramedRead::new(stream, codec()))
    }

    /// As [`Framed::recv`].
    ///
    /// # Errors
    /// As [`Framed::recv`].
    pub async fn recv(&mut self) -> Result<Option<BytesMut>, FrameError> {
        Ok(self.0.next().await.transpose()?)
    }
}

/// The writing half of a stream that carries frames.
#[derive(Debug)]
pub struct FrameSink<S>(codec::FramedWrite<S, Codec>);

impl<S: AsyncWrite + Unpin> FrameSink<S> {
    /// Writes frames to this half.
    pub fn new(stream: S) -> Self {
        Self(codec::FramedWrite::new(stream, codec()))
    }

    /// As [`Framed::send`].
    ///
    /// # Errors
    /// As [`Framed::send`].
    pub async fn send(&mut self, frame: Bytes) -> Result<(), FrameError> {
        Ok(self.0.send(frame).await?)
    }

    /// As [`Framed::close`].
    ///
    /// # Errors
    /// As [`Framed::close`].
    pub async fn close(&mut self) -> Result<(), FrameError> {
        Ok(SinkExt::<Bytes>::close(&mut self.0).await?)
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use tokio::io::AsyncWriteExt;

    use super::*;

    #[tokio::test]
    async fn frames_arrive_whole_and_in_order() {
        let (a, b) = tokio::io::duplex(64);
        let (mut a, mut b) = (Framed::new(a), Framed::new(b));
        let frames = [vec![], vec![1], vec![7; 1000], vec![9; FRAME_BYTES_MAX]];
        let send = async {
            for frame in &frames {
                a.send(Bytes::copy_from_slice(frame)).await.unwrap();
            }
            a.close().await.unwrap();
        };
        let recv = async {
            for frame in &frames {
                assert_eq!(b.recv().await.unwrap().unwrap(), frame);
            }
            assert!(b.recv().await.unwrap().is_none());
        };
        tokio::join!(send, recv);
    }

    #[tokio::test]
    async fn a_long_frame_is_refused_by_its_length_alone() {
        let (a, b) = tokio::io::duplex(64);
        let (mut a, mut b) = (a, Framed::new(b));
        a.write_all(&(u32::try_from(FRAME_BYTES_MAX).unwrap() + 1).to_be_bytes()).await.unwrap();
        assert!(matches!(b.recv().await, Err(FrameError::TooLong)));
        let (a, _b) = tokio::io::duplex(64);
        let long = Bytes::from(vec![0; FRAME_BYTES_MAX + 1]);
        assert!(matches!(Framed::new(a).send(long).await, Err(FrameError::TooLong)));
    }

    #[tokio::test]
    async fn a_torn_frame_is_an_error_and_not_an_end() {
        let whole = [0, 0, 0, 2, 1, 2];
        for cut in 1..whole.len() {
            let (mut a, b) = tokio::io::duplex(64);
            a.write_all(&[&whole[..], &whole[..cut]].concat()).await.unwrap();
            drop(a);
            let mut b = Framed::new(b);
            assert_eq!(b.recv().await.unwrap().unwrap()[..], [1, 2]);
            assert!(matches!(b.recv().await, Err(FrameError::Io(_))), "cut at {cut}");
        }
    }

    #[tokio::test]
    async fn a_sender_that_is_not_read_waits() {
        let (a, b) = tokio::io::duplex(64);
        let (mut a, mut b) = (Framed::new(a), Framed::new(b));
        let frame = Bytes::from(vec![5; 1000]);
        let mut send = Box::pin(a.send(frame.clone()));
        assert!((&mut send).now_or_never().is_none());
        let (sent, received) = tokio::join!(send, b.recv());
        sent.unwrap();
        assert_eq!(received.unwrap().unwrap(), frame);
    }
}
