//! Stories of what crosses with a call, and of when it is carried again.

use super::bridging::{BRISTOL, Bridget, WASHINGTON, alices_call, rule, sign_in, signer, tag};
use super::*;
use crate::body::carriage::{Carriage, Carried, Crossing};
use crate::body::end::EndKind;
use crate::body::response::ResponseKind::{Accept, Endorse, Offer};
use crate::body::tie::Bridge;
use crate::bridge::GATHER;
use crate::control::{BridgeTask, CrossingView};
use crate::id::RecordId;
use crate::ledger::tests::world::{Signer, answer, call, end, key, profile, region, tie};
use crate::record::{Home, Reach};

const BERLIN: &str = "de-be";
const PARIS: &str = "fr-idf";

#[test]
fn what_was_said_of_a_call_before_crosses_with_it() {
    let mut bridget = Bridget::in_service(100, 300);
    let [alice, call] = alices_call("beds", 60);
    let (dora, founded) = signer(300);
    let endorsement = sign_in(&dora, BRISTOL, answer(&call, Endorse, None), 40);
    let offer = sign_in(&dora, BRISTOL, answer(&call, Offer, Some(2)), 40);
    let accept = sign_in(&signer(600).0, BRISTOL, answer(&offer, Accept, None), 40);
    bridget.takes(&[alice, founded.clone(), call.clone()]);
    bridget.takes(&[endorsement.clone(), offer.clone(), accept.clone()]);
    // What has no home is told everywhere, in a moment.
    bridget.waits(GATHER);
    bridget.told.clear();
    bridget.adds(rule("calls"));
    bridget.waits(GATHER * 2);
    let there = bridget.told.iter().filter(|(to, _)| *to == region(WASHINGTON));
    let told: Vec<RecordId> = there.flat_map(|(_, ids)| ids).copied().collect();
    let place = |record: &Record| told.iter().position(|id| *id == record.id()).unwrap();
    assert!(place(&call) < place(&founded) && place(&founded) < place(&endorsement), "{told:?}");
    assert!(place(&founded) < place(&offer) && place(&offer) < place(&accept), "{told:?}");
    assert_eq!(told.iter().filter(|id| **id == founded.id()).count(), 1, "once");
}

impl Bridget {
    /// Lets its network end the last carriage, now.
    fn ends_the_last(&mut self) {
        let carriage = self.last_carriage().thing();
        let mut draft =
            self.net.draft(Body::End(end(&[(carriage, None)], EndKind::Withdraw)), self.now, 400);
        draft.header.home = Some(Home { region: region(WASHINGTON), reach: Reach::Movement });
        draft.header.at = Timestamp::from_secs(self.now.as_secs());
        self.takes(&[draft.sign(&key(self.net.seed)).unwrap()]);
    }
}

#[test]
fn what_its_network_has_ended_is_not_carried_again_but_anew() {
    let mut bridget = Bridget::in_service(100, 300);
    bridget.adds(rule("calls"));
    let [alice, call] = alices_call("beds", 60);
    bridget.takes(&[alice, call.clone()]);
    bridget.waits(WALK_AGAIN);
    bridget.ends_the_last();
    assert!(!bridget.is_in(&call, WASHINGTON));
    bridget.waits(WALK_AGAIN * 3);
    assert_eq!(bridget.carriages.len(), 1, "the network's word holds");
    let tested = bridget.task(BridgeTask::Test { id: call.id() });
    let Response::Crossing(CrossingView { decision, .. }) = &tested[0] else { panic!() };
    let said = decision.because().unwrap().to_string();
    assert!(said.starts_with("no: its network must not have ended a carriage of it"), "{said}");

    let (at, seed) = (Timestamp::from_secs(bridget.now.as_secs()), signer(600).0);
    let edited = seed.sign_version(&call, self::call("more beds", &[5]), at, 61);
    bridget.takes(std::slice::from_ref(&edited));
    bridget.waits(GATHER * 2);
    assert!(bridget.is_in(&edited, WASHINGTON) && bridget.carriages.len() == 2);
    bridget.waits(WALK_AGAIN);
    bridget.ends_the_last();
    bridget.restarts(bridget.engine.settings.choices.clone());
    bridget.waits(WALK_AGAIN * 2);
    assert_eq!(bridget.carriages.len(), 2, "also after a restart");
    assert_eq!(bridget.task(BridgeTask::Remove { name: tag("calls") }), [Response::Fine]);
    bridget.adds(rule("calls"));
    bridget.waits(GATHER * 2);
    assert!(bridget.is_in(&edited, WASHINGTON), "whoever adds the rule again means it");
    bridget.restarts(bridget.engine.settings.choices.clone());
    bridget.waits(WALK_AGAIN * 2);
    assert_eq!(bridget.carriages.len(), 3);
}

/// A carriage of a call into Bristol over these bridges.
fn into_bristol(by: &Signer, tie: &Record, call: &Record, way: &[&str]) -> Record {
    let crossing = |place: &&str| Crossing { net: signer(970).0.net, region: region(place) };
    let (home, via) = way.split_first().unwrap();
    let via: Vec<Crossing> = via.iter().map(crossing).collect();
    let body = Body::Carriage(Carriage {
        things: vec![Carried { net: call.net(), thing: call.thing() }].try_into().unwrap(),
        from: via.last().map_or_else(|| region(home), |last| last.region.clone()),
        via: via.try_into().unwrap(),
        tie: tie.thing(),
        rule: tag("in"),
    });
    let mut draft = by.draft(body, call.header().at, 60);
    draft.header.home = Some(Home { region: region(BRISTOL), reach: Reach::Region });
    draft.sign(&key(by.seed)).unwrap()
}

#[test]
fn a_shorter_way_that_is_found_later_is_carried_on_once() {
    let mut bridget = Bridget::in_service(100, 300);
    bridget.adds(rule("calls"));
    let ((norma, norma_is), (basil, _)) = (signer(980), signer(950));
    let ties = [PARIS, BERLIN].map(|from| {
        let Body::Tie(mut body) = tie(&[norma.net, basil.net]) else { unreachable!() };
        body.kind = crate::body::tie::TieKind::Bridge;
        let languages = Vec::new().try_into().unwrap();
        body.bridge = Some(Bridge { from: region(from), to: region(BRISTOL), languages });
        sign_in(&norma, BRISTOL, Body::Tie(body), 300)
    });
    let accepts = ties.each_ref().map(|t| sign_in(&basil, BRISTOL, answer(t, Accept, None), 300));
    let (ada, ada_is) = signer(600);
    let call = sign_in(&ada, BERLIN, call("beds", &[3]), 60);
    let said = sign_in(&norma, BRISTOL, profile(), 300);
    bridget.takes(&[&[norma_is, said, ada_is, call.clone()][..], &ties, &accepts].concat());
    let far = into_bristol(&norma, &ties[0], &call, &[BERLIN, PARIS]);
    let near = into_bristol(&norma, &ties[1], &call, &[BERLIN]);
    let mut bridges = Vec::new();
    for carriage in [far, near] {
        bridget.takes(&[carriage]);
        bridget.waits(WALK_AGAIN * 2);
        let Body::Carriage(last) = bridget.last_carriage().body() else { unreachable!() };
        bridges.push((bridget.carriages.len(), last.via.len()));
    }
    assert_eq!(bridges, [(1, 2), (2, 1)], "once, and once more because it became shorter");
}

#[test]
fn who_speaks_away_from_home_is_made_known_there_once() {
    let mut bridget = Bridget::in_service(100, 300);
    let (dora, founded) = signer(300);
    let profile = sign_in(&dora, BRISTOL, profile(), 300);
    bridget.takes(&[founded, profile.clone()]);
    let mut there = |party: u16| -> Vec<RecordId> {
        bridget.waits(GATHER);
        bridget.told.clear();
        let tie = sign_in(&dora, WASHINGTON, tie(&[dora.net, signer(party).0.net]), 200);
        bridget.takes(std::slice::from_ref(&tie));
        bridget.waits(GATHER);
        let there = bridget.told.iter().filter(|(to, _)| *to == region(WASHINGTON));
        let told: Vec<RecordId> = there.flat_map(|(_, ids)| ids).copied().collect();
        assert_eq!(told.last(), Some(&tie.id()), "after what judges it: {told:?}");
        told
    };
    assert!(there(900).contains(&profile.id()));
    assert_eq!(there(950).len(), 1, "who it is was told");
}
