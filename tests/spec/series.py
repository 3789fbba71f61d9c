"""When gatherings meet (section 9.8), found again with another library and another copy of the zones.

dateutil expands a rule over local times that know of no clocks; the zones are those of the package
tzdata, of the release that the specification names, and never those of the machine.
"""

import zoneinfo
from datetime import datetime, time, timedelta, timezone

from dateutil.rrule import rrulestr

zoneinfo.reset_tzpath(to=())

MEETINGS_MAX = 500
DAYS_MAX = 20_000


def first_moment(day, zone):
    return moment(datetime.combine(day, time()), zone)


def moment(local, zone):
    """The moment of a local time: a fold is the first, a gap moves on by as much as is left out."""
    return int(local.replace(tzinfo=zone, fold=0).timestamp())


def clock(at, zone):
    """The local time of a moment; midnight where its day begins then."""
    local = datetime.fromtimestamp(at, zone).replace(tzinfo=None, fold=0)
    begins = first_moment(local.date(), zone) == at
    return datetime.combine(local.date(), time()) if begins else local


def bound(until, zone):
    """The last moment at which a meeting may begin."""
    if until is None:
        return None
    if "T" not in until:
        day = datetime.strptime(until, "%Y%m%d").date()
        return first_moment(day + timedelta(days=1), zone) - 1
    if until.endswith("Z"):
        at = datetime.strptime(until, "%Y%m%dT%H%M%SZ")
        return int(at.replace(tzinfo=timezone.utc).timestamp())
    return moment(datetime.strptime(until, "%Y%m%dT%H%M%S"), zone)


def meetings(case):
    zone = zoneinfo.ZoneInfo(case["zone"])
    start, end = clock(case["start"], zone), clock(case["end"], zone)
    parts = dict(part.split("=") for part in case["rrule"].split(";"))
    last = bound(parts.pop("UNTIL", None), zone)
    most = min(int(parts.pop("COUNT", MEETINGS_MAX)), MEETINGS_MAX)
    rule = ";".join(f"{name}={value}" for name, value in parts.items())
    days = (end.date() - start.date()).days if end.time() == start.time() else 0
    found = []
    for local in rrulestr(rule, dtstart=start):
        at = case["start"] if local == start else moment(local, zone)
        past = last is not None and at > last
        if past or (local - start).days >= DAYS_MAX or len(found) == most:
            break
        if found and at <= found[-1][0]:
            continue
        over = moment(local + timedelta(days=days), zone) if days else at + case["end"] - case["start"]
        found.append([at, case["end"] if at == case["start"] else over])
    return found


def check(cases):
    """Returns how many series come out alike, and what does not."""
    wrong = []
    for case in cases:
        found = meetings(case)[: max(40, len(case["meetings"]))]
        if found != case["meetings"]:
            wrong.append(f"{case['zone']} {case['start']} {case['rrule']}: {found[:4]}…")
    return len(cases) - len(wrong), wrong
