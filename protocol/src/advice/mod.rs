//! Advice: what a person should know before they sign, because what counts for nothing is signed for
//! ever all the same. It is worked out for a draft, from the state that will judge the record.
//!
//! **Invariant:** what counts is decided by the folds alone. What is told never to count changes nothing
//! when it is signed all the same
//! (`what_is_told_never_to_count_changes_nothing_and_an_affair_adds_up_to_the_call`).
//!
//! **Invariant:** advice on an answer looks at what one network has answered to one thing, never at
//! what all have (`more_of_any_shape_make_nothing_dearer`).

mod answering;
mod changing;

use serde::{Deserialize, Serialize};

use crate::body::Body;
use crate::body::response::ResponseKind;
use crate::fold::{call, proposal};
use crate::id::{NetId, ThingId};
use crate::ledger::Ledger;
use crate::record::Draft;
use crate::time::Timestamp;

/// Something that a person should know before they sign a draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Advice {
    /// Only the network that said something may change it or take it back.
    OnlyAuthor(NetId),
    /// Only the network that called may say this.
    OnlyCaller(NetId),
    /// Only the network that made the offer may say this.
    OnlyGiver(NetId),
    /// It was withdrawn, which is for good.
    TakenBack,
    /// The proposal is decided, and stays so.
    Decided(proposal::Phase),
    /// It is an answer to one's own call, which only others answer.
    OwnCall,
    /// It is an answer to one's own concern.
    OwnConcern,
    /// What it answers is another kind of answer than this word is for, or none.
    OtherAnswer {
        /// What it is.
        is: Option<ResponseKind>,
        /// What is meant.
        wanted: ResponseKind,
    },
    /// It is for more than what it answers is of.
    MoreThanIs {
        /// What it answers.
        answered: ThingId,
        /// Of how much that is.
        most: u64,
    },
    /// The gathering was cancelled, and has no minutes.
    GatheringCancelled,
    /// What it answers, or the thing at the root of that, is not here or counts no more.
    Gone {
        /// Which thing.
        thing: ThingId,
        /// What became of it.
        why: Absence,
    },
    /// The call is over.
    Over(call::Phase),
    /// Another answer of the same network has taken the place of the one that it answers.
    Outdone(ResponseKind),
    /// The network has said this already, and it stands.
    SaidAlready(ThingId),
    /// Of an ask more would be offered or accepted than it asks for.
    MoreThanAsked {
        /// How much it asks for.
        wanted: u64,
        /// How much it would be with this.
        would: u64,
    },
    /// It delivers more than is left of what was accepted of the offer.
    MoreThanLeft(u64),
    /// A delivery on the offer that it takes back was confirmed.
    Confirmed,
    /// The network is not among those who may answer the concern.
    NotConcerned(NetId),
    /// Voting has not opened; when it does, if that is known.
    NotVotingYet(Option<Timestamp>),
    /// Voting closed then.
    VotingOver(Timestamp),
    /// The network has no vote.
    NoElector(NetId),
    /// The proposal asks which option, and the ballot names none.
    NamesNoOption,
    /// The proposal does not ask which option, and the ballot names some.
    OptionsConsent,
    /// The network does not host the gathering.
    NoHost(NetId),
    /// The network is no party of the tie.
    NoParty(NetId),
    /// The caller has not accepted the offer yet, from when on the delivery counts.
    NotAccepted(NetId),
    /// It takes the place of this earlier answer of the same network.
    Replaces(ResponseKind, ThingId),
    /// An earlier offer of the same network to the same ask was accepted and stays beside it.
    Beside(ThingId),
}

/// What became of a thing that an answer rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Absence {
    /// No version of it is here.
    Missing,
    /// Its time is over.
    Expired,
    /// Its network has erased it.
    Erased,
    /// Its network has taken it back.
    Ended,
    /// It does not count.
    Silent,
}

/// What is to be done about a piece of advice, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// It never counts: do not sign it.
    Never,
    /// It counts for nothing, or for something else, as far as this node knows: ask.
    Doubtful,
    /// It counts: say it.
    Note,
}

impl Advice {
    /// Returns what is to be done about it.
    pub fn weight(&self) -> Weight {
        match self {
            Self::OnlyAuthor(_)
            | Self::OnlyCaller(_)
            | Self::OnlyGiver(_)
            | Self::TakenBack
            | Self::Decided(_)
            | Self::OwnCall
            | Self::OwnConcern
            | Self::OtherAnswer { .. }
            | Self::MoreThanIs { .. }
            | Self::GatheringCancelled => Weight::Never,
            Self::NotAccepted(_) | Self::Replaces(..) | Self::Beside(_) => Weight::Note,
            _ => Weight::Doubtful,
        }
    }
}

/// Returns what a person should know before this draft is signed, the gravest first.
pub fn before_signing(ledger: &Ledger, draft: &Draft, now: Timestamp) -> Vec<Advice> {
    let Some(us) = draft.header.net else { return Vec::new() };
    let mut advice = match &draft.body {
        Body::End(end) => changing::ending(ledger, us, end, now),
        body if !draft.header.version.prev.is_empty() => {
            changing::following(ledger, us, (&draft.header, body))
        }
        Body::Response(answer) => answering::answering(ledger, us, answer, now),
        _ => Vec::new(),
    };
    advice.sort_by_key(Advice::weight);
    advice
}

/// Says what became of a thing, if it is not there to be answered.
fn absence(ledger: &Ledger, thing: &ThingId) -> Option<Absence> {
    use crate::ledger::Place;
    let Some(shown) = ledger.thing(thing).into_iter().next() else { return Some(Absence::Missing) };
    match shown.place {
        Place::Current | Place::Forked | Place::Unaccepted | Place::Superseded => None,
        Place::Ended => Some(Absence::Ended),
        Place::Erased => Some(Absence::Erased),
        Place::Silent => Some(Absence::Silent),
    }
}
