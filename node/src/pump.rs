//! Moves the frames of one conversation between a stream and the driver.
//!
//! **Invariant:** reading never waits for writing, nor the other way round, so two nodes that both
//! have much to say cannot block each other.
//!
//! **Invariant:** what waits to be sent is bounded, for each conversation and for all together, also
//! after the engine has let go of it; a peer that does not read loses the conversation.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::split;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::timeout;
use tokio_util::bytes::Bytes;
use weft_protocol::engine::SessionId;
use weft_protocol::sync::{Frame, QUEUED_BYTES_MAX};

use crate::driver::Message;
use crate::frame::{FrameError, FrameSink, FrameSource};
use crate::network::PeerStream;

/// The frames that wait to be sent: a window of records and as many questions. A peer that does
/// not read as many has stopped reading.
const FRAMES_WAITING_MAX: usize = 512;

/// The bytes that wait to be sent in all conversations together: six at their bound, while an honest
/// peer takes what it has asked for as it comes.
const ALL_BYTES_WAITING_MAX: usize = 64 << 20;

/// How long writing one frame may take: a line of four kilobytes a second does it.
const WRITE_MAX: Duration = Duration::from_secs(60);

/// Where what is to be sent waits, for all conversations.
#[derive(Debug, Clone)]
pub(crate) struct Room(Arc<Semaphore>);

impl Default for Room {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(ALL_BYTES_WAITING_MAX)))
    }
}

/// What waits to be sent in one conversation, as its pump takes it.
pub(crate) type Waiting = mpsc::Receiver<Spooled>;

/// A frame that waits, and the room that it takes until it is written.
#[derive(Debug)]
pub(crate) struct Spooled {
    bytes: Bytes,
    _room: [OwnedSemaphorePermit; 2],
}

/// The end of a conversation at which its frames are put.
#[derive(Debug)]
pub(crate) struct Spool {
    frames: mpsc::Sender<Spooled>,
    own: Room,
    all: Room,
}

/// The peer does not read what it is sent, or too many do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Full;

impl Spool {
    /// Begins a conversation.
    pub(crate) fn new(all: &Room) -> (Self, Waiting) {
        let (frames, waiting) = mpsc::channel(FRAMES_WAITING_MAX);
        let own = Room(Arc::new(Semaphore::new(QUEUED_BYTES_MAX)));
        (Self { frames, own, all: all.clone() }, waiting)
    }

    /// Puts a frame where it waits to be sent, and returns how long it is.
    ///
    /// # Errors
    /// [`Full`], and then nothing more can be said in this conversation.
    pub(crate) fn push(&self, frame: &Frame) -> Result<usize, Full> {
        let bytes = Bytes::from(frame.encode());
        let size = u32::try_from(bytes.len()).map_err(|_| Full)?;
        let take = |room: &Room| Arc::clone(&room.0).try_acquire_many_owned(size);
        let _room = [take(&self.own).map_err(|_| Full)?, take(&self.all).map_err(|_| Full)?];
        let length = bytes.len();
        self.frames.try_send(Spooled { bytes, _room }).map_err(|_| Full)?;
        Ok(length)
    }
}

/// Runs until the stream ends or the driver lets go of the conversation.
pub(crate) async fn run(
    stream: PeerStream,
    session: SessionId,
    mut outgoing: Waiting,
    driver: mpsc::Sender<Message>,
) {
    let (reading, writing) = split(stream);
    let (mut source, mut sink) = (FrameSource::new(reading), FrameSink::new(writing));
    let read = async {
        loop {
            let frame = match source.recv().await {
                Ok(Some(bytes)) => Frame::decode(&bytes),
                Ok(None) | Err(FrameError::Io(_)) => break,
                // The engine judges what no honest peer sends.
                Err(FrameError::TooLong) => Err(weft_protocol::sync::FrameError::TooLong),
            };
            if driver.send(Message::Frame(session, frame)).await.is_err() {
                break;
            }
        }
    };
    let write = async {
        while let Some(Spooled { bytes, _room }) = outgoing.recv().await {
            if !matches!(timeout(WRITE_MAX, sink.send(bytes)).await, Ok(Ok(()))) {
                return;
            }
        }
        // The driver has let go: what was said is still to arrive. An error says that it cannot.
        timeout(WRITE_MAX, sink.close()).await.ok();
    };
    tokio::pin!(read, write);
    // When the peer stops sending, nothing more can come of the conversation. When the driver
    // lets go, everything is said.
    tokio::select! {
        () = &mut read => {}
        () = &mut write => {}
    }
    // An error says that the driver has ended.
    driver.send(Message::Closed(session)).await.ok();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(bytes: usize) -> Frame {
        Frame::Data { scope: 0, records: 1, gone: 0, sequence: vec![0; bytes] }
    }

    /// Pushes frames until there is no room, and returns how many bytes of records wait.
    fn fill(spool: &Spool) -> usize {
        let pushed = (0..).take_while(|_| spool.push(&data(128 << 10)).is_ok()).count();
        pushed * (128 << 10)
    }

    #[test]
    fn a_peer_that_does_not_read_takes_its_share_of_the_room_and_gives_it_back() {
        let all = Room::default();
        let (spool, mut waiting) = Spool::new(&all);
        let filled = fill(&spool);
        assert!(filled <= QUEUED_BYTES_MAX && filled > QUEUED_BYTES_MAX - (256 << 10));
        drop(waiting.try_recv().unwrap());
        assert!(spool.push(&data(128 << 10)).is_ok(), "what is written makes room");
        assert_eq!(spool.push(&data(128 << 10)), Err(Full));
        drop((spool, waiting));
        assert_eq!(all.0.available_permits(), ALL_BYTES_WAITING_MAX);
    }

    #[test]
    fn many_who_do_not_read_take_no_more_than_all_the_room() {
        let all = Room::default();
        let spools: Vec<_> = (0..100).map(|_| Spool::new(&all)).collect();
        let filled: usize = spools.iter().map(|(spool, _)| fill(spool)).sum();
        assert!(filled <= ALL_BYTES_WAITING_MAX && filled > ALL_BYTES_WAITING_MAX * 9 / 10);
    }

    #[test]
    fn small_frames_are_bounded_by_their_number() {
        let (spool, _waiting) = Spool::new(&Room::default());
        assert_eq!(
            (0..).take_while(|_| spool.push(&Frame::Done).is_ok()).count(),
            FRAMES_WAITING_MAX
        );
    }
}
