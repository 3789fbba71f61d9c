//! Where a network lives is said by its own key, or by who has the power for that, and by nobody else.

use super::world::{START, Signer, World, day, end, key, profile};
use crate::body::Body;
use crate::body::end::EndKind;
use crate::body::profile::PublishedNode;
use crate::body::role::Power;
use crate::body::text::List;
use crate::id::{NodeId, RecordId};
use crate::ledger::{Ledger, PoolBounds};
use crate::record::{Reach, Record, Version};
use crate::sync::{Key, Scope};

/// A profile that lists this node.
fn living_at(node: u8) -> Body {
    let Body::Profile(mut body) = profile() else { unreachable!() };
    let own = PublishedNode { node: NodeId([node; 32]), addresses: List::default() };
    body.nodes = vec![own].try_into().unwrap();
    Body::Profile(body)
}

fn hosting(world: &World, of: &Signer) -> Option<RecordId> {
    world.ledger.hosting_profile(&of.net)
}

fn is_in_set(world: &World, record: &Record) -> bool {
    let set = world.ledger.set(&Scope::Region("gb-bristol".parse().unwrap())).unwrap();
    set.contains(&Key { until: record.header().until.as_secs(), id: record.id() })
}

#[test]
fn h8_nobody_without_the_power_hosting_moves_a_network_or_hides_where_it_lives() {
    let mut world = World::new();
    let (alice, inception) = world.found(0);
    let own = alice.sign(living_at(1), day(0), 300);
    world.put(&own);
    let thief = world.appoint(&alice, 500, &[Power::Profile, Power::End, Power::Delegate]);
    let later = thief.sign_version(&own, living_at(2), day(1), 200);
    let highest = thief.draft(living_at(2), day(1), 200);
    let version = Version { rev: u16::MAX, ..Version::after(&later) };
    let highest = highest.following(version).sign(&key(thief.seed)).unwrap();
    let apart = thief.sign(profile(), day(1), 200);
    let whole = end(&[(own.thing(), None)], EndKind::Withdraw);
    let ended = thief.sign(Body::End(whole), day(1), 299);
    for record in [&later, &highest, &apart, &ended] {
        world.put(record);
        assert!(world.is_valid(record), "what it says of the network otherwise counts");
        assert_eq!(hosting(&world, &alice), Some(own.id()));
        assert!(is_in_set(&world, &own), "who comes later finds it");
    }
    assert_eq!(world.ledger.current_profile(&alice.net), Some(apart.id()));

    // Who has only what is in the set finds the same.
    let mut fresh = Ledger::new(PoolBounds::default());
    let all = [&inception, &own, &later, &highest, &apart, &ended];
    let support = world.ledger.networks.values().flat_map(|n| n.support.grants.keys());
    assert_eq!(support.count(), 1);
    let shared = all.into_iter().filter(|r| r.header().home.is_none() || is_in_set(&world, r));
    for record in shared {
        fresh.insert(record, world.now);
    }
    assert_eq!(fresh.hosting_profile(&alice.net), Some(own.id()));
}

#[test]
fn h8_who_has_the_power_hosting_says_where_a_network_lives_as_long_as_the_role_lasts() {
    let mut world = World::new();
    let (alice, _) = world.found(0);
    let keeper = world.appoint(&alice, 500, &[Power::Profile, Power::Hosting]);
    let steward = world.appoint(&alice, 501, &[Power::Profile]);
    let own = alice.sign(living_at(1), day(1), 300);
    let moved = keeper.sign_version(&own, living_at(2), day(1), 200);
    let older = alice.sign(living_at(3), START, 300);
    let silent = steward.sign_version(&moved, profile(), day(1), 200);
    for record in [&moved, &own, &older, &silent] {
        world.put(record);
    }
    assert_eq!(hosting(&world, &alice), Some(moved.id()), "of the later thing the later version");
    assert_eq!(world.ledger.current_profile(&alice.net), Some(silent.id()));
    let end_of_role = end(&[(keeper.role.unwrap(), None)], EndKind::Withdraw);
    world.put(&alice.sign(Body::End(end_of_role), START, 400));
    assert_eq!(hosting(&world, &alice), Some(own.id()), "what it signed is void with its role");
    assert!(is_in_set(&world, &own) && !is_in_set(&world, &older));
}

#[test]
fn h8_where_a_network_lives_ends_by_its_own_key_alone_and_never_by_another_home() {
    let mut world = World::new();
    let (alice, _) = world.found(0);
    let keeper = world.appoint(&alice, 500, &[Power::Profile, Power::Hosting, Power::End]);
    let clerk = world.appoint(&alice, 501, &[Power::Profile, Power::End]);
    let own = alice.sign(living_at(1), day(0), 300);
    world.put(&own);
    // Whoever hides a later profile among the network's own nodes hides nothing of it.
    let mut draft = clerk.draft(living_at(2), day(1), 200);
    draft.header.home.as_mut().unwrap().reach = Reach::Own;
    world.put(&draft.sign(&key(clerk.seed)).unwrap());
    assert_eq!(hosting(&world, &alice), Some(own.id()));
    let whole = || Body::End(end(&[(own.thing(), None)], EndKind::Withdraw));
    world.put(&clerk.sign(whole(), day(1), 299));
    assert_eq!(hosting(&world, &alice), Some(own.id()));
    world.put(&keeper.sign(whole(), day(1), 299));
    assert_eq!(hosting(&world, &alice), None, "who may host, and may end, may end this too");
    assert!(!is_in_set(&world, &own));
}
