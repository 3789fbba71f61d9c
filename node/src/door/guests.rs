//! The door that is open from anywhere: the stream `/weft/control/1` of the transport.
//!
//! Whoever opens one must first prove to hold a key that may do something here; section 15 of the
//! specification says how. From then on the conversation is that of every door, narrower and slower.
//!
//! **Invariant:** nothing is answered before the proof but what the proof needs.
//!
//! **Invariant:** no guest takes a place, or time, from the operator: this door has places of its own.

use std::sync::Arc;
use std::time::Duration;

use getrandom::SysRng;
use rand_core::TryRng;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::{Instant, timeout};
use tokio_util::bytes::Bytes;
use weft_protocol::control::{
    self, Challenge, Failure, NONCE_BYTES, REVISION, Refusal, Request, Response,
};
use weft_protocol::id::{NodeId, PublicKey};

use super::Porter;
use super::client::{Client, Guest, Standing};
use super::crowd::Crowd;
use crate::frame::Framed;
use crate::network::{Neighbourhood, PeerStream};
use crate::tally::Refused;

/// The most guests at once: the members of a few networks, of whom few are awake together.
const GUESTS_MAX: usize = 64;

/// The most conversations of one key: a watch, and a command or two beside it.
const OF_ONE_KEY_MAX: usize = 4;

/// The most guests that watch at once, as at the other door: half the places are for those who ask.
const WATCHERS_MAX: usize = GUESTS_MAX / 2;

/// The most who are still to prove who they are. One for each node they come from, so that a crowd of
/// strangers needs as many connections.
const STRANGERS_MAX: usize = 64;

/// How long a proof may take: three round trips over a bad link, and a passphrase is asked before.
const PROOF_TIMEOUT: Duration = Duration::from_secs(10);

/// How many proofs may fail on one stream: a person has a few keys, a guesser has many.
const PROOFS_MAX: u32 = 4;

/// How long a guest may let the node wait, with a question or with reading its answer.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// The streams that wait for the door, which takes them at once.
pub(crate) const ARRIVALS_WAITING_MAX: usize = 16;

/// A stream that a node has opened, and where that comes from.
pub(crate) type Arrival = (NodeId, PeerStream, Option<Neighbourhood>);

/// Serves guests until the node stops.
pub(crate) async fn serve(mut arrivals: mpsc::Receiver<Arrival>, mut porter: Porter) {
    porter.watchers = Arc::new(Semaphore::new(WATCHERS_MAX));
    let strangers = Crowd::new(STRANGERS_MAX, 1);
    let guests = Crowd::new(GUESTS_MAX, OF_ONE_KEY_MAX);
    while let Some((peer, stream, from)) = arrivals.recv().await {
        let Some(pass) = strangers.enter(peer.0, from) else {
            porter.tally.count(Refused::GuestCrowd);
            continue;
        };
        let (porter, guests) = (porter.clone(), guests.clone());
        tokio::spawn(async move {
            let (stop, tally, out) = (porter.stop.clone(), porter.tally.clone(), pass.out());
            let stranger = Stranger { frames: Framed::new(stream), peer, porter };
            let proved = tokio::select! {
                () = stop.cancelled() => return,
                () = out.cancelled() => return tally.count(Refused::GuestCrowd),
                proved = timeout(PROOF_TIMEOUT, stranger.proves()) => proved,
            };
            drop(pass);
            if let Ok(Some((key, stranger))) = proved {
                stranger.enters(key, &guests).await;
            } else {
                tally.count(Refused::GuestProof);
            }
        });
    }
}

/// Somebody who has not proved yet who they are.
struct Stranger {
    frames: Framed<PeerStream>,
    peer: NodeId,
    porter: Porter,
}

impl Stranger {
    /// Waits for a proof that holds, of a key that may do something here, and returns the key.
    async fn proves(mut self) -> Option<(PublicKey, Self)> {
        let mut challenge = None;
        let mut failed = 0;
        while failed < PROOFS_MAX {
            let bytes = self.frames.recv().await.ok()??;
            let answer = match control::decode::<Request>(&bytes) {
                Ok(Request::Knock { revision: REVISION }) => {
                    let fresh = self.challenge()?;
                    let nonce = fresh.nonce.to_vec().into();
                    challenge = Some(fresh);
                    Response::Challenge { nonce }
                }
                Ok(Request::Knock { .. }) => {
                    Response::Failed(Failure::Revision { revision: REVISION })
                }
                Ok(Request::Prove { key, signature }) => {
                    // Each challenge is answered once.
                    let holds = challenge.take().is_some_and(|c| c.is_answered(&key, &signature));
                    let answer = if holds { self.greeting(key).await? } else { unproved() };
                    if matches!(answer, Response::Hello { .. }) {
                        self.say(&answer).await?;
                        return Some((key, self));
                    }
                    answer
                }
                Ok(_) => unproved(),
                Err(error) => Response::Failed(Failure::BadRequest(crate::disk::plain(&error))),
            };
            failed += u32::from(matches!(answer, Response::Failed(_)));
            self.say(&answer).await?;
        }
        None
    }

    fn challenge(&self) -> Option<Challenge> {
        let mut nonce = [0; NONCE_BYTES];
        SysRng.try_fill_bytes(&mut nonce).ok()?;
        Some(Challenge { node: self.porter.network.node(), client: self.peer, nonce })
    }

    /// Asks the engine what it says to this key.
    async fn greeting(&mut self, key: PublicKey) -> Option<Response> {
        let hello = Request::Hello { revision: REVISION };
        self.porter.ask(hello, Some(key)).await?.next().await?.0.pop()
    }

    async fn say(&mut self, response: &Response) -> Option<()> {
        let bytes = control::encode(response).ok()?;
        self.frames.send(Bytes::from(bytes)).await.ok()
    }

    /// Talks with the guest until one of both ends it.
    async fn enters(mut self, key: PublicKey, guests: &Crowd) {
        let Some(pass) = guests.enter(key.0, None) else {
            self.porter.tally.count(Refused::GuestCrowd);
            // It may have gone.
            self.say(&Response::Failed(Failure::Busy)).await;
            return;
        };
        let (stop, out, tally) = (self.porter.stop.clone(), pass.out(), self.porter.tally.clone());
        let guest = Some(Guest {
            key,
            patience: IDLE_TIMEOUT,
            pace: Pace::default(),
            standing: Standing::default(),
        });
        let mut client = Client { frames: self.frames, pass, porter: self.porter, guest };
        tokio::select! {
            () = stop.cancelled() => {}
            () = out.cancelled() => tally.count(Refused::GuestCrowd),
            _ = client.run() => {}
        }
    }
}

fn unproved() -> Response {
    Response::Failed(Failure::Refused(Refusal::Unproven))
}

/// How fast one guest is answered: so many requests at once, then one each while. Who asks faster
/// waits; nothing is refused.
#[derive(Debug, Default)]
pub(super) struct Pace(Option<Instant>);

impl Pace {
    /// What a command asks, with its lists, and as much again.
    const AT_ONCE: u32 = 64;

    /// Twenty a second: more than a person types, less than a node notices.
    const EACH: Duration = Duration::from_millis(50);

    /// Returns when the request that came now is to be answered.
    pub(super) fn turn(&mut self, now: Instant) -> Instant {
        let free = now.checked_sub(Self::EACH * Self::AT_ONCE).unwrap_or(now);
        let turn = self.0.map_or(free, |last| last.max(free)) + Self::EACH;
        self.0 = Some(turn);
        turn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_too_fast_waits_and_who_does_not_does_not() {
        let now = Instant::now() + Duration::from_secs(3600);
        let mut pace = Pace::default();
        let waits: Vec<bool> = (0..Pace::AT_ONCE + 2).map(|_| pace.turn(now) > now).collect();
        assert_eq!(waits.iter().filter(|waits| **waits).count(), 2);
        assert!(waits[waits.len() - 1]);
        let later = now + Pace::EACH * 3;
        assert!(pace.turn(later) <= later, "what was waited for counts");
    }
}
