//! What is found in the home itself: keys that cannot be used, and what the disk has spoilt.

use anyhow::Result;
use weft_protocol::control::{Request, Response, StoreTask};

use crate::desk::Desk;
use crate::door::{self, Door};
use crate::keys::Found;
use crate::words::Finding;

/// Names the keys of this home that cannot be used.
///
/// # Errors
/// When their folder cannot be read.
pub(super) fn keys(desk: &Desk) -> Result<Vec<Finding>> {
    let faulty = |found| match found {
        Found::Faulty { path, fault, .. } => {
            Some(Finding::FaultyKey { path: path.display().to_string(), fault })
        }
        Found::Key(_) => None,
    };
    Ok(desk.home.keys().found()?.into_iter().filter_map(faulty).collect())
}

/// Was anything of the store unreadable when the node started?
///
/// # Errors
/// When the node does not answer.
pub(super) fn store(door: &Door) -> Result<Option<Finding>> {
    let Response::Store(report) = door.ask(&Request::Store(StoreTask::Stats))? else {
        return Err(door::strange());
    };
    let places = report.figures.get("skipped-at-start").copied().unwrap_or_default();
    Ok((places > 0).then_some(Finding::Skipped { places }))
}
