"""Reads calendars and mails that makker wrote with libraries it does not know, and says what each found.

Standard input is JSON: {"calendars": [text, ...], "mails": [text, ...]}; so is standard output.
"""

import datetime
import email
import email.policy
import json
import sys

import icalendar
import vobject

UTC = datetime.timezone.utc


def moment(value):
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def by_icalendar(text):
    calendar = icalendar.Calendar.from_ical(text)
    # The zone as the calendar itself defines it, not as this machine knows it.
    zones = {str(zone["TZID"]): zone.to_tz(lookup_tzid=False) for zone in calendar.walk("VTIMEZONE")}

    def utc(prop):
        zone = prop.params.get("TZID")
        return moment(prop.dt if zone is None else prop.dt.replace(tzinfo=zones[zone]))

    for event in calendar.walk("VEVENT"):
        yield [str(calendar["METHOD"]), str(event["UID"]), int(event["SEQUENCE"]), utc(event["DTSTART"]), utc(event.get("DTEND", event["DTSTART"]))]


def by_vobject(text):
    calendar = vobject.readOne(text)
    for event in calendar.contents.get("vevent", []):
        start = event.dtstart.value
        end = event.dtend.value if "dtend" in event.contents else start
        yield [calendar.method.value, event.uid.value, int(event.sequence.value), moment(start), moment(end)]


def mail(text):
    message = email.message_from_bytes(text.encode(), policy=email.policy.default)
    parts = list(message.iter_parts())
    calendar = parts[-1]
    return {
        "type": message.get_content_type(),
        "id": message["Message-ID"],
        "subject": message["Subject"],
        "parts": [part.get_content_type() for part in parts],
        "method": calendar.get_param("method"),
        "charset": calendar.get_content_charset(),
        "disposition": calendar["Content-Disposition"],
        "words": parts[0].get_content().strip(),
        "calendar": calendar.get_payload(decode=True).decode(),
    }


asked = json.load(sys.stdin)
found = {
    "icalendar": [sorted(by_icalendar(text)) for text in asked["calendars"]],
    "vobject": [sorted(by_vobject(text)) for text in asked["calendars"]],
    "mails": [mail(text) for text in asked["mails"]],
}
json.dump(found, sys.stdout)
