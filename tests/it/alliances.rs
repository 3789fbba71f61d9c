//! Alliances of alliances, programmes and their hubs, and an alliance of a thousand.

use std::collections::BTreeMap;
use std::time::Duration;

use weft_protocol::admission::Recognition;
use weft_protocol::body::Body;
use weft_protocol::body::profile::NetworkKind;
use weft_protocol::body::tie::TieKind;
use weft_protocol::ledger::{Ledger, PoolBounds};
use weft_protocol::record::Record;
use weft_protocol::time::Timestamp;
use weft_protocol::weave::Weave;
use weft_tests::world::{Network, START, World};

/// When all here is looked at.
const NOW: Timestamp = Timestamp::from_secs(START.as_secs() + 86_400);

/// How many belong to the largest alliance; the largest of the climate movement has 1 300.
const MEMBERS: usize = 1_000;

/// Founds a network of this kind in a region, and returns it with what it says.
fn founded(region: &str, name: &str, kind: NetworkKind) -> (Network, [Record; 2]) {
    let net = World::new(4).in_region(region).network(name);
    let Body::Profile(mut profile) = net.profile(&[]).draft().body else { panic!("a profile") };
    profile.kind = kind;
    let until = START + Duration::from_secs(300 * 86_400);
    let profile = net.say(Body::Profile(profile)).until(until).sign();
    let said = [net.inception.clone(), profile];
    (net, said)
}

/// Lets one network be a member of another, which agrees where the tie is at home.
fn joins(member: &Network, whole: &Network) -> [Record; 2] {
    let tie = member.tie_of(TieKind::MemberOf, &[whole]).sign();
    let home = tie.header().home.as_ref().map(|home| home.region.clone()).expect("a home");
    let accept = whole.accept(&tie).home(home.as_str()).sign();
    [tie, accept]
}

fn ledger(said: &[Record]) -> Ledger {
    let mut ledger = Ledger::new(PoolBounds::default());
    ledger.insert_all(said, NOW);
    ledger
}

/// Returns how many active ties a network has.
fn ties(ledger: &Ledger, net: &Network) -> usize {
    let ties = ledger.ties_of(&net.id()).into_iter().filter_map(|tie| ledger.tie(&tie, NOW));
    ties.filter(|(_, state)| state.is_active()).count()
}

/// Rows: 0.34.
#[test]
fn the_hubs_of_a_programme_are_its_members_wherever_they_are() {
    let (programme, mut said) = {
        let (net, said) = founded("us-wa", "local intersections", NetworkKind::Project);
        (net, said.to_vec())
    };
    let regions = ["us-wa", "us-or", "gb-bristol"];
    for (n, region) in regions.into_iter().enumerate() {
        let (hub, founded) = founded(region, &format!("hub {n}"), NetworkKind::Hub);
        said.extend(founded);
        said.extend(joins(&hub, &programme));
    }
    let ledger = ledger(&said);
    assert_eq!(ties(&ledger, &programme), 3);
    let pattern = ledger.pattern(&BTreeMap::new(), NOW);
    let clusters: Vec<&str> = pattern.clusters.values().map(String::as_str).collect();
    assert!(regions.iter().all(|region| clusters.contains(region)), "{clusters:?}");
}

/// Rows: 2.1, 2.2, 4.63.
#[test]
fn alliances_of_three_levels_are_joined_by_ties_and_recognised_along_them() {
    let [group, city, country, world] = [
        ("gb-bristol", "harbour group", NetworkKind::Group),
        ("gb-bristol", "bristol alliance", NetworkKind::Alliance),
        ("gb-wide", "national alliance", NetworkKind::Alliance),
        ("the-world", "world tapestry", NetworkKind::Alliance),
    ]
    .map(|(region, name, kind)| founded(region, name, kind));
    let mut said = [&group, &city, &country, &world].map(|(_, said)| said.clone()).concat();
    let [group, city, country, world] = [group, city, country, world].map(|(net, _)| net);
    for (member, whole) in [(&group, &city), (&city, &country), (&country, &world)] {
        said.extend(joins(member, whole));
    }
    // A network may be in several at once.
    said.extend(joins(&city, &world));
    let ledger = ledger(&said);
    assert_eq!([&group, &city, &country, &world].map(|net| ties(&ledger, net)), [1, 3, 2, 2]);
    let of = |distance: u8| Recognition::new(&[group.id()].into(), ledger.tied(NOW), distance);
    let reached = |distance| [&city, &country, &world].map(|net| of(distance).has(&net.id()));
    assert_eq!(reached(0), [false; 3]);
    assert_eq!(reached(1), [true, false, false]);
    assert_eq!(reached(2), [true; 3], "the world by the tie of the city");
}

/// Rows: 4.64.
#[test]
fn an_alliance_of_a_thousand_is_the_same_in_whatever_order_it_is_heard_of() {
    let (whole, mut said) = {
        let (net, said) = founded("the-world", "climate action", NetworkKind::Alliance);
        (net, said.to_vec())
    };
    for n in 0..MEMBERS {
        let region = format!("region-{}", n % 12);
        let (member, founded) = founded(&region, &format!("member {n}"), NetworkKind::Network);
        said.extend(founded);
        said.extend(joins(&member, &whole));
    }
    let here = ledger(&said);
    assert_eq!(ties(&here, &whole), MEMBERS);
    let pattern = here.pattern(&BTreeMap::new(), NOW);
    let weave = Weave::new(&pattern);
    assert_eq!((weave.len(), weave.ties()), (MEMBERS + 1, MEMBERS));
    // Who founded what comes first: what waits for it has only so much room.
    said.sort_by_key(|record| (!record.body().is_inception(), record.id()));
    assert_eq!(ledger(&said).pattern(&BTreeMap::new(), NOW), pattern);
}
