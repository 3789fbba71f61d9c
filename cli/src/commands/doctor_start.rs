//! What `weft doctor` finds where no node runs: whether one could, and what would keep it from that.

use std::fs;
use std::io;

use weft_node::RunError;
use weft_node::needs::{self, DOOR_BYTES_MAX, Unmet};
use weft_protocol::control::Missed;

use crate::behind;
use crate::desk::Desk;
use crate::exit::Failure;
use crate::words::{Finding, Say, Starting, by_reason};

/// Looks at what `weft up` would need. The first finding says that no node runs, and what to do when
/// nothing is in the way.
pub(crate) fn examine(desk: &Desk) -> Vec<Finding> {
    if let Some(foreign) = behind::foreign(desk.home.path()) {
        return vec![Finding::NoNode(Box::new(Say::Keeping(foreign)))];
    }
    if let Some(shut) = shut(desk) {
        return vec![Finding::Starting(Starting::CannotStart), Finding::Starting(shut)];
    }
    let config = match desk.settings().map_err(|error| error.downcast::<Failure>()) {
        Ok(config) => config,
        Err(Ok(Failure { say, .. })) => return vec![Finding::NoNode(Box::new(say))],
        Err(Err(error)) => {
            let why = format!("{error:#}.");
            return vec![Finding::NoNode(Box::new(Say::Surroundings { why }))];
        }
    };
    let (mut found, mut missed) = (Vec::new(), Vec::new());
    for unmet in needs::unmet(desk.home.node(), &config) {
        match said(desk, unmet) {
            Ok(said) => found.push(Finding::Starting(said)),
            Err(place) => missed.push(place),
        }
    }
    let nowhere = !missed.is_empty() && missed.len() == config.network.listen.len();
    let first = if found.is_empty() && !nowhere {
        Finding::NoNode(Box::new(Say::NoNode))
    } else {
        Finding::Starting(Starting::CannotStart)
    };
    found.insert(0, first);
    found.extend(by_reason(&missed, false).into_iter().map(Finding::Starting));
    found
}

/// A folder that cannot be looked into hides whether it is a home.
fn shut(desk: &Desk) -> Option<Starting> {
    let error = fs::read_dir(desk.home.path()).err()?;
    let (path, owner) = (desk.home.shown(), needs::owner(desk.home.path()));
    let shut = error.kind() == io::ErrorKind::PermissionDenied;
    shut.then_some(Starting::Shut { path, owner, read_only: false })
}

/// Returns what to say of it, or the place where the node could not listen.
fn said(desk: &Desk, unmet: Unmet) -> Result<Starting, Missed> {
    let shown = |path: std::path::PathBuf| path.display().to_string();
    Ok(match unmet {
        Unmet::InUse { process } => Starting::HomeLocked { path: desk.home.shown(), process },
        Unmet::Shut { path, owner, read_only } => {
            Starting::Shut { path: shown(path), owner, read_only }
        }
        Unmet::Broken(error) => {
            Starting::Broken { why: format!("{:#}", anyhow::Error::new(error)) }
        }
        Unmet::Store(RunError::Format(format)) => desk.home.of_another_format(format),
        Unmet::Store(error) => Starting::Broken { why: format!("{:#}", anyhow::Error::new(error)) },
        Unmet::LongDoor { path } => Starting::LongDoor { path: shown(path), most: DOOR_BYTES_MAX },
        Unmet::Missed(place) => return Err(place),
    })
}
