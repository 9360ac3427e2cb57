// Reads calendars that makker wrote with ical.js and says what it found: standard input and output are JSON, as for readers.py.
// The argument is the folder of the installed modules.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { default: ICAL } = await import(pathToFileURL(`${process.argv.at(-1)}/ical.js/dist/ical.js`));

function read(text) {
  const calendar = new ICAL.Component(ICAL.parse(text));
  ICAL.TimezoneService.reset();
  for (const zone of calendar.getAllSubcomponents("vtimezone")) {
    ICAL.TimezoneService.register(new ICAL.Timezone(zone));
  }
  const moment = (time) => time.toJSDate().toISOString().replace(".000Z", "Z");
  return calendar.getAllSubcomponents("vevent").map((component) => {
    const event = new ICAL.Event(component);
    return [calendar.getFirstPropertyValue("method"), event.uid, event.sequence, moment(event.startDate), moment(event.endDate)];
  });
}

const asked = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(asked.calendars.map(read)));
