import type uPlot from "uplot";
import type { Report } from "../../report-format.ts";
import { faultEnd, mergeGaps, type MergedGap } from "../lane-rows.ts";
import { duration } from "../words.ts";
import { colour } from "./elements.ts";

type Draw = (u: uPlot) => void;

/** Canvas pixels of a stretch, inside the plot; undefined where none of it is shown. At least `least` wide. */
function place(u: uPlot, from: number, to: number, least: number): { left: number; width: number } | undefined {
  const { left, width } = u.bbox;
  const start = u.valToPos(from, "x", true);
  const end = Math.max(u.valToPos(to, "x", true), start + least);
  if (end < left || start > left + width) return undefined;
  const first = Math.max(start, left);
  return { left: first, width: Math.min(end, left + width) - first };
}

/** Faults as bands behind the lines: darker while they are on, lighter until the cluster has recovered. */
export function drawFaults({ faults }: Report): Draw {
  return (u) => {
    const { ctx, bbox } = u;
    ctx.save();
    const bands = { minority: colour("minority-band"), majority: colour("majority-band"), none: colour("none-band") };
    const recovery = colour("recovery-band");
    for (const fault of faults) {
      ctx.fillStyle = bands[fault.intent];
      const on = place(u, fault.startMs, fault.endMs, 2 * devicePixelRatio);
      if (on !== undefined) ctx.fillRect(on.left, bbox.top, on.width, bbox.height);
      const until = place(u, fault.endMs, faultEnd(fault), 0);
      ctx.fillStyle = recovery;
      if (until !== undefined) ctx.fillRect(until.left, bbox.top, until.width, bbox.height);
    }
    ctx.restore();
  };
}

function hatch(ctx: CanvasRenderingContext2D, left: number, top: number, width: number, height: number): void {
  const step = 7 * devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  ctx.beginPath();
  // Multiples of the step: neighbours, and the same pause after a zoom, have their lines in one pattern.
  for (let x = Math.floor((left - height) / step) * step; x < left + width; x += step) {
    ctx.moveTo(x, top + height);
    ctx.lineTo(x + height, top);
  }
  ctx.stroke();
  ctx.restore();
}

/** Where a label lies, in canvas pixels. */
interface Taken {
  readonly start: number;
  readonly end: number;
}

/** Writes the length of a pause above its middle, unless another label is there. */
function label(u: uPlot, middle: number, { from, to, explained }: MergedGap, taken: Taken[]): void {
  const { ctx, bbox } = u;
  const words = explained ? duration(to - from) : `${duration(to - from)}, unexplained`;
  ctx.font = `600 ${11 * devicePixelRatio}px system-ui, sans-serif`;
  const needed = ctx.measureText(words).width + 8 * devicePixelRatio;
  const [height, top] = [16 * devicePixelRatio, bbox.top + 4 * devicePixelRatio];
  const start = Math.min(Math.max(middle - needed / 2, bbox.left), bbox.left + bbox.width - needed);
  const end = start + needed;
  if (taken.some((other) => start < other.end + 2 && end + 2 > other.start)) return;
  taken.push({ start, end });
  ctx.fillStyle = colour("gap");
  ctx.fillRect(start, top, needed, height);
  ctx.fillStyle = colour("on-gap");
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillText(words, start + needed / 2, top + height / 2);
}

/** Pauses, hatched, with their length where there is room; what nothing explains is first to get some. */
export function drawGaps({ gaps }: Report): Draw {
  const merged = mergeGaps(gaps).sort((a, b) => Number(a.explained) - Number(b.explained));
  return (u) => {
    const { ctx, bbox } = u;
    ctx.save();
    ctx.lineWidth = devicePixelRatio;
    const shown = merged.flatMap((gap) => {
      const at = place(u, gap.from, gap.to, 2 * devicePixelRatio);
      return at === undefined ? [] : [{ gap, ...at }];
    });
    ctx.strokeStyle = colour("gap");
    for (const { left, width } of shown) hatch(ctx, left, bbox.top, width, bbox.height);
    const taken: Taken[] = [];
    for (const { gap, left, width } of shown) label(u, left + width / 2, gap, taken);
    ctx.restore();
  };
}

/** A mark at the foot of every bucket with an error: one among thousands of answers would be no pixel high. */
export function drawErrorMarks({ series }: Report): Draw {
  return (u) => {
    const { ctx, bbox } = u;
    ctx.save();
    ctx.fillStyle = colour("errors");
    for (const [index, errors] of series.errors.entries()) {
      if (errors === 0) continue;
      const from = index * series.bucketMs;
      const at = place(u, from, from + series.bucketMs, 1);
      const height = 4 * devicePixelRatio;
      if (at !== undefined) ctx.fillRect(at.left, bbox.top + bbox.height - height, at.width, height);
    }
    ctx.restore();
  };
}
