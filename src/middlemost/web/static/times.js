// Puts the times of a page into its reader's own time zone.

export function localTimes(part) {
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  for (const time of part.querySelectorAll("time")) time.textContent = format.format(new Date(time.dateTime));
}

localTimes(document);
