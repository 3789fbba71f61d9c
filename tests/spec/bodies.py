"""The bodies of the twelve kinds (section 7): every field, its type and its bound."""

import re
import unicodedata

LANGUAGES_MAX = 12
MOMENT_MAX = 2**40 - 1
# White_Space of Unicode; the controls among it are refused anyway.
SPACES = " \t\n\u00a0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))


def hidden(c):
    """Characters that nobody sees, or that change how others are shown."""
    return (
        unicodedata.category(c) == "Cc"
        or ord(c)
        in {0xAD, 0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180E, 0x200B, 0x3164, 0xFEFF, 0xFFA0}
        or 0x2028 <= ord(c) <= 0x202E
        or 0x2060 <= ord(c) <= 0x206F
        or 0xFFF9 <= ord(c) <= 0xFFFB
        or 0xE0000 <= ord(c) <= 0xE007F
    )


def joins(c):
    return not c.isascii() and c not in SPACES and c not in "\u200c\u200d"


def shows(c):
    return not (
        c in SPACES
        or c in "\u0085\u061c\u200c\u200d\u200e\u200f\u2800"
        or 0xFE00 <= ord(c) <= 0xFE0F
        or 0xE0100 <= ord(c) <= 0xE01EF
    )


def seen(text, line):
    """Says whether a text, or one line, has only what people see, and something that shows."""

    def fine(at):
        c = text[at]
        if c in "\u200c\u200d":
            return 0 < at < len(text) - 1 and joins(text[at - 1]) and joins(text[at + 1])
        if c in "\n\t\u061c\u200e\u200f":
            return not line
        return not hidden(c)

    return all(map(fine, range(len(text)))) and any(map(shows, text))


def size(text):
    return len(text.encode())


def is_lang(value):
    parts = value.split("-")
    fine = re.fullmatch(r"[a-z]{2,8}", parts[0]) and all(
        re.fullmatch(r"[a-z0-9]{1,8}", part) for part in parts
    )
    return bool(fine) and len(value) <= 35


def lang(value):
    return type(value) is str and is_lang(value)


def text(most, one_line=False):
    def check(value):
        return (
            type(value) is dict
            and 1 <= len(value) <= LANGUAGES_MAX
            and all(map(is_lang, value))
            and all(
                type(words) is str and size(words) <= most and seen(words, one_line)
                for words in value.values()
            )
        )

    return check


def line(most):
    return text(most, one_line=True)


def tag(value):
    return (
        type(value) is str
        and 1 <= size(value) <= 64
        and value.strip(SPACES) == value
        and seen(value, True)
    )


def is_region(value):
    return (
        type(value) is str
        and 2 <= len(value) <= 32
        and re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", value) is not None
    )


def place(value):
    return type(value) is str and any(
        re.fullmatch(pattern, value)
        for pattern in (r"[A-Z]{2}(-[A-Z0-9]{1,3})?", r"[0-9]{3}", r"[0-9b-hjkmnp-z]{1,5}")
    )


def url(value):
    return (
        type(value) is str
        and value.startswith(("https://", "http://"))
        and size(value) <= 300
        and not any(c in SPACES or unicodedata.category(c) == "Cc" for c in value)
    )


def graphic(value, most):
    return type(value) is str and 1 <= len(value) <= most and all("!" <= c <= "~" for c in value)


def rrule(value):
    return graphic(value, 200)


def address(value):
    return graphic(value, 200) and len(value) >= 2 and value[0] == "/"


def id32(value):
    return type(value) is bytes and len(value) == 32


def between(least, most):
    return lambda value: type(value) is int and least <= value <= most


def boolean(value):
    return type(value) is bool


def word(*words):
    return lambda value: type(value) is str and value in words


def many(item, most, least=0):
    return lambda value: type(value) is list and least <= len(value) <= most and all(map(item, value))


def either(**choices):
    """A map of one pair: the name of the choice and its value."""

    def check(value):
        if type(value) is not dict or len(value) != 1:
            return False
        (name, inner), = value.items()
        name = name.replace("-", "_")
        return name in choices and choices[name](inner)

    return check


def mapped(key, item, most):
    return lambda v: type(v) is dict and len(v) <= most and all(key(k) and item(i) for k, i in v.items())


class Shape:
    """A map with these fields, a '?' after those that may be absent; others are ignored."""

    def __init__(self, rule=None, /, **fields):
        self.rule = rule or (lambda _: True)
        self.needed = {k: v for k, v in fields.items() if not isinstance(v, Maybe)}
        self.maybe = {k: v.check for k, v in fields.items() if isinstance(v, Maybe)}
        self.keys = set(fields)

    def __call__(self, value):
        return (
            type(value) is dict
            and all(name in value and check(value[name]) for name, check in self.needed.items())
            and all(check(value[name]) for name, check in self.maybe.items() if name in value)
            and self.rule(value)
        )


class Maybe:
    """A field that may be absent."""

    def __init__(self, check):
        self.check = check


moment = between(0, MOMENT_MAX)
u8, u16 = between(0, 2**8 - 1), between(0, 2**16 - 1)
u64, i64 = between(0, 2**64 - 1), between(-(2**63), 2**63 - 1)
amount = between(1, 2**32 - 1)
percent = between(0, 100)
types = ("UN", "SD", "ST", "HE", "AC", "PO", "SE", "CO", "TR", "BE")
reference = Shape(thing=id32, seen=id32)
span = Shape(lambda v: v["start"] <= v.get("end", v["start"]), start=moment, end=Maybe(moment))
document = Shape(hash=id32, media=tag, size=u64, urls=Maybe(many(url, 4)))
sealed = many(lambda value: type(value) is bytes and 49 <= len(value) <= 4144, 64)
reason = word("compromised", "lost", "retired")

profile = Shape(
    kind=word("network", "alliance", "hub", "group", "project", "connector", "observer"),
    name=line(120),
    purpose=Maybe(text(1000)),
    sectors=Maybe(many(tag, 8)),
    fields=Maybe(many(tag, 12)),
    places=Maybe(many(place, 12)),
    languages=Maybe(many(lang, 12)),
    size=Maybe(word("1-9", "10-99", "100-999", "1k-9k", "10k+")),
    status=Maybe(word("forming", "active", "dormant")),
    offers=Maybe(many(Shape(tag=tag, text=text(500)), 12)),
    links=Maybe(many(Shape(rel=tag, url=url), 8)),
    sealing=Maybe(id32),
    nodes=Maybe(many(Shape(node=id32, addresses=Maybe(many(address, 4))), 8)),
    contact=Maybe(sealed),
)

role = Shape(
    holder=id32,
    label=tag,
    kind=word(
        "rep", "alternate", "steward", "member", "facilitator", "spokesperson", "anchor", "chair",
        "scribe", "coach", "guardian", "operator",
    ),
    powers=many(
        word(
            "profile", "values", "delegate", "call", "respond", "endorse", "sign-tie", "propose",
            "vote", "minutes", "disclose", "end", "bridge", "hosting",
        ),
        14,
    ),
    scope=Maybe(either(region=is_region, thing=id32, topic=tag)),
    **{"from": moment},
)

rating = between(-1, 7)
others = either(others_in_field=tag, others_in_region=is_region, others_in_tie=id32)
values = Shape(
    instrument=tag,
    subject=lambda value: value in ("self", "others") if type(value) is str else others(value),
    ratings=mapped(word(*types), rating, 10),
    items=Maybe(mapped(tag, rating, 64)),
    method=word("members-survey", "assembly", "board", "one-person"),
    statement=Maybe(text(2000)),
    principles=Maybe(many(text(300), 12)),
)

ask = Shape(tag=tag, text=Maybe(text(500)), amount=Maybe(amount), unit=Maybe(tag))
call = Shape(
    kind=word("need", "offer", "action", "alert", "invitation"),
    mode=Maybe(word("bridge", "block", "build")),
    title=line(160),
    text=Maybe(text(4000)),
    asks=Maybe(many(ask, 16)),
    fields=Maybe(many(tag, 12)),
    places=Maybe(many(place, 12)),
    values=Maybe(many(word(*types), 10)),
    when=Maybe(span),
    urgency=word("now", "days", "weeks", "open"),
    risk=word("none", "low", "legal", "physical"),
    demand_to=Maybe(line(200)),
    part_of=Maybe(id32),
    contact=Maybe(sealed),
)

votes = word("consent", "stand-aside", "object", "abstain")
options = either(options=many(u8, 16))
minutes = Shape(
    start=moment,
    held_at=moment,
    networks=Maybe(many(id32, 64)),
    others=Maybe(u16),
    summary=text(4000),
    actions=Maybe(many(Shape(text=text(300), who=id32, due=Maybe(moment)), 16)),
    files=Maybe(many(document, 8)),
)
response = Shape(
    lambda v: ("choice" in v) == (v["kind"] == "ballot")
    and ("minutes" in v) == (v["kind"] == "minutes"),
    kind=word(
        "endorse", "offer", "accept", "decline", "deliver", "confirm", "contest", "thanks",
        "learn", "concern", "ballot", "minutes",
    ),
    ref=reference,
    text=Maybe(text(2000)),
    ask=Maybe(between(0, 15)),
    amount=Maybe(amount),
    choice=Maybe(lambda value: votes(value) or options(value)),
    evidence=Maybe(many(document, 4)),
    sealed=Maybe(sealed),
    minutes=Maybe(minutes),
)

proposal = Shape(
    to=id32,
    title=line(160),
    text=text(6000),
    options=Maybe(many(line(200), 16)),
    rationale=Maybe(text(2000)),
    effect=Maybe(id32),
    rule=Shape(
        lambda v: ("share" in v) == (v["method"] == "supermajority")
        and v["vote_from"] < v["vote_until"],
        method=word("consensus", "consent", "majority", "supermajority", "approval"),
        quorum=percent,
        share=Maybe(between(1, 100)),
        objections=word("block", "count"),
        freeze=moment,
        min_days=Maybe(u16),
        vote_from=moment,
        vote_until=moment,
    ),
    voices=Maybe(
        many(
            Shape(
                who=line(200), field=Maybe(tag), gathering=Maybe(id32), required=Maybe(boolean)
            ),
            12,
        )
    ),
    counted=Maybe(many(id32, 128)),
)

gathering = Shape(
    kind=word("forum", "call", "assembly", "training", "circle", "action"),
    title=line(160),
    text=Maybe(text(3000)),
    hosts=Maybe(many(id32, 16)),
    times=Shape(
        lambda v: v["start"] <= v["end"], start=moment, end=moment, zone=tag, rrule=Maybe(rrule)
    ),
    place=Maybe(place),
    languages=Maybe(many(lang, 12)),
    access=Maybe(text(500)),
    fields=Maybe(many(tag, 12)),
    facilitation=Maybe(many(id32, 24)),
    agenda=Maybe(many(line(200), 24)),
    part_of=Maybe(id32),
)

bridge = Shape(
    lambda v: v["from"] != v["to"],
    to=is_region,
    languages=Maybe(many(lang, 12)),
    **{"from": is_region},
)
terms = Shape(
    summary=text(1500),
    text=Maybe(id32),
    commitments=Maybe(many(Shape(who=id32, text=text(500), due=Maybe(moment)), 16)),
    decision_rights=Maybe(many(Shape(matter=line(200), rule=text(300)), 12)),
    seats=Maybe(Shape(rep=u8, alternate=u8)),
    disclosure_required=Maybe(many(tag, 6)),
    nonnegotiables=Maybe(many(text(300), 8)),
    max_members=Maybe(u16),
    notice_days=Maybe(u16),
)


def tie_rule(value):
    kind, parties = value["kind"], value["parties"]
    return (
        len(set(parties)) == len(parties)
        and (kind not in ("member_of", "fiscal_host", "successor") or len(parties) == 2)
        and ("bridge" in value) == (kind == "bridge")
        and ("topic" not in value or kind == "anchor")
    )


tie = Shape(
    tie_rule,
    kind=word(
        "member_of", "agreement", "project", "bridge", "anchor", "fiscal_host", "successor"
    ),
    parties=many(id32, 64, 2),
    terms=terms,
    review_on=Maybe(moment),
    bridge=Maybe(bridge),
    topic=Maybe(tag),
)

source = Shape(
    source=line(200),
    form=tag,
    currency=Maybe(tag),
    amount=Maybe(u64),
    share=Maybe(percent),
    purpose=Maybe(line(200)),
)
disclosure = Shape(
    kind=word("funding", "conflict", "control", "rationale", "report", "setback"),
    text=text(4000),
    period=Maybe(span),
    about=Maybe(reference),
    sources=Maybe(many(source, 32)),
    control=Maybe(many(Shape(other=id32, how=tag), 32)),
    figures=Maybe(many(Shape(name=line(200), value=i64, unit=Maybe(tag)), 32)),
    files=Maybe(many(document, 8)),
)

def is_sound_carriage(v):
    pairs = [(item["net"], item["thing"]) for item in v["things"]]
    regions = [crossing["region"] for crossing in v.get("via", [])]
    rising = all(a < b for a, b in zip(pairs, pairs[1:]))
    return rising and len(set(regions)) == len(regions) and (not regions or regions[-1] == v["from"])


carriage = Shape(
    is_sound_carriage,
    things=many(Shape(net=id32, thing=id32), 128, 1),
    via=Maybe(many(Shape(net=id32, region=is_region), 7)),
    tie=id32,
    rule=tag,
    **{"from": is_region},
)

end = Shape(
    lambda v: not v.get("keep") or v.get("key_reason") == "compromised",
    kind=word("withdraw", "resign", "cancel", "leave", "erase"),
    targets=many(Shape(thing=id32, version=Maybe(id32), about=Maybe(id32)), 32, 1),
    text=Maybe(text(1000)),
    key_reason=Maybe(reason),
    keep=Maybe(many(id32, 256)),
)


def identity_rule(value):
    event = value["event"]
    rest = {name for name in value if name in IDENTITY - {"event"} and value[name] != []}
    if event == "close":
        return not rest
    if event == "revoke":
        keeps = "keep" not in rest or value["reason"] == "compromised"
        return {"key", "reason", "since"} <= rest <= {"key", "reason", "since", "keep"} and keeps
    guardians, need = value.get("guardians", []), value.get("need", 0)
    rising = all(a < b for a, b in zip(guardians, guardians[1:]))
    quorum = 1 <= need <= len(guardians) if guardians else need == 0
    named = bool(guardians) or event != "guard"
    fields = {"key", "next"} <= rest <= {"key", "next", "guardians", "need"}
    return fields and rising and quorum and named


identity = Shape(
    identity_rule,
    event=word("inception", "rotate", "revoke", "recover", "guard", "close"),
    key=Maybe(id32),
    next=Maybe(id32),
    guardians=Maybe(many(id32, 12)),
    need=Maybe(u8),
    reason=Maybe(reason),
    since=Maybe(moment),
    keep=Maybe(many(id32, 96)),
)
IDENTITY = identity.keys

SHAPES = {
    "identity": identity, "profile": profile, "role": role, "values": values, "call": call,
    "response": response, "proposal": proposal, "gathering": gathering, "tie": tie,
    "disclosure": disclosure, "carriage": carriage, "end": end,
}
KEYS = {kind: shape.keys for kind, shape in SHAPES.items()}


def check(kind, body):
    """Says whether a body has the shape of its kind."""
    return SHAPES[kind](body)
