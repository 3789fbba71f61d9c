//! Moves the frames of one conversation between a stream and the driver.
//!
//! **Invariant:** reading never waits for writing, nor the other way round, so two nodes that both
//! have much to say cannot block each other.

use tokio::io::split;
use tokio::sync::mpsc;
use tokio_util::bytes::Bytes;
use weft_protocol::engine::SessionId;
use weft_protocol::sync::Frame;

use crate::driver::Message;
use crate::frame::{FrameError, FrameSink, FrameSource};
use crate::network::PeerStream;

/// The frames that wait to be sent: a window of records and as many questions. A peer that does
/// not read as many has stopped reading.
pub(crate) const FRAMES_WAITING_MAX: usize = 512;

/// Runs until the stream ends or the driver lets go of the conversation.
pub(crate) async fn run(
    stream: PeerStream,
    session: SessionId,
    mut outgoing: mpsc::Receiver<Frame>,
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
        while let Some(frame) = outgoing.recv().await {
            if sink.send(Bytes::from(frame.encode())).await.is_err() {
                return;
            }
        }
        // The driver has let go: what was said is still to arrive. An error says that it cannot.
        sink.close().await.ok();
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
