//! Everything that is stored, a page at a time.
//!
//! **Invariant:** a page begins after the last record of the page before, by date and then by id;
//! so pages that follow each other miss nothing that was here when the first was asked for, and
//! name nothing twice.

use super::Ledger;
use super::entry::{Dated, Entry, Sort, Verdict};
use super::ids::Handle;
use crate::id::{NetId, PublicKey, RecordId};
use crate::record::Kind;
use crate::region::Region;
use crate::time::Timestamp;

/// Which records to page through, the oldest first.
#[derive(Debug, Clone, Default)]
pub struct Pages {
    /// Only of this kind.
    pub kind: Option<Kind>,
    /// Only of this network.
    pub net: Option<NetId>,
    /// Only signed by this key.
    pub key: Option<PublicKey>,
    /// Only those whose home is this region, and identity events, which have none.
    pub region: Option<Region>,
    /// Only those dated at this moment or later.
    pub since: Option<Timestamp>,
    /// Only those that count.
    pub valid: bool,
    /// Only what comes after this date and id: those of the last record of the page before.
    pub after: Option<(Timestamp, RecordId)>,
}

impl Ledger {
    /// Returns a page: at most `limit` records by date and then by id, without those that were
    /// erased, whose bytes nobody has.
    pub fn page(&self, pages: &Pages, limit: usize) -> Vec<RecordId> {
        let after = pages.after;
        let begin = after.map(|(at, _)| at).max(pages.since).unwrap_or_default();
        let mut page: Vec<(Timestamp, RecordId)> = Vec::new();
        for (at, id) in self.dated(pages, begin) {
            // Several have one date, and their order by id is only known when all are here.
            if page.len() >= limit && page.last().is_some_and(|last| last.0 < at) {
                break;
            }
            let place = (at, self.record_id(id));
            let wanted = self.entry(id).is_some_and(|entry| self.is_on_page(pages, id, entry));
            if wanted && after.is_none_or(|after| place > after) {
                page.push(place);
            }
        }
        page.sort_unstable();
        page.truncate(limit);
        page.into_iter().map(|(_, id)| id).collect()
    }

    fn is_on_page(&self, pages: &Pages, id: Handle, entry: &Entry) -> bool {
        let home = || self.home(entry).map(|home| &home.region);
        !entry.marks.erased
            && pages.kind.as_ref().is_none_or(|kind| self.kind(id) == *kind)
            && pages.net.is_none_or(|net| self.net_id(entry.net) == net)
            && pages.key.is_none_or(|key| self.key_of(entry) == key)
            && pages.region.as_ref().is_none_or(|r| home().is_none_or(|region| region == r))
            && (!pages.valid || entry.verdict == Verdict::Valid)
    }

    /// Iterates over records that a page may have, from a moment on and in order of their dates.
    fn dated(
        &self,
        pages: &Pages,
        begin: Timestamp,
    ) -> Box<dyn Iterator<Item = (Timestamp, Handle)> + '_> {
        if let Some(net) = pages.net {
            let net = self.ids.find(&net.0).and_then(|net| self.networks.get(&net));
            let records = net.into_iter().flat_map(|net| net.records.iter());
            let dated = records.filter_map(|id| Some((self.entry(*id)?.at, *id)));
            let mut dated: Vec<_> = dated.filter(|(at, _)| *at >= begin).collect();
            dated.sort_unstable();
            return Box::new(dated.into_iter());
        }
        let of = move |sort: Sort| {
            self.index.dated(sort, begin).map(|Dated { at, id }| (at, id)).peekable()
        };
        let sorts = match &pages.kind {
            Some(kind) => vec![Sort::of(kind)],
            None => Kind::ALL.iter().map(Sort::of).chain([Sort::Other]).collect(),
        };
        let mut rows: Vec<_> = sorts.into_iter().map(of).collect();
        Box::new(std::iter::from_fn(move || {
            let heads = rows.iter_mut().enumerate();
            let heads = heads.filter_map(|(n, row)| Some((*row.peek()?, n)));
            let (_, n) = heads.min()?;
            rows.get_mut(n)?.next()
        }))
    }
}
