//! A world to test with: networks with keys, members with roles, and everything they sign.
//!
//! ```
//! use weft_tests::world::World;
//!
//! let world = World::new(1);
//! let (alice, bob) = (world.network("alice"), world.network("bob"));
//! let call = alice.call("beds").ask(20).sign();
//! let offer = bob.offer(&call).amount(5).sign();
//! assert_eq!(offer.net(), bob.id());
//! # assert_eq!(World::new(1).network("alice").call("beds").ask(20).sign(), call);
//! ```
//!
//! **Invariant:** the same seed makes the same keys and the same records, byte for byte.
//!
//! **Invariant:** every record here is really signed; nothing is faked but people.

#![expect(clippy::missing_panics_doc, reason = "a harness panics when a test is wrong")]

mod deciding;
mod speech;
mod statement;

pub use speech::{Member, Network, Voice};
pub use statement::Statement;

use std::sync::Arc;
use std::thread;

use sha2::{Digest, Sha256};
use weft_protocol::id::NodeId;
use weft_protocol::key::SecretKey;
use weft_protocol::record::Record;
use weft_protocol::region::Region;
use weft_protocol::time::Timestamp;

/// When every world begins: a second far from every edge of a day, a month or a limit.
pub const START: Timestamp = Timestamp::from_secs(1_800_000_000);

/// Where networks live, when, and which keys they draw.
#[derive(Debug, Clone)]
pub struct World {
    seed: u64,
    now: Timestamp,
    region: Region,
}

impl World {
    /// Makes the world of a seed, in the region `us-wa` at [`START`].
    pub fn new(seed: u64) -> Self {
        Self { seed, now: START, region: region("us-wa") }
    }

    /// Moves to another region.
    #[must_use]
    pub fn in_region(self, name: &str) -> Self {
        Self { region: region(name), ..self }
    }

    /// Moves to another time: what is signed from here on is dated then.
    #[must_use]
    pub fn at(self, now: Timestamp) -> Self {
        Self { now, ..self }
    }

    /// Returns the region in which networks publish.
    pub fn region(&self) -> &Region {
        &self.region
    }

    /// Founds the network of this name, with a rotation key and three guardians, two of whom can
    /// recover it.
    pub fn network(&self, name: &str) -> Network {
        Network::found(self, name)
    }

    /// Founds so many networks, named by numbers.
    pub fn networks(&self, count: usize) -> Vec<Network> {
        (0..count).map(|n| self.network(&format!("network-{n}"))).collect()
    }

    /// Returns the node of this name.
    pub fn node(&self, name: &str) -> NodeId {
        self.key(&format!("node {name}")).public().into()
    }

    /// Signs so many calls of about 600 bytes in turn by these networks, on all cores.
    pub fn calls(&self, authors: &[Network], count: usize) -> Vec<Record> {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let part = count.div_ceil(cores).max(1);
        let numbers: Vec<usize> = (0..count).collect();
        thread::scope(|scope| {
            let sign = |n: &usize| authors[n % authors.len()].call(&format!("call {n}")).sign();
            let workers: Vec<_> = numbers
                .chunks(part)
                .map(|chunk| scope.spawn(move || chunk.iter().map(sign).collect::<Vec<_>>()))
                .collect();
            workers.into_iter().flat_map(|worker| worker.join().expect("signs")).collect()
        })
    }

    /// Draws the key of this name.
    fn key(&self, name: &str) -> Arc<SecretKey> {
        let hash = Sha256::new().chain_update(self.seed.to_be_bytes()).chain_update(name);
        Arc::new(SecretKey::from_seed(&hash.finalize().into()))
    }
}

/// Reads the name of a region.
fn region(name: &str) -> Region {
    name.parse().expect("tests name regions rightly")
}

#[cfg(test)]
mod tests {
    use super::*;
    use weft_protocol::record::Unverified;

    #[test]
    fn calls_are_about_600_bytes_and_the_same_in_every_world_of_a_seed() {
        let world = World::new(7);
        let authors = world.networks(3);
        let calls = world.calls(&authors, 10);
        assert_eq!(calls.len(), 10);
        assert_eq!(calls, World::new(7).calls(&authors, 10));
        assert_ne!(calls, World::new(8).calls(&World::new(8).networks(3), 10));
        for call in &calls {
            assert!((560..=640).contains(&call.bytes().len()), "{} bytes", call.bytes().len());
            let again = Unverified::decode(call.bytes()).expect("decodes").verify();
            assert_eq!(again.as_ref(), Ok(call));
        }
    }

    #[test]
    fn everything_that_people_sign_can_be_signed() {
        let world = World::new(7);
        let (alice, bob) = (world.network("alice"), world.network("bob"));
        let rep = alice.member("rep 1");
        let call = rep.call("beds").ask(20).sign();
        let tie = alice.tie(&[&bob]).sign();
        let offer = bob.offer(&call).amount(5).sign();
        let all = [
            alice.profile(&[world.node("alice")]).sign(),
            alice.values().sign(),
            call.clone(),
            alice.call("beds").ask(30).following(&call).sign(),
            bob.endorse(&call).sign(),
            bob.accept(&tie).sign(),
            alice.accept(&offer).sign(),
            alice.withdraw(&rep.role).sign(),
            alice.erase(&call).sign(),
            alice.rotate().0,
            tie,
            offer,
        ];
        let ids: std::collections::BTreeSet<_> = all.iter().map(Record::id).collect();
        assert_eq!(ids.len(), all.len());
    }
}
