import type { FaultRecord, Report } from "../../report-format.ts";
import { anchor } from "../anchor.ts";
import { faultEnd, lanesOf, type Lane } from "../lane-rows.ts";
import { shareOf, type Range, withMargin } from "../range.ts";
import { duration, moment } from "../words.ts";
import { byId, make } from "./elements.ts";
import type { View } from "./view.ts";

/** Something drawn over time, placed anew when another stretch is shown. */
type Place = (range: Range, width: number) => void;

/** Pixels of one row, of the least width of a band, and of a letter. */
const [rowHeight, leastWidth, letter] = [20, 4, 6.2];

function inPixels(element: HTMLElement, left: number, width: number, visible: boolean): void {
  element.hidden = !visible;
  element.style.left = `${left.toFixed(2)}px`;
  element.style.width = `${width.toFixed(2)}px`;
}

function spoken(fault: FaultRecord): string {
  const until = fault.endMs === fault.startMs ? "" : ` for ${duration(fault.endMs - fault.startMs)}`;
  return `Fault ${fault.number}: ${fault.title}, ${fault.targets.join(", ")}, at ${moment(fault.startMs)}${until}`;
}

function band(fault: FaultRecord): HTMLAnchorElement {
  const link = make("a", `band ${fault.intent}`);
  link.href = `#fault-${fault.number}`;
  link.dataset["number"] = String(fault.number);
  link.setAttribute("aria-label", spoken(fault));
  link.tabIndex = -1;
  return link;
}

/** One fault in one lane: its band, the time until recovery behind it, and its kind in or beside it where there is room. */
function placeFault(track: HTMLElement, { placed }: Lane, index: number): Place {
  const entry = placed[index];
  if (entry === undefined) throw new RangeError(`no fault ${index} in the lane`);
  const { fault, row } = entry;
  const next = placed.slice(index + 1).find((other) => other.row === row)?.fault.startMs ?? Infinity;
  const [link, tail, name] = [band(fault), make("i", "tail"), make("span", "name", fault.kind)];
  for (const element of [tail, link, name]) element.style.top = `${row * rowHeight}px`;
  track.append(tail, link, name);
  const needed = fault.kind.length * letter + 8;
  return (range, width) => {
    const x = (ms: number): number => Math.min(Math.max(shareOf(range, ms), 0), 1) * width;
    const [start, end, recovered] = [x(fault.startMs), x(fault.endMs), x(faultEnd(fault))];
    const visible = fault.startMs <= range.to && faultEnd(fault) >= range.from;
    const on = fault.startMs <= range.to && fault.endMs >= range.from;
    const left = Math.min(start, width - leastWidth);
    inPixels(link, left, Math.max(end - start, leastWidth), on);
    inPixels(tail, end, recovered - end, visible && recovered > end);
    const inside = end - start >= needed;
    // In the band, in what follows it, or behind both.
    const behind =
      recovered - end >= needed ? Math.max(end, left + leastWidth) : Math.max(recovered, left + leastWidth);
    const free = next === Infinity ? width : x(next);
    name.classList.toggle("inside", inside);
    inPixels(name, inside ? start : behind, needed, on && (inside || free - behind >= needed));
  };
}

function lane(lane: Lane): { element: HTMLElement; track: HTMLElement; places: Place[] } {
  const track = make("div", "track");
  track.style.height = `${lane.rows * rowHeight}px`;
  const places = lane.placed.map((_, index) => placeFault(track, lane, index));
  return { element: make("div", "lane", make("div", "target", lane.target), track), track, places };
}

/** Crosses where an operation contradicts a property, each a link to it. */
function witnesses({ properties }: Report): ReturnType<typeof lane> | undefined {
  const track = make("div", "track");
  track.style.height = `${rowHeight}px`;
  const places = properties.flatMap(({ id, name, examples }) =>
    examples.flatMap(({ holds, atMs }): Place[] => {
      if (holds || atMs === undefined) return [];
      const link = make("a", "witness", "✘");
      link.href = `#property-${anchor(id)}`;
      link.title = `${name}: contradicted at ${moment(atMs)}`;
      link.setAttribute("aria-label", link.title);
      link.tabIndex = -1;
      track.append(link);
      return [
        (range, width) => {
          link.hidden = atMs < range.from || atMs > range.to;
          link.style.left = `${(shareOf(range, atMs) * width).toFixed(2)}px`;
        },
      ];
    }),
  );
  if (places.length === 0) return undefined;
  return { element: make("div", "lane", make("div", "target", "failed"), track), track, places };
}

/** One stop for the tab key; the arrow keys go from fault to fault, and what is not in view is brought there. */
function steer(root: HTMLElement, { faults }: Report, view: View): void {
  const linkOf = (fault: FaultRecord | undefined): HTMLAnchorElement | null =>
    fault === undefined ? null : root.querySelector<HTMLAnchorElement>(`a.band[data-number="${fault.number}"]`);
  const first = linkOf(faults[0]);
  if (first !== null) first.tabIndex = 0;
  root.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const number = event.target instanceof HTMLElement ? event.target.dataset["number"] : undefined;
    if (by === undefined || number === undefined) return;
    event.preventDefault();
    const fault = faults[faults.findIndex((one) => String(one.number) === number) + by];
    const link = linkOf(fault);
    if (fault === undefined || link === null) return;
    const { from, to } = view.range;
    if (fault.startMs < from || fault.endMs > to) {
      view.show(withMargin({ from: fault.startMs, to: faultEnd(fault) }, (to - from) / 2));
    }
    root.querySelector<HTMLElement>("a.band[tabindex='0']")?.setAttribute("tabindex", "-1");
    link.tabIndex = 0;
    link.focus();
  });
  root.addEventListener("focusin", (event) => {
    const number = event.target instanceof HTMLElement ? event.target.dataset["number"] : undefined;
    const fault = faults.find((one) => String(one.number) === number);
    if (fault !== undefined) view.pointAt(fault.startMs);
  });
  root.addEventListener("focusout", () => {
    view.pointAt(undefined);
  });
}

/** Draws who was hit when, a row per target, and follows the view. Returns what draws it anew in another width. */
export function drawLanes(report: Report, view: View): () => void {
  const root = byId("lanes");
  const above = witnesses(report);
  const all = [...(above === undefined ? [] : [above]), ...lanesOf(report.faults).map(lane)];
  root.append(...all.map(({ element }) => element));
  // Short names stand left of their lanes, in the width of the plots' axes; longer ones above them.
  root.classList.toggle(
    "short",
    all.every(({ element }) => (element.firstChild?.textContent ?? "").length <= 7),
  );
  const line = make("div", "cursor");
  line.hidden = true;
  root.append(line);
  const width = (): number => all[0]?.track.clientWidth ?? 0;
  const left = (): number => all[0]?.track.offsetLeft ?? 0;
  const draw = (): void => {
    // Asked once: after every change of a place, the browser would lay out the page anew to answer.
    const tracks = width();
    for (const { places } of all) for (const place of places) place(view.range, tracks);
  };
  view.onRange(draw);
  view.onPoint((ms) => {
    line.hidden = ms === undefined || ms < view.range.from || ms > view.range.to;
    if (ms !== undefined) line.style.left = `${left() + shareOf(view.range, ms) * width()}px`;
  });
  root.addEventListener("mousemove", (event) => {
    const share = (event.clientX - root.getBoundingClientRect().left - left()) / width();
    const { from, to } = view.range;
    view.pointAt(share < 0 || share > 1 ? undefined : from + share * (to - from));
  });
  root.addEventListener("mouseleave", () => {
    view.pointAt(undefined);
  });
  steer(root, report, view);
  return draw;
}
