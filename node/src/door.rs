//! The control door: a unix socket in the node's home.
//!
//! A client sends one request at a time as a frame and reads responses until the last one.
//!
//! **Invariant:** the file's permissions are the lock: whoever opens the socket is the operator.
//!
//! **Invariant:** a client that does not read holds up nobody: an answer's next part is made only
//! when the one before was written.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Semaphore, broadcast, mpsc, oneshot, watch};
use tokio::time::{Instant, sleep_until};
use tokio_util::bytes::{Bytes, BytesMut};
use tokio_util::sync::CancellationToken;
use weft_protocol::control::{self, Failure, PeerView, Request, Response, StoreTask, WatchFilter};
use weft_protocol::engine::Event;

use crate::driver::{Message, PARTS_WAITING_MAX, Part};
use crate::frame::Framed;
use crate::network::{Address, Direction, NetworkClient, peer_text};
use crate::tally::{Refused, Tally};
use crate::upkeep::Upkeep;

/// The most clients at once: a person, their scripts, and a page or two.
const CLIENTS_MAX: usize = 48;

/// How long the door stays shut when the system refuses a connection: at once again would only be
/// refused again.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What a door needs to answer.
#[derive(Debug, Clone)]
pub(crate) struct Porter {
    pub(crate) driver: mpsc::Sender<Message>,
    pub(crate) network: NetworkClient,
    pub(crate) events: broadcast::Sender<Event>,
    pub(crate) listening: watch::Receiver<Vec<String>>,
    pub(crate) upkeep: Upkeep,
    pub(crate) tally: Tally,
    pub(crate) stop: CancellationToken,
}

/// Makes the socket. The caller holds the lock of the home, so an old one is a dead one.
pub(crate) fn bind(path: &Path) -> io::Result<UnixListener> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Serves clients until the node stops, and removes the socket.
pub(crate) async fn serve(listener: UnixListener, path: PathBuf, porter: Porter) {
    let places = Arc::new(Semaphore::new(CLIENTS_MAX));
    loop {
        let client = tokio::select! {
            () = porter.stop.cancelled() => break,
            client = listener.accept() => client,
        };
        let Ok((stream, _)) = client else {
            // No file is left to give a client: others must go first, and that takes a moment.
            sleep_until(Instant::now() + ACCEPT_PAUSE).await;
            continue;
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            porter.tally.count(Refused::DoorCrowd);
            continue;
        };
        let porter = porter.clone();
        tokio::spawn(async move {
            let stop = porter.stop.clone();
            let client = Client { frames: Framed::new(stream), porter };
            tokio::select! {
                () = stop.cancelled() => {}
                _ = client.run() => {}
            }
            drop(place);
        });
    }
    // An error says that somebody else removed it.
    fs::remove_file(path).ok();
}

/// The client has gone, or sent what is no request.
struct Gone;

struct Client {
    frames: Framed<UnixStream>,
    porter: Porter,
}

impl Client {
    async fn run(mut self) -> Result<(), Gone> {
        while let Some(bytes) = self.next().await? {
            let stops = match control::decode::<Request>(&bytes) {
                Ok(request) => {
                    let stops = request == Request::Stop;
                    self.answer(request).await?;
                    stops
                }
                Err(error) => {
                    self.porter.tally.count(Refused::DoorRequest);
                    let why = crate::disk::plain(&error);
                    self.fail(Failure::BadRequest(why)).await?;
                    false
                }
            };
            if stops {
                self.porter.stop.cancel();
            }
        }
        Ok(())
    }

    /// Receives the next message. A frame that is none ends the conversation: nobody knows where
    /// the next would begin.
    async fn next(&mut self) -> Result<Option<BytesMut>, Gone> {
        match self.frames.recv().await {
            Ok(bytes) => Ok(bytes),
            Err(error) => {
                self.porter.tally.count(Refused::DoorFrame);
                self.fail(Failure::BadRequest(error.to_string())).await?;
                Err(Gone)
            }
        }
    }

    async fn say(&mut self, response: &Response) -> Result<(), Gone> {
        let bytes = control::encode(response).map_err(|_| Gone)?;
        self.frames.send(Bytes::from(bytes)).await.map_err(|_| Gone)
    }

    async fn fail(&mut self, failure: Failure) -> Result<(), Gone> {
        self.say(&Response::Failed(failure)).await
    }

    async fn answer(&mut self, request: Request) -> Result<(), Gone> {
        match request {
            Request::Stop => self.say(&Response::Fine).await,
            Request::Watch(filter) => self.watch(filter).await,
            Request::Peers => self.peers().await,
            Request::Connect { address } => self.connect(&address).await,
            Request::Store(task) => self.store(task).await,
            other => self.ask(other).await,
        }
    }

    /// Passes a question to the engine and its answer to the client.
    async fn ask(&mut self, request: Request) -> Result<(), Gone> {
        let (door, mut parts) = mpsc::channel::<Part>(PARTS_WAITING_MAX);
        let (names, name) = oneshot::channel();
        self.porter.driver.send(Message::Ask(request, door, names)).await.map_err(|_| Gone)?;
        let Ok(name) = name.await else { return Err(Gone) };
        while let Some((responses, last)) = parts.recv().await {
            for response in responses {
                if self.say(&self.complete(response)).await.is_err() {
                    self.porter.driver.send(Message::Gone(name)).await.map_err(|_| Gone)?;
                    return Err(Gone);
                }
            }
            if last {
                return Ok(());
            }
            self.porter.driver.send(Message::More(name)).await.map_err(|_| Gone)?;
        }
        self.fail(Failure::Busy).await
    }

    /// Adds what only the body knows.
    fn complete(&self, response: Response) -> Response {
        match response {
            Response::Status(mut status) => {
                status.listening.clone_from(&self.porter.listening.borrow());
                self.porter.tally.add_to(&mut status.counters);
                Response::Status(status)
            }
            other => other,
        }
    }

    async fn watch(&mut self, filter: WatchFilter) -> Result<(), Gone> {
        let mut events = self.porter.events.subscribe();
        // The client may now do what it wants to see happen.
        self.say(&Response::Fine).await?;
        loop {
            let event = tokio::select! {
                event = events.recv() => event,
                // A client that watches says nothing more; what comes is its end.
                _ = self.frames.recv() => return Ok(()),
            };
            match event {
                Ok(event) if wanted(&filter, &event) => {
                    self.say(&Response::Event(event)).await?;
                }
                Ok(_) => {}
                Err(broadcast::error::RecvError::Lagged(missed)) => {
                    let why = format!("{missed} events were missed; read faster, or list again");
                    return self.fail(Failure::Broken(why)).await;
                }
                Err(broadcast::error::RecvError::Closed) => return self.say(&Response::End).await,
            }
        }
    }

    async fn peers(&mut self) -> Result<(), Gone> {
        for peer in self.porter.network.peers().await {
            let view = PeerView {
                name: peer_text(peer.node),
                node: peer.node,
                outbound: peer.direction == Direction::Outbound,
                regions: peer.regions,
            };
            self.say(&Response::Peer(view)).await?;
        }
        self.say(&Response::End).await
    }

    async fn connect(&mut self, address: &str) -> Result<(), Gone> {
        match address.parse::<Address>() {
            Ok(address) => {
                self.porter.network.dial(vec![address]).await;
                self.say(&Response::Fine).await
            }
            Err(error) => self.fail(Failure::BadRequest(error.to_string())).await,
        }
    }

    async fn store(&mut self, task: StoreTask) -> Result<(), Gone> {
        let (answer, stats) = oneshot::channel();
        self.porter.driver.send(Message::Disk(answer)).await.map_err(|_| Gone)?;
        let stats = stats.await.map_err(|_| Gone)?;
        let upkeep = self.porter.upkeep.clone();
        let done = tokio::task::spawn_blocking(move || upkeep.run(task, &stats)).await;
        match done {
            Ok(Ok(report)) => self.say(&Response::Store(report)).await,
            Ok(Err(failure)) => self.fail(failure).await,
            Err(_) => self.fail(Failure::Broken("the task ended early".to_owned())).await,
        }
    }
}

fn wanted(filter: &WatchFilter, event: &Event) -> bool {
    let Some(wanted) = &filter.kind else { return true };
    match event {
        Event::Stored { kind, .. } | Event::Judged { kind, .. } => kind == wanted,
        _ => false,
    }
}
