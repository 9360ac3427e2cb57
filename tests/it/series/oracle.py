"""Thousands of random series, each with the dates and moments that python-dateutil and recurring-ical-events give: one a line, tab-separated."""
import random
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events
from dateutil import rrule, tz
from dateutil.zoneinfo import get_zonefile_instance

ROUNDS = 2500
EVENTS = 250
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
# Zones whose rules have long stood, with gaps and folds at night, of half an hour and at midnight.
ZONES = "Europe/Copenhagen Europe/London America/New_York America/St_Johns Asia/Kathmandu Australia/Lord_Howe Pacific/Auckland UTC".split()


def a_rule():
    day = random.randrange(7)
    kind = random.randrange(3)
    if kind == 2:
        nth = random.choice([1, 2, 3, 4, -1])
        return f"FREQ=MONTHLY;BYDAY={nth}{DAYS[day]}", dict(freq=rrule.MONTHLY, byweekday=rrule.weekday(day, nth))
    weeks = kind + 1
    text = f"FREQ=WEEKLY;INTERVAL={weeks};BYDAY={DAYS[day]}" if weeks > 1 else f"FREQ=WEEKLY;BYDAY={DAYS[day]}"
    return text, dict(freq=rrule.WEEKLY, interval=weeks, byweekday=rrule.weekday(day))


def first_that_fits(options, start):
    """The first date on or after `start`: the rule with every week or month counted finds it."""
    every = dict(options, interval=1)
    return rrule.rrule(dtstart=start, count=1, wkst=rrule.MO, **every)[0]


def iso(at):
    return at.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


events = 0
for round_ in range(ROUNDS):
    text, options = a_rule()
    start = datetime(2005, 1, 1) + timedelta(days=random.randrange(365 * 30))
    until = start + timedelta(days=random.randrange(0, 731))
    minutes = random.choice([0, 60, 90, 120, 150, 179, 180, 600, 960, 1439, random.randrange(1440)])
    name = random.choice(ZONES)
    zone = get_zonefile_instance().get(name) or tz.UTC
    first = first_that_fits(options, start)
    dates = list(rrule.rrule(dtstart=first, until=until, wkst=rrule.MO, **options))[:110] if first <= until else []
    moments = [iso(tz.resolve_imaginary((on + timedelta(minutes=minutes)).replace(tzinfo=zone))) for on in dates]
    print(text, start.date(), until.date(), minutes, name, " ".join(moments), sep="\t")

    # The same series as a calendar would unfold it. icalendar takes a time that does not exist as it stands, so none is asked for.
    if events < EVENTS and dates and not 60 <= minutes <= 240:
        events += 1
        event = icalendar.Event()
        wall = first + timedelta(minutes=minutes)
        event.add("uid", f"{round_}")
        event.add("dtstart", wall.replace(tzinfo=ZoneInfo(name)))
        event.add("dtend", (wall + timedelta(minutes=1)).replace(tzinfo=ZoneInfo(name)))
        last = datetime.combine(until.date(), time(23, 59, 59)).replace(tzinfo=ZoneInfo(name)).astimezone(timezone.utc)
        event.add("rrule", icalendar.vRecur.from_ical(f"{text};WKST=MO;UNTIL={last:%Y%m%dT%H%M%SZ}"))
        calendar = icalendar.Calendar()
        calendar.add_component(event)
        found = recurring_ical_events.of(calendar).between(date(2004, 1, 1), date(2040, 1, 1))
        moments = sorted(iso(found["DTSTART"].dt) for found in found)[:110]
        print(text, start.date(), until.date(), minutes, name, " ".join(moments), sep="\t")
