//! `weft who-can-see`: who can see a record, and how it came here.

use anyhow::Result;
use serde_json::json;

use crate::desk::Desk;
use crate::door::Door;
use crate::exit::Exit;
use crate::names::Names;
use crate::show::directory::Directory;
use crate::show::{json as shapes, ways};
use crate::words::Crossing;

/// Say who can see a record, and how it came here
///
/// Its home and its reach say who may have it; the regions of this node say where it is, and by
/// which bridges it came. Who has read it nobody can tell, and nothing counts that.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which record
    record: String,
}

/// Shows it.
pub(crate) fn run(desk: &Desk, args: &Args) -> Result<Exit> {
    let door = Door::open(desk)?;
    let id = Names::load(desk)?.find(&door, &args.record, None)?;
    let record = door.record(id)?;
    let came = ways::of(&door, record.thing())?;
    let home = record.header().home.clone();
    let home = home.map(|home| (home.region.to_string(), home.reach));
    let seen = Crossing::Seen { home: home.clone() };
    if desk.json {
        desk.answer(&json!({
            "id": record.id(),
            "thing": record.thing(),
            "region": home.as_ref().map(|(region, _)| region),
            "reach": home.as_ref().map(|(_, reach)| shapes::plain(reach)),
            "who": crate::words::Speech::English.of_bridges(&seen),
            "regions": ways::shape(&came),
            "absent": came.absent,
            "one_voice": ways::one_voice(&came),
        }))?;
        return Ok(Exit::Done);
    }
    desk.line(desk.speech.of_bridges(&seen))?;
    ways::show(desk, &Directory::load(desk, &door)?, &record, &came)?;
    desk.line(desk.speech.of_bridges(&Crossing::Elsewhere))?;
    Ok(Exit::Done)
}
