//! What attackers try, each by name: the one page on which to look for the test of an attack.
//!
//! Those that need a story of several nodes are here, those that need a real peer against a real node
//! in `attacks_wire`; the others stand beside what they attack:
//!
//! | attack | test | in |
//! |---|---|---|
//! | Sybil flood | `sim_a_flood_of_unknown_networks_costs_a_pool_and_delays_nobody` | `sim_admission` |
//! | 1 000 shams tied behind one recognised network | `sim_a_thousand_shams_behind_one_neighbour_share_its_quota` | `sim_admission` |
//! | replay of what was edited, withdrawn or has expired | `sim_what_is_over_never_comes_back_to_life`, `a_replay_by_a_real_peer_brings_nothing_back` | here, `attacks_wire` |
//! | phantom ids | `a_peer_that_claims_sixty_thousand_records_and_has_none_costs_a_conversation`; `a_liar_is_bounded_by_its_own_count` | `attacks_wire`; `protocol/src/sync/tests/hostile.rs` |
//! | references to what never was | `no_more_are_looked_for_than_the_bound_and_nothing_that_never_was` | `protocol/src/engine/lost.rs` |
//! | stub flood (M10) | `a_flood_of_refusals_takes_no_more_than_its_room`, `m10_what_a_stranger_floods_is_no_part_of_what_others_are_shown`, `what_is_declined_is_neither_asked_for_nor_sent` | `protocol/src/engine/refused.rs`, `protocol/src/sync/tests/converge.rs` |
//! | oversize frame | `a_peer_that_dawdles_and_one_that_shouts_keep_nobody_from_reconciling`; `a_long_frame_is_refused_by_its_length_alone` | `attacks_wire`; `node/src/frame.rs` |
//! | slow-loris reconciling | the same; `silence_and_slowness_have_limits` | `attacks_wire`; `protocol/src/sync/tests/hostile.rs` |
//! | garbage partitions | `an_initiator_names_what_does_not_fit`, `a_responder_names_what_is_too_much`, `spoilt_frames_end_with_a_name_and_the_next_session_converges` | `protocol/src/sync/tests/hostile.rs` |
//! | lies in everything, in bad weather | `sim_after_a_storm_all_honest_nodes_agree` | `sim_storm` |
//! | no frame, no request, no record | `a_peer_without_rules_is_heard_out_and_never_believed` and its neighbours | `cluster_bad_input` |
//! | changed bytes | `what_is_accepted_is_the_one_encoding_of_what_it_says` and its neighbours, one for each door | `tests/fuzz/src/tests.rs` |
//! | faults of the transport, floods of control messages | all | `node/src/network/tests/rogue.rs` |
//! | gossip of garbage | `who_sends_eighteen_bad_messages_is_not_heard_any_more`, `a_flooding_peer_does_not_keep_people_waiting` | `node/src/network/tests/crowd.rs`, `cluster_bad_input` |
//! | eclipse | `many_who_come_never_keep_a_node_from_those_it_chose`, `who_knocks_finds_so_many_places_and_what_we_dial_has_others`; `four_are_reached_by_our_own_choice_however_many_come_to_us`, `one_neighbourhood_cannot_fill_the_book` | `node/src/network/tests/crowd.rs`; `node/src/network/book.rs` |
//! | conversations that keep others out | `who_comes_in_numbers_keeps_her_from_nobody_whom_she_chose` | `protocol/src/engine/tests.rs` |
//! | a bridge that forges carriages | `sim_a_forged_carriage_brings_nothing_across_and_says_why`; `a_forged_carriage_carries_nothing` | here; `protocol/src/ledger/tests/carrying.rs` |
//! | a bridge that drops withdrawals | `sim_a_bridge_that_drops_withdrawals_is_repaired_by_another` | here |
//! | a stolen key that erases all (M2) | `m2_what_a_stolen_key_erased_comes_back_on_every_node_when_it_is_taken_back`; `what_a_thief_erased_comes_back_when_the_key_is_taken_back`, `an_erasure_hides_at_once_and_overwrites_after_three_days_whatever_its_date` | `cli_keys`; `protocol/src/engine/tests/erasing.rs` |
//! | what is over and stays on disks (M11) | `what_is_over_and_of_nobody_here_is_overwritten_after_three_days_and_what_is_of_us_stays`; `what_is_over_is_overwritten_without_a_trace_and_may_come_again` | `protocol/src/engine/tests/erasing.rs`; `node/src/store/tests/story.rs` |
//! | keys that are stolen one after the other, and a guardian who goes bad (D5) | `d5_whatever_is_stolen_in_turn_the_same_keys_are_in_force_on_every_node_in_the_end` | `identity_story` |
//! | a stolen key | `of_a_stolen_key_exactly_what_was_kept_remains_on_every_node`, `who_steals_the_signing_key_can_neither_rotate_nor_close` | `cluster_story`, `protocol/src/ledger/tests/stories.rs` |
//! | a part of the node that fails while the others run on (H13) | `h13_a_panic_in_the_journals_thread_ends_the_node_with_an_error`, `h13_whatever_ends_first_ends_the_node_and_is_the_reason` | `node/src/run.rs` |
//! | a log that nobody reads, or that strangers fill (H14) | `h14_a_node_whose_log_nobody_reads_answers_meets_and_stops`, `h14_who_comes_and_goes_writes_no_lines`; `h14_of_lines_alike_so_many_are_written_and_the_rest_is_counted` | `attacks_node`; `cli/src/log.rs` |
//! | addresses in the log by a narrow directive (M14) | `m14_no_directive_however_narrow_brings_an_address_into_the_log` | `attacks_node` |
//! | clients that go in the middle of an answer (H12), events for many who watch (M16) | `h12_who_goes_in_the_middle_of_an_answer_leaves_nothing_behind`; `m16_a_storm_of_events_asks_the_engine_once_a_second_for_each_who_watches` | `attacks_node`; `node/src/door/client.rs` |
//! | a member, or a bundle, that brings what others say (H7) | `h7_what_is_blocked_comes_in_by_no_door_and_a_member_brings_only_their_own`; `h7_a_member_posts_what_its_own_key_signs_for_a_network_here_and_nothing_of_others` | `attacks_node`; `protocol/src/control/guest.rs` |
//! | a far door that collects keys (M7) | `m7_a_far_door_is_shown_one_key_of_a_role_and_no_other` | `attacks_node` |
//! | a node made to dial within its own network (H9) | `h9_a_node_that_probes_for_others_does_not_knock_at_its_own_machine`; `h9_where_strangers_say_only_the_public_internet_is_dialled`; `h9_what_is_public_is_known` | `node/src/network/tests/probing.rs`; `node/src/network/dialling.rs`; `node/src/network/host.rs` |
//! | who comes and goes (M15) | `m15_who_comes_and_goes_takes_only_so_many_handshakes_in_a_minute`; `m15_the_limit_of_the_control_group_counts_and_the_least_on_the_way_to_it` | `node/src/network/crowding.rs`; `node/src/network/memory.rs` |
//! | where a network lives, said by the key of a role (H8) | `h8_sim_the_key_of_a_role_brings_no_node_to_what_a_network_keeps_for_its_own`; `h8_nobody_without_the_power_hosting_moves_a_network_or_hides_where_it_lives`, `h8_where_a_network_lives_ends_by_its_own_key_alone_and_never_by_another_home`; `h8_who_may_sign_a_profile_says_the_name_and_not_where_the_network_lives` | here; `protocol/src/ledger/tests/hosting.rs`; `cli_node` |
//! | places of a relay and of the far door for few hosts (M12) | `m12_four_machines_do_not_hold_all_places_of_a_relay`; `m12_strangers_of_one_neighbourhood_put_out_nobody_of_another` | `node/src/network/spread.rs`; `node/src/door/crowd.rs` |
//! | being told everything again and again (M9) | `m9_under_however_many_names_one_neighbourhood_is_told_so_much_in_an_hour` | `node/src/driver/served.rs` |
//! | ids that add up to the same (L, D12) | `d12_ids_that_add_up_to_the_same_are_told_apart_under_a_salt`; `d12_about_one_conversation_a_day_with_any_peer_is_salted_and_who_asks_for_it_pays` | `protocol/src/sync/tests/converge.rs`; `protocol/src/engine/tests.rs` |
//! | more networks on two nodes than one conversation is about (H11) | `h11_sim_of_however_many_networks_two_nodes_of_theirs_bring_all_in_step` | here |
//! | well signed gossip that is not kept (M5) | `m5_who_gossips_too_much_that_is_not_kept_is_not_heard_for_a_while` | `protocol/src/engine/tests/recognising.rs` |
//! | towers of answers (C2), roles in places that are made up (C3) | `c2_and_c3_what_strangers_bring_to_the_service_as_it_is_shipped_keeps_nobody_waiting`, `c2_and_c3_a_service_that_takes_whatever_comes_stays_within_its_memory`; `c3_support_at_invented_homes_makes_no_set_but_those_of_the_regions_that_a_node_is_in` | `attacks_memory`; `attacks_things` |
//! | ten thousand of any shape (H1, M13) | `more_of_any_shape_make_nothing_dearer`, `more_of_any_shape_of_the_other_half_make_nothing_dearer` | `protocol/src/ledger/tests/shapes.rs` |
//! | records that put out others (H1) | `h1_no_key_puts_out_what_another_of_its_network_has_signed`, `h1_whoever_ends_in_vain_keeps_no_end_of_another_out` | `protocol/src/ledger/tests/crowds.rs` |
//! | events of one identity without end (H2) | `h2_a_used_rotation_key_adds_no_more_events_than_there_is_room_for_and_bars_nobody`, `h2_a_rotation_that_guardians_have_confirmed_comes_in_however_many_stand_beside_it` | `protocol/src/ledger/tests/crowds.rs` |
//! | a store that is filled (H2) | `h2_what_is_beyond_the_room_is_kept_by_name_and_the_operator_sees_whose_it_is`; `h2_who_has_most_is_refused_first_and_something_is_left_for_whoever_has_little` | `attacks_admission`; `protocol/src/admission/stock.rs` |
//! | a closed node that serves all the same (L) | `l_a_closed_node_tells_a_stranger_nothing_and_who_is_allowed_everything`, `l_a_node_that_is_closed_while_it_runs_puts_strangers_out_and_stays_closed_over_a_restart`, `l_members_find_the_door_of_a_closed_node_and_its_company_through_it`, `l_a_closed_node_behind_a_relay_and_a_closed_relay_let_no_stranger_through`; `l_a_closed_node_speaks_nothing_with_a_stranger_but_the_door`, `l_who_is_let_in_meets_within_seconds_and_who_no_longer_is_is_put_out_on_every_transport`, `l_a_closed_node_speaks_with_whom_it_was_told_to_dial_and_after_a_restart_with_nobody_it_met`; `l_a_closed_node_is_connected_with_its_own_and_those_it_was_told_of_and_with_nobody_it_has_met` | `attacks_closed`; `node/src/network/tests/company.rs`; `protocol/src/engine/tests/company.rs` |
//! | a node that has to be kept away | `a_blocked_node_is_put_out_and_kept_out`; `a_node_that_is_blocked_is_put_out_and_stays_out` | `node/src/network/tests/meeting.rs`; `attacks_wire` |

use std::time::Duration;

use weft_protocol::body::Body;
use weft_protocol::body::carriage::{Carriage, Carried, Crossing};
use weft_protocol::body::role::Power;
use weft_protocol::bridge::Rule;
use weft_protocol::control::{BridgeTask, CallFilter, PolicyTask, Request, Response};
use weft_protocol::id::NetId;
use weft_protocol::ledger::{Place, Step};
use weft_protocol::record::{Reach, Record};
use weft_protocol::region::Region;
use weft_protocol::sync::{SCOPES_MAX, Scope};
use weft_tests::sim::{Machine, Peer, Simulation, Weather};
use weft_tests::source::{self, none};
use weft_tests::world::{Network, Statement, Voice, World};

/// A second, of which most stories take a few.
const SECOND: Duration = Duration::from_secs(1);

const BRISTOL: &str = "gb-bristol";
const WASHINGTON: &str = "us-wa";

fn region(name: &str) -> Region {
    name.parse().expect("a region")
}

/// Counts the calls that a node shows.
fn shown(sim: &mut Simulation, peer: Peer) -> usize {
    let filter = CallFilter { limit: 100, ..CallFilter::default() };
    sim.ask(peer, Request::Calls(filter)).expect("an answer").len() - 1
}

fn is_in(sim: &Simulation, peer: Peer, record: &Record, place: &str) -> bool {
    sim.engine(peer).is_some_and(|e| e.ledger().is_in(&record.id(), &region(place)))
}

/// Returns what stands between backquotes.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

#[test]
fn every_test_that_this_page_names_stands_where_it_says() {
    let files = source::tracked();
    let text = |path: &str| files.iter().find(|file| file.path == path).map(|file| &file.text);
    let here = "tests/it/attacks.rs".to_owned();
    let page = text(&here).expect("this page");
    let (mut wrong, mut found) = (Vec::new(), 0);
    for row in page.lines().filter_map(|line| line.strip_prefix("//! | ")) {
        let cells: Vec<&str> = row.split('|').collect();
        let mut places = Vec::from_iter(cells[2].contains("here").then(|| here.clone()));
        places.extend(quoted(cells[2]).map(|place| match place.contains('/') {
            true => place.to_owned(),
            false => format!("tests/it/{place}.rs"),
        }));
        for test in quoted(cells[1]) {
            let is_there = |place: &String| text(place)?.find(&format!("fn {test}("));
            found += 1;
            if !places.iter().any(|place| is_there(place).is_some()) {
                wrong.push(format!("{test} is not in {places:?}"));
            }
        }
    }
    assert!(found > 30, "the page is read");
    none(wrong, "name the test and its place as they are today");
}

#[test]
fn sim_what_is_over_never_comes_back_to_life() {
    let world = World::new(40);
    let river = world.network("river");
    let mut sim = Simulation::new(40, Weather::CALM);
    let machine = |name: &str| Machine::new(name, world.node(name));
    let [alice, bob] = ["alice", "bob"].map(|name| sim.join(machine(name)));
    sim.link(alice, bob);
    sim.run(SECOND);
    let (first, withdrawn) = (river.call("beds").sign(), river.call("soup").sign());
    let brief = river.call("rain").until(sim.now() + 60 * SECOND).sign();
    let edited = river.call("more beds").following(&first).sign();
    let before = [river.inception.clone(), first.clone(), withdrawn.clone(), brief.clone()];
    sim.post(alice, &before);
    let end = river.clone().later(sim.now() + SECOND).withdraw(&withdrawn).sign();
    sim.run(2 * SECOND);
    sim.post(alice, &[edited.clone(), end.clone()]);
    sim.run(120 * SECOND);
    // By reconciling: she has what was before, and nothing of what came of it; on her slow clock not
    // even the shortest call is over.
    let eve = sim.join(machine("eve").behind(240 * SECOND));
    sim.post(eve, &before);
    assert_eq!(shown(&mut sim, eve), 3, "for her it all stands");
    let carol = sim.join(machine("carol"));
    [alice, carol].into_iter().for_each(|peer| sim.link(eve, peer));
    sim.link(carol, bob);
    sim.run(60 * SECOND);
    // By gossip: he knows how it ended, and says the old words again.
    let mallory = sim.join(machine("mallory").behind(240 * SECOND));
    [alice, carol].into_iter().for_each(|peer| sim.link(mallory, peer));
    sim.run(30 * SECOND);
    let copies = sim.copies();
    sim.post(mallory, &before[1..]);
    sim.run(30 * SECOND);
    assert!(sim.copies() > copies, "he should have said something");
    for peer in [alice, bob, carol] {
        assert_eq!(shown(&mut sim, peer), 1);
        assert!(is_in(&sim, peer, &edited, WASHINGTON));
        for old in [&first, &withdrawn, &brief] {
            assert!(!is_in(&sim, peer, old, WASHINGTON), "{old:?} is shared again");
        }
        let ledger = sim.engine(peer).expect("it is on").ledger();
        let place = |record: &Record| ledger.summary(&record.id()).map(|summary| summary.place);
        assert!(matches!(place(&first), None | Some(Place::Superseded)));
        assert!(matches!(place(&withdrawn), None | Some(Place::Ended)));
        assert_eq!(place(&brief), None, "what has expired is not even stored");
    }
    sim.run(60 * SECOND);
    assert_eq!(shown(&mut sim, eve), 1, "she has learned it, and her clock has passed the rain");
    assert!(sim.run_until_in_step(&[alice, bob, carol], 60 * SECOND).is_some());
    sim.assert_sound();
}

#[test]
fn h11_sim_of_however_many_networks_two_nodes_of_theirs_bring_all_in_step() {
    /// More by some than a conversation is about, beside the region.
    const NETWORKS: usize = SCOPES_MAX + 3;
    let world = World::new(11);
    let networks = world.networks(NETWORKS);
    let mut sim = Simulation::new(11, Weather::CALM);
    let nodes = ["alice", "bob"].map(|name| world.node(name));
    let [alice, bob] = ["alice", "bob"].map(|name| {
        let machine = Machine::new(name, world.node(name));
        sim.join(networks.iter().fold(machine, |machine, network| machine.hosting(network.id())))
    });
    let own = |network: &Network| network.call("keys to the hall").reach(Reach::Own).sign();
    let mut said: Vec<Record> = Vec::new();
    for network in &networks {
        let public = [network.inception.clone(), network.profile(&nodes).sign()];
        sim.post(alice, &public).expect("it is kept");
        sim.post(bob, &public).expect("it is kept");
        said.push(own(network));
    }
    sim.post(alice, &said).expect("they are kept");
    sim.link(alice, bob);
    for _ in 0..48 {
        sim.run(600 * SECOND);
        if said.iter().all(|record| sim.holds(bob, &record.id())) {
            return sim.assert_sound();
        }
    }
    let missing = said.iter().filter(|record| !sim.holds(bob, &record.id())).count();
    panic!("{missing} of {NETWORKS} networks have never reached their other node");
}

#[test]
fn h8_sim_the_key_of_a_role_brings_no_node_to_what_a_network_keeps_for_its_own() {
    let world = World::new(8);
    let network = world.network("Neighbours of the river");
    let nodes = ["alice", "bob"].map(|name| world.node(name));
    let mut sim = Simulation::new(8, Weather::CALM);
    let [alice, bob, mallory] = ["alice", "bob", "mallory"]
        .map(|name| sim.join(Machine::new(name, world.node(name)).hosting(network.id())));
    let clerk = network.member_with("clerk", &[Power::Profile, Power::End, Power::Call]);
    let lives = network.profile(&nodes).sign();
    let later = |said: Statement<'_>| said.at(lives.header().at + SECOND).following(&lives).sign();
    let moved = later(clerk.profile(&[world.node("mallory")]));
    let ended = clerk.withdraw(&lives).sign();
    let public = [network.inception.clone(), lives, clerk.role.clone(), clerk.acceptance.clone()];
    for peer in [alice, bob, mallory] {
        sim.post(peer, &public).expect("it is kept");
    }
    sim.post(mallory, &[moved.clone(), ended]).expect("it is kept");
    sim.link(alice, mallory);
    sim.run(600 * SECOND);
    assert!(sim.holds(alice, &moved.id()), "the theft is heard of");
    let own = network.call("keys to the hall").reach(Reach::Own).sign();
    sim.post(alice, std::slice::from_ref(&own)).expect("it is kept");
    sim.link(alice, bob);
    sim.link(bob, mallory);
    sim.run(2 * 3600 * SECOND);
    assert!(sim.holds(bob, &own.id()), "the network's nodes go on sharing what is their own");
    assert!(!sim.holds(mallory, &own.id()), "and nobody else has it");
    sim.assert_sound();
}

/// Bristol with alice's node, Washington with wanda's and walter's, and nodes in both.
struct Stage {
    sim: Simulation,
    /// Who calls in Bristol, and who is at home in Washington.
    ada: Network,
    wes: Network,
    alice: Peer,
    wanda: Peer,
    walter: Peer,
}

impl Stage {
    fn new(seed: u64) -> Self {
        let world = |place: &str| World::new(seed).in_region(place);
        let mut sim = Simulation::new(seed, Weather::CALM);
        let mut join = |name: &str, place: &str| {
            sim.join(Machine::new(name, world(place).node(name)).in_regions(&[place]))
        };
        let alice = join("alice", BRISTOL);
        let [wanda, walter] = ["wanda", "walter"].map(|name| join(name, WASHINGTON));
        sim.link(wanda, walter);
        let (ada, wes) = (world(BRISTOL).network("ada"), world(WASHINGTON).network("wes"));
        sim.run(SECOND);
        sim.post(alice, &[ada.inception.clone(), ada.profile(&[]).sign()]);
        sim.post(wanda, &[wes.inception.clone(), wes.profile(&[]).sign()]);
        Self { sim, ada, wes, alice, wanda, walter }
    }

    /// Adds a node in both regions that lives beside a network of this name, linked to alice's and to
    /// one in Washington.
    fn bridge(&mut self, name: &str, to: Peer, deaf: bool) -> (Peer, Network) {
        let world = World::new(77).in_region(BRISTOL);
        let network = world.network(name);
        let machine = Machine::new(name, world.node(name))
            .in_regions(&[BRISTOL, WASHINGTON])
            .hosting(network.id());
        let peer = self.sim.join(if deaf { machine.deaf_to_ends() } else { machine });
        [self.alice, to].into_iter().for_each(|other| self.sim.link(peer, other));
        self.sim.run(SECOND);
        let known = [&self.ada, &self.wes].map(|known| known.inception.clone());
        self.sim.post(peer, &known);
        self.sim.post(peer, &[network.inception.clone(), network.profile(&[]).sign()]);
        (peer, network)
    }

    /// Returns a tie that entitles this network to carry into Washington, and its acceptance.
    fn tie(&self, network: &Network) -> [Record; 2] {
        let between = (region(BRISTOL), region(WASHINGTON));
        let tie = network.bridge(&[&self.wes], between).sign();
        let accept = self.wes.accept(&tie).home(BRISTOL).sign();
        [tie, accept]
    }

    /// Lets a bridge carry all calls into Washington.
    fn opens(&mut self, peer: Peer, network: &Network) {
        let holder = Machine::new("", self.sim.node(peer)).bridge_key().public();
        let role = network.role("bridge", holder, &[Power::Bridge]).sign();
        self.sim.post(peer, &[&self.tie(network)[..], std::slice::from_ref(&role)].concat());
        let rule = Rule::new("calls".parse().expect("a tag"), region(BRISTOL), region(WASHINGTON));
        let serve = BridgeTask::Serve { net: network.id(), role: role.thing() };
        for task in [serve, BridgeTask::Add(Box::new(rule))] {
            let said = self.sim.ask(peer, Request::Bridge(task)).expect("an answer");
            assert_eq!(said, [Response::Fine]);
        }
    }

    /// Returns what a node says of a record, step by step.
    fn steps(&mut self, peer: Peer, record: &Record) -> Vec<Step> {
        let explain = Request::Policy(PolicyTask::Explain { id: record.id() });
        match self.sim.ask(peer, explain).expect("an answer").remove(0) {
            Response::Explained(said) => said.steps,
            other => panic!("{other:?}"),
        }
    }
}

/// What a carriage says of the way.
struct Says<'a> {
    net: NetId,
    from: &'a str,
    via: &'a [(NetId, &'a str)],
    tie: &'a Record,
}

/// Signs that a call is carried into Washington.
fn carriage(by: &Voice, call: &Record, says: &Says<'_>) -> Record {
    let crossing = |(net, place): &(NetId, &str)| Crossing { net: *net, region: region(place) };
    let via: Vec<Crossing> = says.via.iter().map(crossing).collect();
    let body = Body::Carriage(Carriage {
        things: vec![Carried { net: says.net, thing: call.thing() }].try_into().expect("one"),
        from: region(says.from),
        via: via.try_into().expect("few"),
        tie: says.tie.thing(),
        rule: "calls".parse().expect("a tag"),
    });
    by.say(body).home(WASHINGTON).reach(Reach::Region).sign()
}

#[test]
fn sim_a_forged_carriage_brings_nothing_across_and_says_why() {
    let mut stage = Stage::new(41);
    let (eves, eve) = stage.bridge("eve", stage.wanda, false);
    let bea = World::new(77).in_region(BRISTOL).network("bea");
    let [tie, accept] = stage.tie(&bea);
    let clerk = bea.member_with("clerk", &[Power::Call]);
    let claimed = stage.tie(&eve)[0].clone();
    let support = [bea.inception.clone(), tie.clone(), accept, claimed.clone()];
    stage.sim.post(eves, &support);
    stage.sim.post(eves, &[clerk.role.clone(), clerk.acceptance.clone()]);
    let ada = stage.ada.clone();
    let call = |n: u8| ada.call(&format!("call {n}")).sign();
    let calls: Vec<Record> = (0..7).map(call).collect();
    let local = ada.call("for our street").reach(Reach::Region).sign();
    stage.sim.post(eves, &calls);
    stage.sim.post(eves, std::slice::from_ref(&local));
    let says = Says { net: ada.id(), from: BRISTOL, via: &[], tie: &tie };
    let unsigned = Says { tie: &claimed, ..says };
    let back = Says { from: WASHINGTON, via: &[(bea.id(), WASHINGTON)], ..says };
    let through = [(eve.id(), WASHINGTON), (eve.id(), BRISTOL)];
    let through = Says { via: &through, ..says };
    let elsewhere = Says { from: "fr-idf", via: &[(bea.id(), "fr-idf")], ..says };
    let of_another = Says { net: eve.id(), ..says };
    let not_entitled = |tie: &Record| Step::NotEntitled(tie.thing());
    let forged = [
        ("no party of the tie", carriage(&eve, &calls[0], &says), not_entitled(&tie)),
        ("one side alone", carriage(&eve, &calls[1], &unsigned), not_entitled(&claimed)),
        ("back where it was", carriage(&bea, &calls[2], &back), Step::LeadsBack),
        ("through where it goes", carriage(&bea, &calls[3], &through), Step::LeadsBack),
        ("out of where no tie is", carriage(&bea, &calls[4], &elsewhere), not_entitled(&tie)),
        ("the call of another", carriage(&bea, &calls[5], &of_another), Step::Carries),
        ("what stays in its region", carriage(&bea, &local, &says), Step::Carries),
    ];
    let powerless = carriage(&clerk, &calls[6], &says);
    let carriages: Vec<Record> = forged.iter().map(|(_, carriage, _)| carriage.clone()).collect();
    stage.sim.post(eves, &carriages);
    stage.sim.post(eves, std::slice::from_ref(&powerless));
    stage.sim.run(60 * SECOND);
    for peer in [stage.wanda, stage.walter] {
        for (what, carriage, step) in &forged {
            let steps = stage.steps(peer, carriage);
            assert!(steps.contains(step), "{what}: {steps:?}");
        }
        let steps = stage.steps(peer, &powerless);
        let lacks = |step: &Step| matches!(step, Step::Judged(s) if !s.is_valid());
        assert!(steps.iter().any(lacks), "without the power: {steps:?}");
        for (n, call) in calls.iter().chain([&local]).enumerate() {
            assert!(!is_in(&stage.sim, peer, call, WASHINGTON), "call {n} crossed");
            assert!(!stage.sim.holds(peer, &call.id()), "call {n} is kept");
        }
        assert_eq!(shown(&mut stage.sim, peer), 0);
    }
    // Signed by those who may, it crosses.
    stage.sim.post(eves, &[carriage(&bea, &calls[0], &says)]);
    stage.sim.run(60 * SECOND);
    assert!(is_in(&stage.sim, stage.walter, &calls[0], WASHINGTON));
    stage.sim.assert_sound();
}

#[test]
fn sim_a_bridge_that_drops_withdrawals_is_repaired_by_another() {
    let mut stage = Stage::new(42);
    let (north, norma) = stage.bridge("norma", stage.wanda, true);
    let (south, sally) = stage.bridge("sally", stage.walter, false);
    stage.opens(north, &norma);
    stage.opens(south, &sally);
    let call = stage.ada.call("beds").sign();
    stage.sim.post(stage.alice, std::slice::from_ref(&call));
    stage.sim.run(60 * SECOND);
    let Stage { mut sim, ada, alice, wanda, walter, .. } = stage;
    for peer in [wanda, walter, north, south] {
        assert!(is_in(&sim, peer, &call, WASHINGTON));
    }
    sim.crash(south);
    let end = ada.later(sim.now()).withdraw(&call).sign();
    sim.post(alice, &[end]);
    sim.run(1200 * SECOND);
    assert!(!is_in(&sim, alice, &call, BRISTOL));
    assert!(is_in(&sim, wanda, &call, WASHINGTON), "nobody has told her");
    sim.restart(south);
    sim.run(60 * SECOND);
    for peer in [wanda, walter] {
        assert!(!is_in(&sim, peer, &call, WASHINGTON), "the other way repairs it");
        assert_eq!(shown(&mut sim, peer), 0);
    }
    sim.run(1800 * SECOND);
    assert!(is_in(&sim, north, &call, WASHINGTON), "it is still offered there");
    assert!(!is_in(&sim, wanda, &call, WASHINGTON), "and stays withdrawn");
    let scope = Scope::Region(region(WASHINGTON));
    assert_eq!(sim.print(wanda, &scope), sim.print(walter, &scope));
    sim.assert_sound();
}
