/** Three figures are enough to compare durations by eye. */
function short(value: number): string {
  if (value >= 100 || Number.isInteger(value)) return value.toFixed(0);
  return value.toFixed(value >= 10 ? 1 : 2);
}

/** A length of time: "84 ms", "1.39 s", "2 min 5 s". @param ms in milliseconds */
export function duration(ms: number): string {
  if (ms < 999.5) return `${short(ms)} ms`;
  if (ms < 59_950) return `${short(ms / 1000)} s`;
  const seconds = Math.round(ms / 1000);
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const parts = [hours > 0 ? `${hours} h` : "", minutes > 0 ? `${minutes} min` : "", rest > 0 ? `${rest} s` : ""];
  return parts.filter((part) => part !== "").join(" ");
}

/** A moment since the start of the run: "0:58.360", in runs of an hour and more "1:00:58.360". @param ms in milliseconds */
export function moment(ms: number, digits = 3): string {
  // In whole units of the last digit, or 59.9996 s would become 60.000.
  const unit = 10 ** digits;
  const ticks = Math.round((Math.abs(ms) / 1000) * unit);
  const seconds = Math.floor(ticks / unit);
  const fraction = digits === 0 ? "" : `.${String(ticks % unit).padStart(digits, "0")}`;
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const head = hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}` : String(minutes);
  return `${ms < 0 && ticks > 0 ? "−" : ""}${head}:${String(rest).padStart(2, "0")}${fraction}`;
}

/** A whole number with its thousands apart: "108 655". The spaces don't break lines. */
export function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

/** "1 fault", "2 faults". @param one the singular, whose plural ends in s */
export function counted(value: number, one: string): string {
  return `${count(value)} ${value === 1 ? one : `${one}s`}`;
}

/** Time of day of a wall time as ISO 8601, in UTC: "09:15:21.003". What is no such time is shown as it is. */
export function timeOfDay(wall: string): string {
  return /T(\d\d:\d\d:\d\d(\.\d+)?)Z$/.exec(wall)?.[1] ?? wall;
}

/** Date and time for people: "2026-11-21 09:15:00 UTC". What is no such time is shown as it is. */
export function dateAndTime(wall: string): string {
  const [, date, time] = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/.exec(wall) ?? [];
  return date === undefined || time === undefined ? wall : `${date} ${time} UTC`;
}
