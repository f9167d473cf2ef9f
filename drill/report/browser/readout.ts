import type { Report } from "../../report-format.ts";
import { atMoment } from "../at-moment.ts";
import { shareOf } from "../range.ts";
import { duration, moment } from "../words.ts";
import { byId, make } from "./elements.ts";
import type { View } from "./view.ts";

/** How many pixels off a fault still counts as on it. */
const reachPixels = 4;

function fill(box: HTMLElement, report: Report, ms: number, reach: number): void {
  const { traffic, faults, gaps } = atMoment(report, ms, reach);
  const wall = new Date(Date.parse(report.began) + ms);
  const clock = Number.isNaN(wall.getTime()) ? "" : `${wall.toISOString().slice(11, 23)} UTC`;
  const rows = traffic.map(([name, value]) => make("p", "", make("b", "", name), ` ${value}`));
  const pauses = gaps.map((words) => make("p", "pause", words));
  const done = faults.map(({ fault, active }) => {
    const length = fault.endMs - fault.startMs;
    const state = active ? (length === 0 ? "" : `, ${duration(length)}`) : ", recovering";
    return make(
      "p",
      `fault ${fault.intent}`,
      make("b", "", `${fault.number} ${fault.title}`),
      ` ${fault.targets.join(", ")}${state}`,
    );
  });
  box.replaceChildren(make("p", "time", make("b", "", moment(ms)), ` ${clock}`), ...done, ...pauses, ...rows);
}

/** Says in words what was at the moment pointed at, beside the pointer; on a narrow screen at its foot. */
export function drawReadout(report: Report, view: View): void {
  const box = byId("readout");
  const charts = byId("charts");
  charts.addEventListener("mousemove", (event) => {
    box.style.top = `${event.clientY - charts.getBoundingClientRect().top + 16}px`;
  });
  charts.addEventListener("focusin", () => {
    box.style.top = `${byId("lanes").offsetTop + byId("lanes").offsetHeight + 8}px`;
  });
  view.onPoint((ms) => {
    box.hidden = ms === undefined;
    if (ms === undefined) return;
    const plot = charts.querySelector<HTMLElement>(".u-over");
    if (plot === null) return;
    const { from, to } = view.range;
    fill(box, report, ms, ((to - from) * reachPixels) / plot.clientWidth);
    const plotLeft = plot.getBoundingClientRect().left - charts.getBoundingClientRect().left;
    const x = plotLeft + shareOf(view.range, ms) * plot.clientWidth;
    const right = x + 16 + box.offsetWidth <= charts.clientWidth;
    box.style.left = `${Math.max(right ? x + 16 : x - 16 - box.offsetWidth, 0)}px`;
  });
}
