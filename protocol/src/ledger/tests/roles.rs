//! Stories of mandates: what they are limited to, when they end, who follows whom.

use super::world::{START, Signer, World, answer, call, day, end, key, region, role, tie};
use crate::authority::{Standing, Why};
use crate::body::Body;
use crate::body::end::EndKind;
use crate::body::response::ResponseKind::{Accept, Endorse};
use crate::body::role::{Power, RoleKind, Scope};
use crate::fold::role::State;
use crate::ledger::Outcome;
use crate::record::Record;
use crate::time::Timestamp;

/// Alice's network, which grants.
struct Office {
    world: World,
    alice: Signer,
}

impl Office {
    fn new() -> Self {
        let mut world = World::new();
        let (alice, _) = world.found(0);
        Self { world, alice }
    }

    /// Grants a role with this scope from a day on, for so many days, to a key that accepts it.
    fn grants(&mut self, body: Body, holder: u16, days: u32) -> (Signer, Record) {
        let grant = self.alice.sign(body, day(0), days);
        let holder = Signer { seed: holder, role: Some(grant.thing()), ..self.alice };
        let accept = holder.sign(answer(&grant, Accept, None), day(0), days);
        self.world.put(&grant);
        self.world.put(&accept);
        (holder, grant)
    }

    fn limited(&mut self, holder: u16, scope: Scope) -> Signer {
        let powers = [Power::Call, Power::Endorse];
        self.grants(role(holder, &powers, Some(scope), START), holder, 300).0
    }

    fn state(&self, grant: &Record, at: Timestamp) -> State {
        let roles = self.world.ledger.roles(&self.alice.net, at);
        roles.iter().find(|role| role.thing == grant.thing()).unwrap().state
    }

    fn refuses(&self, record: &Record) -> bool {
        self.world.ledger.standing(&record.id()) == Some(Standing::Void(Why::OutOfScope))
    }
}

/// Rows: 1.2, 2.11.
#[test]
fn a_role_for_a_region_a_topic_or_a_tie_says_nothing_outside_of_it() {
    let mut office = Office::new();
    let local = office.limited(500, Scope::Region(region("us-wa")));
    let anchor = office.limited(501, Scope::Topic("climate".parse().unwrap()));
    let [here, there] = ["gb-bristol", "us-wa"].map(|home| {
        let mut draft = local.draft(call("beds", &[3]), day(1), 30);
        draft.header.home.as_mut().unwrap().region = region(home);
        draft.sign(&key(500)).unwrap()
    });
    let [of_climate, of_housing] = ["climate", "housing"].map(|field| {
        let Body::Call(mut body) = call("march", &[3]) else { unreachable!() };
        body.fields = vec![field.parse().unwrap()].try_into().unwrap();
        anchor.sign(Body::Call(body), day(1), 30)
    });
    let (bob, _) = office.world.found(100);
    let ties = [1, 2].map(|n| bob.sign(tie(&[bob.net, office.alice.net]), day(1), 100 + n));
    let seated = office.limited(502, Scope::Thing(ties[0].thing()));
    let [of_one, of_other] =
        [0, 1].map(|n| seated.sign(answer(&ties[n], Endorse, None), day(1), 9));
    for record in [&here, &there, &of_climate, &of_housing, &ties[0], &ties[1], &of_one, &of_other]
    {
        office.world.put(record);
    }
    for (inside, outside) in [(&there, &here), (&of_climate, &of_housing), (&of_one, &of_other)] {
        assert!(office.world.is_valid(inside));
        assert!(office.refuses(outside), "{:?}", office.world.ledger.standing(&outside.id()));
    }
}

/// Rows: 1.11.
#[test]
fn a_mandate_ends_by_itself_and_nothing_outlives_it() {
    let mut office = Office::new();
    let (member, grant) = office.grants(role(500, &[Power::Call], None, START), 500, 10);
    let short = member.sign(call("beds", &[3]), day(1), 5);
    assert_eq!(office.world.put(&short), Outcome::New(Standing::Valid));
    let long = member.draft(call("beds", &[3]), day(1), 30);
    let judged =
        office.world.ledger.judge_draft(&long.header, &long.body, key(500).public(), day(1));
    assert_eq!(judged, Err(Why::OutlivesRole { until: day(10) }));
    let long = long.sign(&key(500)).unwrap();
    office.world.put(&long);
    assert!(!office.world.is_valid(&long));
    assert_eq!(office.state(&grant, day(1)), State::Active { until: day(10) });
    assert_eq!(office.state(&grant, day(11)), State::Expired);
}

/// Rows: 1.11.
#[test]
fn who_holds_a_mandate_may_lay_it_down() {
    let mut office = Office::new();
    let (member, grant) = office.grants(role(500, &[Power::Call], None, START), 500, 300);
    let resign = end(&[(grant.thing(), None)], EndKind::Resign);
    let resign = member.sign(Body::End(resign), day(1), 299);
    assert_eq!(office.world.put(&resign), Outcome::New(Standing::Valid));
    assert_eq!(office.state(&grant, day(2)), State::Resigned { at: day(1), by: resign.id() });
    office.world.now = day(3);
    let after = member.sign(call("beds", &[3]), day(2), 30);
    let outcome = office.world.put(&after);
    assert!(matches!(outcome, Outcome::New(Standing::Void(Why::RoleEnded { .. }))), "{outcome:?}");
}

/// Rows: 1.11, 3.22.
#[test]
fn the_chair_goes_from_one_to_the_next_on_the_day_that_was_agreed() {
    let mut office = Office::new();
    let chair = |holder: u16, from: Timestamp| {
        let Body::Role(mut body) = role(holder, &[Power::Call], None, from) else { unreachable!() };
        body.kind = RoleKind::Chair;
        Body::Role(body)
    };
    let (first, one) = office.grants(chair(500, START), 500, 30);
    let (second, other) = office.grants(chair(501, day(30)), 501, 60);
    assert_eq!(office.state(&one, day(10)), State::Active { until: day(30) });
    assert_eq!(office.state(&other, day(10)), State::Accepted { from: day(30) });
    assert_eq!(office.state(&one, day(40)), State::Expired);
    assert_eq!(office.state(&other, day(40)), State::Active { until: day(60) });
    office.world.now = day(20);
    let [now, early] = [first, second].map(|voice| voice.sign(call("meeting", &[]), day(20), 9));
    assert_eq!(office.world.put(&now), Outcome::New(Standing::Valid));
    let before = Outcome::New(Standing::Void(Why::BeforeRole { from: day(30) }));
    assert_eq!(office.world.put(&early), before);
    office.world.now = day(40);
    let then = second.sign(call("meeting", &[]), day(40), 9);
    assert_eq!(office.world.put(&then), Outcome::New(Standing::Valid));
}
