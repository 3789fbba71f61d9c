#!/usr/bin/env python3
"""A second implementation of Weft's records, written from protocol/README.md alone.

It reads every file of protocol/vectors, accepts every good vector and refuses every bad one for
the reason that is named, prints "N passed, M failed" and exits with 1 when one failed.

cbor2 decodes; whether the bytes were the one deterministic encoding is found by encoding what was
decoded again. Signatures are checked in plain integers (zip215.py); where they are ordinary ones,
the library cryptography must agree.
"""

import base64
import hashlib
import io
import json
import pathlib
import sys

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

# The tree stays as it was checked out.
sys.dont_write_bytecode = True

import bodies  # noqa: E402
import sealed  # noqa: E402
import series  # noqa: E402
import zip215  # noqa: E402

VECTORS = pathlib.Path(__file__).resolve().parents[2] / "protocol" / "vectors"

RECORD_BYTES_MAX = 16_384
EVENT_BYTES_MAX = 4_096
EVENTS_MAX = 64
DEPTH_MAX = 12
LIST_MAX = 16
DAY = 86_400
DAYS_MAX = {
    "profile": 400, "role": 400, "values": 800, "call": 90, "response": 400, "proposal": 400,
    "gathering": 400, "tie": 1096, "disclosure": 800, "carriage": 1096, "end": 1127,
}
OTHER_DAYS_MAX = 90
ALERT_DAYS_MAX = 14


class Refused(Exception):
    """The bytes are not a record. Carries the name of the error (section 17)."""


def plain(item, depth=DEPTH_MAX):
    """Checks that an item has only the types that payloads may have (section 2)."""
    if isinstance(item, (bytes, str, bool)):
        return
    if isinstance(item, int):
        # Larger integers exist only behind a tag.
        if not -(2**64) <= item < 2**64:
            raise Refused("payload/forbidden")
        return
    if not isinstance(item, (list, dict)):
        raise Refused("payload/forbidden")
    if depth == 0:
        raise Refused("payload/depth")
    for key in item if isinstance(item, dict) else ():
        if not isinstance(key, str):
            raise Refused("payload/key-not-text")
    for inner in item.values() if isinstance(item, dict) else item:
        plain(inner, depth - 1)


def deterministic(data):
    """Decodes bytes that are one item in deterministic encoding."""
    stream = io.BytesIO(data)
    try:
        item = cbor2.CBORDecoder(stream).decode()
    except (Exception, MemoryError, RecursionError) as error:
        raise Refused("payload") from error
    if stream.tell() != len(data) or stream.read():
        raise Refused("payload/trailing")
    plain(item)
    if cbor2.dumps(item, canonical=True) != data:
        raise Refused("payload")
    return item


def envelope(data):
    """Cuts a record into key, payload and signature (section 3)."""
    if len(data) > RECORD_BYTES_MAX:
        raise Refused("oversize")
    if data[:1] != b"\xd2":
        raise Refused("envelope")
    try:
        parts = cbor2.loads(data[1:])
    except (Exception, MemoryError, RecursionError) as error:
        raise Refused("envelope") from error
    parts = parts if isinstance(parts, list) else []
    if [type(part) for part in parts] != [bytes, dict, bytes, bytes]:
        raise Refused("envelope")
    protected, unprotected, payload, signature = parts
    key = protected[6:]
    wanted = cbor2.dumps({1: -19, 4: key}, canonical=True)
    fine = len(key) == 32 and protected == wanted and not unprotected and len(signature) == 64
    again = cbor2.dumps(cbor2.CBORTag(18, [wanted, {}, payload, signature]), canonical=True)
    if not fine or again != data:
        raise Refused("envelope")
    return key, payload, signature


def moment(payload, name):
    value = payload[name]
    if type(value) is not int or not 0 <= value < 2**40:
        raise Refused(f"value/{name}")
    return value


def rising(payload, name, fine):
    """Checks a list of 1 to 16 items in strictly rising order."""
    value = payload[name]
    if type(value) is not list or not 1 <= len(value) <= LIST_MAX or not all(map(fine, value)):
        raise Refused(f"value/{name}")
    encoded = [item.encode() if isinstance(item, str) else item for item in value]
    if any(a >= b for a, b in zip(encoded, encoded[1:])):
        raise Refused(f"value/{name}")


def is_id(value):
    return type(value) is bytes and len(value) == 32


def is_kind(value):
    letters = "abcdefghijklmnopqrstuvwxyz-"
    return type(value) is str and 1 <= len(value) <= 24 and all(c in letters for c in value)


FIELDS = {
    "v": lambda v: type(v) is int and v >= 0,
    "at": lambda v: type(v) is int and v >= 0,
    "until": lambda v: type(v) is int and v >= 0,
    "net": is_id,
    "role": is_id,
    "nonce": lambda v: type(v) is bytes and len(v) == 16,
    "rev": lambda v: type(v) is int and 0 <= v <= 65_535,
    "kind": is_kind,
    "reach": lambda v: v in ("own", "region", "movement"),
    "region": bodies.is_region,
}


def read(payload):
    """Checks the fields of a payload one by one (section 4); returns the body, None if opaque."""
    for name in sorted(payload, key=lambda n: (len(n.encode()), n.encode())):
        if name in FIELDS:
            if not FIELDS[name](payload[name]):
                raise Refused(f"value/{name}")
        elif name == "prev":
            rising(payload, name, is_id)
        elif name == "crit":
            rising(payload, name, lambda k: type(k) is str and 1 <= len(k.encode()) <= 64)
        elif name != "body":
            raise Refused("unknown-key")
    if payload.get("v") != 1:
        raise Refused("format")
    if "kind" not in payload:
        raise Refused("field/kind")
    if payload.get("rev") == 0:
        raise Refused("value/rev")
    if ("rev" in payload) != ("prev" in payload):
        raise Refused("field/rev+prev")
    if ("region" in payload) != ("reach" in payload):
        raise Refused("field/region+reach")
    if "at" not in payload:
        raise Refused("field/at")
    moment(payload, "at")
    if "until" in payload:
        moment(payload, "until")
    if "body" not in payload:
        raise Refused("field/body")
    kind, body = payload["kind"], payload["body"]
    if type(body) is not dict:
        raise Refused("body")
    known = bodies.KEYS.get(kind)
    if known is None or not set(payload.get("crit", ())) <= known:
        return None
    if not bodies.check(kind, body):
        raise Refused("body")
    return body


def rules(payload, body):
    """Checks what needs the kind, but no other record (section 4)."""
    kind = payload["kind"]
    identity = kind == "identity"
    inception = identity and body is not None and body["event"] == "inception"
    if ("net" not in payload) != inception:
        raise Refused("field/net")
    if ("nonce" in payload) == identity:
        raise Refused("field/nonce")
    if ("region" not in payload) != identity:
        raise Refused("field/region+reach")
    if "role" in payload and (identity or kind not in DAYS_MAX):
        raise Refused("field/role")
    if "crit" in payload and kind in ("identity", "role", "response", "proposal", "end"):
        raise Refused("field/crit")
    if payload.get("reach") == "own" and kind == "role":
        raise Refused("value/reach")
    if ("until" in payload) == identity:
        raise Refused("field/until")
    if not identity:
        days = DAYS_MAX.get(kind, OTHER_DAYS_MAX)
        if kind == "call" and body is not None and body["kind"] == "alert":
            days = ALERT_DAYS_MAX
        if not 0 < payload["until"] - payload["at"] <= days * DAY:
            raise Refused("life")


def event_rules(key, payload, body):
    """Checks what only identity events must keep (section 4.5)."""
    inception = body is not None and body["event"] == "inception"
    if ("rev" not in payload) != inception:
        raise Refused("field/rev+prev")
    if not inception:
        if payload["rev"] >= EVENTS_MAX:
            raise Refused("value/rev")
        if len(payload["prev"]) != 1:
            raise Refused("value/prev")
    elif body["key"] != key:
        raise Refused("value/key")


def agree(key, signature, message):
    """What the library calls valid must be valid here: its rule is narrower than ours."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return
    if not zip215.is_small_order(key) and not zip215.verify(key, signature, message):
        raise SystemExit("this program refuses a signature that the library accepts")


def verify(data):
    """Returns the id and the payload of a record, or raises Refused."""
    key, encoded, signature = envelope(data)
    payload = deterministic(encoded)
    if type(payload) is not dict:
        raise Refused("payload/type")
    body = read(payload)
    rules(payload, body)
    if payload["kind"] == "identity":
        event_rules(key, payload, body)
    if payload["kind"] == "identity" and len(data) > EVENT_BYTES_MAX:
        raise Refused("oversize")
    protected = cbor2.dumps({1: -19, 4: key}, canonical=True)
    signed = cbor2.dumps(["Signature1", protected, b"weft-record-v1", encoded], canonical=True)
    agree(key, signature, signed)
    if zip215.is_small_order(key) or not zip215.verify(key, signature, signed):
        raise Refused("signature")
    return hashlib.sha256(signed).digest(), payload


def thing(record_id, payload):
    """Returns the thing that a record is a version of (section 5.2)."""
    if payload["kind"] == "identity":
        return payload.get("net", record_id)
    named = payload["net"] + payload["kind"].encode() + payload["nonce"]
    if payload["kind"] == "role":
        named += payload.get("role", b"")
    if payload["kind"] == "proposal":
        named += payload["body"]["to"] + payload["body"]["rule"]["freeze"].to_bytes(8, "big")
    if payload["kind"] == "response":
        named += payload["body"]["ref"]["thing"] + payload["body"]["kind"].encode()
    return hashlib.sha256(b"weft-thing-v1" + named).digest()


def base32(data):
    return base64.b32encode(data).decode().lower().rstrip("=")


def notation(item):
    """Writes an item in diagnostic notation (RFC 8949, section 8)."""
    if isinstance(item, bool):
        return "true" if item else "false"
    if isinstance(item, int):
        return str(item)
    if isinstance(item, bytes):
        return f"h'{item.hex()}'"
    if isinstance(item, str):
        return json.dumps(item, ensure_ascii=False)
    if isinstance(item, list):
        return "[" + ", ".join(map(notation, item)) + "]"
    return "{" + ", ".join(f"{notation(k)}: {notation(v)}" for k, v in item.items()) + "}"


def diagnostic(data, payload):
    key, _, signature = envelope(data)
    return (
        f"18([<<{{1: -19, 4: h'{key.hex()}'}}>>, {{}}, "
        f"<<{notation(payload)}>>, h'{signature.hex()}'])"
    )


def same_error(found, wanted):
    """cbor2 does not tell one broken encoding from another: there the family is enough."""
    return found == wanted or (found == "payload" and wanted.startswith("payload/"))


def check_good(vector):
    data = bytes.fromhex(vector["hex"])
    try:
        found, payload = verify(data)
    except Refused as error:
        return f"refused: {error}"
    if base32(found) != vector["id"]:
        return f"has the id {base32(found)}"
    if base32(thing(found, payload)) != vector["thing"]:
        return "is a version of another thing"
    if diagnostic(data, payload) != vector["diagnostic"]:
        return "has another diagnostic notation"
    return None


def check_bad(vector):
    try:
        verify(bytes.fromhex(vector["hex"]))
    except Refused as error:
        fine = same_error(str(error), vector["error"])
        return None if fine else f"refused for '{error}', not '{vector['error']}'"
    return "accepted"


def check_small_order():
    """All 196 pairs of points of small order with S = 0: the equation holds, the rule refuses."""
    failed = 0
    for key in zip215.SMALL_ORDER:
        for r in zip215.SMALL_ORDER:
            holds = zip215.verify(key, r + bytes(32), b"any message")
            failed += not (holds and zip215.is_small_order(key))
    return len(zip215.SMALL_ORDER) ** 2, failed


def check_sealed():
    """The box that libsodium made opens with the key whose 32 bytes are seven, and no other."""
    file = json.loads((VECTORS / "sealed.json").read_text(encoding="utf-8"))
    _, payload = verify(bytes.fromhex(file["good"][0]["hex"]))
    (box,) = payload["body"]["sealed"]
    words = deterministic(sealed.unseal(box, bytes([7] * 32)) or b"")
    fine = bodies.text(2000)(words) and words == {"en": "Meet at the harbour, door 4."}
    return fine and sealed.unseal(box, bytes([8] * 32)) is None


def main():
    passed = failed = 0
    for path in sorted(VECTORS.glob("*.json")):
        if path.name == "series.json":
            continue
        file = json.loads(path.read_text(encoding="utf-8"))
        cases = [(v, check_good) for v in file["good"]] + [(v, check_bad) for v in file["bad"]]
        for vector, check in cases:
            wrong = check(vector)
            passed += wrong is None
            failed += wrong is not None
            if wrong is not None:
                print(f"{path.name}: {vector['name']}: {wrong}")
    alike, other = series.check(json.loads((VECTORS / "series.json").read_text(encoding="utf-8")))
    passed += alike
    failed += len(other)
    for case in other:
        print(f"series.json: {case}")
    pairs, wrong = check_small_order()
    if pairs != 196 or wrong:
        print(f"small order: {wrong} of {pairs} pairs judged wrongly")
        failed += 1
    else:
        passed += 1
    if check_sealed():
        passed += 1
    else:
        print("sealed: the box of libsodium does not open")
        failed += 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
