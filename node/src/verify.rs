//! Decoding and verifying what peers send, on every core, before the engine sees it.
//!
//! **Invariant:** what comes out are [`Record`]s, in the order in which the parcels went in, each
//! parcel once.
//! **Invariant:** a record that is stored already to the last byte, or stands twice in one batch, costs
//! no verification; a stored statement under another seal does, because its id does not cover the seal.
//! It is given back all the same: what is on the disk may still be news to the engine.
//! **Invariant:** both queues are bounded: a slow reader slows the workers, and they the senders.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::{fmt, io, thread};

use getrandom::SysRng;
use rand_chacha::ChaCha20Rng;
use rand_core::{CryptoRng, SeedableRng};
use tokio::sync::mpsc;
use weft_protocol::control::Flaw;
use weft_protocol::id::RecordId;
use weft_protocol::record::{
    BadSignature, DecodeError, Record, SequenceError, Unverified, sequence, verify_batch,
};

/// The parcels that wait to be verified; a gossip message, a sync frame or a post each. When as many
/// wait, the conversation ends or the client is told to come again.
const PARCELS_WAITING_MAX: usize = 1024;

/// The places among them that gossip leaves free: strangers may send as much of it as they like, and
/// it must not keep members and conversations out.
const PLACES_RESERVED: usize = PARCELS_WAITING_MAX / 4;

/// The verified parcels that wait for their reader.
const VERIFIED_WAITING_MAX: usize = 64;

/// A batch is closed when it holds so many bytes, a thousand records of the usual size or more. The
/// more there are, the more of them share an author: half as much costs an eighth more for each
/// record, twice as much saves little and makes the first one wait.
const BATCH_BYTES: usize = 640 * 1024;

/// Records that came together from one peer, and what their sender is to be told by.
#[derive(Debug, Clone)]
pub struct Parcel<T> {
    /// Comes back with the outcome.
    pub tag: T,
    /// CBOR sequences of records, taken as one.
    pub sequences: Vec<Arc<[u8]>>,
}

/// What became of a parcel.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified<T> {
    /// The parcel's.
    pub tag: T,
    /// The records whose signature holds, in their order; those after a malformed one are not looked at.
    pub records: Vec<Record>,
    /// The first thing wrong. It condemns the message, and not the records that were good.
    pub fault: Option<Fault>,
}

/// What is wrong with a parcel.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It is not a sequence of records.
    #[error(transparent)]
    Sequence(#[from] SequenceError),
    /// Something in it is not a record.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// A signature does not hold.
    #[error(transparent)]
    Signature(#[from] BadSignature),
    /// This program failed on it; the log says where. The bytes are as good as malformed.
    #[error("verifying failed")]
    Bug,
}

impl From<Fault> for Flaw {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Sequence(error) => (&error).into(),
            Fault::Decode(error) => (&error).into(),
            Fault::Signature(error) => (&error).into(),
            Fault::Bug => Self::Unverified,
        }
    }
}

/// Sends parcels to the workers. Cheap to clone; when the last is gone, the workers end.
pub struct VerifyPool<T> {
    parcels: mpsc::Sender<Parcel<T>>,
}

impl<T> Clone for VerifyPool<T> {
    fn clone(&self) -> Self {
        Self { parcels: self.parcels.clone() }
    }
}

impl<T> fmt::Debug for VerifyPool<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyPool").field("free", &self.parcels.capacity()).finish()
    }
}

/// The workers could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The operating system gives no randomness.
    #[error("there is no randomness to verify with")]
    Randomness(#[source] getrandom::Error),
    /// The operating system gives no thread.
    #[error("a thread could not be started")]
    Thread(#[source] io::Error),
}

impl<T: Send + 'static> VerifyPool<T> {
    /// Starts a worker for each core. `stored` says whether a record is stored already with these very
    /// bytes, and so was verified once; every worker asks it for every record, so it must be fast, and it may say no too often.
    /// Saying yes by the id alone would let a liar pass a false seal on through honest nodes, who
    /// would then be taken for the liar.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start(
        stored: impl Fn(&RecordId, &[u8]) -> bool + Send + Sync + 'static,
    ) -> Result<(Self, mpsc::Receiver<Verified<T>>), StartError> {
        let (parcels, waiting) = mpsc::channel(PARCELS_WAITING_MAX);
        let (verified, reader) = mpsc::channel(VERIFIED_WAITING_MAX);
        let workers = thread::available_parallelism().map_or(1, Into::into);
        let bench = Arc::new(Bench {
            waiting: Mutex::new(Waiting { parcels: waiting, batches: 0, workers }),
            order: Mutex::new(Order { verified, next: 0, early: HashMap::new() }),
            stored,
        });
        for _ in 0..workers {
            let rng = ChaCha20Rng::try_from_rng(&mut SysRng).map_err(StartError::Randomness)?;
            let bench = Arc::clone(&bench);
            thread::Builder::new()
                .name("verify".to_owned())
                .spawn(move || bench.work(rng))
                .map_err(StartError::Thread)?;
        }
        Ok((Self { parcels }, reader))
    }

    /// Hands a parcel over, waiting for a place. Who reads the outcomes must not wait here, or both
    /// wait for ever. Dropping the future keeps the parcel out.
    ///
    /// # Errors
    /// The parcel, when nobody reads the outcomes any more.
    pub async fn send(&self, parcel: Parcel<T>) -> Result<(), Parcel<T>> {
        self.parcels.send(parcel).await.map_err(|error| error.0)
    }

    /// Hands a parcel over if there is a place beside those that are kept for others.
    ///
    /// # Errors
    /// The parcel, when there is none: gossip is then ignored, and reconciling brings it.
    pub fn try_send_last(&self, parcel: Parcel<T>) -> Result<(), Parcel<T>> {
        if self.parcels.capacity() > PLACES_RESERVED { self.try_send(parcel) } else { Err(parcel) }
    }

    /// Hands a parcel over if there is a place.
    ///
    /// # Errors
    /// The parcel, when there is none.
    pub fn try_send(&self, parcel: Parcel<T>) -> Result<(), Parcel<T>> {
        self.parcels.try_send(parcel).map_err(|error| match error {
            mpsc::error::TrySendError::Full(parcel) | mpsc::error::TrySendError::Closed(parcel) => {
                parcel
            }
        })
    }
}

/// Where the workers work.
struct Bench<T, F> {
    waiting: Mutex<Waiting<T>>,
    order: Mutex<Order<T>>,
    stored: F,
}

struct Waiting<T> {
    parcels: mpsc::Receiver<Parcel<T>>,
    /// How many batches were taken.
    batches: u64,
    /// How many share what waits.
    workers: usize,
}

/// Puts batches back in the order in which they were taken.
struct Order<T> {
    verified: mpsc::Sender<Verified<T>>,
    /// The batch whose outcome goes out next.
    next: u64,
    /// The outcomes that are ready before their turn: what the other workers finish while one batch
    /// takes its time, some milliseconds.
    early: HashMap<u64, Vec<Verified<T>>>,
}

impl<T: Send, F: Fn(&RecordId, &[u8]) -> bool> Bench<T, F> {
    fn work(&self, mut rng: ChaCha20Rng) {
        let _ends = Ends(self);
        while let Some((number, parcels)) = self.take() {
            let batch = parcels.iter().map(|parcel| parcel.sequences.as_slice()).collect();
            let outcomes = catch_unwind(AssertUnwindSafe(|| verify(batch, &self.stored, &mut rng)));
            let outcomes = outcomes.unwrap_or_else(|_| {
                tracing::error!("verifying failed on what a peer sent; this is a bug in weft");
                parcels.iter().map(|_| Outcome::bug()).collect()
            });
            let verified = parcels.into_iter().zip(outcomes).map(|(parcel, outcome)| {
                let Outcome { records, fault } = outcome;
                Verified { tag: parcel.tag, records, fault }
            });
            if self.give(number, verified.collect()).is_err() {
                return;
            }
        }
    }

    /// Takes a worker's share of what waits, up to a batch: one parcel at once when there is no load,
    /// many when there is.
    fn take(&self) -> Option<(u64, Vec<Parcel<T>>)> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let mut batch = vec![waiting.parcels.blocking_recv()?];
        let mut bytes = batch[0].bytes();
        let share = (waiting.parcels.len() + 1).div_ceil(waiting.workers);
        while bytes < BATCH_BYTES
            && batch.len() < share
            && let Ok(parcel) = waiting.parcels.try_recv()
        {
            bytes += parcel.bytes();
            batch.push(parcel);
        }
        let number = waiting.batches;
        waiting.batches += 1;
        Some((number, batch))
    }

    /// Gives outcomes to the reader in their turn. A worker that is early leaves them to the one whose
    /// turn it is.
    fn give(&self, number: u64, outcomes: Vec<Verified<T>>) -> Result<(), Unread> {
        let mut order = self.order.lock().unwrap_or_else(PoisonError::into_inner);
        order.early.insert(number, outcomes);
        loop {
            let next = order.next;
            let Some(outcomes) = order.early.remove(&next) else { return Ok(()) };
            for outcome in outcomes {
                order.verified.blocking_send(outcome).map_err(|_| Unread)?;
            }
            order.next += 1;
        }
    }
}

/// Lets all workers end when one does: what it had taken would be missing in the order, and nothing
/// would ever come out again.
struct Ends<'a, T, F>(&'a Bench<T, F>);

impl<T, F> Drop for Ends<'_, T, F> {
    fn drop(&mut self) {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner).parcels.close();
    }
}

/// Nobody reads the outcomes any more.
struct Unread;

impl<T> Parcel<T> {
    fn bytes(&self) -> usize {
        self.sequences.iter().map(|sequence| sequence.len()).sum()
    }
}

struct Outcome {
    records: Vec<Record>,
    fault: Option<Fault>,
}

impl Outcome {
    fn bug() -> Self {
        Self { records: Vec::new(), fault: Some(Fault::Bug) }
    }
}

/// Verifies a batch of parcels as one.
fn verify(
    parcels: Vec<&[Arc<[u8]>]>,
    stored: impl Fn(&RecordId, &[u8]) -> bool,
    rng: &mut impl CryptoRng,
) -> Vec<Outcome> {
    let mut batch = Batch { unverified: Vec::new(), places: HashMap::new() };
    let opened: Vec<_> = parcels.into_iter().map(|parcel| batch.open(parcel, &stored)).collect();
    let verified = verify_batch(batch.unverified, rng);
    let settle = |(places, fault): (Vec<Place>, Option<Fault>)| {
        let mut outcome = Outcome { records: Vec::new(), fault };
        for place in places {
            let record = match place {
                Place::Stored(record) => Ok(*record),
                Place::Batch(place) => verified[place].clone(),
            };
            match record {
                Ok(record) => outcome.records.push(record),
                Err(bad) => outcome.fault = outcome.fault.or(Some(bad.into())),
            }
        }
        outcome
    };
    opened.into_iter().map(settle).collect()
}

/// What is verified together, each record once however many parcels it came in. Copies must be equal
/// to the last byte: an id alone is that of the statement, and the seal might be false on one of them.
struct Batch {
    unverified: Vec<Unverified>,
    places: HashMap<(RecordId, [u8; SEAL_BYTES]), usize>,
}

/// Where a record of a parcel is.
#[derive(Debug, PartialEq)]
enum Place {
    /// It was verified when it was stored.
    Stored(Box<Record>),
    /// In the batch.
    Batch(usize),
}

/// The signature, which is all of a record that its id does not cover.
const SEAL_BYTES: usize = weft_protocol::key::SIGNATURE_BYTES;

impl Batch {
    /// Opens a parcel and returns where its records are, and what is wrong with it.
    fn open(
        &mut self,
        parcel: &[Arc<[u8]>],
        stored: impl Fn(&RecordId, &[u8]) -> bool,
    ) -> (Vec<Place>, Option<Fault>) {
        let mut places = Vec::new();
        for bytes in parcel.iter().flat_map(|bytes| sequence(bytes)) {
            let opened = bytes.map_err(Fault::from).and_then(|b| Ok((decode(b)?, b)));
            match opened.map(|((unverified, seal), bytes)| (unverified, seal, bytes)) {
                Ok((unverified, _, bytes)) if stored(&unverified.id(), bytes) => {
                    places.push(Place::Stored(Box::new(unverified.assume_verified())));
                }
                Ok((unverified, seal, _)) => {
                    places.push(Place::Batch(self.place(unverified, seal)))
                }
                Err(fault) => return (places, Some(fault)),
            }
        }
        (places, None)
    }

    fn place(&mut self, unverified: Unverified, seal: [u8; SEAL_BYTES]) -> usize {
        let next = self.unverified.len();
        match self.places.entry((unverified.id(), seal)) {
            Entry::Occupied(place) => *place.get(),
            Entry::Vacant(place) => {
                place.insert(next);
                self.unverified.push(unverified);
                next
            }
        }
    }
}

/// Decodes one record, and tells its seal apart.
fn decode(bytes: &[u8]) -> Result<(Unverified, [u8; SEAL_BYTES]), Fault> {
    let unverified = Unverified::decode(bytes)?;
    let seal = bytes.last_chunk().expect("what decodes ends with a signature");
    Ok((unverified, *seal))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;
    use weft_protocol::body::Body;
    use weft_protocol::body::identity::Identity;
    use weft_protocol::key::SecretKey;
    use weft_protocol::record::Draft;
    use weft_protocol::time::Timestamp;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(60);

    fn record(seed: u8) -> Record {
        let key = SecretKey::from_seed(&[seed; 32]);
        let body = Identity::inception(key.public(), key.public().hash());
        let now = Timestamp::from_secs(1_800_000_000);
        Draft::inception(Body::Identity(body), now).sign(&key).unwrap()
    }

    /// The same statement under a false seal.
    fn forged(seed: u8) -> Arc<[u8]> {
        let mut bytes = record(seed).bytes().to_vec();
        *bytes.last_mut().unwrap() ^= 1;
        bytes.into()
    }

    fn parcel<T>(tag: T, records: &[Arc<[u8]>]) -> Parcel<T> {
        Parcel { tag, sequences: vec![records.concat().into()] }
    }

    fn bytes(seed: u8) -> Arc<[u8]> {
        Arc::clone(record(seed).bytes())
    }

    #[tokio::test]
    async fn outcomes_come_in_the_order_of_the_parcels_and_records_in_theirs() {
        let (pool, mut reader) = VerifyPool::start(|_, _| false).unwrap();
        let records: Vec<_> = (0..8).map(record).collect();
        let all: Vec<_> = records.iter().map(|record| Arc::clone(record.bytes())).collect();
        let send = async {
            for tag in 0..3_000_usize {
                let records = &all[..tag % all.len()];
                pool.send(parcel(tag, records)).await.unwrap();
            }
        };
        let read = async {
            for tag in 0..3_000_usize {
                let verified = reader.recv().await.unwrap();
                let records = records[..tag % all.len()].to_vec();
                assert_eq!(verified, Verified { tag, records, fault: None });
            }
        };
        timeout(PATIENCE, async { tokio::join!(send, read) }).await.unwrap();
        drop(pool);
        assert_eq!(timeout(PATIENCE, reader.recv()).await.unwrap(), None);
    }

    #[tokio::test]
    async fn what_is_stored_is_not_verified_again_and_given_back() {
        // Said to be stored, which nothing false ever is: so it is seen that nobody verifies it.
        let stored = |_: &RecordId, stored: &[u8]| *stored == *forged(1);
        let (pool, mut reader) = VerifyPool::start(stored).unwrap();
        let all = [bytes(2), forged(1), bytes(3)];
        pool.try_send(parcel(1, &all)).unwrap();
        let verified = timeout(PATIENCE, reader.recv()).await.unwrap().unwrap();
        let records: Vec<_> = verified.records.iter().map(|r| Arc::clone(r.bytes())).collect();
        assert_eq!((records.as_slice(), verified.fault), (all.as_slice(), None));
        // A false copy of what is stored is refused: passed on, it would condemn whoever passes it.
        pool.try_send(parcel(9, &[forged(2)])).unwrap();
        let verified = timeout(PATIENCE, reader.recv()).await.unwrap().unwrap();
        assert_eq!(verified.fault, Some(Fault::Signature(BadSignature)));
    }

    #[tokio::test]
    async fn gossip_leaves_places_for_members_and_conversations() {
        let (parcels, _waiting) = mpsc::channel(PARCELS_WAITING_MAX);
        let pool = VerifyPool { parcels };
        let gossip = (0..).take_while(|n| pool.try_send_last(parcel(*n, &[])).is_ok()).count();
        assert_eq!(gossip, PARCELS_WAITING_MAX - PLACES_RESERVED);
        let rest = (0..).take_while(|n| pool.try_send(parcel(*n, &[])).is_ok()).count();
        assert_eq!(rest, PLACES_RESERVED);
    }

    #[tokio::test]
    async fn a_false_seal_condemns_its_own_parcel_and_no_other() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let parcels =
            [vec![bytes(1), bytes(2)], vec![forged(1), bytes(3)], vec![bytes(2), bytes(2)]];
        let batch = parcels.iter().map(Vec::as_slice).collect();
        let outcomes = verify(batch, |_, _| false, &mut rng);
        let told: Vec<_> = outcomes.iter().map(|o| (o.records.len(), o.fault.clone())).collect();
        let bad = Some(Fault::Signature(BadSignature));
        assert_eq!(told, [(2, None), (1, bad), (2, None)]);
    }

    #[test]
    fn copies_are_verified_once_and_only_if_their_seals_are_equal() {
        let mut batch = Batch { unverified: Vec::new(), places: HashMap::new() };
        let parcel = [bytes(1), bytes(1), forged(1), bytes(1), forged(1)];
        let (places, _) = batch.open(&parcel, |_, _| false);
        assert_eq!(places, [0, 0, 1, 0, 1].map(Place::Batch));
        assert_eq!(batch.unverified.len(), 2);
    }

    #[tokio::test]
    async fn what_is_not_a_record_condemns_the_parcel_from_there_on() {
        let (pool, mut reader) = VerifyPool::start(|_, _| false).unwrap();
        pool.try_send(parcel(1, &[bytes(1), [1, 2, 3].into(), bytes(2)])).unwrap();
        let mut long = bytes(3).to_vec();
        long[44] ^= 0x80;
        pool.try_send(parcel(2, &[long.into()])).unwrap();
        pool.try_send(parcel(3, &[])).unwrap();
        let mut next = async || timeout(PATIENCE, reader.recv()).await.unwrap().unwrap();
        let first = next().await;
        assert_eq!(first.records, [record(1)]);
        assert!(matches!(first.fault, Some(Fault::Sequence(_))));
        assert!(next().await.fault.is_some());
        let Verified { tag, records, fault } = next().await;
        assert_eq!((tag, records.len(), fault), (3, 0, None));
    }

    #[tokio::test]
    async fn a_reader_that_does_not_read_holds_the_senders_back() {
        let (pool, mut reader) = VerifyPool::start(|_, _| false).unwrap();
        let mut sent = 0_usize;
        let flood = async {
            while sent < 100_000 {
                pool.send(parcel(sent, &[])).await.unwrap();
                sent += 1;
            }
        };
        let stuck = async {
            while pool.parcels.capacity() > 0 {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, async {
            tokio::select! { () = flood => {}, () = stuck => {} }
        })
        .await
        .unwrap();
        assert!(sent < 100_000);
        for tag in 0..sent {
            let verified = timeout(PATIENCE, reader.recv()).await.unwrap().unwrap();
            assert_eq!(verified.tag, tag);
        }
    }
}
