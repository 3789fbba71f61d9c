//! By which bridges something came into the regions of a node.

use anyhow::Result;
use serde_json::{Value, json};
use weft_protocol::control::{Request, Response, WaysView};
use weft_protocol::id::ThingId;
use weft_protocol::record::Record;

use crate::desk::Desk;
use crate::door::{self, Door};
use crate::show::directory::Directory;
use crate::words::Crossing;

/// Asks the node by which ways a thing came.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn of(door: &Door, thing: ThingId) -> Result<WaysView> {
    match door.ask(&Request::Ways { thing })? {
        Response::Ways(ways) => Ok(ways),
        _ => Err(door::strange()),
    }
}

/// Shows the ways, region by region.
///
/// # Errors
/// When standard output is closed.
pub(crate) fn show(
    desk: &Desk,
    directory: &Directory,
    record: &Record,
    view: &WaysView,
) -> Result<()> {
    let say = |said: Crossing| desk.line(desk.speech.of_bridges(&said));
    let home = record.header().home.as_ref().map(|home| &home.region);
    for (region, ways) in &view.regions {
        if Some(region) == home {
            say(Crossing::AtHome { region: region.to_string() })?;
            continue;
        }
        let (count, independent) = (ways.ways.len(), ways.independent);
        say(Crossing::Came { region: region.to_string(), ways: count, independent })?;
        for way in &ways.ways {
            let crossings = way.crossings.iter();
            let crossings: Vec<(String, String)> =
                crossings.map(|c| (directory.name(c.net), c.region.to_string())).collect();
            // The way begins at home; where a bridge went out of is the region before.
            let from = home.unwrap_or(&way.from).to_string();
            say(Crossing::Way { from, crossings, carriage: way.carriage.short() })?;
        }
    }
    for (a, b, link) in &view.links {
        let (a, b) = (directory.name(*a), directory.name(*b));
        say(Crossing::OneVoice { a, b, link: *link })?;
    }
    if !view.absent.is_empty() {
        let regions = view.absent.iter().map(ToString::to_string).collect();
        say(Crossing::NotIn { regions })?;
    }
    Ok(())
}

/// The ways as JSON: for each region of the node in which it is.
pub(crate) fn shape(view: &WaysView) -> Value {
    let regions = view.regions.iter().map(|(region, ways)| {
        json!({ "region": region, "ways": ways.ways, "independent": ways.independent })
    });
    regions.collect()
}

/// Which networks on these ways count as one voice, and why, as JSON.
pub(crate) fn one_voice(view: &WaysView) -> Value {
    let links = view.links.iter();
    links.map(|(a, b, link)| json!({ "networks": [a, b], "why": link })).collect()
}
