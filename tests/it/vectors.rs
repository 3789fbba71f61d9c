//! The published vectors against our own code: section 18 of the specification.
//!
//! **Invariant:** the files in `protocol/vectors` are what `cargo run -p weft-tests --example
//! vectors` writes, every good record is accepted and every bad one refused for the reason named.

use std::collections::{BTreeMap, BTreeSet};

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use weft_protocol::body::Body;
use weft_protocol::cbor;
use weft_protocol::record::{Draft, Kind, Record, Unverified, sequence, verify_batch};
use weft_tests::vectors::{self, Good, error_name, unhex};

fn good() -> Vec<(Good, Record)> {
    let all = vectors::all().into_iter().flat_map(|file| file.good);
    let decoded = all.map(|good| {
        let bytes = unhex(&good.hex);
        let record = Unverified::decode(&bytes).unwrap_or_else(|e| panic!("{}: {e}", good.name));
        let record = record.verify().unwrap_or_else(|e| panic!("{}: {e}", good.name));
        (good, record)
    });
    decoded.collect()
}

fn bad() -> impl Iterator<Item = vectors::Bad> {
    vectors::all().into_iter().flat_map(|file| file.bad)
}

#[test]
fn the_files_are_what_the_generator_writes() {
    let wanted = vectors::texts();
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(vectors::folder()).unwrap() {
        let path = entry.unwrap().path();
        found.insert(path.clone(), std::fs::read_to_string(path).unwrap());
    }
    assert!(found.keys().eq(wanted.keys()), "found {:?}", found.keys());
    for (path, text) in wanted {
        let again = "run `cargo run -p weft-tests --example vectors` and look at the difference";
        assert!(found[&path] == text, "{}: {again}", path.display());
    }
}

#[test]
fn every_vector_has_a_name_of_its_own() {
    for file in vectors::all() {
        let mut names = BTreeSet::new();
        let all = file.good.iter().map(|v| &v.name).chain(file.bad.iter().map(|v| &v.name));
        all.for_each(|name| assert!(names.insert(name.clone()), "{}: {name}", file.file));
    }
}

#[test]
fn every_good_vector_is_accepted_and_has_its_id() {
    for (vector, record) in good() {
        assert_eq!(record.id().to_string(), vector.id, "{}", vector.name);
        assert_eq!(record.thing().to_string(), vector.thing, "{}", vector.name);
        assert_eq!(record.bytes().to_vec(), unhex(&vector.hex), "{}", vector.name);
    }
}

#[test]
fn every_bad_vector_is_refused_for_the_reason_named() {
    for vector in bad() {
        let error = match Unverified::decode(&unhex(&vector.hex)) {
            Err(error) => Ok(error),
            Ok(unverified) => match unverified.verify() {
                Err(error) => Err(error),
                Ok(_) => panic!("accepted: {}", vector.name),
            },
        };
        assert_eq!(error_name(&error), vector.error, "{}", vector.name);
    }
}

#[test]
fn signing_what_was_decoded_gives_the_same_bytes() {
    let keys: BTreeMap<_, _> = vectors::secrets().map(|key| (key.public(), key)).collect();
    let mut full = BTreeSet::new();
    for (vector, record) in good() {
        let Some(key) = keys.get(&record.key()) else { continue };
        let draft = Draft { header: record.header().clone(), body: record.body().clone() };
        let again = draft.sign(key).unwrap_or_else(|e| panic!("{}: {e}", vector.name));
        assert_eq!(again.header(), record.header(), "{}", vector.name);
        assert_eq!(again.body(), record.body(), "{}", vector.name);
        if vector.name.contains("every field") {
            assert_eq!(again, record, "{}", vector.name);
            full.insert(record.header().kind.clone());
        }
    }
    let without = [Kind::Identity, Kind::Role, Kind::Carriage];
    let kinds = Kind::ALL.into_iter().filter(|kind| !without.contains(kind));
    assert!(full.into_iter().eq(BTreeSet::from_iter(kinds)));
}

#[test]
fn the_good_vectors_show_every_body_key_that_is_known() {
    let signers: BTreeMap<_, _> = vectors::secrets().map(|key| (key.public(), key)).collect();
    let mut seen: BTreeMap<Kind, BTreeSet<String>> = BTreeMap::new();
    for (_, record) in good() {
        let Some(signer) = signers.get(&record.key()) else { continue };
        if matches!(record.body(), Body::Opaque(..)) {
            continue;
        }
        // What serde writes for what was read: unknown fields are not in it.
        let draft = Draft { header: record.header().clone(), body: record.body().clone() };
        let again = draft.sign(signer).unwrap();
        let keys = seen.entry(record.header().kind.clone()).or_default();
        keys.extend(body_keys(again.bytes()));
    }
    for kind in Kind::ALL {
        let known = Body::keys(&kind).iter().map(|key| (*key).to_owned());
        assert_eq!(seen[&kind], BTreeSet::from_iter(known), "{kind}");
    }
}

fn body_keys(record: &[u8]) -> Vec<String> {
    let mut outer = cbor::Reader::new(&record[43..]);
    let mut payload = cbor::Reader::new(outer.bytes().expect("a record of ours"));
    for _ in 0..payload.pairs().expect("a record of ours") {
        let is_body = payload.text().expect("a record of ours") == "body";
        let mut value = cbor::Reader::new(payload.item().expect("a record of ours"));
        if is_body {
            let pairs = value.pairs().expect("a record of ours");
            let mut next = || {
                let key = value.text().expect("a record of ours").to_owned();
                value.item().expect("a record of ours");
                key
            };
            return (0..pairs).map(|_| next()).collect();
        }
    }
    Vec::new()
}

#[test]
fn a_critical_key_that_is_known_changes_nothing_and_an_unknown_one_hides_the_body() {
    let key = vectors::secrets().next().unwrap();
    for (vector, record) in good() {
        let kind = record.header().kind.clone();
        let decides = matches!(
            kind,
            Kind::Identity | Kind::Role | Kind::Response | Kind::Proposal | Kind::End
        );
        if matches!(record.body(), Body::Opaque(..)) || record.bytes().len() > 9000 {
            continue;
        }
        let sign = |crit: &str| {
            let header = record.header().clone();
            let mut draft = Draft { header, body: record.body().clone() };
            draft.header.crit = vec![crit.to_owned()];
            draft.sign(&key)
        };
        if decides {
            assert!(sign("zz").is_err(), "{}: nobody may be blind to it", vector.name);
            continue;
        }
        for known in Body::keys(&kind) {
            assert_eq!(sign(known).unwrap().body(), record.body(), "{}: {known}", vector.name);
        }
        assert!(matches!(sign("zz").unwrap().body(), Body::Opaque(..)), "{}", vector.name);
    }
}

#[test]
fn a_sequence_of_all_good_vectors_is_cut_into_them() {
    let records: Vec<Vec<u8>> = good().iter().map(|(_, record)| record.bytes().to_vec()).collect();
    let all = records.concat();
    let cut: Vec<&[u8]> = sequence(&all).map(|record| record.unwrap()).collect();
    assert_eq!(cut, records);
}

#[test]
fn single_and_batched_verification_agree_at_every_edge_of_the_rule() {
    let edges = vectors::all().into_iter().filter(|file| file.file == "signature");
    let mut records = Vec::new();
    for file in edges {
        records.extend(file.good.iter().map(|v| (unhex(&v.hex), true)));
        records.extend(file.bad.iter().map(|v| (unhex(&v.hex), false)));
    }
    let small = vectors::small_order_records();
    assert_eq!(small.len(), 196);
    records.extend(small.into_iter().map(|record| (record, false)));
    let decode = |(bytes, _): &(Vec<u8>, bool)| Unverified::decode(bytes).unwrap();
    let single: Vec<bool> = records.iter().map(|r| decode(r).verify().is_ok()).collect();
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let batch = verify_batch(records.iter().map(decode).collect(), &mut rng);
    let batched: Vec<bool> = batch.iter().map(Result::is_ok).collect();
    let wanted: Vec<bool> = records.iter().map(|(_, good)| *good).collect();
    assert_eq!(single, wanted);
    assert_eq!(batched, wanted);
}
