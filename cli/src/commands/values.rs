//! `weft values`: what matters to networks.

use std::collections::BTreeMap;

use anyhow::Result;
use clap::Subcommand;
use serde_json::json;
use weft_protocol::body::Body;
use weft_protocol::body::role::Power;
use weft_protocol::body::text::Tag;
use weft_protocol::body::values::{Items, Method, Rating, Subject, ValueType, Values};
use weft_protocol::control::{Declared, Request, Response};
use weft_protocol::id::NetId;
use weft_protocol::record::Record;
use weft_protocol::values::{RATED_MIN, ScoreError, Scores};

use crate::commands::values_map;
use crate::desk::Desk;
use crate::door::Door;
use crate::draft::{DAY, Pen, Signing};
use crate::exit::{Exit, Failure};
use crate::groups::OfNetwork;
use crate::input::code::tag;
use crate::input::named::{named, spelt};
use crate::input::text;
use crate::names::Names;
use crate::show::columns::{Column, columns};
use crate::show::directory::Directory;
use crate::show::json as shapes;
use crate::show::openness::with_phase;
use crate::words::{Listed, Say, Weighing, Word};

/// Say and compare what matters to networks
///
/// The ten kinds of values, after Schwartz: UN universalism, SD self-direction, ST stimulation,
/// HE hedonism, AC achievement, PO power, SE security, CO conformity, TR tradition, BE benevolence.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Declare how much each kind of values matters, from -1 (opposed) to 7 (most of all)
    ///
    /// What you leave out stays as you declared it last.
    ///
    /// UN universalism, SD self-direction, ST stimulation, HE hedonism, AC achievement, PO power,
    /// SE security, CO conformity, TR tradition, BE benevolence.
    ///
    /// For example: weft values declare --method assembly UN=7 SD=5 ST=3 HE=3 AC=3 PO=1 SE=4 CO=2 TR=2 BE=7
    Declare(DeclareArgs),
    /// Show what networks declared
    Show {
        /// Only this network
        network: Option<String>,
        /// Also those that were replaced, and those of your own that are over
        #[arg(long)]
        all: bool,
    },
    /// Show where networks stand on the circle of values
    ///
    /// Each kind of values has a direction on the circle, 36° apart; the direction of a network is that
    /// of the mean of all ten, each as strong as it is rated above the network's own average, and the
    /// strength is how far the mean is from the middle. Ten numbers become two, so networks that
    /// differ can stand in one place.
    Circle {
        #[command(flatten)]
        of: OfNetwork,
    },
    /// Say in words what two networks share, and on what they differ most
    Shared {
        /// One network
        one: String,
        /// The other
        other: String,
    },
    /// Show how far what you think of the others is from what they say of themselves
    ///
    /// The gap is what the others declare less what you think of them: in each, the mean of UN, SD and BE
    /// less that of AC and PO. It compares those who declared, which is not everyone.
    ///
    /// Nothing is shown before five networks have declared. What a network thinks of the others is as
    /// public as all that it declares: 'weft values show' lists it.
    Gap {
        #[command(flatten)]
        of: OfNetwork,
    },
    /// Find networks that share your values, and work on something else or somewhere else
    Allies {
        #[command(flatten)]
        of: OfNetwork,
    },
    /// Lay the declarations of two networks side by side
    Compare {
        /// One network
        one: String,
        /// The other
        other: String,
    },
}

#[derive(Debug, clap::Args)]
struct DeclareArgs {
    /// UN=7 and so on
    #[arg(value_parser = rating, required = true)]
    ratings: Vec<(ValueType, Rating)>,
    /// How you came to it: members-survey, assembly, board or one-person
    #[arg(long, value_parser = named::<Method>)]
    method: Method,
    /// What you think matters to the others, instead of to you
    #[arg(long)]
    others: bool,
    /// With --others: to those in this field only
    #[arg(long, requires = "others", value_parser = tag)]
    field: Option<Tag>,
    /// In your own words (once for each language)
    #[arg(long, value_name = "TEXT")]
    statement: Vec<String>,
    /// A principle, in a sentence (may be given several times)
    #[arg(long, value_name = "TEXT")]
    principle: Vec<String>,
    #[command(flatten)]
    signing: Signing,
}

fn rating(word: &str) -> Result<(ValueType, Rating), String> {
    let (name, number) = word.split_once('=').ok_or("say UN=7, for example")?;
    let number: i8 = number.parse().map_err(|_| "a rating is a number from -1 to 7")?;
    let rating = Rating::try_from(number).map_err(|_| "a rating is a number from -1 to 7")?;
    Ok((named(name)?, rating))
}

/// Does one of the verbs.
pub(crate) fn run(desk: &Desk, args: Args) -> Result<Exit> {
    match args.verb {
        Verb::Declare(args) => declare(desk, &args),
        Verb::Show { network, all } => show(desk, network.as_deref(), all),
        Verb::Circle { of } => values_map::circle(desk, &of),
        Verb::Shared { one, other } => values_map::shared(desk, &one, &other),
        Verb::Gap { of } => values_map::gap(desk, &of),
        Verb::Allies { of } => values_map::allies(desk, &of),
        Verb::Compare { one, other } => compare(desk, &one, &other),
    }
}

/// The instrument of ratings by the ten kinds, and its version.
const INSTRUMENT: &str = "schwartz10@1";

fn declare(desk: &Desk, args: &DeclareArgs) -> Result<Exit> {
    let pen = Pen::take(desk, &args.signing)?;
    let voice = pen.voice(Power::Values)?;
    let usual = desk.language()?;
    let subject = match (&args.field, args.others) {
        (Some(field), _) => Subject::OthersInField(field.clone()),
        (None, true) => Subject::Others,
        (None, false) => Subject::Ourselves,
    };
    let sentence =
        |words: &String| text::needed("--principle", std::slice::from_ref(words), &usual);
    let principles = args.principle.iter().map(sentence).collect::<Result<Vec<_>>>()?;
    let mut body = Values {
        instrument: INSTRUMENT.parse()?,
        subject: subject.clone(),
        ratings: args.ratings.iter().copied().collect(),
        items: Items::default(),
        method: args.method,
        statement: text::text("--statement", &args.statement, &usual)?,
        principles: principles.try_into().map_err(|e| Failure::usage("--principle", e))?,
    };
    if body.ratings.len() < args.ratings.len() {
        return Err(Failure::usage("values declare", "each of the ten is rated once"));
    }
    let before = declared(&pen.door, Some(voice.net))?;
    let last = before.iter().find(|record| body_of(record).is_some_and(|v| v.subject == subject));
    if let Some(said) = last.and_then(body_of).filter(|v| v.instrument == body.instrument) {
        keep(&mut body, said);
    }
    hint(desk, &body);
    let life = pen.life(&voice, 400 * DAY, 800 * DAY)?;
    let draft = pen.go_on(last, pen.draft(Body::Values(body), &voice, life)?)?;
    pen.say(draft, &voice.key)
}

/// Says when a declaration is too little to be compared. Nothing is refused for it.
fn hint(desk: &Desk, values: &Values) {
    match Scores::of(values) {
        Err(ScoreError::TooFew) => {
            let (rated, least) = (values.ratings.len(), RATED_MIN);
            desk.note(&Say::Weighing(Weighing::DeclaresFew { rated, least }));
        }
        Err(ScoreError::Flat) => desk.note(&Say::Weighing(Weighing::DeclaresAlike)),
        Err(ScoreError::Instrument) | Ok(_) => {}
    }
}

/// Keeps of what was said last all that is not said anew: half a declaration would take the place of
/// a whole one.
fn keep(body: &mut Values, said: &Values) {
    for (of, rating) in &said.ratings {
        body.ratings.entry(*of).or_insert(*rating);
    }
    if body.statement.is_none() {
        body.statement.clone_from(&said.statement);
    }
    if body.principles.is_empty() {
        body.principles.clone_from(&said.principles);
    }
}

/// Returns the current declarations of a network, or of all.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn declared(door: &Door, net: Option<NetId>) -> Result<Vec<Record>> {
    let declared = declarations(door, net, false)?;
    Ok(declared.into_iter().map(|(record, _)| record).collect())
}

/// The same with what became of each; also those that stand no longer, where all are asked for.
fn declarations(door: &Door, net: Option<NetId>, all: bool) -> Result<Vec<(Record, Declared)>> {
    door.things(&Request::Values { net, all }, |response| match response {
        Response::Values(view) => Some(view),
        _ => None,
    })
}

pub(crate) fn body_of(record: &Record) -> Option<&Values> {
    match record.body() {
        Body::Values(values) => Some(values),
        _ => None,
    }
}

fn number(ratings: &BTreeMap<ValueType, Rating>, of: ValueType) -> Option<i8> {
    ratings.get(&of).map(|rating| i8::from(*rating))
}

fn show(desk: &Desk, network: Option<&str>, all: bool) -> Result<Exit> {
    let door = Door::open(desk)?;
    let names = Names::load(desk)?;
    let net = network.map(|word| names.network(&door, word)).transpose()?;
    let found = declarations(&door, net, all)?;
    let shape = |(record, phase): &(Record, Declared)| {
        shapes::with_state(record, json!({ "phase": phase }))
    };
    if !desk.wants_past((&found, all), shape, Listed::Declarations)? {
        return Ok(Exit::Done);
    }
    let directory = Directory::load(desk, &door)?;
    let headings = std::array::from_fn::<_, 12, _>(|n| match n {
        0 => desk.column(Word::By),
        1 => desk.column(Word::About),
        n => Column::named(spelt(&ValueType::ALL[n - 2])),
    });
    let rows = found.iter().filter_map(|(record, phase)| {
        let values = body_of(record)?;
        let subject = Say::Weighing(match &values.subject {
            Subject::Ourselves => Weighing::OfItself,
            Subject::Others => Weighing::OfOthers,
            Subject::OthersInField(field) => Weighing::OfOthersIn { what: field.to_string() },
            Subject::OthersInRegion(region) => Weighing::OfOthersIn { what: region.to_string() },
            Subject::OthersInTie(tie) => Weighing::OfOthersIn { what: tie.short() },
        });
        let about = with_phase(desk, desk.speech.say(&subject), *phase);
        let mut row = vec![directory.name(record.net()), about];
        row.extend(
            ValueType::ALL
                .map(|of| number(&values.ratings, of).map(|n| n.to_string()).unwrap_or_default()),
        );
        <[String; 12]>::try_from(row).ok()
    });
    desk.line(columns(headings, rows, desk.width()))?;
    desk.note(&Say::ValuesLegend { legend: legend(desk) });
    Ok(Exit::Done)
}

/// Returns what the names of columns stand for.
fn legend(desk: &Desk) -> String {
    let of =
        |of: ValueType| format!("{} {}", spelt(&of), desk.speech.value(of, values_map::named(of)));
    ValueType::ALL.map(of).join(", ")
}

/// Returns what a network declared of itself.
fn of_itself(
    door: &Door,
    net: NetId,
    name: impl FnOnce() -> String,
) -> Result<BTreeMap<ValueType, Rating>> {
    let records = declared(door, Some(net))?;
    let own = records.iter().filter_map(body_of).find(|v| v.subject == Subject::Ourselves);
    let none = || Failure::ending(Exit::NotFound, Say::NothingDeclared { word: name() });
    own.map(|values| values.ratings.clone()).ok_or_else(none)
}

fn compare(desk: &Desk, one: &str, other: &str) -> Result<Exit> {
    let door = Door::open(desk)?;
    let names = Names::load(desk)?;
    let nets = [names.network(&door, one)?, names.network(&door, other)?];
    let directory = Directory::load(desk, &door)?;
    let of = |net: NetId| of_itself(&door, net, || directory.name(net));
    let [left, right] = [of(nets[0])?, of(nets[1])?];
    let pairs = ValueType::ALL.map(|of| (of, number(&left, of), number(&right, of)));
    if desk.json {
        let shape = |(of, one, other)| json!({ "value": of, "one": one, "other": other });
        desk.answer(&json!({ "one": nets[0], "other": nets[1], "values": pairs.map(shape) }))?;
        return Ok(Exit::Done);
    }
    let directory = Directory::load(desk, &door)?;
    let named = |net| Column::named(directory.name(net));
    let headings = [desk.column(Word::Values), named(nets[0]), named(nets[1])];
    let shown = |n: Option<i8>| n.map(|n| n.to_string()).unwrap_or_default();
    let rows = pairs.map(|(of, a, b)| [spelt(&of), shown(a), shown(b)]);
    desk.line(columns(headings, rows, desk.width()))?;
    Ok(Exit::Done)
}
