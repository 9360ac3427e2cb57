"""Thousands of random questions to a calendar, each with python-dateutil's answer: one a line, tab-separated."""
import random
from datetime import date, datetime, timedelta, timezone

from dateutil import easter, tz
from dateutil.relativedelta import relativedelta
from dateutil.zoneinfo import get_zonefile_instance

# Zones with and without summer time, with gaps and folds at midnight, of half an hour and of a whole day. dateutil reads rules up
# to 2037, and only those that have long stood are the same in every release of the database.
ZONES = """Europe/Copenhagen Europe/London America/New_York America/St_Johns America/Sao_Paulo America/Havana Asia/Kathmandu
Asia/Kolkata Asia/Tokyo Atlantic/Reykjavik Australia/Lord_Howe Pacific/Apia Pacific/Auckland Pacific/Chatham""".split()
ROUNDS = 2500


def a_date(first=1900, last=2199):
    start = date(first, 1, 1)
    day = start + timedelta(days=random.randrange((date(last, 12, 31) - start).days))
    return random.choice([day, (day.replace(day=1) - timedelta(days=1)) if day.month > 1 else day, leap_day(day)])


def leap_day(day):
    return day.replace(month=2, day=29) if day.year % 4 == 0 and (day.year % 100 != 0 or day.year % 400 == 0) else day


def changes(zone):
    """The UTC times, to the minute, at which the zone's clocks change."""
    offset = lambda at: at.replace(tzinfo=timezone.utc).astimezone(zone).utcoffset()
    week = datetime(1970, 1, 8)
    while week.year < 2036:
        before, after = week, week + timedelta(days=7)
        week = after
        if offset(before) == offset(after):
            continue
        while after - before > timedelta(minutes=1):
            middle = (before + (after - before) / 2).replace(second=0, microsecond=0)
            before, after = (before, middle) if offset(middle) != offset(before) else (middle, after)
        yield after


def say(*words):
    print(*words, sep="\t")


def iso(at):
    return at.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


zones = [(name, get_zonefile_instance().get(name)) for name in ZONES]
zones = [(name, zone, list(changes(zone))) for name, zone in zones]

for _ in range(ROUNDS):
    day, months = a_date(1910, 2190), random.randrange(-120, 121)
    say("plus_months", day, months, day + relativedelta(months=months))

    born, age = a_date(1910, 2050), random.randrange(0, 110)
    clamped = born + relativedelta(years=age)
    say("birthday", born, age, clamped if clamped.day == born.day else clamped + timedelta(days=1))
    day = born + timedelta(days=random.randrange(0, 40000))
    say("age_on", born, day, day.year - born.year - ((day.month, day.day) < (born.month, born.day)))

    name, zone, near = random.choice(zones)
    wall = datetime(1970, 1, 8) + timedelta(seconds=random.randrange(2_050_000_000))
    if near and random.random() < 0.7:
        # Around the change as clocks show it: gaps and folds among them.
        shown = random.choice(near).replace(tzinfo=timezone.utc).astimezone(zone).replace(tzinfo=None, fold=0)
        wall = shown + timedelta(seconds=random.randrange(-10_000, 10_000))
    say("at_wall", name, wall.isoformat(), iso(tz.resolve_imaginary(wall.replace(tzinfo=zone))))

for year in range(1900, 2201):
    say("is_holiday", easter.easter(year) + timedelta(days=1), "true")
