//! What an answer to an answer leaves unsaid: which delivery is meant, and of how much it is.
//!
//! **Invariant:** only what a person left out is chosen here; whether it counts is judged by the node
//! (`cli_advice`).

use anyhow::Result;
use weft_protocol::body::Body;
use weft_protocol::body::response::ResponseKind;
use weft_protocol::control::AnswerState;
use weft_protocol::fold::call::State;
use weft_protocol::record::{Kind, Record};

use crate::commands;
use crate::door::Door;
use crate::exit::{self, Exit, Failure};
use crate::show::shares::{Shares, response};
use crate::words::{Bearing, Say};

/// A call with what has come of it.
#[derive(Debug)]
pub(crate) struct Affair {
    call: Record,
    state: State,
    answers: Vec<(Record, AnswerState)>,
}

/// A call, an offer, its delivery, the word on that: no answer lies deeper.
pub(crate) const DEPTH_MAX: usize = 4;

impl Affair {
    /// Finds the call that a record is, or that it answers; none when it answers something else, or
    /// the call is not here.
    ///
    /// # Errors
    /// When the node does not answer.
    pub(crate) fn about(door: &Door, record: &Record) -> Result<Option<Self>> {
        let mut root = record.clone();
        for _ in 0..DEPTH_MAX {
            let Body::Response(answer) = root.body() else { break };
            root = match door.record(answer.to.thing.into()) {
                Ok(answered) => answered,
                Err(error) if exit::is_absence(&error) => return Ok(None),
                Err(error) => return Err(error),
            };
        }
        if root.header().kind != Kind::Call {
            return Ok(None);
        }
        let ((call, state), answers) = commands::call::of(door, root.thing())?;
        Ok(Some(Self { call, state, answers }))
    }

    fn shares(&self) -> Shares<'_> {
        Shares { call: &self.call, state: &self.state, answers: &self.answers }
    }

    /// Returns the delivery that is meant by itself, or by the offer on which it is the only one.
    ///
    /// # Errors
    /// When there is none on the offer, or there are several.
    pub(crate) fn delivery(&self, named: &Record) -> Result<Record> {
        if response(named).is_none_or(|answer| answer.kind != ResponseKind::Offer) {
            return Ok(named.clone());
        }
        let deliveries = self.shares().standing(named.thing(), ResponseKind::Deliver);
        let found: Vec<&Record> = deliveries.map(|(record, _)| record).collect();
        let (exit, said) = match found.as_slice() {
            [one] => return Ok((*one).clone()),
            [] => (Exit::Refused, Bearing::NotDelivered { offer: named.thing().short() }),
            many => {
                let deliveries = many.iter().map(|record| record.thing().to_string()).collect();
                (Exit::Usage, Bearing::SeveralDeliveries { deliveries })
            }
        };
        Err(Failure::ending(exit, Say::Bearing(said)))
    }

    /// Returns how much is left of what was accepted of an offer, when some of it was confirmed and some
    /// is left: of that is a delivery that does not say.
    pub(crate) fn left(&self, offer: &Record) -> Option<u32> {
        let confirmed = self.shares().confirmed(offer);
        let left = self.shares().taken(offer)?.saturating_sub(confirmed);
        if confirmed == 0 || left == 0 { None } else { u32::try_from(left).ok() }
    }
}
