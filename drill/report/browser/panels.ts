import uPlot from "uplot";
import type { Report, Series } from "../../report-format.ts";
import { count, moment } from "../words.ts";
import { byId, colour } from "./elements.ts";
import { drawErrorMarks, drawFaults, drawGaps } from "./overlay.ts";
import type { View } from "./view.ts";

/** Pixels left of the plots for their axes, and right of them; the style sheet has the same for the lanes. */
const edges = { left: 52, right: 20 };

/** uPlot knows a scale by a number, whose enum exists in its types only. */
const logarithmic: Record<string, unknown> = { distr: 3 };

const second = 1000;
const minute = 60 * second;
const timeSteps = [
  ...[0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30].map((step) => step * second),
  ...[1, 2, 5, 10, 15, 30, 60, 120].map((step) => step * minute),
];

function digits(step: number): number {
  return step >= second ? 0 : step >= 100 ? 1 : step >= 10 ? 2 : 3;
}

function axisLook(): Pick<uPlot.Axis, "stroke" | "grid" | "ticks" | "font"> {
  return {
    stroke: () => colour("muted"),
    grid: { stroke: () => colour("grid"), width: 1 },
    ticks: { stroke: () => colour("grid"), width: 1, size: 4 },
    font: "11px system-ui, sans-serif",
  };
}

function timeAxis(): uPlot.Axis {
  return {
    ...axisLook(),
    incrs: timeSteps,
    space: 64,
    size: 28,
    gap: 4,
    values: (_u, splits, _axis, _space, step) => splits.map((ms) => moment(ms, digits(step))),
  };
}

function valueAxis(): uPlot.Axis {
  return {
    ...axisLook(),
    size: edges.left,
    gap: 4,
    values: (_u, splits) =>
      // A null has no room for its text, which the types don't say.
      splits.map((value: number | null) =>
        value === null ? "" : value >= 1 ? count(value) : String(Number(value.toPrecision(2))),
      ),
  };
}

function line(name: string, more: Partial<uPlot.Series> = {}): uPlot.Series {
  return { stroke: () => colour(name), width: 1.5, points: { size: 4 }, ...more };
}

function cursor(view: View): uPlot.Cursor {
  return {
    y: false,
    points: { show: false },
    drag: { x: true, y: false, setScale: false, dist: 4 },
    bind: {
      dblclick: () => () => {
        view.show(view.whole);
        return null;
      },
    },
  };
}

/** Tells the view what is pointed at and what was dragged over. */
function hooks(view: View): uPlot.Hooks.Arrays {
  return {
    setCursor: [
      (u) => {
        const left = u.cursor.left ?? -1;
        view.pointAt(left < 0 ? undefined : u.posToVal(left, "x"));
      },
    ],
    setSelect: [
      (u) => {
        const { left, width } = u.select;
        if (width === 0) return;
        view.show({ from: u.posToVal(left, "x"), to: u.posToVal(left + width, "x") });
        u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
      },
    ],
  };
}

function follow(u: uPlot, view: View): void {
  view.onRange(({ from, to }) => u.setScale("x", { min: from, max: to }));
  view.onPoint((ms) => {
    const left = ms === undefined ? -10 : u.valToPos(ms, "x");
    u.setCursor({ left, top: ms === undefined ? -10 : 10 }, false);
  });
}

/** Values as steps: each holds from its bucket's start to its end, so the last is needed twice. */
function steps({ bucketMs }: Series, ...lists: readonly (readonly number[])[]): uPlot.AlignedData {
  const length = lists[0]?.length ?? 0;
  const perSecond = lists.map((list) => list.map((value) => (value * second) / bucketMs));
  return [
    Array.from({ length: length + 1 }, (_, index) => index * bucketMs),
    ...perSecond.map((list) => [...list, list.at(-1) ?? 0]),
  ];
}

/** How many operations a second: writes, reads, and what failed. */
export function throughputPanel(report: Report, view: View, width: number): uPlot {
  const stepped = uPlot.paths.stepped?.({ align: 1 });
  const look = { points: { show: false }, ...(stepped === undefined ? {} : { paths: stepped }) };
  const options: uPlot.Options = {
    width,
    height: 200,
    padding: [8, edges.right, 0, 0],
    legend: { show: false },
    cursor: cursor(view),
    scales: { x: { time: false }, y: { range: (_u, _min, max) => [0, Math.max(max, 1) * 1.12] } },
    axes: [timeAxis(), valueAxis()],
    series: [
      {},
      line("reads", look),
      line("writes", { ...look, fill: () => colour("writes-fill") }),
      line("errors", { ...look, width: 0, fill: () => colour("errors") }),
    ],
    hooks: { ...hooks(view), drawClear: [drawFaults(report)], draw: [drawErrorMarks(report), drawGaps(report)] },
  };
  const { reads, writes, errors } = report.series;
  const u = new uPlot(options, steps(report.series, reads, writes, errors), byId("throughput"));
  follow(u, view);
  return u;
}

/** How long answers took. Each value stands in the middle of its bucket. */
export function latencyPanel(report: Report, view: View, width: number): uPlot {
  const { bucketMs, writeP50, writeP99, readP50, readP99 } = report.series;
  const dash = [3, 3];
  const options: uPlot.Options = {
    width,
    height: 200,
    padding: [8, edges.right, 0, 0],
    legend: { show: false },
    cursor: cursor(view),
    scales: { x: { time: false }, y: logarithmic },
    axes: [timeAxis(), valueAxis()],
    series: [{}, line("reads", { dash }), line("reads"), line("writes", { dash }), line("writes")],
    hooks: { ...hooks(view), drawClear: [drawFaults(report)] },
  };
  // A logarithm knows no 0: what took no measurable time took a microsecond.
  const values = [readP50, readP99, writeP50, writeP99].map((list) =>
    list.map((ms) => (ms === null ? null : Math.max(ms, 0.001))),
  );
  const middles = writeP50.map((_, index) => (index + 0.5) * bucketMs);
  const u = new uPlot(options, [middles, ...values], byId("latency"));
  follow(u, view);
  return u;
}
