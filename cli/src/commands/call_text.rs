//! What a call says, from the command line.

use anyhow::Result;
use weft_protocol::body::call::{Call, CallKind, Mode, Risk, Span, Urgency};
use weft_protocol::body::text::{Place, Tag};
use weft_protocol::body::values::ValueType;

use crate::draft::Pen;
use crate::exit::Failure;
use crate::input::ask::ask;
use crate::input::code::{place, tag};
use crate::input::moment::Edge;
use crate::input::named::named;
use crate::input::text;

/// What a call says. Lists that are given take the place of the old ones.
#[derive(Debug, clap::Args)]
pub(crate) struct CallArgs {
    /// need, offer, action, alert or invitation
    #[arg(long, value_parser = named::<CallKind>)]
    kind: Option<CallKind>,
    /// In one line (en="…" es="…": once for each language)
    #[arg(long, value_name = "TEXT")]
    title: Vec<String>,
    /// In full (once for each language)
    #[arg(long, value_name = "TEXT")]
    text: Vec<String>,
    /// What is asked for: beds, beds:20, beds:20:nights or
    /// tag=beds,amount=20,unit=nights,text="…" (may be given several times)
    #[arg(long, value_name = "ASK")]
    ask: Vec<String>,
    /// A movement field (may be given several times)
    #[arg(long, value_parser = tag)]
    field: Vec<Tag>,
    /// Where: GB, GB-BST, 154 or a geohash such as gcnhq (may be given several times)
    #[arg(long, value_parser = place)]
    place: Vec<Place>,
    /// A value that it appeals to: UN, SD, ST, HE, AC, PO, SE, CO, TR or BE (may be given
    /// several times)
    #[arg(long = "value", value_parser = named::<ValueType>)]
    values: Vec<ValueType>,
    /// When it happens: 2026-12-24T18:00
    #[arg(long, value_name = "TIME")]
    start: Option<String>,
    /// When it is over
    #[arg(long, value_name = "TIME", requires = "start")]
    end: Option<String>,
    /// How soon an answer is needed: now, days, weeks or open
    #[arg(long, value_parser = named::<Urgency>)]
    urgency: Option<Urgency>,
    /// What those who answer risk: none, low, legal or physical
    #[arg(long, value_parser = named::<Risk>)]
    risk: Option<Risk>,
    /// bridge, block or build
    #[arg(long, value_parser = named::<Mode>)]
    mode: Option<Mode>,
    /// Whom an action addresses (once for each language)
    #[arg(long, value_name = "TEXT")]
    demand_to: Vec<String>,
    /// The call or tie that it belongs to
    #[arg(long, value_name = "ID")]
    part_of: Option<String>,
}

/// Puts what was said above what the last version says.
///
/// # Errors
/// When there is no title yet, or something is out of bounds.
pub(crate) fn merged(pen: &Pen<'_>, args: &CallArgs, last: Option<&Call>) -> Result<Call> {
    let usual = pen.desk.language()?;
    let title = match text::text("--title", &args.title, &usual)? {
        Some(title) => title,
        None => match last {
            Some(last) => last.title.clone(),
            None => text::needed("--title", &args.title, &usual)?,
        },
    };
    let asks = args.ask.iter().map(|words| ask(words, &usual)).collect::<Result<Vec<_>>>()?;
    let part_of = args.part_of.as_ref().map(|word| pen.names.find(&pen.door, word, None));
    let part_of = part_of.transpose()?.map(|id| pen.door.record(id)).transpose()?;
    let over = |e| Failure::usage("--ask, --field, --place or --value", e);
    let mut call = last.cloned().unwrap_or_else(|| Call {
        kind: CallKind::Need,
        mode: None,
        title: title.clone(),
        text: None,
        asks: Default::default(),
        fields: Default::default(),
        places: Default::default(),
        values: Default::default(),
        when: None,
        urgency: Urgency::Open,
        risk: Risk::None,
        demand_to: None,
        part_of: None,
        contact: Default::default(),
    });
    call.title = title;
    set(&mut call.kind, args.kind);
    set(&mut call.urgency, args.urgency);
    set(&mut call.risk, args.risk);
    set(&mut call.mode, args.mode.map(Some));
    set(&mut call.text, text::text("--text", &args.text, &usual)?.map(Some));
    set(&mut call.demand_to, text::text("--demand-to", &args.demand_to, &usual)?.map(Some));
    set(&mut call.part_of, part_of.map(|record| Some(record.thing())));
    set(&mut call.when, when(pen, args)?.map(Some));
    set(&mut call.asks, some(asks).map(TryInto::try_into).transpose().map_err(over)?);
    set(
        &mut call.fields,
        some(args.field.clone()).map(TryInto::try_into).transpose().map_err(over)?,
    );
    set(
        &mut call.places,
        some(args.place.clone()).map(TryInto::try_into).transpose().map_err(over)?,
    );
    set(
        &mut call.values,
        some(args.values.clone()).map(TryInto::try_into).transpose().map_err(over)?,
    );
    Ok(call)
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

fn some<T>(items: Vec<T>) -> Option<Vec<T>> {
    (!items.is_empty()).then_some(items)
}

fn when(pen: &Pen<'_>, args: &CallArgs) -> Result<Option<Span>> {
    let read = |flag, words, edge| pen.desk.moment(flag, words, edge);
    let Some(start) = &args.start else { return Ok(None) };
    let start = read("--start", start, Edge::Start)?;
    let end = args.end.as_ref().map(|words| read("--end", words, Edge::End)).transpose()?;
    if end.is_some_and(|end| end < start) {
        return Err(Failure::usage("--end", "it is before the start"));
    }
    Ok(Some(Span { start: start.as_secs(), end: end.map(|end| end.as_secs()) }))
}
