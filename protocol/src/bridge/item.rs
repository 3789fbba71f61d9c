//! What rules ask of a record.
//!
//! **Invariant:** an item says nothing that its record does not: what others know of it is in a
//! [`Situation`](super::Situation).

use crate::body::Body;
use crate::body::text::{Lang, Place, Tag, Text};
use crate::id::{NetId, RecordId, ThingId};
use crate::record::{Home, Kind, Record};
use crate::time::Timestamp;

/// What a record says of itself, as far as rules ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its name.
    pub id: RecordId,
    /// What it is a version of.
    pub thing: ThingId,
    /// Whose it is.
    pub net: NetId,
    /// Its kind.
    pub kind: Kind,
    /// Where it lives.
    pub home: Home,
    /// Its date and its end.
    pub life: (Timestamp, Timestamp),
    /// Movement fields, languages and places that it names.
    pub about: About,
}

/// What a record is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// Its movement fields.
    pub fields: Vec<Tag>,
    /// The languages of its main text.
    pub languages: Vec<Lang>,
    /// Its places.
    pub places: Vec<Place>,
}

impl Item {
    /// Reads what rules ask of a record; none of one without a home, which nobody carries.
    pub fn of(record: &Record) -> Option<Self> {
        let header = record.header();
        Some(Self {
            id: record.id(),
            thing: record.thing(),
            net: record.net(),
            kind: header.kind.clone(),
            home: header.home.clone()?,
            life: (header.at, header.until),
            about: About::of(record.body()),
        })
    }
}

fn languages<const MAX: usize, const ONE_LINE: bool>(text: &Text<MAX, ONE_LINE>) -> Vec<Lang> {
    text.iter().map(|(lang, _)| lang.clone()).collect()
}

impl About {
    fn of(body: &Body) -> Self {
        let mut about = Self::default();
        match body {
            Body::Call(call) => {
                about.fields = call.fields.to_vec();
                about.languages = languages(&call.title);
                about.places = call.places.to_vec();
            }
            Body::Profile(profile) => {
                about.fields = profile.fields.to_vec();
                about.languages = languages(&profile.name);
                about.places = profile.places.to_vec();
            }
            Body::Gathering(gathering) => {
                about.fields = gathering.fields.to_vec();
                about.languages = languages(&gathering.title);
                about.places = gathering.place.iter().cloned().collect();
            }
            Body::Proposal(proposal) => about.languages = languages(&proposal.title),
            Body::Tie(tie) => about.languages = languages(&tie.terms.summary),
            Body::Disclosure(disclosure) => about.languages = languages(&disclosure.text),
            Body::Values(values) => {
                about.languages = values.statement.as_ref().map(languages).unwrap_or_default();
            }
            Body::Response(response) => {
                about.languages = response.text.as_ref().map(languages).unwrap_or_default();
            }
            Body::Identity(_)
            | Body::Role(_)
            | Body::Carriage(_)
            | Body::End(_)
            | Body::Opaque(..) => {}
        }
        about
    }
}
