//! Minutes for people: of one gathering, and of all that the node knows.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::{Value, json};
use weft_protocol::body::gathering::Gathering;
use weft_protocol::id::{NetId, ThingId};
use weft_protocol::ledger::{Convening, Minuted};
use weft_protocol::record::Record;
use weft_protocol::time::Timestamp;

use crate::commands::gathering_minutes::minutes_of;
use crate::desk::Desk;
use crate::door::Door;
use crate::exit::Exit;
use crate::show::directory::Directory;
use crate::show::gathering::{gathering_of, names, standing};
use crate::show::json as shapes;
use crate::show::page::hung;
use crate::words::Word;

/// Shows what was said in the meetings of these gatherings, one a line.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn list(
    desk: &Desk,
    door: &Door,
    gatherings: &[(Record, Convening)],
    written: &[(Record, Minuted)],
) -> Result<Exit> {
    if !desk.wants_table(written, |(record, minuted)| shape(record, minuted))? {
        return Ok(Exit::Done);
    }
    let directory = Directory::load(desk, door)?;
    let languages = desk.languages();
    let of: BTreeMap<ThingId, &Gathering> = gatherings
        .iter()
        .filter_map(|(record, _)| Some((record.thing(), gathering_of(record)?)))
        .collect();
    let rows = written.iter().filter_map(|(record, minuted)| {
        let (minutes, gathering) = (minutes_of(record)?, of.get(&minuted.of)?);
        let held = Timestamp::from_secs(minutes.held_at);
        Some([
            record.thing().short(),
            gathering.title.in_any(&languages).1.to_owned(),
            desk.date_in(gathering.times.zone.as_str(), held),
            directory.name(record.net()),
            standing(desk, minuted.state.phase),
            minutes.summary.in_any(&languages).1.to_owned(),
        ])
    });
    desk.table([Word::Id, Word::Title, Word::Held, Word::By, Word::State, Word::Minutes], rows)
}

/// Returns what the minutes of one meeting say, and what they have come to.
pub(crate) fn facts(
    desk: &Desk,
    directory: &Directory,
    gathering: &Gathering,
    (record, minuted): &(Record, Minuted),
) -> Vec<(Word, String)> {
    let Some(minutes) = minutes_of(record) else { return Vec::new() };
    let languages = desk.languages();
    let day = |at: Timestamp| desk.date_in(gathering.times.zone.as_str(), at);
    let actions = minutes.actions.iter().map(|action| {
        let due = action.due.map(Timestamp::from_secs);
        let due = due.map(|due| format!(" ({} {})", desk.speech.word(Word::Due), day(due)));
        let text = hung(action.text.in_any(&languages).1);
        format!("{}: {text}{}", directory.name(action.who), due.unwrap_or_default())
    });
    let mut came = names(directory, &minutes.networks);
    if minutes.others > 0 {
        came = format!("{came} + {}", minutes.others);
    }
    let waiting: Vec<NetId> = minuted.state.unaccepted.iter().copied().collect();
    let concerns: Vec<String> = minuted.state.concerns.iter().map(|id| id.short()).collect();
    vec![
        (Word::Held, day(Timestamp::from_secs(minutes.held_at))),
        (Word::Minutes, minutes.summary.in_any(&languages).1.to_owned()),
        (Word::Came, came),
        (Word::Actions, actions.collect::<Vec<_>>().join("\n")),
        (Word::By, directory.name(record.net())),
        (Word::State, standing(desk, minuted.state.phase)),
        (Word::Missing, names(directory, &waiting)),
        (Word::Concerns, concerns.join(", ")),
        (Word::Id, record.thing().short()),
    ]
}

/// The shape of minutes for programs.
pub(crate) fn shape(record: &Record, minuted: &Minuted) -> Value {
    let mut value = shapes::plain(&minuted.state);
    if let Value::Object(map) = &mut value {
        map.insert("of".to_owned(), json!(minuted.of));
        map.insert("start".to_owned(), shapes::moment(minuted.start));
        map.insert("agreed_at".to_owned(), shapes::moment(minuted.state.agreed_at));
    }
    shapes::with_state(record, value)
}
