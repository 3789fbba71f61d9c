//! What a node says of itself to whoever connects: the name of the protocol and its regions, and nothing
//! of the version, the system or the operator.
//!
//! Who is in no region of ours is of no use to us, and we to them; but a person who wonders why nothing
//! comes has to hear where the other side is. It is said on meeting and is the other side's word.
//!
//! **Invariant:** what is read is bounded, whoever wrote it.

use std::collections::BTreeSet;

use weft_protocol::engine::REGIONS_MAX;
use weft_protocol::region::Region;

/// The name of the protocol.
pub(super) const PROTOCOL: &str = "weft/1";

/// Says who we are, and in which regions when we started.
pub(super) fn write(regions: &BTreeSet<Region>) -> String {
    let words = regions.iter().map(Region::as_str);
    std::iter::once(PROTOCOL).chain(words).collect::<Vec<_>>().join(" ")
}

/// Returns the regions that another node names, at most [`REGIONS_MAX`]; none when it speaks another
/// protocol.
pub(super) fn read(agent: &str) -> BTreeSet<Region> {
    let mut words = agent.split(' ');
    if words.next() != Some(PROTOCOL) {
        return BTreeSet::new();
    }
    words.take(REGIONS_MAX).filter_map(|word| word.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_strangers_are_bounded() {
        let regions = ["gb-bristol", "us-wa"].map(|name| name.parse().unwrap()).into();
        assert_eq!(write(&regions), "weft/1 gb-bristol us-wa");
        assert_eq!(read(&write(&regions)), regions);
        assert_eq!(read("rust-libp2p/0.1 gb-bristol"), BTreeSet::new());
        assert_eq!(read("weft/1 NOT A REGION"), BTreeSet::new());
        let many: Vec<String> = (0..100).map(|n| format!("region-{n}")).collect();
        assert_eq!(read(&format!("weft/1 {}", many.join(" "))).len(), REGIONS_MAX);
    }
}
