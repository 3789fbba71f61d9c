//! The node's advice on a draft in words: what never counts is refused, what is doubtful is asked
//! about, the rest is said.

use anyhow::Result;
use weft_protocol::advice::{Advice, Weight};

use super::Pen;
use crate::exit::{Exit, Failure};
use crate::show::call::phase as call_word;
use crate::show::directory::Directory;
use crate::show::proposal::phase as decided_word;
use crate::words::{Bearing, Say};

impl Pen<'_> {
    /// Refuses a draft that never counts.
    ///
    /// # Errors
    /// With the first reason, when there is one.
    pub(super) fn obey(&self, advice: &[Advice]) -> Result<()> {
        match advice.iter().find(|said| said.weight() == Weight::Never) {
            Some(said) => {
                let said = Say::Bearing(self.worded(said)?);
                Err(Failure::ending(Exit::Refused, said))
            }
            None => Ok(()),
        }
    }

    /// Says what a person should know of a draft, and asks where it is doubtful.
    ///
    /// # Errors
    /// When the person does not mean it.
    pub(super) fn heed(&self, advice: &[Advice]) -> Result<()> {
        for said in advice {
            let words = Say::Bearing(self.worded(said)?);
            match said.weight() {
                Weight::Note => self.desk.note(&words),
                Weight::Doubtful | Weight::Never => self.desk.confirm(&words)?,
            }
        }
        Ok(())
    }

    fn worded(&self, advice: &Advice) -> Result<Bearing> {
        let name = |net| Ok::<_, anyhow::Error>(Directory::load(self.desk, &self.door)?.name(net));
        Ok(match *advice {
            Advice::OnlyAuthor(net) => Bearing::OnlyAuthor { name: name(net)? },
            Advice::OnlyCaller(net) => Bearing::OnlyCaller { name: name(net)? },
            Advice::OnlyGiver(net) => Bearing::OnlyGiver { name: name(net)? },
            Advice::TakenBack => Bearing::WithdrawnAlready,
            Advice::Decided(phase) => {
                Bearing::Decided { phase: self.desk.speech.word(decided_word(phase)).to_owned() }
            }
            Advice::OwnCall => Bearing::OwnCall,
            Advice::OwnConcern => Bearing::OwnConcern,
            Advice::OtherAnswer { is, wanted } => Bearing::OtherAnswer { is, wanted },
            Advice::MoreThanIs { answered, most } => {
                Bearing::MoreThanIs { answered: answered.short(), most }
            }
            Advice::GatheringCancelled => Bearing::GatheringCancelled,
            Advice::Gone { thing, why } => Bearing::Gone { thing: thing.short(), why },
            Advice::Over(phase) => {
                Bearing::Over { phase: self.desk.speech.word(call_word(phase)).to_owned() }
            }
            Advice::Outdone(kind) => Bearing::Outdone { kind },
            Advice::SaidAlready(earlier) => Bearing::SaidAlready { earlier: earlier.short() },
            Advice::MoreThanAsked { wanted, would } => Bearing::MoreThanAsked { wanted, would },
            Advice::MoreThanLeft(left) => Bearing::MoreThanLeft { left },
            Advice::Confirmed => Bearing::Confirmed,
            Advice::NotConcerned(net) => Bearing::NotConcerned { name: name(net)? },
            Advice::NotVotingYet(opens) => {
                Bearing::NotVotingYet { opens: opens.map(|opens| self.desk.date(opens)) }
            }
            Advice::VotingOver(closed) => Bearing::VotingOver { closed: self.desk.date(closed) },
            Advice::NoElector(net) => Bearing::NoElector { name: name(net)? },
            Advice::NamesNoOption => Bearing::NamesNoOption,
            Advice::OptionsConsent => Bearing::OptionsConsent,
            Advice::NoHost(net) => Bearing::NoHost { name: name(net)? },
            Advice::NoParty(net) => Bearing::NoParty { name: name(net)? },
            Advice::NotAccepted(net) => Bearing::NotAccepted { name: name(net)? },
            Advice::Replaces(kind, earlier) => Bearing::Replaces { kind, earlier: earlier.short() },
            Advice::Beside(offer) => Bearing::Beside { offer: offer.short() },
        })
    }
}
