//! Where networks stand on the circle of values, what they share, how they see each other.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use serde_json::json;
use weft_protocol::body::Body;
use weft_protocol::body::values::{Subject, ValueType, Values};
use weft_protocol::id::NetId;
use weft_protocol::record::Record;
use weft_protocol::values::{
    Actual, DECLARED_MIN, Gap, OwnGap, RATED_MIN, Rounded, SCHWARTZ10, ScoreError, Scores, Shared,
};
use weft_protocol::weave::{Ally, Candidate, Weave, unlikely_allies};

use crate::commands::values::{body_of, declared};
use crate::commands::weave;
use crate::desk::Desk;
use crate::door::Door;
use crate::exit::{Exit, Failure};
use crate::groups::OfNetwork;
use crate::names::Names;
use crate::show::directory::{Directory, name_in};
use crate::words::{Apart, Empty, Say, Speech, Weighing, Word};

/// Returns what networks say of themselves, of those that have rated enough.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn own_scores(door: &Door) -> Result<BTreeMap<NetId, Scores>> {
    Ok(scores(&declared(door, None)?, |subject| *subject == Subject::Ourselves))
}

fn scores(records: &[Record], wanted: impl Fn(&Subject) -> bool) -> BTreeMap<NetId, Scores> {
    let of = |record: &Record| {
        let values: &Values = body_of(record).filter(|values| wanted(&values.subject))?;
        Some((record.net(), Scores::of(values).ok()?))
    };
    records.iter().filter_map(of).collect()
}

/// Returns the name of a kind of values.
pub(crate) fn named(value: ValueType) -> &'static str {
    SCHWARTZ10.entry(value).name
}

/// Says what two networks share, and on what they differ most.
pub(crate) fn sentence(speech: Speech, both: &[ValueType], differ: Option<ValueType>) -> String {
    speech.say(&Say::SharedValues {
        both: both.iter().map(|value| speech.value(*value, named(*value))).collect(),
        differ: differ.map(|value| speech.value(value, named(value))),
    })
}

/// Shows where networks point on the circle.
///
/// # Errors
/// When the node does not answer, or knows none of that name.
pub(crate) fn circle(desk: &Desk, of: &OfNetwork) -> Result<Exit> {
    let door = Door::open(desk)?;
    let wanted = of.find(desk, &door)?;
    let all = own_scores(&door)?;
    let shown: Vec<_> = all.iter().filter(|(net, _)| wanted.is_none_or(|w| w == **net)).collect();
    let shape = |(net, scores): &(&NetId, &Scores)| {
        let position = scores.position();
        let centred: BTreeMap<ValueType, Option<Rounded>> =
            ValueType::ALL.iter().map(|value| (*value, scores.get(*value))).collect();
        json!({
            "net": net, "direction": position.direction(), "amplitude": position.amplitude(),
            "fit": position.fit(), "intrinsic": scores.index(), "centred": centred, "unit": "1/10000",
        })
    };
    if !desk.wants_list(&shown, shape, &Say::Empty(Empty::Circle))? {
        return Ok(Exit::Done);
    }
    let directory = Directory::load(desk, &door)?;
    let headings = [Word::Name, Word::Direction, Word::Strength, Word::Nearest];
    let rows = shown.iter().map(|(net, scores)| {
        let position = scores.position();
        let direction = position.direction();
        let nearest = direction.map(|d| {
            // The types stand 36° apart, the first at 0°.
            let step = (d.units() + 180_000) / 360_000;
            let place = usize::try_from(step).unwrap_or_default() % ValueType::ALL.len();
            desk.speech.value(ValueType::ALL[place], named(ValueType::ALL[place]))
        });
        [
            directory.name(**net),
            direction.map(|d| format!("{}°", d.units() / Rounded::ONE)).unwrap_or_default(),
            tenths(position.amplitude()),
            nearest.unwrap_or_default(),
        ]
    });
    desk.table(headings, rows)
}

/// Says what two networks share.
///
/// # Errors
/// When one of them is not known, or has declared nothing.
pub(crate) fn shared(desk: &Desk, one: &str, other: &str) -> Result<Exit> {
    let door = Door::open(desk)?;
    let names = Names::load(desk)?;
    let nets = [names.network(&door, one)?, names.network(&door, other)?];
    let all = own_scores(&door)?;
    let directory = Directory::load(desk, &door)?;
    let of = |net: NetId| match all.get(&net) {
        Some(scores) => Ok(scores),
        None => Err(uncompared(&door, net, directory.name(net))),
    };
    let (a, b) = (of(nets[0])?, of(nets[1])?);
    let (shared, alike) = (Shared::new(a, b), a.correlation(b));
    if desk.json {
        desk.answer(&json!({
            "one": nets[0], "other": nets[1], "both": shared.both, "differ": shared.differ,
            "intrinsic": shared.intrinsic(), "correlation": alike, "unit": "1/10000",
        }))?;
    } else {
        desk.line(sentence(desk.speech, &shared.both, shared.differ))?;
    }
    Ok(Exit::Done)
}

/// Makes the error of a network that cannot be compared: it has declared nothing, or too little.
fn uncompared(door: &Door, net: NetId, name: String) -> anyhow::Error {
    let records = match declared(door, Some(net)) {
        Ok(records) => records,
        Err(error) => return error,
    };
    let own = records.iter().filter_map(body_of).find(|v| v.subject == Subject::Ourselves);
    let say = match own.map(|values| (values, Scores::of(values))) {
        Some((values, Err(ScoreError::TooFew))) => {
            let (rated, least) = (values.ratings.len(), RATED_MIN);
            Say::Weighing(Weighing::RatedFew { name, rated, least })
        }
        Some((_, Err(ScoreError::Flat))) => Say::Weighing(Weighing::RatedAlike { name }),
        Some((_, Err(ScoreError::Instrument))) => Say::Weighing(Weighing::OtherInstrument { name }),
        Some((_, Ok(_))) | None => Say::NothingDeclared { word: name },
    };
    Failure::ending(Exit::NotFound, say)
}

/// Returns a number with one decimal, half away from zero: more says nothing of ratings by hand.
fn tenths(number: Rounded) -> String {
    let tenth = Rounded::ONE / 10;
    let rounded = (number.units().abs() + tenth / 2) / tenth;
    let sign = if number.units() < 0 && rounded > 0 { "-" } else { "" };
    format!("{sign}{}.{}", rounded / 10, rounded % 10)
}

/// Returns how far two numbers with this gap between them are from each other.
fn apart(gap: Rounded) -> Apart {
    let halves = gap.units().abs() / (Rounded::ONE / 2);
    match halves {
        0 => Apart::Hardly,
        1 | 2 => Apart::Somewhat,
        _ => Apart::Far,
    }
}

/// Shows how networks see the others, beside what those say of themselves.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn gap(desk: &Desk, of: &OfNetwork) -> Result<Exit> {
    let door = Door::open(desk)?;
    let ours = weave::ours(desk, &door, of)?;
    let records = declared(&door, None)?;
    let views = scores(&records, |subject| *subject == Subject::Others);
    let of_itself = scores(&records, |subject| *subject == Subject::Ourselves);
    let said = of_itself.len();
    let actual = Actual::new(of_itself);
    // Beside what all say, a network is shown only how it sees the others itself.
    let own: Vec<(NetId, OwnGap)> = ours
        .iter()
        .filter_map(|net| Some((*net, actual.own_gap(*net, views.get(net)?)?)))
        .collect();
    let all = actual.gap(&views);
    if desk.json {
        let own = own.iter().map(|(net, gap)| {
            json!({ "net": net, "others": gap.others, "gap": gap.gap, "types": gap.types, "contrast": gap.contrast })
        });
        let all = all.as_ref().map(|gap| {
            json!({
                "declared": gap.declared, "views": gap.views, "under": gap.under,
                "quartiles": gap.quartiles, "types": gap.types,
            })
        });
        desk.answer(&json!({ "own": own.collect::<Vec<_>>(), "all": all, "unit": "1/10000" }))?;
        return Ok(Exit::Done);
    }
    for (_, OwnGap { others, gap, .. }) in &own {
        desk.line(desk.speech.say(&Say::Weighing(Weighing::OwnGap {
            others: *others,
            under: gap.units() > 0,
            apart: apart(*gap),
            steps: tenths(*gap),
        })))?;
    }
    match &all {
        Some(Gap { declared, views, under, quartiles, .. }) => {
            desk.line(desk.speech.say(&Say::Weighing(Weighing::Gap {
                declared: *declared,
                views: *views,
                under: *under,
                apart: apart(quartiles[1]),
                steps: tenths(quartiles[1]),
            })))?
        }
        None => desk.note(&Say::Weighing(Weighing::TooFewForGap {
            least: DECLARED_MIN,
            declared: said,
            views: views.len(),
        })),
    }
    Ok(Exit::Done)
}

/// Shows whom a network could make a tie with, though they work on something else or elsewhere.
///
/// # Errors
/// When the node does not answer, or the network has declared nothing.
pub(crate) fn allies(desk: &Desk, of: &OfNetwork) -> Result<Exit> {
    let door = Door::open(desk)?;
    let ours = weave::ours(desk, &door, of)?;
    let known = candidates(desk, &door)?;
    let weave = Weave::new(&weave::pattern(&door)?);
    let mut found: Vec<(NetId, Ally)> = Vec::new();
    for us in known.iter().filter(|candidate| ours.contains(&candidate.net)) {
        found.extend(unlikely_allies(us, &known, &weave).into_iter().map(|ally| (us.net, ally)));
    }
    if desk.json {
        let shape = |(us, ally): &(NetId, Ally)| {
            json!({
                "of": us, "net": ally.net, "name": ally.name, "shared": ally.shared,
                "common_ground": ally.common_ground, "new_fields": ally.new_fields,
                "new_region": ally.new_region, "gain": ally.gain,
            })
        };
        desk.answer(&found.iter().map(shape).collect::<Vec<_>>())?;
        return Ok(Exit::Done);
    }
    if found.is_empty() {
        desk.note(&Say::Empty(nobody(&ours, &known)));
    }
    for (_, ally) in &found {
        desk.line(format!("{} ({})", ally.name, ally.net.short()))?;
        desk.line(format!("  {}", sentence(desk.speech, &ally.shared, None)))?;
        let fields: Vec<String> = ally.new_fields.iter().map(ToString::to_string).collect();
        let region = ally.new_region.as_ref().map(ToString::to_string);
        let differs = fields.into_iter().chain(region).collect::<Vec<_>>().join(", ");
        desk.line(format!("  {}", desk.speech.say(&Say::Elsewhere { differs })))?;
        if ally.gain > 0 {
            let gain = Say::WouldGain { gain: ally.gain, voices: 2, carriers: 0 };
            desk.line(format!("  {}", desk.speech.say(&gain)))?;
        }
    }
    Ok(Exit::Done)
}

/// Returns why no ally was found.
fn nobody(ours: &BTreeSet<NetId>, known: &[Candidate]) -> Empty {
    let (us, others): (Vec<_>, Vec<_>) = known.iter().partition(|c| ours.contains(&c.net));
    let elsewhere = |them: &&&Candidate| us.iter().any(|us| us.region != them.region);
    if us.is_empty() {
        Empty::AlliesUndeclared
    } else if others.is_empty() {
        Empty::AlliesAlone
    } else if us.iter().all(|us| us.fields.is_empty()) && !others.iter().any(|o| elsewhere(&o)) {
        Empty::AlliesNoFields
    } else {
        Empty::Allies { others: others.len() }
    }
}

/// Returns the networks with a profile that have declared what they value.
fn candidates(desk: &Desk, door: &Door) -> Result<Vec<Candidate>> {
    let scores = own_scores(door)?;
    let languages = desk.languages();
    let known = door.networks()?.into_iter().filter_map(|(record, state)| {
        let (net, scores, record) = (state.net, *scores.get(&state.net)?, record?);
        let Body::Profile(profile) = record.body() else { return None };
        let name = name_in(record.body(), &languages)?;
        let fields = profile.fields.iter().cloned().collect();
        let region = record.header().home.as_ref().map(|home| home.region.clone());
        Some(Candidate { net, name, fields, region, scores })
    });
    Ok(known.collect())
}
