//! Who speaks: which key, in whose name, by which role.

use std::collections::BTreeSet;

use anyhow::Result;
use weft_protocol::body::Body;
use weft_protocol::body::role::{Power, Role};
use weft_protocol::control::{Mandate, Request, Response};
use weft_protocol::fold::role::State;
use weft_protocol::id::{NetId, PublicKey, ThingId};
use weft_protocol::record::Record;
use weft_protocol::time::Timestamp;

use super::Pen;
use crate::exit::{Exit, Failure};
use crate::keys::KeyFile;
use crate::show::directory::Directory;
use crate::show::when::relative;
use crate::words::Say;

/// Who speaks: a key, the network in whose name, and the role that lets it.
#[derive(Debug, Clone)]
pub(crate) struct Voice {
    /// The key.
    pub(crate) key: KeyFile,
    /// The network.
    pub(crate) net: NetId,
    /// The role; none for the network's own key.
    pub(crate) role: Option<ThingId>,
    /// Whether it may say where the network lives.
    pub(crate) hosts: bool,
    /// Until when the role lets it; none for the network's own key.
    pub(super) until: Option<Timestamp>,
}

impl Voice {
    /// Makes the voice of a role's holder, until the role ends.
    pub(crate) fn of_role(key: KeyFile, role: &Record) -> Self {
        let until = Some(role.header().until);
        let hosts = matches!(role.body(), Body::Role(r) if r.powers.contains(&Power::Hosting));
        Self { key, net: role.net(), role: Some(role.thing()), hosts, until }
    }
}

impl Pen<'_> {
    /// Chooses who speaks: the key that was named, or else the one that may, the network's own
    /// before any role's.
    ///
    /// # Errors
    /// When no key here has the power, or several networks could be meant.
    pub(crate) fn voice(&self, power: Power) -> Result<Voice> {
        let keys = match &self.signing.sign_as {
            Some(name) => vec![self.desk.home.keys().named(name)?],
            None => self.desk.home.keys().all()?,
        };
        if keys.is_empty() {
            return Err(Failure::failed(Say::NoKeys));
        }
        let net = self.signing.sign_for.as_ref().map(|word| self.names.network(&self.door, word));
        let net = net.transpose()?;
        let mut voices = Vec::new();
        for key in &keys {
            for mandate in self.mandates(key.public())? {
                let able = mandate.role.is_none() || mandate.powers.contains(&power);
                if able && !mandate.offered && net.is_none_or(|net| net == mandate.net) {
                    let Mandate { net, role, until, powers, .. } = mandate;
                    let hosts = role.is_none() || powers.contains(&Power::Hosting);
                    voices.push(Voice { key: key.clone(), net, role, hosts, until });
                }
            }
        }
        voices.sort_by_key(|voice| (voice.role.is_some(), !voice.hosts));
        match voices.first() {
            Some(first) if voices.iter().all(|voice| voice.net == first.net) => Ok(first.clone()),
            Some(_) => Err(self.of_several(&voices)?),
            None => self.past_voice(&keys, power),
        }
    }

    /// Makes the error of who speaks for several networks and has not said for which.
    fn of_several(&self, voices: &[Voice]) -> Result<anyhow::Error> {
        let directory = Directory::load(self.desk, &self.door)?;
        let nets: BTreeSet<NetId> = voices.iter().map(|voice| voice.net).collect();
        let first = nets.first().map(NetId::short).unwrap_or_default();
        let names = nets.into_iter().map(|net| directory.name(net)).collect();
        Ok(Failure::ending(Exit::Usage, Say::ForWhichNetwork { names, first }))
    }

    fn mandates(&self, key: PublicKey) -> Result<Vec<Mandate>> {
        self.door.list(&Request::Mandates { key }, |response| match response {
            Response::Mandate(mandate) => Some(mandate),
            _ => None,
        })
    }

    /// Returns a voice that no longer counts, or does not yet, so that the node says why not.
    fn past_voice(&self, keys: &[KeyFile], power: Power) -> Result<Voice> {
        let roles = self.door.things(&Request::Roles { net: None }, |response| match response {
            Response::Role(view) => Some(view),
            _ => None,
        })?;
        let mut ended = None;
        for (record, state) in roles {
            if matches!(state.state, State::Active { .. }) {
                // It counts, and lacks the power.
                continue;
            }
            let Body::Role(Role { holder, label, .. }) = record.body() else { continue };
            if let Some(key) = keys.iter().find(|key| key.public() == *holder) {
                if state.state == State::Expired {
                    ended =
                        ended.max(Some((record.header().until, label.to_string(), record.net())));
                    continue;
                }
                return Ok(Voice::of_role(key.clone(), &record));
            }
        }
        if let Some((until, label, net)) = ended {
            let network = Directory::load(self.desk, &self.door)?.name(net);
            let ended = relative(until, self.desk.now(), self.desk.speech);
            return Err(Failure::ending(Exit::Refused, Say::RoleEnded { label, ended, network }));
        }
        if let (Some(net), Some(key)) = (self.disputed()?, keys.first()) {
            return Ok(Voice { key: key.clone(), net, role: None, hosts: true, until: None });
        }
        let keys = keys.iter().map(KeyFile::name).collect::<Vec<_>>().join(", ");
        Err(Failure::ending(Exit::Refused, Say::NoMandate { keys, power: power.to_string() }))
    }

    /// Returns a network that lives on the node and for which nobody can speak.
    fn disputed(&self) -> Result<Option<NetId>> {
        let status = self.door.status()?;
        let states = self.door.networks()?.into_iter().map(|(_, state)| state);
        let mut ours = states.filter(|state| status.hosted.contains(&state.net));
        Ok(ours.find(|state| state.disputed.is_some()).map(|state| state.net))
    }
}
