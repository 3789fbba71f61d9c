//! Putting a node together, and taking it apart in order.
//!
//! **Invariant:** the home's lock is held from before the store is opened until after it is closed.

use std::collections::BTreeSet;
use std::io;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use getrandom::SysRng;
use rand_chacha::ChaCha20Rng;
use rand_core::{SeedableRng, TryRng};
use tokio::sync::{Notify, Semaphore, broadcast, mpsc, oneshot, watch};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use weft_protocol::admission::Mode;
use weft_protocol::control::Missed;
use weft_protocol::engine::{BridgeSettings, Choices, Engine, KEEPING_MAX, RequestId, Settings};
use weft_protocol::id::{NodeId, PublicKey};
use weft_protocol::ledger::PoolBounds;
use weft_protocol::record::Record;
use weft_protocol::region::Region;

use crate::clock::Clock;
use crate::config::{Config, ConfigError};
use crate::disk::{DiskError, DiskStore};
use crate::door::{self, Porter};
use crate::driver::{self, Driver, DriverError, Ears, Hands, Listening, Message, Tag};
use crate::home::{ChoicesFile, Home, HomeError};
use crate::network::{self, Address, NetworkConfig, SpawnError, leading_here};
use crate::part::{Part, Parts};
use crate::store::{HomeLock, LockError, OpenError, Options, ReadError, Reader, Replay};
use crate::stored::{FormatError, stored};
use crate::tally::Tally;
use crate::upkeep::Upkeep;
use crate::verify::{StartError, Verified, VerifyPool};

/// How long a node waits for the addresses that it was told by name before it says that it is ready
/// without them; the system has given them already.
const NAMED_WAIT: Duration = Duration::from_secs(3);

/// The same where it listens at whatever addresses the machine has, which may be none.
const FIRST_WAIT: Duration = Duration::from_millis(200);

/// How long no further address has come when all have: the system lists them in one go.
const SETTLED: Duration = Duration::from_millis(20);

/// How long the other parts may take to end when one has ended by itself: what they write when all is
/// well takes a moment.
const END_TIMEOUT: Duration = Duration::from_secs(5);

/// How many records are decoded and judged at a time at the start. Two such batches are in memory
/// with all that they say, some 10 MiB each; with fewer, less of what one network says is judged
/// together.
const RESTORE_BATCH: usize = 4096;

/// A node runs.
#[derive(Debug, Clone)]
pub struct Ready {
    /// Which node.
    pub node: NodeId,
    /// Where it listens, each with its name.
    pub listening: Vec<String>,
    /// Where it was told to listen and does not.
    pub missed: Vec<Missed>,
    /// Where its door is.
    pub door: PathBuf,
    /// How many records it holds.
    pub records: usize,
}

/// A node could not start, or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The home is in use, or cannot be.
    #[error("the home cannot be used")]
    Lock(#[from] LockError),
    /// The home lacks something.
    #[error("the home cannot be used")]
    Home(#[from] HomeError),
    /// The configuration is of no use.
    #[error("the configuration cannot be used")]
    Config(#[from] ConfigError),
    /// The store cannot be opened.
    #[error("the store cannot be opened")]
    Open(#[from] OpenError),
    /// What is stored is of another format.
    #[error("the store cannot be used")]
    Format(#[from] FormatError),
    /// The store cannot be read.
    #[error("the store failed; check the disk, then run: weft store verify")]
    Store(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The workers cannot start.
    #[error("the workers cannot start")]
    Workers(#[from] StartError),
    /// The network cannot start.
    #[error("the network cannot start")]
    Network(#[from] SpawnError),
    /// The door cannot be opened.
    #[error("the door {path} cannot be opened; a shorter path of the home may help")]
    Door {
        /// Where it was to be.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// A part has ended while the node was to run, which is a fault of this program.
    #[error("the {0} has ended by itself, which is a fault in weft; its log says where")]
    Ended(Part),
    /// The operating system gives no thread or no randomness.
    #[error("the operating system refused a thread or randomness")]
    System(#[source] io::Error),
}

impl From<DriverError> for RunError {
    fn from(error: DriverError) -> Self {
        match error {
            DriverError::Disk(error) => error.into(),
            DriverError::Ended(part) => Self::Ended(part),
        }
    }
}

impl From<DiskError> for RunError {
    fn from(error: DiskError) -> Self {
        Self::Store(Box::new(error))
    }
}

/// Runs a node in this home until `stop` is cancelled, by the caller or at the door. `ready` is
/// called once, when the door is open and the node listens.
///
/// Dropping the future leaves the node's threads to end by themselves; cancelling is the way.
///
/// # Errors
/// [`RunError`], when the node cannot start, or its disk or a part of it fails while it runs.
pub async fn run(
    home: Home,
    config: Config,
    ready: impl FnOnce(Ready),
    stop: CancellationToken,
) -> Result<(), RunError> {
    home.close();
    let mut options = Options::new(&home.store());
    options.cache_bytes = config.store.cache_mib << 20;
    run_on(options, home, config, ready, stop).await
}

/// The same with a store of these options.
async fn run_on(
    options: Options,
    home: Home,
    config: Config,
    ready: impl FnOnce(Ready),
    stop: CancellationToken,
) -> Result<(), RunError> {
    let _lock = HomeLock::acquire(home.path())?;
    let key = home.key()?;
    let node = NodeId::from(key.public());
    let (mut store, disk) = DiskStore::open(options.clone())?;
    let bridge = home.bridge_key(&mut ChaCha20Rng::from_seed(random()?))?;
    let file = ChoicesFile::of(&home);
    let settings = settings(&config, (node, Some(bridge.public())), file.load()?, random()?);
    let place = place(&settings);
    let clock = Clock::begin(home.clock());
    let mut engine = Engine::new(settings, clock.now());
    let records = restore(&mut engine, &mut store, &clock)?;
    let (pool, verified) = workers(store.reader())?;
    let network_config = network_config(&home, &config, place)?;
    let everywhere = |address: &&Address| address.is_everywhere();
    let all = network_config.listen.len();
    let places = (all - network_config.listen.iter().filter(everywhere).count(), all);
    let (network, events) = network::spawn(network_config, &key.seed())?;
    drop(key);

    let (messages, inbox) = mpsc::channel(driver::MESSAGES_WAITING_MAX);
    let (told, _) = broadcast::channel(driver::EVENTS_WAITING_MAX);
    let (listening, addresses) = watch::channel(Listening::default());
    let (guests, arrivals) = mpsc::channel(door::guests::ARRIVALS_WAITING_MAX);
    let gone = Arc::new(Notify::new());
    let (choices, chosen) = mpsc::channel(KEEPING_MAX);
    let mut parts = Parts::default();
    parts.start(Part::Choices, write_choices(file, chosen, messages.clone()));
    let tally = Tally::default();
    let porter = Porter {
        driver: messages.clone(),
        gone: Arc::clone(&gone),
        asked: Arc::default(),
        network: network.clone(),
        events: told.clone(),
        listening: addresses.clone(),
        upkeep: Upkeep { reader: store.reader(), options },
        clock: clock.clone(),
        profile: config.profile,
        watchers: Arc::new(Semaphore::new(door::WATCHERS_MAX)),
        tally: tally.clone(),
        stop: stop.clone(),
    };
    let hands = Hands {
        clock: clock.clone(),
        network: network.clone(),
        pool,
        writer: store.writer(),
        choices,
        messages,
        events: told,
        guests,
        listening,
        tally,
        bridge,
        runtime: tokio::runtime::Handle::current(),
    };
    let ears = Ears { network: events, messages: inbox, gone, verified, disk, stop: stop.clone() };
    let driver = spawn_driver(Driver::new(engine, store, hands), ears)?;

    let path = home.door();
    let socket = door::bind(&path)
        .map_err(|cause| RunError::Door { path: path.clone(), cause })
        .inspect_err(|_| stop.cancel())?;
    parts.start(Part::FarDoor, door::guests::serve(arrivals, porter.clone()));
    parts.start(Part::Door, door::serve(socket, porter));
    let Listening { at, missed, .. } = listens(addresses, places).await;
    ready(Ready { node, listening: leading_here(&at), missed, door: path, records });
    let ended = end(driver, parts, &stop, &clock).await;
    network.shutdown().await;
    ended.inspect_err(|error| tracing::error!(error = %crate::disk::plain(error), "the node ends"))
}

/// Waits until the node is told to stop or a part ends by itself, and then for all others to end. When it
/// began to run and when it ended is written down.
async fn end(
    driver: oneshot::Receiver<Result<(), RunError>>,
    parts: Parts,
    stop: &CancellationToken,
    clock: &Clock,
) -> Result<(), RunError> {
    clock.mark();
    let ended = ends(driver, parts, stop).await;
    clock.mark();
    ended
}

async fn ends(
    mut driver: oneshot::Receiver<Result<(), RunError>>,
    mut parts: Parts,
    stop: &CancellationToken,
) -> Result<(), RunError> {
    let panicked = |_| Err(RunError::Ended(Part::Engine));
    let (ended, lost) = tokio::select! {
        ended = &mut driver => (Some(ended), None),
        lost = parts.end() => (None, lost.filter(|_| !stop.is_cancelled())),
    };
    stop.cancel();
    let ended = match ended {
        Some(ended) => ended.unwrap_or_else(panicked),
        // A driver that cannot end because of what is lost is left behind.
        None => timeout(END_TIMEOUT, driver).await.map_or(Ok(()), |e| e.unwrap_or_else(panicked)),
    };
    // The doors and the choices end with the driver, which holds the other ends of what they hear.
    timeout(END_TIMEOUT, async { while parts.end().await.is_some() {} }).await.ok();
    // Where the driver has ended badly, what ended with it is no other reason.
    ended.and(lost.map_or(Ok(()), |part| Err(RunError::Ended(part))))
}

/// Returns what an engine of this home is told, of which this key signs what the node carries; none
/// where nothing is carried.
pub(crate) fn settings(
    config: &Config,
    (node, bridge): (NodeId, Option<PublicKey>),
    choices: Choices,
    seed: [u8; 32],
) -> Settings {
    Settings {
        node,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        home: config.region.clone(),
        regions: config.regions_after(&choices),
        hosted: config.networks.clone(),
        choices,
        terms: config.admission.clone(),
        pool: PoolBounds::default(),
        bridge: BridgeSettings { key: bridge, rules: config.bridge.clone() },
        interval: config.traffic.interval(),
        seed,
    }
}

fn random<const N: usize>() -> Result<[u8; N], RunError> {
    let mut bytes = [0; N];
    SysRng.try_fill_bytes(&mut bytes).map_err(|e| RunError::System(io::Error::other(e)))?;
    Ok(bytes)
}

/// Where a node is, with which others it stays connected, and whether with those alone.
type Place = (BTreeSet<Region>, BTreeSet<String>, bool);

fn place(settings: &Settings) -> Place {
    let closed = settings.mode() == Mode::Closed;
    (settings.regions.clone(), settings.choices.peers.clone(), closed)
}

/// What the network is to do. A closed node is found only by those who know where it is: it says so to
/// nobody on its local network, and no address to those it meets.
fn network_config(
    home: &Home,
    config: &Config,
    (regions, peers, closed): Place,
) -> Result<NetworkConfig, RunError> {
    let mut bootstrap = config.addresses("peers", &config.network.peers)?;
    bootstrap.extend(peers.iter().filter_map(|address| address.parse::<Address>().ok()));
    Ok(NetworkConfig {
        listen: config.addresses("listen", &config.network.listen)?,
        bootstrap,
        regions,
        mdns: config.network.mdns && !closed,
        hide_addresses: config.network.hide_addresses || closed,
        relaying: config.network.relay,
        closed,
        peers_file: Some(home.peers()),
        traffic: config.traffic.of_network(),
        jitter_seed: u64::from_be_bytes(random()?),
    })
}

fn workers(reader: Reader) -> Result<(VerifyPool<Tag>, mpsc::Receiver<Verified<Tag>>), RunError> {
    // A store that cannot be read says of every record that it is new, and the engine knows better.
    Ok(VerifyPool::start(move |id, bytes| {
        reader.bytes(id).is_ok_and(|stored| stored.is_some_and(|stored| *stored == *bytes))
    })?)
}

/// Gives the engine what the journal holds: one thread reads and decodes while the engine takes in
/// what was read before. Signatures are not verified again: the journal's check items say that these
/// are the bytes that were.
fn restore(engine: &mut Engine, store: &mut DiskStore, clock: &Clock) -> Result<usize, RunError> {
    let now = clock.now();
    let reader = store.reader();
    // One batch waits while another is taken in: more would only take memory.
    let (sender, batches) = sync_channel(0);
    thread::scope(|scope| {
        let reading = scope.spawn(move || read(&reader, &sender));
        let mut count = 0;
        for records in batches {
            count += records.len();
            engine.restore(now, &records, store).map_err(RunError::from)?;
        }
        let panicked = || ReadError::from(io::Error::other("reading the journal has panicked"));
        let read = reading.join().unwrap_or_else(|_| Err(panicked()));
        read.map_err(DiskError::from)??;
        if let Some(batch) = engine.restored(now, store).map_err(RunError::from)? {
            store.writer().persist(crate::store::Seq(batch.0));
        }
        Ok(count)
    })
}

/// Reads and decodes all records of the journal, until nobody wants more, or one is of another format.
fn read(
    reader: &Reader,
    batches: &SyncSender<Vec<Record>>,
) -> Result<Result<(), FormatError>, ReadError> {
    let mut batch = Vec::with_capacity(RESTORE_BATCH);
    let mut format = Ok(());
    reader.replay(|step| {
        if let Replay::Record(bytes) = step {
            match stored(bytes) {
                Ok(record) => batch.push(record),
                Err(error) => {
                    format = Err(error);
                    return ControlFlow::Break(());
                }
            }
        }
        if batch.len() < RESTORE_BATCH {
            return ControlFlow::Continue(());
        }
        match batches.send(std::mem::replace(&mut batch, Vec::with_capacity(RESTORE_BATCH))) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    })?;
    if format.is_ok() {
        // An error says that the engine's store has failed, which it says itself.
        batches.send(batch).ok();
    }
    Ok(format)
}

/// Writes down what is chosen, one after the other: the file says all of it each time.
async fn write_choices(
    file: ChoicesFile,
    mut chosen: mpsc::Receiver<(RequestId, Box<Choices>)>,
    driver: mpsc::Sender<Message>,
) {
    while let Some((request, choices)) = chosen.recv().await {
        let file = file.clone();
        let written = tokio::task::spawn_blocking(move || file.save(&choices)).await;
        let failure = match written {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(crate::disk::plain(&error)),
            Err(_) => Some("the task ended early".to_owned()),
        };
        if driver.send(Message::Kept(request, failure)).await.is_err() {
            return;
        }
    }
}

/// Starts the driver on a thread and a small runtime of its own, and returns how it ends.
fn spawn_driver(
    driver: Driver,
    ears: Ears,
) -> Result<oneshot::Receiver<Result<(), RunError>>, RunError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .map_err(RunError::System)?;
    let (end, ended) = oneshot::channel();
    thread::Builder::new()
        .name("engine".to_owned())
        .spawn(move || {
            let result = runtime.block_on(driver.run(ears)).map_err(RunError::from);
            // An error says that nobody waits any more.
            end.send(result).ok();
        })
        .map_err(RunError::System)?;
    Ok(ended)
}

/// Waits until the node has said where it listens, or long enough: of the addresses that were named,
/// all but those it could not have; of those that the machine has, until no more come.
async fn listens(mut told: watch::Receiver<Listening>, (named, all): (usize, usize)) -> Listening {
    let everywhere = all > named;
    let patience = if named > 0 { NAMED_WAIT } else { FIRST_WAIT };
    let enough = |now: &Listening| match all {
        0 => true,
        _ => !now.at.is_empty() && now.at.len() + now.missed.len() >= named,
    };
    // Neither running out of time nor a driver that has ended changes what is known.
    timeout(patience, told.wait_for(enough)).await.map(drop).ok();
    while everywhere && matches!(timeout(SETTLED, told.changed()).await, Ok(Ok(()))) {}
    told.borrow().clone()
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::atomic::{AtomicBool, Ordering};

    use tokio::net::UnixStream;
    use tokio_util::bytes::Bytes;
    use weft_protocol::body::Body;
    use weft_protocol::body::identity::Identity;
    use weft_protocol::control::{self, Request, Response};
    use weft_protocol::key::SecretKey;
    use weft_protocol::record::Draft;

    use super::*;
    use crate::frame::Framed;
    use crate::store::{File, Files, RealFiles};

    /// A disk under which the thread that writes panics, from a moment on.
    #[derive(Debug, Clone, Default)]
    struct Trap(Arc<AtomicBool>);

    #[derive(Debug)]
    struct TrapFile(Trap, Box<dyn File>);

    impl Files for Trap {
        fn open(&self, path: &Path) -> io::Result<Box<dyn File>> {
            Ok(Box::new(TrapFile(self.clone(), RealFiles.open(path)?)))
        }

        fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
            RealFiles.rename(from, to)
        }

        fn remove(&self, path: &Path) -> io::Result<()> {
            RealFiles.remove(path)
        }

        fn sync_dir(&self, dir: &Path) -> io::Result<()> {
            RealFiles.sync_dir(dir)
        }
    }

    impl File for TrapFile {
        fn read_at(&self, buf: &mut [u8], position: u64) -> io::Result<usize> {
            self.1.read_at(buf, position)
        }

        fn write_at(&self, bytes: &[u8], position: u64) -> io::Result<usize> {
            assert!(!self.0.0.load(Ordering::Relaxed), "a fault of ours");
            self.1.write_at(bytes, position)
        }

        fn sync(&self) -> io::Result<()> {
            self.1.sync()
        }

        fn truncate(&self, len: u64) -> io::Result<()> {
            self.1.truncate(len)
        }

        fn len(&self) -> io::Result<u64> {
            self.1.len()
        }
    }

    #[test]
    fn h13_a_panic_in_the_journals_thread_ends_the_node_with_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(folder.path());
        home.create("region = \"gb-bristol\"\n", &SecretKey::from_seed(&[7; 32])).unwrap();
        let mut config = Config::new("gb-bristol".parse().unwrap());
        config.network.listen = vec!["/ip4/127.0.0.1/tcp/0".to_owned()];
        config.network.mdns = false;
        let trap = Trap::default();
        let files = Arc::new(trap.clone());
        let options = Options { files, ..Options::new(&home.store()) };
        let door = home.door();
        let key = SecretKey::from_seed(&[8; 32]);
        let body = Body::Identity(Identity::inception(key.public(), key.public().hash()));
        let record = Draft::inception(body, Clock::begin(home.clock()).now()).sign(&key).unwrap();
        let (up, is_up) = oneshot::channel();
        let ready = |_| up.send(()).unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let ended = runtime.block_on(async {
            let node = run_on(options, home, config, ready, CancellationToken::new());
            let posted = async {
                is_up.await.unwrap();
                trap.0.store(true, Ordering::Relaxed);
                let mut client = Framed::new(UnixStream::connect(door).await.unwrap());
                let post = Request::Post { records: record.bytes().to_vec().into() };
                client.send(Bytes::from(control::encode(&post).unwrap())).await.unwrap();
                // The record is not durable, and nobody says that it is.
                if let Ok(Some(answer)) = client.recv().await {
                    let answer = control::decode::<Response>(&answer).unwrap();
                    assert!(matches!(answer, Response::Failed(_)), "{answer:?}");
                }
            };
            tokio::join!(node, posted).0
        });
        assert!(matches!(ended, Err(RunError::Ended(Part::Journal))), "{ended:?}");
    }

    #[tokio::test]
    async fn h13_whatever_ends_first_ends_the_node_and_is_the_reason() {
        let driver_that_stops = |stop: &CancellationToken, ended: Result<(), RunError>| {
            let (told, driver) = oneshot::channel();
            let stop = stop.clone();
            tokio::spawn(async move {
                stop.cancelled().await;
                told.send(ended).unwrap();
            });
            driver
        };
        let at_the_door = |part| {
            let mut parts = Parts::default();
            parts.start(part, async { panic!("a fault of ours") });
            parts
        };
        let stop = CancellationToken::new();
        let driver = driver_that_stops(&stop, Ok(()));
        let ended = ends(driver, at_the_door(Part::Door), &stop).await;
        assert!(matches!(ended, Err(RunError::Ended(Part::Door))), "{ended:?}");

        let stop = CancellationToken::new();
        let driver = driver_that_stops(&stop, Err(RunError::Ended(Part::Transport)));
        let ended = ends(driver, at_the_door(Part::FarDoor), &stop).await;
        assert!(matches!(ended, Err(RunError::Ended(Part::Transport))), "{ended:?}");

        // The engine's thread panics: it drops what would have told its end.
        let (told, driver) = oneshot::channel();
        drop(told);
        let ended = ends(driver, Parts::default(), &CancellationToken::new()).await;
        assert!(matches!(ended, Err(RunError::Ended(Part::Engine))), "{ended:?}");

        let stop = CancellationToken::new();
        stop.cancel();
        let driver = driver_that_stops(&stop, Ok(()));
        let ended = ends(driver, at_the_door(Part::Choices), &stop).await;
        assert!(ended.is_ok(), "it was told to: {ended:?}");
    }

    #[test]
    fn a_closed_node_does_not_say_where_it_is() {
        let home = Home::new("/nowhere");
        let config = Config::new("gb-bristol".parse().unwrap());
        let announces = |closed| {
            let place = (BTreeSet::new(), BTreeSet::new(), closed);
            let network = network_config(&home, &config, place).unwrap();
            (network.mdns, !network.hide_addresses, network.closed)
        };
        assert_eq!(announces(false), (true, true, false));
        assert_eq!(announces(true), (false, false, true));
    }
}
