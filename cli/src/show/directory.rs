//! What networks are called.

use std::collections::BTreeMap;

use anyhow::Result;
use weft_protocol::body::Body;
use weft_protocol::body::text::Lang;
use weft_protocol::id::{NetId, ThingId};

use crate::commands::network;
use crate::commands::newcomer::newcomers;
use crate::desk::Desk;
use crate::door::Door;
use crate::exit;
use crate::looks::{Lookalikes, alike};
use crate::names::Names;
use crate::words::{Say, Speech};

/// The names of networks: those that the person has given, and those that they give themselves.
///
/// **Invariant:** a name that looks like another network's is never shown without both ids, unless the
/// person has given one of their own (`attacks_names`).
#[derive(Debug)]
pub(crate) struct Directory {
    given: Names,
    own: BTreeMap<NetId, String>,
    alike: Lookalikes,
    speech: Speech,
}

impl Directory {
    /// Returns the names that the person has given; those that networks give themselves are learnt one by
    /// one.
    ///
    /// # Errors
    /// When the names cannot be read.
    pub(crate) fn given(desk: &Desk) -> Result<Self> {
        let (own, alike) = (BTreeMap::new(), Lookalikes::default());
        Ok(Self { given: Names::load(desk)?, own, alike, speech: desk.speech })
    }

    /// Asks the node for the names of all networks that it knows.
    ///
    /// # Errors
    /// When the node does not answer.
    pub(crate) fn load(desk: &Desk, door: &Door) -> Result<Self> {
        let languages = desk.languages();
        let mut directory = Self::given(desk)?;
        for (record, state) in door.networks()? {
            let Some(record) = record else { continue };
            let Body::Profile(profile) = record.body() else { continue };
            for (_, name) in profile.name.iter() {
                directory.alike.add(state.net, name);
            }
            directory.own.extend(name_in(record.body(), &languages).map(|name| (state.net, name)));
        }
        Ok(directory)
    }

    /// Learns the name of a network that lists leave out, because its records are not shown here.
    ///
    /// # Errors
    /// When the node does not answer.
    pub(crate) fn learn(&mut self, desk: &Desk, door: &Door, net: NetId) -> Result<()> {
        if self.own.contains_key(&net) {
            return Ok(());
        }
        let profile = match network::known(door, net) {
            Ok((profile, _)) => profile,
            Err(error) if exit::is_absence(&error) => None,
            Err(error) => return Err(error),
        };
        // Of a newcomer it is kept apart, and shown to the operator alone.
        let apart = || {
            let waiting = newcomers(door).unwrap_or_default().into_iter();
            waiting.filter(|(_, state)| state.newcomer.net == net).find_map(|(profile, _)| profile)
        };
        let profile = profile.or_else(apart);
        let name = profile.and_then(|profile| name_in(profile.body(), &desk.languages()));
        self.own.extend(name.map(|name| (net, name)));
        Ok(())
    }

    /// Remembers what a network called itself of which nothing is kept any more.
    pub(crate) fn remember(&mut self, net: NetId, name: &str) {
        if !self.own.contains_key(&net) {
            self.alike.add(net, name);
            self.own.insert(net, name.to_owned());
        }
    }

    /// Learns the name of a network that may have changed.
    ///
    /// # Errors
    /// When the node does not answer.
    pub(crate) fn renew(&mut self, desk: &Desk, door: &Door, net: NetId) -> Result<()> {
        self.own.remove(&net);
        self.learn(desk, door, net)
    }

    /// Says whether a network gives itself this name.
    pub(crate) fn is_called(&self, net: NetId, name: &str) -> bool {
        self.own.get(&net).is_some_and(|own| alike(own) == alike(name))
    }

    /// Returns a sentence of the rules with the names of networks in the place of their ids.
    pub(crate) fn named(&self, sentence: &str) -> String {
        let names = self.own.keys().map(|net| (net.short(), self.name(*net)));
        names.fold(sentence.to_owned(), |said, (id, name)| said.replace(&id, &name))
    }

    /// Returns what to call a network.
    pub(crate) fn name(&self, net: NetId) -> String {
        if let Some(name) = self.given.of(net.into()) {
            return name.to_owned();
        }
        match self.own.get(&net) {
            Some(name) => self.beside(net, name),
            None => net.short(),
        }
    }

    /// Returns the name beside which the id of a network stands already; nothing when it has none.
    pub(crate) fn own_name(&self, net: NetId) -> String {
        match (self.given.of(net.into()), self.own.get(&net)) {
            (Some(given), _) => given.to_owned(),
            (None, Some(own)) => self.bare(net, own.clone()),
            (None, None) => String::new(),
        }
    }

    /// Returns a name with the id of whose it is, and of another network with one that looks like it.
    pub(crate) fn beside(&self, net: NetId, name: &str) -> String {
        match self.alike.other(net, name) {
            Some(other) => self.speech.say(&Say::LooksLike {
                name: name.to_owned(),
                net: net.short(),
                other: other.short(),
            }),
            None => format!("{name} ({})", net.short()),
        }
    }

    /// Returns a name as it is, unless it looks like another network's.
    pub(crate) fn bare(&self, net: NetId, name: String) -> String {
        if self.alike.other(net, &name).is_some() { self.beside(net, &name) } else { name }
    }
}

/// Returns the title of a thing with its id; its id alone where it has none, or is not here.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn title(desk: &Desk, door: &Door, thing: ThingId) -> Result<String> {
    let id = thing.short();
    match door.current(thing.into()) {
        Ok(record) => {
            let title = title_in(record.body(), &desk.languages());
            Ok(title.map_or_else(|| id.clone(), |title| format!("{title} ({id})")))
        }
        Err(error) if exit::is_absence(&error) => Ok(id),
        Err(error) => Err(error),
    }
}

fn title_in(body: &Body, languages: &[Lang]) -> Option<String> {
    let title = match body {
        Body::Call(call) => call.title.in_any(languages).1,
        Body::Proposal(proposal) => proposal.title.in_any(languages).1,
        Body::Gathering(gathering) => gathering.title.in_any(languages).1,
        Body::Tie(tie) => tie.terms.summary.in_any(languages).1,
        _ => return None,
    };
    Some(title.to_owned())
}

/// Returns the name in a profile.
pub(crate) fn name_in(body: &Body, languages: &[Lang]) -> Option<String> {
    match body {
        Body::Profile(profile) => Some(profile.name.in_any(languages).1.to_owned()),
        _ => None,
    }
}
