//! Paging through everything that is stored.

use super::history::History;
use super::world::{DAY, START};
use crate::id::RecordId;
use crate::ledger::{Ledger, Pages, PoolBounds};

#[test]
fn pages_follow_each_other_without_gap_or_repetition() {
    let history = History::new(7, 120);
    let mut ledger = Ledger::new(PoolBounds::default());
    ledger.insert_all(&history.records, START + DAY * 11);
    let whole = ledger.page(&Pages::default(), usize::MAX);
    assert!(whole.len() > 50, "only {} stored", whole.len());
    let dated = |id: &RecordId| (ledger.summary(id).unwrap().at, *id);
    assert!(whole.is_sorted_by_key(dated), "by date, then by id");
    for size in [1, 7, 50] {
        let mut paged = Vec::new();
        loop {
            let pages =
                Pages { after: paged.last().copied().map(|id| dated(&id)), ..Pages::default() };
            let page = ledger.page(&pages, size);
            if page.is_empty() {
                break;
            }
            paged.extend(page);
        }
        assert_eq!(paged, whole, "in pages of {size}");
    }
}

#[test]
fn a_page_has_what_was_asked_for() {
    let history = History::new(7, 120);
    let mut ledger = Ledger::new(PoolBounds::default());
    ledger.insert_all(&history.records, START + DAY * 11);
    let whole = ledger.page(&Pages::default(), usize::MAX);
    let summary = |id: &RecordId| ledger.summary(id).unwrap();
    let since = summary(&whole[whole.len() / 2]).at;
    let (net, key) = (Some(summary(&whole[0]).net), Some(summary(&whole[0]).key));
    for pages in [
        Pages { since: Some(since), ..Pages::default() },
        Pages { net, ..Pages::default() },
        Pages { net, valid: true, ..Pages::default() },
        Pages { key, ..Pages::default() },
    ] {
        let fits = |id: &RecordId| {
            let summary = summary(id);
            pages.since.is_none_or(|since| summary.at >= since)
                && pages.net.is_none_or(|net| summary.net == net)
                && pages.key.is_none_or(|key| summary.key == key)
                && (!pages.valid || summary.standing.is_valid())
        };
        let wanted: Vec<_> = whole.iter().filter(|id| fits(id)).copied().collect();
        assert_eq!(ledger.page(&pages, usize::MAX), wanted, "{pages:?}");
    }
}
