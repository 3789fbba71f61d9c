//! What somebody is about to say, before it is signed.

use std::time::Duration;

use weft_protocol::body::Body;
use weft_protocol::body::call::{Ask, Urgency};
use weft_protocol::record::{Draft, Reach, Record, Version};
use weft_protocol::region::Region;
use weft_protocol::time::Timestamp;

use super::Voice;

/// A statement with a voice, a date and a home. Ends in [`Statement::sign`].
#[must_use = "say it: sign it"]
#[derive(Debug, Clone)]
pub struct Statement<'a> {
    voice: &'a Voice,
    body: Body,
    at: Timestamp,
    until: Option<Timestamp>,
    region: Region,
    reach: Reach,
    version: Version,
}

impl<'a> Statement<'a> {
    /// Begins a statement for thirty days in the voice's region.
    pub(super) fn new(voice: &'a Voice, body: Body) -> Self {
        let (at, region) = (voice.now, voice.region.clone());
        Self {
            voice,
            body,
            at,
            until: None,
            region,
            reach: Reach::Movement,
            version: Version::default(),
        }
    }

    /// Dates it.
    pub fn at(self, at: Timestamp) -> Self {
        Self { at, ..self }
    }

    /// Lets it end then.
    pub fn until(self, until: Timestamp) -> Self {
        Self { until: Some(until), ..self }
    }

    /// Gives it another home.
    pub fn home(self, region: &str) -> Self {
        Self { region: super::region(region), ..self }
    }

    /// Says how far it may travel.
    pub fn reach(self, reach: Reach) -> Self {
        Self { reach, ..self }
    }

    /// Makes it the next version of this record's thing.
    pub fn following(self, before: &Record) -> Self {
        self.version(before, before.rev() + 1)
    }

    /// Makes it this version of this record's thing.
    pub fn version(mut self, before: &Record, rev: u16) -> Self {
        self.version = Version { rev, ..Version::after(before) };
        self
    }

    /// Makes it another first version of this record's thing.
    pub fn beside(mut self, other: &Record) -> Self {
        self.version = Version { nonce: other.header().version.nonce, ..Version::default() };
        self
    }

    /// Makes it the next version after both of these.
    pub fn joining(self, [one, other]: [&Record; 2]) -> Self {
        let mut joined = self.following(one);
        joined.version.prev.push(other.id());
        joined.version.prev.sort_unstable();
        joined
    }

    /// Changes what it says.
    pub(super) fn turn(&mut self, change: impl FnOnce(&mut Body)) {
        change(&mut self.body);
    }

    /// Asks in a call for so many of something more.
    ///
    /// # Panics
    /// When it is no call, or a call of many asks.
    pub fn ask(mut self, amount: u32) -> Self {
        let Body::Call(call) = &mut self.body else { panic!("only a call asks") };
        let mut asks: Vec<Ask> = std::mem::take(&mut call.asks).into();
        let tag = "beds".parse().expect("a tag");
        asks.push(Ask { tag, text: None, amount: Some(amount), unit: None });
        call.asks = asks.try_into().expect("at most sixteen asks");
        self
    }

    /// Says that a call cannot wait.
    ///
    /// # Panics
    /// When it is no call.
    pub fn urgent(mut self) -> Self {
        let Body::Call(call) = &mut self.body else { panic!("only a call is urgent") };
        call.urgency = Urgency::Now;
        self
    }

    /// Names the amount of an answer.
    ///
    /// # Panics
    /// When it is no response.
    pub fn amount(mut self, amount: u32) -> Self {
        let Body::Response(response) = &mut self.body else { panic!("only an answer has one") };
        response.amount = Some(amount);
        self
    }

    /// Returns it unsigned.
    pub fn draft(self) -> Draft {
        let until = self.until.unwrap_or(self.at + Duration::from_secs(30 * 86_400));
        let life = (self.at, until.since(self.at));
        let mut draft = Draft::new(self.body, self.voice.net, (self.region, self.reach), life);
        draft.header.role = self.voice.role;
        draft.header.version = self.version;
        draft
    }

    /// Signs it.
    ///
    /// # Panics
    /// When every reader would refuse it: then the test is wrong.
    pub fn sign(self) -> Record {
        let key = self.voice.key.clone();
        self.draft().sign(&key).expect("tests say what can be said")
    }
}
