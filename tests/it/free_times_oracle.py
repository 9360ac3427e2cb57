"""Thousands of random questions for free times, each with the starts that Python's zoneinfo, dateutil's Easter and bit masks of minutes
find: one JSON a line."""
import json
import random
from datetime import date, datetime, timedelta, timezone
from functools import cache
from zoneinfo import ZoneInfo

from dateutil import easter

# With and without summer time, with gaps and folds at midnight and of half an hour. From 2012 on: until then clocks in St John's were set
# back past midnight, and a moment lay on the earlier day once more.
ZONES = """Europe/Copenhagen Europe/Copenhagen Europe/London America/New_York America/St_Johns America/Sao_Paulo America/Havana
Asia/Kathmandu Asia/Tokyo Australia/Lord_Howe Pacific/Auckland Pacific/Chatham UTC""".split()
ROUNDS = 3000
MINUTE = timedelta(minutes=1)
UTC = timezone.utc


def zone_named(name):
    return ZoneInfo(name)


def utc(wall, zone):
    """The rule of the house, which is fold=0 (PEP 495): what does not exist moves forward by the gap, of what exists twice the first."""
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def wall_of(at, zone):
    return at.astimezone(zone).replace(tzinfo=None)


def walls(start, count, zone):
    """What the clock shows at each of so many minutes, as whole minutes since 1970; an hour with one offset at both ends is even."""
    shown = lambda at: int((wall_of(at, zone) - datetime(1970, 1, 1)) // MINUTE)
    for first in range(0, count, 60):
        length = min(60, count - first)
        begin, end = shown(start + first * MINUTE), shown(start + (first + length) * MINUTE)
        if end - begin == length:
            yield from range(begin, end)
        else:
            yield from (shown(start + (first + minute) * MINUTE) for minute in range(length))


def changes(zone):
    offset = lambda at: at.astimezone(zone).utcoffset()
    week, found = datetime(2012, 1, 8, tzinfo=timezone.utc), []
    while week.year < 2036:
        after = week + timedelta(days=7)
        if offset(week) != offset(after):
            found.append(week)
        week = after
    return found


@cache
def is_holiday(on):
    movable = (on - easter.easter(on.year)).days
    return (
        movable in (-3, -2, 0, 1, 39, 49, 50)
        or (movable == 26 and on.year <= 2023)
        or (on.month, on.day) in ((1, 1), (12, 25), (12, 26))
    )


def dates(zone, start, end):
    """Every local date that has to do with the window, with two to spare."""
    day = wall_of(start, zone).date() - timedelta(days=2)
    while day <= wall_of(end, zone).date() + timedelta(days=2):
        yield day
        day += timedelta(days=1)


def stretch(day, from_min, until_min, zone):
    midnight = datetime.combine(day, datetime.min.time())
    return utc(midnight + from_min * MINUTE, zone), utc(midnight + until_min * MINUTE, zone)


def a_stretch():
    step = random.choice([1, 15, 60])
    start, end = sorted(random.sample(range(0, 1441, step), 2))
    return [start, end]


def a_week(most):
    week = []
    for weekday in range(1, 8):
        for _ in range(random.randrange(most + 1)):
            week.append([weekday, *a_stretch()])
    return week


class Minutes:
    """Moments as the bits of a number, one a minute of the window."""

    def __init__(self, start, length):
        self.start, self.length, self.bits = start, length, 0

    def of(self, start, end):
        # Moments of half-minutes and seconds do not occur: everything in a question is whole minutes.
        first = max(0, int((start - self.start) // MINUTE))
        last = min(self.length, int((end - self.start) // MINUTE))
        return ((1 << (last - first)) - 1) << first if last > first else 0


def free(one, ask, start, end):
    zone, minutes = zone_named(one["zone"]), Minutes(start, int((end - start) // MINUTE))
    bits = 0
    for day in dates(zone, start, end):
        if one["on_holidays"] or not is_holiday(day):
            for weekday, from_min, until_min in one["week"]:
                if weekday == day.isoweekday():
                    bits |= minutes.of(*stretch(day, from_min, until_min, zone))
    for on, from_min, until_min in one["more"]:
        bits |= minutes.of(*stretch(date.fromisoformat(on), from_min, until_min, zone))
    taken = 0
    for on, from_min, until_min in one["less"]:
        taken |= minutes.of(*stretch(date.fromisoformat(on), from_min, until_min, zone))
    for day in dates(zone, start, end):
        for weekday, from_min, until_min in one["never"]:
            if weekday == day.isoweekday():
                taken |= minutes.of(*stretch(day, from_min, until_min, zone))
    # Leave and service are days, and a moment lies on the day that the clock then shows.
    away = lambda day: any(a <= day <= b for a, b in one["leaves"]) or not one["first"] <= day <= one["last"]
    if one["leaves"] or one["first"] > "1900-01-01" or one["last"] < "2199-12-31":
        is_away = {}
        for minute, shown in enumerate(walls(start, minutes.length, zone)):
            day = shown // 1440
            if day not in is_away:
                is_away[day] = away((date(1970, 1, 1) + timedelta(days=day)).isoformat())
            if is_away[day]:
                taken |= 1 << minute
    before, after = (ask["before"], ask["after"]) if one["has_buffers"] else (0, 0)
    for begin, finish, own_before, own_after in one["busy"]:
        begin, finish = datetime.fromisoformat(begin), datetime.fromisoformat(finish)
        taken |= minutes.of(begin - max(own_before, after) * MINUTE, finish + max(own_after, before) * MINUTE)
    return bits & ~taken


def full(one, ask, on):
    monday = lambda day: day - timedelta(days=day.weekday())
    begun = [date.fromisoformat(day) for day in one["begun"]]
    return (ask["per_day"] is not None and begun.count(on) >= ask["per_day"]) or (
        ask["per_week"] is not None and sum(monday(day) == monday(on) for day in begun) >= ask["per_week"]
    )


def starts(case):
    ask, grid = case["ask"], zone_named(case["ask"]["grid"])
    start, end = datetime.fromisoformat(ask["from"]), datetime.fromisoformat(ask["until"])
    earliest = datetime.fromisoformat(ask["earliest"])
    everybody = -1
    for one in case["participants"]:
        everybody &= free(one, ask, start, end)
    whole = (1 << ask["length"]) - 1
    count = max(0, int((end - start) // MINUTE) - ask["length"] + 1)
    for minute, shown in enumerate(walls(start, count, grid)):
        if shown % 1440 % ask["interval"] or (everybody >> minute) & whole != whole:
            continue
        at, day = start + minute * MINUTE, date(1970, 1, 1) + timedelta(days=shown // 1440)
        if at < earliest or ask["latest_on"] and day.isoformat() > ask["latest_on"]:
            continue
        if not any(full(one, ask, day) for one in case["participants"]):
            yield at


def iso(at):
    return at.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def a_participant(start, days):
    near = lambda: (start + timedelta(days=random.randrange(-1, days + 1))).date().isoformat()
    wide = random.random() < 0.5
    one = {
        "zone": random.choice(ZONES),
        "week": [[day, 0, 1440] for day in range(1, 8)] if wide else a_week(2),
        "more": [[near(), *a_stretch()] for _ in range(random.choice([0, 0, 1, 2]))],
        "less": [[near(), *a_stretch()] for _ in range(random.choice([0, 0, 1, 2]))],
        "never": a_week(1) if random.random() < 0.2 else [],
        "leaves": [sorted([near(), near()])] if random.random() < 0.15 else [],
        "first": near() if random.random() < 0.05 else "1900-01-01",
        "last": near() if random.random() < 0.05 else "2199-12-31",
        "on_holidays": random.random() < 0.5,
        "has_buffers": random.random() < 0.5,
        "begun": [near() for _ in range(random.randrange(4))],
        "busy": [],
    }
    at = start - timedelta(minutes=random.randrange(0, 300))
    while random.random() < 0.8:
        at += timedelta(minutes=random.randrange(0, 900))
        finish = at + timedelta(minutes=random.choice([15, 45, 60, 90]))
        one["busy"].append([iso(at), iso(finish), random.choice([0, 0, 10, 45]), random.choice([0, 0, 20, 60])])
        at = finish
    return one


TURNS = [change for name in set(ZONES) for change in changes(zone_named(name))]
for _ in range(ROUNDS):
    days = random.randrange(1, 4)
    start = datetime(2012, 1, 8, tzinfo=timezone.utc) + timedelta(minutes=random.randrange(24 * 365 * 1440))
    if random.random() < 0.6:
        start = random.choice(TURNS) + timedelta(minutes=random.randrange(-1440, 8 * 1440))
    if random.random() < 0.1:
        start = datetime(start.year, random.choice([4, 5, 12]), random.randrange(1, 29), tzinfo=timezone.utc)
    end = start + timedelta(minutes=random.randrange(1, days * 1440 + 1))
    case = {
        "ask": {
            "from": iso(start),
            "until": iso(end),
            "length": random.choice([5, 15, 30, 45, 60, 90, 180]),
            "interval": random.choice([5, 15, 30, 30, 45, 50, 60, 90]),
            "before": random.choice([0, 0, 15, 30]),
            "after": random.choice([0, 0, 5, 40]),
            "earliest": iso(start + timedelta(seconds=random.choice([-1, 0, 1, 3599, 43199, 90001]))),
            "latest_on": random.choice([None, None, None, (start + timedelta(days=1)).date().isoformat()]),
            "grid": random.choice(ZONES),
            "per_day": random.choice([None, None, 1, 2]),
            "per_week": random.choice([None, None, None, 2, 3]),
        },
        "participants": [a_participant(start, days) for _ in range(random.choice([1, 1, 2, 3]))],
    }
    print(json.dumps({**case, "starts": [iso(at).replace("+00:00", "Z") for at in starts(case)]}))
