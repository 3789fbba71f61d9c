//! The driver: one loop that feeds the engine and does what it says.
//!
//! It runs on a thread of its own, away from the swarm and the doors.
//!
//! **Invariant:** it waits for nobody but the swarm's task, which waits for nobody: whatever else
//! is slow (a stream, a door, the workers) is given up or asked again, never waited for.
//!
//! **Invariant:** it decides nothing; every decision is the engine's.

mod act;
mod knocks;
mod react;
mod served;
mod shunned;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use tokio::sync::{Notify, broadcast, mpsc, oneshot, watch};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use weft_protocol::control::{Guest, KnockView, Missed, Request, Response};
use weft_protocol::engine::{Choices, Engine, Event, GossipId, Input, RequestId, SessionId};
use weft_protocol::id::{NetId, NodeId, PublicKey};
use weft_protocol::key::SecretKey;
use weft_protocol::record::Reach;
use weft_protocol::sync::{Frame, FrameError, Scope};
use weft_protocol::time::Timestamp;

use self::knocks::Knocks;
use self::served::Served;
use self::shunned::Shunned;
use crate::clock::{Clock, MARK_EVERY};
use crate::disk::{DiskError, DiskState, DiskStore};
use crate::network::{GossipToken, Neighbourhood, NetworkClient, NetworkEvent, PeerStream};
use crate::part::Part as NodePart;
use crate::pump::{Room, Spool};
use crate::store::{Stats, Writer};
use crate::tally::Tally;
use crate::verify::{Verified, VerifyPool};

/// What waits for the driver: frames of eight conversations and questions of all doors. Senders
/// wait for a place, and the network's own backpressure does the rest.
pub(crate) const MESSAGES_WAITING_MAX: usize = 256;

/// The events that a slow watcher may be behind before it misses some, and is told so.
pub(crate) const EVENTS_WAITING_MAX: usize = 4096;

/// The parts of an answer that wait for a door: the engine sends the next only when asked.
pub(crate) const PARTS_WAITING_MAX: usize = 8;

/// A part of an answer, and whether it is the last.
pub(crate) type Part = (Vec<Response>, bool);

/// What doors and streams say to the driver.
#[derive(Debug)]
pub(crate) enum Message {
    /// A question.
    Ask(Question),
    /// What may the holder of this key do here? None when that is nothing any more.
    Standing(PublicKey, oneshot::Sender<Option<Guest>>),
    /// The client has read a part and wants the next.
    More(RequestId),
    /// What the disk holds and uses.
    Disk(oneshot::Sender<Stats>),
    /// A stream that was asked for stands.
    Opened(SessionId, PeerStream),
    /// A peer sent a frame, or what is none.
    Frame(SessionId, Result<Frame, FrameError>),
    /// A stream is gone, or could not be opened.
    Closed(SessionId),
    /// What was chosen is written down, or why it could not be.
    Kept(RequestId, Option<String>),
}

/// What somebody asks at a door.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) request: Request,
    /// The key that the asker has proved to hold; none for the operator.
    pub(crate) asker: Option<PublicKey>,
    /// Takes the answer. When it is closed, nobody waits for one.
    pub(crate) door: mpsc::Sender<Part>,
    /// How the question is named.
    pub(crate) name: RequestId,
}

/// Something that happened, as those who watch are told it.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) event: Event,
    /// The network and the reach of the record that it is about, where that has a home.
    pub(crate) home: Option<(NetId, Reach)>,
}

/// Where an answer goes, and who reads it there.
struct Asker {
    door: mpsc::Sender<Part>,
    /// None for the operator, who is shown everything.
    guest: Option<Guest>,
}

/// What a parcel at the workers is about.
#[derive(Debug)]
pub(crate) enum Tag {
    /// A gossip message.
    Gossip(GossipToken, NodeId, weft_protocol::region::Region),
    /// Records of a conversation, from whom and of which set; how many bytes.
    Sync(SessionId, (NodeId, Scope), usize),
    /// Records that were posted at a door.
    Post(RequestId),
}

/// Why the driver has ended without being told to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DriverError {
    /// The disk cannot be read.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// What it cannot do without has ended.
    #[error("the {0} has ended")]
    Ended(NodePart),
}

/// What the driver listens to.
pub(crate) struct Ears {
    pub(crate) network: mpsc::Receiver<NetworkEvent>,
    pub(crate) messages: mpsc::Receiver<Message>,
    /// Tells that nobody waits for some question any more.
    pub(crate) gone: Arc<Notify>,
    pub(crate) verified: mpsc::Receiver<Verified<Tag>>,
    pub(crate) disk: watch::Receiver<DiskState>,
    pub(crate) stop: CancellationToken,
}

/// Where the node listens, and who came there in vain.
#[derive(Debug, Clone, Default)]
pub(crate) struct Listening {
    /// The addresses, each with its name.
    pub(crate) at: Vec<String>,
    /// The places of the configuration that could not be had.
    pub(crate) missed: Vec<Missed>,
    /// Who came, and was not let in.
    pub(crate) knocks: Vec<KnockView>,
}

/// What the driver moves.
pub(crate) struct Hands {
    pub(crate) clock: Clock,
    pub(crate) network: NetworkClient,
    pub(crate) pool: VerifyPool<Tag>,
    pub(crate) writer: Writer,
    pub(crate) choices: mpsc::Sender<(RequestId, Box<Choices>)>,
    pub(crate) messages: mpsc::Sender<Message>,
    pub(crate) events: broadcast::Sender<Told>,
    pub(crate) guests: mpsc::Sender<crate::door::guests::Arrival>,
    pub(crate) listening: watch::Sender<Listening>,
    pub(crate) tally: Tally,
    /// Signs what the bridge carries.
    pub(crate) bridge: SecretKey,
    /// Where streams are pumped: the runtime of the swarm.
    pub(crate) runtime: tokio::runtime::Handle,
}

/// Who has begun a conversation.
struct Visitor {
    peer: NodeId,
    /// Where it comes from; none for whom this node has chosen itself.
    from: Option<Neighbourhood>,
}

/// The loop's state: names for what is under way.
pub(crate) struct Driver {
    engine: Engine,
    store: DiskStore,
    hands: Hands,
    /// The conversations that the engine is in.
    streams: BTreeMap<SessionId, Spool>,
    /// The room that their frames wait in.
    room: Room,
    /// Who has begun a conversation whose stream is still open, whether the engine is in it or not.
    visits: BTreeMap<SessionId, Visitor>,
    /// What those who came were told.
    served: Served,
    replies: BTreeMap<RequestId, Asker>,
    gossip: BTreeMap<GossipId, GossipToken>,
    shunned: Shunned,
    knocks: Knocks,
    named: u64,
    /// When it was last written down what time it is.
    marked: Instant,
}

impl Driver {
    pub(crate) fn new(engine: Engine, store: DiskStore, hands: Hands) -> Self {
        Self {
            engine,
            store,
            hands,
            streams: BTreeMap::new(),
            room: Room::default(),
            visits: BTreeMap::new(),
            served: Served::default(),
            replies: BTreeMap::new(),
            gossip: BTreeMap::new(),
            shunned: Shunned::default(),
            knocks: Knocks::default(),
            named: 0,
            marked: Instant::now(),
        }
    }

    /// Runs until it is told to stop, and leaves everything staged in the hands of the disk.
    ///
    /// # Errors
    /// [`DriverError`], when it cannot go on.
    pub(crate) async fn run(mut self, mut ears: Ears) -> Result<(), DriverError> {
        let mut refused = false;
        loop {
            let deadline = self.engine.deadline();
            tokio::select! {
                () = ears.stop.cancelled() => return Ok(()),
                changed = ears.disk.changed() => {
                    // The store tells as long as it is open, and it is open as long as this runs.
                    let state = match changed {
                        Ok(()) => ears.disk.borrow_and_update().clone(),
                        Err(_) => return Err(DriverError::Ended(NodePart::Journal)),
                    };
                    if let Some(part) = state.ended {
                        return Err(DriverError::Ended(part));
                    }
                    for input in disk_inputs(&state, &mut refused) {
                        self.handle(input).await?;
                    }
                }
                verified = ears.verified.recv() => match verified {
                    Some(verified) => self.verified(verified).await?,
                    None => return Err(DriverError::Ended(NodePart::Workers)),
                },
                Some(message) = ears.messages.recv() => self.message(message).await?,
                () = ears.gone.notified() => self.let_go().await?,
                event = ears.network.recv() => match event {
                    Some(event) => self.network(event).await?,
                    None => return Err(DriverError::Ended(NodePart::Transport)),
                },
                () = due(deadline, self.hands.clock.clone()) => self.handle(Input::Wake).await?,
            }
            self.mark();
        }
    }

    /// Feeds the engine and does what it says, and tells it what came of that.
    async fn handle(&mut self, input: Input) -> Result<(), DiskError> {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            let effects: Vec<_> =
                self.engine.handle(self.hands.clock.now(), input, &mut self.store)?.collect();
            for effect in effects {
                inputs.extend(self.act(effect).await);
            }
        }
        Ok(())
    }

    /// Lets the time be written down now and then, for the next start.
    fn mark(&mut self) {
        if self.marked.elapsed() >= MARK_EVERY {
            self.marked = Instant::now();
            let clock = self.hands.clock.clone();
            self.hands.runtime.spawn_blocking(move || clock.mark());
        }
    }

    /// Names something anew.
    fn name(&mut self) -> u64 {
        self.named += 1;
        self.named
    }
}

/// What a change of the disk's state means to the engine.
fn disk_inputs(state: &DiskState, refused: &mut bool) -> Vec<Input> {
    let mut inputs = vec![Input::Persisted(state.persisted)];
    match (&state.refusing, *refused) {
        (Some(why), _) => inputs.push(Input::PersistFailed(why.clone())),
        (None, true) => inputs.push(Input::PersistRecovered),
        (None, false) => {}
    }
    *refused = state.refusing.is_some();
    inputs
}

/// Waits until a deadline of the machine's clock.
async fn due(deadline: Option<Timestamp>, clock: Clock) {
    // The clock may be set, and time may go slower for a while: it is asked again now and then.
    let wait = deadline.map_or(MARK_EVERY, |due| due.since(clock.now()).min(MARK_EVERY));
    sleep_until(Instant::now() + wait).await;
}
