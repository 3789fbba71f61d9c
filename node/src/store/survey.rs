//! A walk over a whole journal, and the setting right of what it finds.
//!
//! **Invariant:** surveying changes nothing. Mending changes only what is unreadable, after
//! keeping a copy.

use std::io;

use weft_protocol::id::RecordId;

use super::files::File;
use super::frame::{genuine, record_id};
use super::hidden::Hidden;
use super::item::{CHECK_BYTES, Item, filler};
use super::scan::{Damage, Scan, Step};
use super::shared::Paths;
use super::{Files, OpenError};

/// How many overwritten bytes nobody minds on a disk.
const HOLLOW_BYTES: u64 = 1 << 20;

/// What is in a journal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    /// Records that can be read.
    pub records: u64,
    /// Their bytes.
    pub record_bytes: u64,
    /// Records that were overwritten with zeros, and filler over old damage.
    pub erased: u64,
    /// Their bytes.
    pub erased_bytes: u64,
    /// Tombstones, hidings and lifts.
    pub notes: u64,
    /// Where the last whole item ends.
    pub end: u64,
    /// What cannot be read, in order.
    pub damaged: Vec<Damage>,
    /// What a crash left of a write at the end.
    pub torn: Option<Damage>,
    /// Records whose signature does not verify, if that was asked for.
    pub forged: Vec<RecordId>,
    /// Records, counted among them, that were erased and can still come back.
    pub(crate) hidden: Hidden,
}

impl Survey {
    /// Says whether so much was overwritten that the journal is to be made anew: more than half of it,
    /// and more than a copy of it is worth.
    pub(crate) fn is_hollow(&self) -> bool {
        self.erased_bytes > HOLLOW_BYTES && self.erased_bytes > self.end / 2
    }

    /// Says whether nothing is wrong. A torn tail is not wrong: nobody was told that it was kept.
    pub fn is_clean(&self) -> bool {
        self.damaged.is_empty() && self.forged.is_empty()
    }
}

/// Walks a journal from its beginning to `end`; checks every signature when asked to.
pub(crate) fn survey(file: &dyn File, end: u64, signatures: bool) -> io::Result<Survey> {
    let mut survey = Survey::default();
    let mut scan = Scan::new(file, end);
    while let Some(step) = scan.step()? {
        match step {
            Step::Damaged(damage) => survey.damaged.push(damage),
            Step::Torn(damage) => survey.torn = Some(damage),
            Step::Item { position, checked, bytes } => {
                survey.hidden.follow(&checked.item);
                survey.end = position + (checked.len + CHECK_BYTES) as u64;
                match checked.item {
                    Item::Record => {
                        survey.records += 1;
                        survey.record_bytes += bytes.len() as u64;
                        if signatures && !genuine(bytes) {
                            survey.forged.extend(record_id(bytes));
                        }
                    }
                    Item::Erased => {
                        survey.erased += 1;
                        survey.erased_bytes += (checked.len + CHECK_BYTES) as u64;
                    }
                    Item::Tombstone(_) | Item::Hiding(_) | Item::Lift(_) => survey.notes += 1,
                }
            }
        }
    }
    Ok(survey)
}

/// Sets right what a survey found: cuts the torn tail, and puts filler over damage, of which the quarantine file keeps a copy. Returns where the journal ends.
pub(crate) fn mend(
    files: &dyn Files,
    paths: &Paths,
    file: &dyn File,
    survey: &Survey,
) -> Result<u64, OpenError> {
    for damage in &survey.damaged {
        let Damage { position, len, .. } = *damage;
        tracing::error!(position, len, "a part of the journal is unreadable and is skipped");
        keep(files, paths, file, damage).map_err(OpenError::Mend)?;
        if let Some(zeros) = usize::try_from(len).ok().and_then(filler) {
            file.write_all_at(&zeros, position).map_err(OpenError::Mend)?;
        }
    }
    if let Some(Damage { position, len, .. }) = survey.torn {
        tracing::warn!(position, len, "an unfinished write at the journal's end is cut off");
        file.truncate(survey.end).map_err(OpenError::Mend)?;
    }
    if !survey.is_clean() || survey.torn.is_some() {
        file.sync().map_err(OpenError::Mend)?;
    }
    Ok(survey.end)
}

/// Copies damaged bytes into the quarantine file, behind what is there.
fn keep(files: &dyn Files, paths: &Paths, file: &dyn File, damage: &Damage) -> io::Result<()> {
    let quarantine = files.open(&paths.quarantine)?;
    let end = quarantine.len()?;
    let len = damage.len.min(QUARANTINE_BYTES_MAX.saturating_sub(end));
    let mut bytes = vec![0; usize::try_from(len).unwrap_or(0)];
    let read = file.read_up_to(&mut bytes, damage.position)?;
    quarantine.write_all_at(&bytes[..read], end)?;
    quarantine.sync()?;
    files.sync_dir(&paths.dir)
}

/// What is kept of damage for somebody who wants to look at it: a thousand of the longest records.
const QUARANTINE_BYTES_MAX: u64 = 16 << 20;
