//! What is told by gossip, and when.
//!
//! A lone record goes out at once. Under load records wait a few milliseconds for company: one
//! message of many costs every node on the way less than many messages of one.
//!
//! **Invariant:** a message is a CBOR sequence of at most [`PUBLISH_BYTES_MAX`] bytes; nothing
//! waits longer than [`GATHER`].

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::Effect;
use crate::region::Region;
use crate::time::Timestamp;

/// The most bytes of one gossip message: below the 64 KiB that the transport takes, with room for
/// its own framing.
pub const PUBLISH_BYTES_MAX: usize = 60 * 1024;

/// How long records wait for company after a message went out: at 200 calls a second four share a
/// message, and a call that comes alone never waits. Twice as long would show in what people see.
pub const GATHER: Duration = Duration::from_millis(20);

/// One region's waiting records.
#[derive(Debug, Default)]
struct Waiting {
    records: Vec<Arc<[u8]>>,
    bytes: usize,
    quiet_until: Timestamp,
}

/// Gathers what is to be told.
#[derive(Debug, Default)]
pub(super) struct Publisher {
    regions: BTreeMap<Region, Waiting>,
}

impl Publisher {
    /// Takes a record to be told in a region.
    pub(super) fn tell(
        &mut self,
        now: Timestamp,
        region: &Region,
        record: Arc<[u8]>,
        out: &mut Vec<Effect>,
    ) {
        let waiting = self.regions.entry(region.clone()).or_default();
        if waiting.bytes + record.len() > PUBLISH_BYTES_MAX {
            waiting.publish(now, region, out);
        }
        waiting.bytes += record.len();
        waiting.records.push(record);
    }

    /// Forgets what waits to be told in a region that was left.
    pub(super) fn leave(&mut self, region: &Region) {
        self.regions.remove(region);
    }

    /// Sends what has waited long enough.
    pub(super) fn wake(&mut self, now: Timestamp, out: &mut Vec<Effect>) {
        for (region, waiting) in &mut self.regions {
            if waiting.quiet_until <= now {
                waiting.publish(now, region, out);
            }
        }
    }

    /// The next moment at which something has waited long enough.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        let busy = self.regions.values().filter(|waiting| !waiting.records.is_empty());
        busy.map(|waiting| waiting.quiet_until).min()
    }
}

impl Waiting {
    fn publish(&mut self, now: Timestamp, region: &Region, out: &mut Vec<Effect>) {
        if self.records.is_empty() {
            return;
        }
        self.quiet_until = now + GATHER;
        self.bytes = 0;
        let records = std::mem::take(&mut self.records);
        out.push(Effect::Publish { region: region.clone(), records });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn published(out: &[Effect]) -> Vec<usize> {
        let count = |effect: &Effect| match effect {
            Effect::Publish { records, .. } => Some(records.len()),
            _ => None,
        };
        out.iter().filter_map(count).collect()
    }

    #[test]
    fn a_lone_record_goes_at_once_and_a_crowd_shares_a_message() {
        let (mut publisher, mut out) = (Publisher::default(), Vec::new());
        let region: Region = "us-wa".parse().unwrap();
        let start = Timestamp::from_secs(1);
        publisher.tell(start, &region, vec![0; 600].into(), &mut out);
        publisher.wake(start, &mut out);
        assert_eq!(published(&out), [1]);
        for n in 1..5 {
            let now = start + Duration::from_millis(n);
            publisher.tell(now, &region, vec![0; 600].into(), &mut out);
            publisher.wake(now, &mut out);
        }
        assert_eq!(published(&out), [1]);
        assert_eq!(publisher.deadline(), Some(start + GATHER));
        publisher.wake(start + GATHER, &mut out);
        assert_eq!(published(&out), [1, 4]);
        assert_eq!(publisher.deadline(), None);
    }

    #[test]
    fn no_message_is_longer_than_allowed() {
        let (mut publisher, mut out) = (Publisher::default(), Vec::new());
        let region: Region = "us-wa".parse().unwrap();
        let now = Timestamp::from_secs(1);
        for _ in 0..50 {
            publisher.tell(now, &region, vec![0; 16_000].into(), &mut out);
        }
        publisher.wake(now + GATHER, &mut out);
        assert!(published(&out).iter().all(|n| n * 16_000 <= PUBLISH_BYTES_MAX));
        assert_eq!(published(&out).iter().sum::<usize>(), 50);
    }
}
