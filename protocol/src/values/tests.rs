//! The worked numbers of our own examples, and the edges: missing types, flat ratings, few voices.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::body::text::Text;
use crate::body::tie::TieKind;
use crate::body::values::{Items, Method, Rating, Subject, ValueType, Values};
use crate::id::NetId;
use crate::weave::{Candidate, Edge, Pattern, Weave, unlikely_allies};

const A: [i8; 10] = [7, 6, 3, 3, 2, 0, 3, 3, 2, 7];
const B: [i8; 10] = [6, 6, 4, 3, 3, 1, 4, 3, 3, 6];
const C: [i8; 10] = [2, 3, 4, 5, 7, 7, 5, 4, 3, 2];
const P: [i8; 10] = [3, 3, 4, 4, 5, 5, 5, 4, 4, 4];

fn ratings(of: &[i8; 10]) -> BTreeMap<ValueType, Rating> {
    ValueType::ALL.into_iter().zip(of.map(|r| r.try_into().unwrap())).collect()
}

fn scores(of: [i8; 10]) -> Scores {
    Scores::new(&ratings(&of)).unwrap()
}

fn net(n: u8) -> NetId {
    NetId([n; 32])
}

fn text(number: Option<Rounded>) -> String {
    number.map_or("none".into(), |number| number.to_string())
}

#[test]
fn the_index_sets_intrinsic_against_extrinsic() {
    let index = |of| text(scores(of).index());
    assert_eq!([A, B, C, P].map(index), ["5.6667", "4.0000", "-4.6667", "-1.6667"]);
}

#[test]
fn positions_point_where_the_scores_are_high() {
    let direction = |of| text(scores(of).position().direction());
    assert_eq!([A, B, C, P].map(direction), ["359.0228", "2.2240", "162.0000", "187.5630"]);
    // The amplitude is a fifth of the resultant |Σ c e^{iθ}|: 13.165, 9.3612, 11.8617, 4.4659.
    let amplitude = |of| scores(of).position().amplitude().to_string();
    assert_eq!([A, B, C, P].map(amplitude), ["2.6330", "1.8722", "2.3723", "0.8932"]);
}

/// Rows: 4.3.
#[test]
fn profiles_correlate_and_directions_compare() {
    let r = |a, b| text(scores(a).correlation(&scores(b)));
    assert_eq!([r(A, B), r(A, C), r(B, C)], ["0.9679", "-0.8243", "-0.8030"]);
    let s = |a, b| text(scores(a).position().similarity(&scores(b).position()));
    assert_eq!([s(A, B), s(A, C), s(B, C)], ["0.9984", "-0.9562", "-0.9383"]);
}

#[test]
fn a_pure_wave_is_explained_wholly_also_with_two_types_missing() {
    // 4 + 3 cos(θ − 72°), rounded to whole ratings, is no pure wave; this one is: opposite types
    // rated oppositely around one, along the axis of one type and its opposite.
    let wave = scores([6, 5, 4, 2, 1, 0, 1, 2, 4, 5]);
    assert_eq!(text(wave.position().direction()), "0.0000");
    assert!(wave.position().fit().units() > 9_800);
    let mut some = ratings(&[6, 5, 4, 2, 1, 0, 1, 2, 4, 5]);
    some.remove(&ValueType::St);
    some.remove(&ValueType::Tr);
    let less = Scores::new(&some).unwrap().position();
    assert_eq!(text(less.direction()), "0.0000");
    let apart = (less.amplitude().units() - wave.position().amplitude().units()).abs();
    assert!(apart < 1_000, "a tenth of a step at most: {apart}");
}

#[test]
fn too_few_or_flat_ratings_have_no_scores() {
    assert_eq!(Scores::new(&ratings(&[4; 10])), Err(ScoreError::Flat));
    let mut few = ratings(&A);
    few.retain(|value, _| *value <= ValueType::Se);
    assert_eq!(Scores::new(&few), Err(ScoreError::TooFew));
}

#[test]
fn an_alternating_profile_has_no_direction() {
    let position = scores([5, 1, 5, 1, 5, 1, 5, 1, 5, 1]).position();
    assert_eq!((position.direction(), position.amplitude().units()), (None, 0));
    assert_eq!(position.similarity(&scores(A).position()), None);
}

#[test]
fn distinctive_similarity_forgets_what_all_share() {
    let known: Mean = [scores(A), scores(B), scores(P)].iter().collect();
    let (raw, own) = (scores(A).correlation(&scores(B)), scores(A).distinctive(&scores(B), &known));
    assert!(own < raw, "{} beside {}", text(own), text(raw));
    let same: Mean = [scores(A), scores(A)].iter().collect();
    assert_eq!(scores(A).distinctive(&scores(A), &same), None);
}

/// Rows: 4.3.
#[test]
fn what_is_shared_comes_in_words() {
    let shared = Shared::new(&scores(A), &scores(B));
    assert_eq!(shared.both, [ValueType::Un, ValueType::Sd, ValueType::Be]);
    assert_eq!(shared.sentence(), Sentence::BothAndDiffer);
    let apart = Shared::new(&scores(A), &scores(C));
    assert_eq!((apart.both.len(), apart.differ), (0, Some(ValueType::Po)));
    assert_eq!(apart.sentence(), Sentence::Differ);
    assert_eq!(Shared::new(&scores(A), &scores(A)).sentence(), Sentence::Both);
}

#[test]
fn appeals_that_oppose_each_other_are_torn() {
    use ValueType::{Ac, Be, Po, Un};
    let coherence = |types: &[ValueType]| Appeal::new(types).unwrap().coherence.to_string();
    assert_eq!(coherence(&[Un]), "1.0000");
    assert_eq!(coherence(&[Un, Be]), "0.9511");
    assert_eq!(coherence(&[Un, Po]), "0.0000");
    assert_eq!(coherence(&[Un, Ac]), "0.3090");
    let torn = Appeal::new(&[Be, Un, Po]).unwrap();
    assert!(torn.is_torn());
    assert_eq!(torn.against, Some((Un, Po)));
    let whole = Appeal::new(&[Un, Be]).unwrap();
    assert!(!whole.is_torn() && whole.against.is_none() && whole.pull.units() > 0);
    assert!(Appeal::new(&[]).is_none());
}

#[test]
fn bleed_over_and_see_saw_are_the_cosine() {
    let moves = Appeal::new(&[ValueType::Un]).unwrap().moves.map(|delta| delta.units());
    assert_eq!(
        moves,
        [10_000, 8_090, 3_090, -3_090, -8_090, -10_000, -8_090, -3_090, 3_090, 8_090]
    );
}

/// A and B, as often as it takes to be enough.
fn actual() -> Actual {
    Actual::new((0..6).map(|n| (net(n), scores(if n % 2 == 0 { A } else { B }))).collect())
}

/// Rows: 4.8.
#[test]
fn the_gap_is_what_others_value_less_what_one_thinks() {
    let own = actual().own_gap(net(99), &scores(P)).unwrap();
    assert_eq!((own.others, own.gap.to_string().as_str(), own.contrast), (6, "6.5000", None));
    let types: Vec<i32> = own.types.values().map(|gap| gap.units() / 100).collect();
    assert_eq!(types, [385, 335, -15, -65, -215, -415, -115, -65, -115, 285]);
    let one_of_them = actual().own_gap(net(0), &scores(P)).unwrap();
    assert_eq!((one_of_them.others, text(one_of_them.contrast)), (5, "7.3333".to_owned()));
}

/// Rows: 3.28, 4.8.
#[test]
fn nothing_is_said_of_fewer_than_five() {
    let four = Actual::new((0..4).map(|n| (net(n), scores(A))).collect());
    assert!(four.own_gap(net(99), &scores(P)).is_none());
    let views: BTreeMap<NetId, Scores> = (0..4).map(|n| (net(n), scores(P))).collect();
    assert!(four.gap(&views).is_none());
    assert!(actual().gap(&views).is_none());
}

/// Rows: 4.8.
#[test]
fn the_gap_of_many_has_counts_and_quartiles() {
    let views: BTreeMap<NetId, Scores> =
        (0..7).map(|n| (net(50 + n), scores(if n < 5 { P } else { A }))).collect();
    let gap = actual().gap(&views).unwrap();
    assert_eq!((gap.declared, gap.views, gap.under), (6, 7, 5));
    assert_eq!(gap.quartiles.map(|q| q.to_string()), ["2.8334", "6.5000", "6.5000"]);
    assert_eq!(gap.types[ValueType::Un as usize], 5);
    assert_eq!(gap.types[ValueType::Po as usize], 2);
}

/// Rows: 4.4.
#[test]
fn allies_are_named_with_their_reasons() {
    let candidate = |n: u8, name: &str, field: &str, region: &str, of| Candidate {
        net: net(n),
        name: name.into(),
        fields: BTreeSet::from([field.parse().unwrap()]),
        region: Some(region.parse().unwrap()),
        scores: scores(of),
    };
    let us = candidate(1, "Us", "climate-environment", "gb-bristol", A);
    let known = [
        candidate(2, "Tied", "labour", "gb-bristol", B),
        candidate(3, "Same", "climate-environment", "gb-bristol", B),
        candidate(4, "Elsewhere", "climate-environment", "us-wa", B),
        candidate(5, "Other values", "labour", "us-wa", C),
        candidate(6, "Zinc", "labour", "gb-bristol", B),
        candidate(7, "Amber", "labour", "gb-bristol", A),
    ];
    let edges = [Edge { a: net(1), b: net(2), kind: TieKind::Agreement }];
    let pattern =
        Pattern { networks: (1..=7).map(net).collect(), edges: edges.into(), ..Pattern::default() };
    let allies = unlikely_allies(&us, &known, &Weave::new(&pattern));
    let names: Vec<&str> = allies.iter().map(|ally| ally.name.as_str()).collect();
    assert_eq!(names, ["Amber", "Zinc", "Elsewhere"]);
    assert!(allies[2].new_fields.is_empty() && allies[2].new_region.is_some());
    assert!(allies[0].new_region.is_none() && allies[0].shared.len() == 3);
    assert_eq!(allies[1].common_ground.to_string(), "0.9679");
}

/// Rows: 4.9.
#[test]
fn the_instrument_has_fifty_seven_items_of_which_forty_six_count() {
    let items = || SCHWARTZ10.types.iter().flat_map(|entry| entry.items);
    assert_eq!(items().count(), 57);
    assert_eq!(items().filter(|item| item.scored).count(), 46);
    let order: Vec<ValueType> = SCHWARTZ10.types.iter().map(|entry| entry.value).collect();
    assert_eq!(order, ValueType::ALL);
    assert_eq!(SCHWARTZ10.item("un-1").unwrap().name, "equality");
    assert_eq!(SCHWARTZ10.item("be-9").unwrap().name, "true friendship");
    assert!(["un-0", "un-10", "xx-1", "un", "un-"].iter().all(|c| SCHWARTZ10.item(c).is_none()));
}

#[test]
fn rounded_numbers_read_as_people_write_them() {
    let show = |units| Rounded::from_units(units).to_string();
    assert_eq!([0, -1, 12_345, -56_667].map(show), ["0.0000", "-0.0001", "1.2345", "-5.6667"]);
}

/// Rows: 4.10.
#[test]
fn what_is_declared_by_another_instrument_is_not_measured_by_ours() {
    let ours = Values {
        instrument: SCHWARTZ10.id.parse().unwrap(),
        subject: Subject::Ourselves,
        ratings: ratings(&A),
        items: Items::default(),
        method: Method::Assembly,
        statement: Some(Text::new("en", "The earth has rights of her own.").unwrap()),
        principles: Vec::new().try_into().unwrap(),
    };
    assert_eq!(Scores::of(&ours), Scores::new(&ratings(&A)));
    let theirs = Values { instrument: "buen-vivir@1".parse().unwrap(), ..ours };
    assert_eq!(Scores::of(&theirs), Err(ScoreError::Instrument));
}
