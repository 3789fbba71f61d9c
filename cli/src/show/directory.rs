//! What networks are called.

use std::collections::BTreeMap;

use anyhow::Result;
use weft_protocol::body::Body;
use weft_protocol::body::text::Lang;
use weft_protocol::control::{Request, Response};
use weft_protocol::id::NetId;

use crate::desk::Desk;
use crate::door::{self, Door};
use crate::names::Names;

/// The names of networks: those that the person has given, and those that they give themselves.
#[derive(Debug)]
pub(crate) struct Directory {
    given: Names,
    own: BTreeMap<NetId, String>,
}

impl Directory {
    /// Asks the node for the names of all networks that it knows.
    ///
    /// # Errors
    /// When the node does not answer.
    pub(crate) fn load(desk: &Desk, door: &Door) -> Result<Self> {
        let languages = desk.languages();
        let mut own = BTreeMap::new();
        door.each(&Request::Networks, |response| {
            let Response::Network(view) = response else { return Err(door::strange()) };
            if !view.record.is_empty() {
                let record = door::signed(&view.record)?;
                if let Some(name) = name_in(record.body(), &languages) {
                    own.insert(view.state.net, name);
                }
            }
            Ok(())
        })?;
        Ok(Self { given: Names::load(desk)?, own })
    }

    /// Returns what to call a network.
    pub(crate) fn name(&self, net: NetId) -> String {
        if let Some(name) = self.given.of(net.into()) {
            return name.to_owned();
        }
        match self.own.get(&net) {
            Some(name) => format!("{name} ({})", net.short()),
            None => net.short(),
        }
    }
}

/// Returns the name in a profile.
pub(crate) fn name_in(body: &Body, languages: &[Lang]) -> Option<String> {
    match body {
        Body::Profile(profile) => Some(profile.name.in_any(languages).1.to_owned()),
        _ => None,
    }
}
