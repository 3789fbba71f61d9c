//! Whatever a peer sends, a session converges within its bounds or ends with a name.

use proptest::prelude::*;

use super::*;

/// What happens to one frame on the way.
#[derive(Debug, Clone)]
enum Mishap {
    Flip(usize, u8),
    Cut(usize),
    Drop,
    Twice,
    Late,
    Garbage(Vec<u8>),
}

fn mishap() -> impl Strategy<Value = Mishap> {
    prop_oneof![
        4 => (any::<usize>(), 0..8_u8).prop_map(|(at, bit)| Mishap::Flip(at, 1 << bit)),
        2 => any::<usize>().prop_map(Mishap::Cut),
        1 => Just(Mishap::Drop),
        1 => Just(Mishap::Twice),
        1 => Just(Mishap::Late),
        2 => proptest::collection::vec(any::<u8>(), 0..200).prop_map(Mishap::Garbage),
    ]
}

fn nodes(seed: u64, shared: usize, alone: usize) -> [Node; 2] {
    let mut rng = rng(seed);
    let common = draw_many(&mut rng, shared);
    [alone, alone].map(|count| Node::with(common.iter().copied().chain(draw_many(&mut rng, count))))
}

/// Spoils the next frame on the wire.
fn spoil(pair: &mut Pair, mishap: Mishap) {
    let Some((side, mut bytes)) = pair.wire.pop_front() else { return };
    match mishap {
        Mishap::Flip(at, bit) => {
            let at = at % bytes.len().max(1);
            bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= bit);
            pair.wire.push_front((side, bytes));
        }
        Mishap::Cut(at) => {
            bytes.truncate(at % bytes.len().max(1));
            pair.wire.push_front((side, bytes));
        }
        Mishap::Drop => {}
        Mishap::Twice => {
            pair.wire.push_front((side, bytes.clone()));
            pair.wire.push_front((side, bytes));
        }
        Mishap::Late => pair.wire.push_back((side, bytes)),
        Mishap::Garbage(garbage) => pair.wire.push_front((side, garbage)),
    }
}

/// Lets time pass until every session has ended.
fn wait(pair: &mut Pair) {
    for side in [ALICE, BOB] {
        while let Some(deadline) = pair.sessions[side].deadline() {
            let early = Timestamp::from_millis(deadline.as_millis() - 1);
            assert_eq!(pair.sessions[side].expire(early), []);
            let outputs = pair.sessions[side].expire(deadline);
            assert!(!outputs.is_empty());
            pair.apply(side, outputs);
            while pair.step() {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn spoilt_frames_end_with_a_name_and_the_next_session_converges(
        seed: u64,
        mishaps in proptest::collection::vec((0..12_usize, mishap()), 1..4),
    ) {
        let [alice, bob] = nodes(seed, 700, 40);
        let all: BTreeSet<Key> = alice.keys().union(&bob.keys()).copied().collect();
        let mut pair = Pair::new(alice, bob);
        for (steps, mishap) in mishaps {
            for _ in 0..steps {
                pair.step();
            }
            spoil(&mut pair, mishap);
        }
        while pair.step() {}
        wait(&mut pair);
        prop_assert!(pair.ends.iter().all(Option::is_some));
        prop_assert!(pair.bytes < 200_000);
        // A flipped bit in a record would not have been kept by a node that verifies.
        let [alice, bob] = pair.nodes.map(|node| {
            let genuine = |key: &Key| all.contains(key);
            Node::with(node.keys().into_iter().filter(genuine))
        });
        let mut next = Pair::new(alice, bob);
        next.run();
        prop_assert_eq!(next.nodes[ALICE].keys(), all);
    }

    #[test]
    fn decoding_gives_back_the_bytes_or_an_error(bytes: Vec<u8>, kind in 0..12_u8) {
        let mut bytes = bytes;
        for items in 1..7 {
            bytes.splice(0..bytes.len().min(2), [0x80 | items, kind]);
            if let Ok(frame) = Frame::decode(&bytes) {
                prop_assert_eq!(frame.encode(), bytes.clone());
            }
        }
    }

    #[test]
    fn a_changed_frame_decodes_to_its_own_bytes_or_not_at_all(
        seed: u64,
        steps in 0..8_usize,
        at: usize,
        byte: u8,
    ) {
        let [alice, bob] = nodes(seed, 300, 20);
        let mut pair = Pair::new(alice, bob);
        for _ in 0..steps {
            pair.step();
        }
        if let Some((_, bytes)) = pair.wire.front_mut() {
            let at = at % bytes.len();
            bytes[at] = byte;
            if let Ok(frame) = Frame::decode(bytes) {
                prop_assert_eq!(&frame.encode(), bytes);
            }
        }
    }
}

#[test]
fn malformed_frames_have_names() {
    let decode = |bytes: &[u8]| Frame::decode(bytes).unwrap_err();
    assert_eq!(decode(&vec![0; FRAME_BYTES_MAX + 1]), FrameError::TooLong);
    assert_eq!(decode(&[0x81, 0x0b]), FrameError::Kind);
    assert_eq!(decode(&[0x82, 0x07, 0x00]), FrameError::Shape);
    let encodings: [&[u8]; 6] = [
        &[],
        &[0x81, 0x07, 0x00],
        &[0x81, 0x18, 0x07],
        &[0x9f, 0x07, 0xff],
        &[0x82, 0x06, 0x20],
        &[0x85, 0x05, 0x00, 0x01, 0x00, 0x5b, 0, 0, 1, 0, 0, 0, 0, 0],
    ];
    for bytes in encodings {
        assert!(matches!(decode(bytes), FrameError::Encoding(_)), "{bytes:02x?}");
    }
    let (one, two) = (
        [&[0x00, 0x58, 0x20][..], &[1; 32]].concat(),
        [&[0x00, 0x58, 0x20][..], &[2; 32]].concat(),
    );
    let falling = [&[0x82, 0x09, 0x84][..], &two, &one].concat();
    let twice = [&[0x82, 0x09, 0x84][..], &one, &one].concat();
    let bits = [&[0x82, 0x0a, 0x58, 0x21][..], &[0; 33]].concat();
    let shapes: [&[u8]; 11] = [
        // An ask without spans, with half a span, with an empty one, of a scope too many.
        &[0x83, 0x02, 0x00, 0x80],
        &[0x83, 0x02, 0x00, 0x81, 0x00],
        &[0x83, 0x02, 0x00, 0x82, 0x00, 0x00],
        &[0x83, 0x02, 0x10, 0x82, 0x00, 0x01],
        // An answer of 2^32 parts, and one with half a short id.
        &[0x82, 0x03, 0x9b, 0, 0, 0, 1, 0, 0, 0, 0],
        &[0x82, 0x03, 0x81, 0x43, 1, 2, 3],
        // A question about nothing, about half a key, about keys that fall or are there twice; an
        // answer of more bits than may be asked about.
        &[0x82, 0x09, 0x80],
        &[0x82, 0x09, 0x81, 0x00],
        &falling,
        &twice,
        &bits,
    ];
    for bytes in shapes {
        assert_eq!(decode(bytes), FrameError::Shape, "{bytes:02x?}");
    }
}

/// Opens a session with a node and returns it after the greeting.
fn greeted(side: usize) -> (Session, Node) {
    let [alice, bob] = nodes(1, 3000, 100);
    let node = if side == ALICE { alice.clone() } else { bob.clone() };
    let mut pair = Pair::new(alice, bob);
    pair.step();
    if side == ALICE {
        pair.step();
    }
    let [alice, bob] = pair.sessions;
    (if side == ALICE { alice } else { bob }, node)
}

fn verdict(side: usize, frames: impl IntoIterator<Item = Frame>) -> Option<SyncError> {
    let (mut session, mut node) = greeted(side);
    let now = Timestamp::from_secs(NOW);
    for frame in frames {
        for output in session.handle(now, frame, &mut node) {
            if let Output::Failed(error) = output {
                assert_eq!(session.deadline(), None);
                assert_eq!(session.handle(now, Frame::Done, &mut node), []);
                return Some(error);
            }
        }
    }
    None
}

fn span(start: usize, len: usize) -> Vec<Span> {
    vec![Span { start, len }]
}

fn data(records: usize, bytes: usize) -> Frame {
    Frame::Data { scope: 0, records, gone: 0, sequence: vec![0; bytes] }
}

/// So many records, and another count of them.
fn counted(records: usize, whole: usize) -> Frame {
    let Frame::Data { mut sequence, .. } = data(1, 0) else { unreachable!() };
    let record = crate::ledger::tests::world::World::new().found(7).1;
    (0..whole).for_each(|_| sequence.extend_from_slice(record.bytes()));
    Frame::Data { scope: 0, records, gone: 0, sequence }
}

#[test]
fn a_responder_names_what_is_too_much() {
    let ask = |start, len| Frame::Ask { scope: 0, spans: span(start, len) };
    let want = |start, len| Frame::Want { scope: 0, spans: span(start, len) };
    let cases = [
        (vec![ask(0, 3101)], SyncError::Outside),
        (vec![want(3100, 1)], SyncError::Outside),
        (vec![Frame::Ask { scope: 1, spans: span(0, 1) }], SyncError::Unexpected),
        (vec![Frame::Answer { parts: vec![] }], SyncError::Unexpected),
        (vec![ask(0, 3100); 9], SyncError::Greedy),
        (vec![Frame::Ask { scope: 0, spans: vec![span(0, 1)[0]; 400] }], SyncError::Greedy),
        (vec![want(0, 3100), want(0, 1)], SyncError::Greedy),
        (vec![data(1, 200_000); 11], SyncError::Flood),
        (vec![data(0, 0)], SyncError::Flood),
        (vec![data(2, 0)], SyncError::Flood),
        (vec![counted(2, 1)], SyncError::Unexpected),
        (vec![counted(1, 2)], SyncError::Unexpected),
    ];
    for (i, (frames, error)) in cases.into_iter().enumerate() {
        assert_eq!(verdict(BOB, frames), Some(error), "case {i}");
    }
}

#[test]
fn an_initiator_names_what_does_not_fit() {
    let starts = |count: u64, from| (0..count).map(|i| Key::starting(from + i)).collect();
    let pieces = |count: u64, from| Part::Pieces {
        starts: starts(count, from),
        fingerprints: vec![Fingerprint([0; 16]); 1 + usize::try_from(count).unwrap()],
    };
    let answer = |part: Part| Frame::Answer { parts: vec![part; 12] };
    let cases = [
        (vec![Frame::Answer { parts: vec![] }], SyncError::Unexpected),
        (vec![answer(Part::Nothing)], SyncError::Unexpected),
        (vec![answer(Part::List(vec![[0; 6]; 400]))], SyncError::Unexpected),
        (vec![answer(pieces(7, 1))], SyncError::Outside),
        (vec![answer(pieces(20, NOW + 5))], SyncError::Unexpected),
        (vec![Frame::Ask { scope: 0, spans: span(0, 1) }], SyncError::Unexpected),
        (vec![data(1, 100)], SyncError::Flood),
        (vec![Frame::Done], SyncError::Unexpected),
        (vec![Frame::Fail { code: 77 }], SyncError::Peer(77)),
    ];
    for (i, (frames, error)) in cases.into_iter().enumerate() {
        assert_eq!(verdict(ALICE, frames), Some(error), "case {i}");
    }
}

#[test]
fn a_responder_may_claim_to_have_nothing() {
    for mut alice in [Node::default(), nodes(6, 10, 0)[ALICE].clone()] {
        let (mut session, _) = Session::open(opening(&alice, 1)).unwrap();
        let root = Root { count: 0, fingerprint: Fingerprint([9; 16]) };
        let ack = Frame::HelloAck(HelloAck {
            revision: 1,
            nonce: [2; NONCE_BYTES],
            time: NOW,
            intake: Intake::ORDINARY,
            scopes: vec![Shared { scope: 0, root, part: Part::List(vec![[0; 6]; 9]) }],
        });
        let outputs = session.handle(Timestamp::from_secs(NOW), ack, &mut alice);
        let sent = alice.records.len();
        let stats = Stats { rounds: 1, sent, ..Stats::default() };
        assert_eq!(outputs.last(), Some(&Output::Finished(stats)));
    }
}

/// A responder that claims the most keys and answers every ask with noise.
#[test]
fn a_liar_is_bounded_by_its_own_count() {
    let mut rng = rng(3);
    let claimed = 60_000;
    let mut alice = nodes(2, 500, 0)[ALICE].clone();
    let now = Timestamp::from_secs(NOW);
    let (mut session, hello) = Session::open(opening(&alice, 1)).unwrap();
    let [Output::Send(Frame::Hello(hello))] = &hello[..] else { panic!("a greeting") };
    let root = Root { count: claimed, fingerprint: Fingerprint([1; 16]) };
    let mut todo = VecDeque::from([Frame::HelloAck(HelloAck {
        revision: 1,
        nonce: [2; NONCE_BYTES],
        time: NOW,
        intake: Intake::ORDINARY,
        scopes: vec![Shared { scope: 0, root, part: Part::Nothing }],
    })]);
    assert_eq!(hello.scopes.len(), 1);
    let (mut frames, mut bytes, mut finished) = (0, 0, false);
    while let Some(frame) = todo.pop_front() {
        frames += 1;
        bytes += frame.encode().len();
        for output in session.handle(now, frame, &mut alice) {
            match output {
                Output::Send(Frame::Ask { spans, .. }) => {
                    let parts = spans.iter().map(|span| lie(*span, claimed, &mut rng)).collect();
                    todo.push_back(Frame::Answer { parts });
                }
                Output::Send(Frame::Want { spans, .. }) => {
                    let gone = spans.iter().map(|span| span.len).sum();
                    todo.push_back(Frame::Data {
                        scope: 0,
                        records: 0,
                        gone,
                        sequence: Vec::new(),
                    });
                }
                Output::Finished(stats) => {
                    finished = true;
                    assert!(stats.gone <= claimed && stats.rounds <= 6);
                }
                Output::Send(_)
                | Output::Deliver(..)
                | Output::Progress(_)
                | Output::Clock(_)
                | Output::Hashed(_)
                | Output::Answered(_) => {}
                Output::Failed(error) => panic!("{error}"),
            }
        }
    }
    assert!(finished && frames < 200 && bytes < 20 * claimed, "{frames} frames, {bytes} bytes");
}

/// Answers a span with as much noise as the rules allow, beginning where it must.
fn lie(span: Span, count: usize, rng: &mut ChaCha8Rng) -> Part {
    let k = span.pieces(count);
    if k == 1 {
        return Part::List(
            (0..span.len).map(|_| rng.next_u64().to_le_bytes()[..6].try_into().unwrap()).collect(),
        );
    }
    // Keys are spread evenly over a year, so that every start falls inside its range.
    let start = |rank: usize| Key::starting(NOW + 2 + 500 * rank as u64);
    Part::Pieces {
        starts: (1..k).map(|i| start(span.piece(i, k).start)).collect(),
        fingerprints: (0..k).map(|_| Fingerprint([rng.next_u32().to_le_bytes()[0]; 16])).collect(),
    }
}

#[test]
fn a_peer_that_does_not_read_is_sent_no_more_than_its_credit() {
    let [_, bob] = nodes(4, 30_000, 0);
    let mut bob = bob;
    let now = Timestamp::from_secs(NOW);
    let mut opened = opening(&Node::default(), 1);
    opened.intake.window = 100_000;
    let (_, hello) = Session::open(opened).unwrap();
    let [Output::Send(hello)] = &hello[..] else { panic!("a greeting") };
    let mut session = Session::accept(opening(&bob, 2));
    session.handle(now, hello.clone(), &mut bob);
    let mut sent = 0;
    let mut give = |frame: Frame, bob: &mut Node| {
        for output in session.handle(now, frame, bob) {
            if let Output::Send(Frame::Data { sequence, .. }) = output {
                sent += sequence.len();
            }
        }
        sent
    };
    let first = give(Frame::Want { scope: 0, spans: span(0, 4096) }, &mut bob);
    assert!((90_000..=100_000).contains(&first));
    let second = give(Frame::Credit { bytes: 50_000 }, &mut bob);
    assert!((140_000..=150_000).contains(&second));
    let last = give(Frame::Credit { bytes: u64::MAX }, &mut bob);
    assert!(last < 150_000 + 4 * 1024 * 1024);
}

#[test]
fn silence_and_slowness_have_limits() {
    let [alice, bob] = nodes(5, 10, 1);
    let (mut session, _) = Session::open(opening(&alice, 1)).unwrap();
    let at = |seconds| Timestamp::from_secs(NOW + seconds);
    assert_eq!(session.deadline(), Some(at(20)));
    session.credit(at(15), 0);
    assert_eq!(session.expire(at(34)), []);
    assert!(session.expire(at(35)).contains(&Output::Failed(SyncError::Silent)));
    assert_eq!(session.expire(at(35)), []);

    let mut session = Session::accept(opening(&bob, 2));
    (0..30).for_each(|i| drop(session.credit(at(i * 10), 0)));
    assert_eq!(session.deadline(), Some(at(300)));
    assert!(session.expire(at(300)).contains(&Output::Failed(SyncError::Overlong)));
}
