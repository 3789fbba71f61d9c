//! Where what is signed here is published.

use anyhow::Result;
use weft_protocol::region::Region;

use crate::desk::Desk;
use crate::door::Door;
use crate::exit::{Exit, Failure};
use crate::words::{Joining, Say};

/// Returns the region of this home. Where it asks a node elsewhere, the node has to be in that region: what
/// is published anywhere else nobody there sees.
///
/// # Errors
/// When there are no settings here, and when the node that is asked is in other regions.
pub(super) fn ours(desk: &Desk, door: &Door) -> Result<Region> {
    let region = desk.settings()?.region;
    if door.is_here() {
        return Ok(region);
    }
    let theirs = door.status()?.regions;
    if theirs.contains(&region) {
        return Ok(region);
    }
    let theirs = theirs.iter().map(ToString::to_string).collect();
    let (region, config) = (region.to_string(), desk.home.shown());
    let say = Joining::RegionElsewhere { region, theirs, config };
    Err(Failure::ending(Exit::Refused, Say::Joining(say)))
}
