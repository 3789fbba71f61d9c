//! How networks decide, meet and disclose.

use std::time::Duration;

use weft_protocol::body::Body;
use weft_protocol::body::disclosure::{Disclosure, DisclosureKind, Source};
use weft_protocol::body::gathering::{Gathering, GatheringKind, Times};
use weft_protocol::body::minutes::Minutes;
use weft_protocol::body::proposal::{DecisionMethod, Objections, Proposal, Rule, Voice as Asked};
use weft_protocol::body::response::{Choice, Reference, Response, ResponseKind};
use weft_protocol::body::text::List;
use weft_protocol::body::tie::{Seats, Tie, TieKind};
use weft_protocol::id::{NetId, RecordId};
use weft_protocol::record::Record;
use weft_protocol::time::Timestamp;

use super::speech::text;
use super::{Network, Statement, Voice};

/// A day.
const DAY: Duration = Duration::from_secs(86_400);

impl Voice {
    /// Proposes to keep a topic together with these networks.
    pub fn anchor(&self, others: &[&Network], topic: &str) -> Statement<'_> {
        let Body::Tie(tie) = self.tie_of(TieKind::Anchor, others).draft().body else {
            panic!("a tie")
        };
        let topic = Some(topic.parse().expect("a tag"));
        self.say(Body::Tie(Tie { topic, ..tie })).until(self.now + 300 * DAY)
    }

    /// Proposes an agreement with a rep and an alternate of each party, who owe word of their
    /// funding.
    pub fn umbrella(&self, others: &[&Network]) -> Statement<'_> {
        let Body::Tie(mut tie) = self.tie(others).draft().body else { panic!("a tie") };
        tie.terms.seats = Some(Seats { rep: 1, alternate: 1 });
        let funding = vec!["funding".parse().expect("a tag")];
        tie.terms.disclosure_required = funding.try_into().expect("one");
        self.say(Body::Tie(tie)).until(self.now + 300 * DAY)
    }

    /// Puts a proposal to the parties of a tie: by consent, with a quorum of 60 percent. Voting
    /// waits for the minutes of these gatherings.
    pub fn proposal(&self, to: &Record, rule: [Timestamp; 3], asked: &[&Record]) -> Statement<'_> {
        let [freeze, opens, closes] = rule.map(Timestamp::as_secs);
        let voice = |gathering: &&Record| Asked {
            who: text("Those who met there"),
            field: None,
            gathering: Some(gathering.thing()),
            required: true,
        };
        let voices: Vec<Asked> = asked.iter().map(voice).collect();
        let proposal = Proposal {
            to: to.thing(),
            title: text("Joint work 2010"),
            text: text("We work together for a year, on three fields."),
            options: List::default(),
            rationale: None,
            effect: None,
            rule: Rule {
                method: DecisionMethod::Consent,
                quorum: 60,
                share: None,
                objections: Objections::Count,
                freeze,
                min_days: 30,
                vote_from: opens,
                vote_until: closes,
            },
            voices: voices.try_into().expect("at most twelve"),
            counted: List::default(),
        };
        self.say(Body::Proposal(proposal)).until(self.now + 250 * DAY)
    }

    /// Lists the ballots of a proposal that count.
    pub fn closing(&self, of: &Record, counted: &[RecordId]) -> Statement<'_> {
        let Body::Proposal(proposal) = of.body() else { panic!("a proposal") };
        let counted = counted.to_vec().try_into().expect("at most 128");
        let closing = Proposal { counted, ..proposal.clone() };
        self.say(Body::Proposal(closing)).following(of).until(of.header().until)
    }

    /// Votes.
    pub fn ballot(&self, to: &Record, choice: Choice) -> Statement<'_> {
        let response = Response {
            kind: ResponseKind::Ballot,
            to: Reference { thing: to.thing(), seen: to.id() },
            text: None,
            ask: None,
            amount: None,
            choice: Some(choice),
            evidence: List::default(),
            sealed: List::default(),
            minutes: None,
        };
        self.say(Body::Response(response)).until(to.header().until)
    }

    /// Calls a gathering of two hours that these networks host too. With a rule it repeats.
    pub fn gathering(
        &self,
        title: &str,
        (kind, start): (GatheringKind, Timestamp),
        hosts: &[&Network],
        rule: Option<&str>,
    ) -> Statement<'_> {
        let hosts: Vec<NetId> = hosts.iter().map(|host| host.id()).collect();
        let facilitation = std::iter::once(self.id()).chain(hosts.iter().copied());
        let rrule = rule.map(|rule| rule.to_owned().try_into().expect("a rule"));
        let start = start.as_secs();
        let zone = "America/Los_Angeles".parse().expect("a tag");
        let gathering = Gathering {
            kind,
            title: text(title),
            text: None,
            facilitation: facilitation.collect::<Vec<_>>().try_into().expect("at most 24"),
            hosts: hosts.try_into().expect("at most 16"),
            times: Times { start, end: start + 7200, zone, rrule },
            place: None,
            languages: vec!["en".parse().expect("a language"), "es".parse().expect("another")]
                .try_into()
                .expect("two"),
            access: Some(text("Step-free, with interpreters")),
            fields: vec!["economic-justice".parse().expect("a tag")].try_into().expect("one"),
            agenda: List::default(),
            part_of: None,
        };
        self.say(Body::Gathering(gathering)).until(self.now + 250 * DAY)
    }

    /// Writes the minutes of a gathering to which its hosts came, and others.
    pub fn minutes(&self, of: &Record, held: Timestamp, summary: &str) -> Statement<'_> {
        let Body::Gathering(gathering) = of.body() else { panic!("a gathering") };
        let minutes = Minutes {
            start: gathering.times.start,
            held_at: held.as_secs(),
            networks: gathering.facilitation.to_vec().try_into().expect("at most 64"),
            others: 4,
            summary: text(summary),
            actions: List::default(),
            files: List::default(),
        };
        let answer = Response {
            kind: ResponseKind::Minutes,
            to: Reference { thing: of.thing(), seen: of.id() },
            text: None,
            ask: None,
            amount: None,
            choice: None,
            evidence: List::default(),
            sealed: List::default(),
            minutes: Some(Box::new(minutes)),
        };
        self.say(Body::Response(answer)).until(of.header().until)
    }

    /// Says where money came from, until this moment.
    pub fn funding(&self, shares: &[(&str, u8)]) -> Statement<'_> {
        let source = |(from, share): &(&str, u8)| Source {
            source: text(from),
            form: "grant".parse().expect("a tag"),
            currency: None,
            amount: None,
            share: Some(*share),
            purpose: None,
        };
        let disclosure = Disclosure {
            kind: DisclosureKind::Funding,
            text: text("Mapping the money"),
            period: None,
            about: None,
            sources: shares.iter().map(source).collect::<Vec<_>>().try_into().expect("at most 32"),
            control: List::default(),
            figures: List::default(),
            files: List::default(),
        };
        self.say(Body::Disclosure(disclosure)).until(self.now + 300 * DAY)
    }

    /// Says that something is wrong.
    pub fn concern(&self, about: &Record) -> Statement<'_> {
        self.respond(ResponseKind::Concern, about)
    }
}
