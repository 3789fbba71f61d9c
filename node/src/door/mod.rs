//! The control door: a unix socket in the node's home.
//!
//! A client sends one request at a time as a frame and reads responses until the last one.
//!
//! **Invariant:** the file's permissions are the lock: whoever opens the socket is the operator.
//!
//! **Invariant:** the operator always gets in: a client that lets the node wait makes room for the
//! next one, and a door that somebody has removed is made anew.

mod client;
mod crowd;
pub(crate) mod guests;

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::net::UnixListener;
use tokio::sync::{Notify, Semaphore, broadcast, mpsc, watch};
use tokio::time::{Instant, interval_at, sleep_until};
use tokio_util::sync::CancellationToken;
use weft_protocol::control::Request;
use weft_protocol::engine::RequestId;
use weft_protocol::id::PublicKey;

use crate::clock::Clock;
use crate::driver::{Listening, Message, PARTS_WAITING_MAX, Part, Question, Told};
use crate::file::bequeath;
use crate::frame::Framed;
use crate::network::NetworkClient;
use crate::profile::Profile;
use crate::tally::{Refused, Tally};
use crate::upkeep::Upkeep;

use client::Client;
use crowd::Crowd;

/// The most clients at once: a person, their scripts, and a page or two.
const CLIENTS_MAX: usize = 48;

/// The most clients that watch at once. Nobody puts a watcher out, so the other half of the places
/// is for those who ask.
pub(crate) const WATCHERS_MAX: usize = CLIENTS_MAX / 2;

/// How long the door stays shut when the system refuses a connection: at once again would only be
/// refused again.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How often to see that the door is still there: its operator is told to wait a minute.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// What a door needs to answer.
#[derive(Debug, Clone)]
pub(crate) struct Porter {
    pub(crate) driver: mpsc::Sender<Message>,
    /// Tells the driver that nobody waits for some question any more.
    pub(crate) gone: Arc<Notify>,
    /// How many questions were asked, at all doors: the name of the next.
    pub(crate) asked: Arc<AtomicU64>,
    pub(crate) network: NetworkClient,
    pub(crate) events: broadcast::Sender<Told>,
    pub(crate) listening: watch::Receiver<Listening>,
    pub(crate) upkeep: Upkeep,
    pub(crate) clock: Clock,
    pub(crate) profile: Profile,
    pub(crate) watchers: Arc<Semaphore>,
    pub(crate) tally: Tally,
    pub(crate) stop: CancellationToken,
}

impl Porter {
    /// Passes a question on to the engine: of the operator, or of the holder of a key. None when the
    /// node ends.
    async fn ask(&self, request: Request, asker: Option<PublicKey>) -> Option<Asked> {
        let (door, parts) = mpsc::channel(PARTS_WAITING_MAX);
        let name = RequestId(self.asked.fetch_add(1, Ordering::Relaxed));
        // From here on it is given up wherever this is dropped, also before the question is sent.
        let asked = Asked { name, parts, gone: Arc::clone(&self.gone) };
        self.driver.send(Message::Ask(Question { request, asker, door, name })).await.ok()?;
        Some(asked)
    }
}

/// A question that is asked. Dropping it before its last answer frees all that is kept for it.
#[derive(Debug)]
struct Asked {
    name: RequestId,
    parts: mpsc::Receiver<Part>,
    gone: Arc<Notify>,
}

impl Asked {
    /// Waits for the next part of the answer; none when the node ends, or has no time.
    async fn next(&mut self) -> Option<Part> {
        self.parts.recv().await
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        // First closed, then told: a question that is heard after this is not asked at all.
        self.parts.close();
        self.gone.notify_one();
    }
}

/// The socket, and which file it is.
#[derive(Debug)]
pub(crate) struct Socket {
    listener: UnixListener,
    path: PathBuf,
    file: (u64, u64),
    /// Whether it is known that it cannot be made anew.
    lost: bool,
}

/// Makes the socket. The caller holds the lock of the home, so an old one is a dead one.
pub(crate) fn bind(path: &Path) -> io::Result<Socket> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    bequeath(path)?;
    Ok(Socket { listener, path: path.to_owned(), file: file(path)?, lost: false })
}

fn file(path: &Path) -> io::Result<(u64, u64)> {
    let found = fs::symlink_metadata(path)?;
    Ok((found.dev(), found.ino()))
}

impl Socket {
    /// Makes the socket anew if the file is gone, or is another.
    fn look(&mut self) {
        if file(&self.path).is_ok_and(|found| found == self.file) {
            return;
        }
        match bind(&self.path) {
            Ok(anew) => {
                *self = anew;
                tracing::warn!("somebody had removed the door; it is there again");
            }
            Err(_) if self.lost => {}
            Err(error) => {
                self.lost = true;
                tracing::error!(
                    kind = ?error.kind(),
                    "somebody has removed the door, and it cannot be made anew: see to the home's folder"
                );
            }
        }
    }
}

/// Serves clients until the node stops, and removes the socket.
pub(crate) async fn serve(mut socket: Socket, porter: Porter) {
    let crowd = Crowd::new(CLIENTS_MAX, CLIENTS_MAX);
    let mut look = interval_at(Instant::now() + LOOK_EVERY, LOOK_EVERY);
    loop {
        let client = tokio::select! {
            () = porter.stop.cancelled() => break,
            _ = look.tick() => {
                socket.look();
                continue;
            }
            client = socket.listener.accept() => client,
        };
        let Ok((stream, _)) = client else {
            // No file is left to give a client: others must go first, and that takes a moment.
            sleep_until(Instant::now() + ACCEPT_PAUSE).await;
            continue;
        };
        // Whoever opens the socket is the operator: all come by one name.
        let Some(pass) = crowd.enter([0; 32], None) else {
            porter.tally.count(Refused::DoorCrowd);
            continue;
        };
        let mut client =
            Client { frames: Framed::new(stream), pass, porter: porter.clone(), guest: None };
        tokio::spawn(async move {
            let (stop, out) = (client.porter.stop.clone(), client.pass.out());
            let tally = client.porter.tally.clone();
            tokio::select! {
                () = stop.cancelled() => {}
                () = out.cancelled() => tally.count(Refused::DoorCrowd),
                _ = client.run() => {}
            }
        });
    }
    // An error says that somebody else removed it.
    fs::remove_file(&socket.path).ok();
}
