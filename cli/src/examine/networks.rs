//! The networks that live here, and the keys that speak for them.

use anyhow::Result;
use weft_protocol::body::Body;
use weft_protocol::body::identity::Identity;
use weft_protocol::control::{NetworkState, NodeStatus};
use weft_protocol::id::{NetId, PublicKey};

use crate::commands::network::{self, Known};
use crate::desk::Desk;
use crate::door::Door;
use crate::exit;
use crate::keys::KeyFile;
use crate::pair::Place;
use crate::show::directory::Directory;
use crate::show::when::relative;
use crate::words::Finding;

/// Do the networks that live here still have their voice, and do those live here whose keys are here?
pub(super) fn look(desk: &Desk, door: &Door, status: &NodeStatus) -> Result<Vec<Finding>> {
    let mut directory = Directory::given(desk)?;
    let keys = desk.home.keys().all()?;
    let mut found = Vec::new();
    for net in &status.hosted {
        // By a clock that is behind, even the first record of a network may be still to come.
        let Some((_, state)) = known_here(door, *net)? else {
            let early = status.clock.is_some_and(|clock| clock.is_wrong());
            let name = directory.name(*net);
            found.extend((!early).then_some(Finding::Awaited { name }));
            continue;
        };
        directory.learn(desk, door, *net)?;
        let name = directory.name(*net);
        found.extend(voice(&state, &name));
        found.extend(replaced(desk, door, (&state, &name), &keys)?);
    }
    if !door.is_here() {
        return Ok(found);
    }
    if desk.home.keys().founding().exists() {
        found.push(Finding::FoundingBroke);
        return Ok(found);
    }
    let mut homeless = network::spoken_for(door, &keys)?;
    homeless.retain(|net| !status.hosted.contains(net));
    if homeless.is_empty() && status.hosted.is_empty() {
        found.push(nobody_lives_here(desk)?);
    }
    for net in homeless {
        directory.learn(desk, door, net)?;
        let (name, id) = (directory.name(net), net.to_string());
        found.push(Finding::NotAtHome { name, id });
    }
    Ok(found)
}

fn known_here(door: &Door, net: NetId) -> Result<Option<Known>> {
    match network::known(door, net) {
        Ok(known) => Ok(Some(known)),
        Err(error) if exit::is_absence(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What there is to say where no network lives: that is no fault, unless a network's key lies here.
fn nobody_lives_here(desk: &Desk) -> Result<Finding> {
    Ok(match Place::first(None).find(&desk.home.keys())? {
        Some(pair) => Finding::UnknownKey { path: pair.path().display().to_string() },
        None => Finding::NoNetwork,
    })
}

fn voice(state: &NetworkState, name: &str) -> Option<Finding> {
    let name = name.to_owned();
    if state.disputed.is_some() {
        Some(Finding::Disputed { name })
    } else if state.closed.is_some() {
        Some(Finding::Closed { name })
    } else if state.key.is_none_or(|key| state.revoked.contains(&key)) {
        Some(Finding::Voiceless { name })
    } else {
        None
    }
}

/// Has somebody else given the network another key than the one in this home?
fn replaced(
    desk: &Desk,
    door: &Door,
    (state, name): (&NetworkState, &str),
    keys: &[KeyFile],
) -> Result<Option<Finding>> {
    let Some(own) = Place::first(None).find(&desk.home.keys())?.map(|pair| pair.public()) else {
        return Ok(None);
    };
    let in_force = |key: PublicKey| keys.iter().any(|file| file.public() == key);
    if state.key.is_none_or(in_force) || state.log.len() < 2 {
        return Ok(None);
    }
    let (mut was_ours, mut change, mut before) = (false, None, None);
    for id in &state.log {
        let record = door.record(*id)?;
        let Body::Identity(event) = record.body() else { continue };
        let Some(key) = event.keys().map(|keys| keys.key) else { continue };
        was_ours |= key == own;
        if before.replace(key) != Some(key) {
            change = Some((record.header().at, matches!(event, Identity::Recover(_))));
        }
    }
    let Some((at, by_guardians)) = change.filter(|_| was_ours) else { return Ok(None) };
    let when = relative(at, desk.now(), desk.speech);
    Ok(Some(Finding::KeyReplaced { name: name.to_owned(), when, by_guardians }))
}
