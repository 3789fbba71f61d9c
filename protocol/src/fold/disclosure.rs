//! What networks owe each other in openness: what a tie asks them to disclose, and how old that
//! is; and on whom a network depends.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::body::disclosure::Source;
use crate::time::Timestamp;

/// How old a disclosure may be before it is overdue: a year, and a month to write it.
pub const OVERDUE_AFTER: Duration = Duration::from_secs(400 * 86_400);

/// What the fold needs to know of one kind of disclosure that an active tie asks of a party.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// Since when the tie is proposed.
    pub tied_since: Timestamp,
    /// Until when the party's latest disclosure of the kind reaches: the end of its period, or
    /// its date when it names none.
    pub disclosed_until: Option<Timestamp>,
}

/// Whether a party is as open as it promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It has disclosed, or still has time to.
    Current {
        /// When the next one is due.
        due: Timestamp,
    },
    /// It has promised and not kept it.
    Overdue {
        /// Since when.
        since: Timestamp,
    },
}

/// Folds a promise of openness into how it is kept at this time.
pub fn fold(facts: &Facts, now: Timestamp) -> State {
    let due = facts.disclosed_until.unwrap_or(facts.tied_since) + OVERDUE_AFTER;
    if now < due { State::Current { due } } else { State::Overdue { since: due } }
}

/// On which source a network depends most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Largest {
    /// Its place in the disclosure's list.
    pub source: usize,
    /// Its share of all, in percent, rounded down.
    pub share: u8,
}

/// Returns the source with the largest share of a funding disclosure, the first among equals.
///
/// Shares that are stated count as stated. Where none is, they are computed from the amounts, if
/// every source states one and all in one currency; of anything else nothing can be said.
pub fn largest(sources: &[Source]) -> Option<Largest> {
    let stated = sources.iter().map(|source| source.share);
    let shares: Vec<u8> = if stated.clone().any(|share| share.is_some()) {
        stated.map(Option::unwrap_or_default).collect()
    } else {
        let currency = sources.first()?.currency.as_ref();
        let comparable = sources.iter().all(|source| source.currency.as_ref() == currency);
        let amounts: Option<Vec<u128>> =
            sources.iter().map(|source| source.amount.map(u128::from)).collect();
        let amounts = amounts.filter(|_| comparable)?;
        let sum: u128 = amounts.iter().sum();
        let share = |amount: &u128| (amount * 100).checked_div(sum);
        let shares: Option<Vec<u128>> = amounts.iter().map(share).collect();
        shares?.into_iter().map(|share| u8::try_from(share).unwrap_or(100)).collect()
    };
    let best = |(place, share): &(usize, u8)| (*share, std::cmp::Reverse(*place));
    let (source, share) = shares.into_iter().enumerate().max_by_key(best)?;
    Some(Largest { source, share })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::text::Text;

    fn day(n: u64) -> Timestamp {
        Timestamp::from_secs(1_800_000_000 + n * 86_400)
    }

    fn source(share: Option<u8>, amount: Option<(u64, &str)>) -> Source {
        Source {
            source: Text::new("en", "Members").unwrap(),
            form: "dues".parse().unwrap(),
            currency: amount.map(|(_, currency)| currency.parse().unwrap()),
            amount: amount.map(|(amount, _)| amount),
            share,
            purpose: None,
        }
    }

    #[test]
    fn what_a_tie_asks_for_is_due_a_year_and_a_month_later() {
        let never = Facts { tied_since: day(0), disclosed_until: None };
        assert_eq!(fold(&never, day(399)), State::Current { due: day(400) });
        assert_eq!(fold(&never, day(400)), State::Overdue { since: day(400) });
        let once = Facts { disclosed_until: Some(day(100)), ..never };
        assert_eq!(fold(&once, day(450)), State::Current { due: day(500) });
        let long_ago = Facts { tied_since: day(600), ..once };
        assert_eq!(fold(&long_ago, day(610)), State::Overdue { since: day(500) });
    }

    #[test]
    fn the_largest_source_is_found_by_shares_or_else_by_amounts() {
        let stated = [source(Some(20), None), source(Some(60), None), source(None, None)];
        assert_eq!(largest(&stated), Some(Largest { source: 1, share: 60 }));
        let amounts = [source(None, Some((100, "USD"))), source(None, Some((200, "USD")))];
        assert_eq!(largest(&amounts), Some(Largest { source: 1, share: 66 }));
        let mixed = [source(None, Some((100, "USD"))), source(None, Some((200, "EUR")))];
        assert_eq!(largest(&mixed), None);
        assert_eq!(largest(&[]), None);
        assert_eq!(largest(&[source(None, Some((0, "USD")))]), None);
    }
}
