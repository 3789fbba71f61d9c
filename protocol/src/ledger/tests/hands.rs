//! Stories of second names: who stands behind oneself as if it were somebody else.

use super::decisions::{proposal, seats, voice};
use super::world::{Signer, World, answer, call, day, fiscal_host, tie};
use crate::body::Body;
use crate::body::call::CallKind;
use crate::body::disclosure::{Control, Disclosure, DisclosureKind};
use crate::body::response::ResponseKind::{self, Accept, Concern, Endorse, Learn};
use crate::body::text::Text;
use crate::fold::call::State;
use crate::fold::proposal::Phase;
use crate::id::NetId;
use crate::record::Record;

fn alert(by: &Signer) -> Record {
    let Body::Call(mut body) = call("They are at the door", &[]) else { unreachable!() };
    body.kind = CallKind::Alert;
    by.sign(Body::Call(body), day(1), 10)
}

fn control(other: NetId) -> Body {
    let how = "same-board".parse().unwrap();
    Body::Disclosure(Disclosure {
        kind: DisclosureKind::Control,
        text: Text::new("en", "We are one.").unwrap(),
        period: None,
        about: None,
        sources: Vec::new().try_into().unwrap(),
        control: vec![Control { other, how }].try_into().unwrap(),
        figures: Vec::new().try_into().unwrap(),
        files: Vec::new().try_into().unwrap(),
    })
}

impl World {
    fn ties(&mut self, body: Body, by: &Signer, with: &Signer) {
        let tie = by.sign(body, day(0), 300);
        self.put(&tie);
        self.put(&with.sign(answer(&tie, Accept, None), day(0), 300));
    }

    fn answers(&mut self, by: &Signer, to: &Record, kind: ResponseKind, on: u64) {
        self.put(&by.sign(answer(to, kind, None), day(on), 9));
    }

    fn state(&self, call: &Record) -> State {
        self.ledger.call(&call.thing(), day(3)).unwrap().1
    }

    fn opens(&self, asked: &Record, on: u64) -> (Phase, Vec<usize>) {
        let (_, decision) = self.ledger.proposal(&asked.thing(), day(on)).unwrap();
        (decision.state.phase, decision.state.missing)
    }
}

#[test]
fn m1_an_alert_is_not_confirmed_by_its_callers_own_second_name() {
    let mut world = World::new();
    world.now = day(5);
    let [caller, hosted, declared, other] = [300, 400, 500, 600].map(|n| world.found(n).0);
    for net in [&hosted, &declared, &other] {
        world.ties(tie(&[caller.net, net.net]), &caller, net);
    }
    world.ties(fiscal_host(caller.net, hosted.net), &caller, &hosted);
    world.put(&declared.sign(control(caller.net), day(0), 300));
    let alert = alert(&caller);
    world.put(&alert);
    for second in [&hosted, &declared] {
        world.answers(second, &alert, Endorse, 2);
    }
    let state = world.state(&alert);
    assert!(state.unconfirmed, "nobody else has seen it: {state:?}");
    assert_eq!(state.endorsed.len(), 2, "they are shown all the same");
    world.answers(&other, &alert, Endorse, 2);
    let state = world.state(&alert);
    assert_eq!((state.unconfirmed, state.confirmed), (false, [other.net].into()));
    // To doubt is left to whoever is tied, by whatever hand.
    world.answers(&hosted, &alert, Concern, 2);
    assert!(world.state(&alert).is_disputed());
}

#[test]
fn m1_a_required_voice_is_not_the_authors_own_second_name() {
    let mut world = World::new();
    world.now = day(9);
    let [author, elector, second, host, guest] =
        [100, 200, 300, 400, 500].map(|n| world.found(n).0);
    world.ties(seats(&[author.net, elector.net]), &author, &elector);
    let umbrella = world.ledger.ties_of(&author.net)[0];
    let mut body = proposal(umbrella, (1, 3, 10));
    body.voices = vec![voice(None)].try_into().unwrap();
    let asked = author.sign(Body::Proposal(body), day(1), 100);
    world.put(&asked);
    let waits = (Phase::Deliberation, vec![0]);
    // Whom only the author knows, and whom it has made up with a friend of its own.
    world.ties(tie(&[author.net, second.net]), &author, &second);
    world.ties(tie(&[second.net, host.net]), &second, &host);
    for by in [&second, &host] {
        world.answers(by, &asked, Learn, 4);
        assert_eq!(world.opens(&asked, 5), waits);
    }
    // Whom an elector knows, and who shares its money with the author.
    world.ties(tie(&[elector.net, host.net]), &elector, &host);
    world.ties(fiscal_host(host.net, author.net), &host, &author);
    assert_eq!(world.opens(&asked, 5), waits);
    world.ties(tie(&[elector.net, guest.net]), &elector, &guest);
    world.answers(&guest, &asked, Learn, 6);
    assert_eq!(world.opens(&asked, 7), (Phase::Voting, Vec::new()));
    // The author cannot unsay it by what it says of others afterwards.
    for net in [guest.net, elector.net] {
        world.put(&author.sign(control(net), day(7), 300));
    }
    assert_eq!(world.opens(&asked, 8), (Phase::Voting, Vec::new()));
}
