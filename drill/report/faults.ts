import type { FaultRecord, Gap, Report, SkippedFault } from "../report-format.ts";
import { html, type Html } from "./html.ts";
import { counted, duration, moment, timeOfDay } from "./words.ts";

/** What a fault leaves of the cluster, in a word or two. */
export const intentWords: Readonly<Record<FaultRecord["intent"], string>> = {
  minority: "majority left",
  majority: "majority hit",
  none: "no member hit",
};

/** A measured time beside what it may be, as numbers and as a bar; red where it is longer. */
function beside(measured: number | undefined, bound: number | undefined, missing: string, reason = ""): Html {
  if (measured === undefined) return html`<small>${missing}</small>`;
  if (bound === undefined) return html`${duration(measured)} <small>no bound <b>${reason}</b></small>`;
  const over = measured > bound;
  const share = Math.min(100, (measured / Math.max(bound, 1)) * 100);
  return html`<span class="${over ? "bad" : ""}">${duration(measured)}${over ? " ✘" : undefined}</span>
    <small>${over ? "more than" : "of"} ${duration(bound)} <b>${reason}</b></small>
    <span class="bar" aria-hidden="true"
      ><i class="${over ? "over" : ""}" style="width:${share.toFixed(1)}%"></i
    ></span>`;
}

function when(ms: number, wall: string): Html {
  return html`${moment(ms)} <small><time datetime="${wall}">${timeOfDay(wall)}</time></small>`;
}

function effect({ visible, effect: seen, problem }: FaultRecord): Html {
  return html`${visible ? seen : html`<span class="bad">no effect was seen</span> ${seen}`}
  ${problem === "" ? undefined : html`<span class="bad">${problem}</span>`}`;
}

/** Why a gap may be as long as stated: few reasons, which many faults share. */
function reasons(faults: readonly FaultRecord[]): string[] {
  return [...new Set(faults.map(({ gapBoundWords }) => gapBoundWords).filter((words) => words !== ""))];
}

/** The reasons once, each under a letter that stands at the bound it is for. */
function reasonList(all: readonly string[]): Html | undefined {
  if (all.length === 0) return undefined;
  return html`<ul class="reasons">
    ${all.map((words, at) => html`<li><b>${letter(at)}</b> ${words}</li>`)}
  </ul>`;
}

function letter(at: number): string {
  return at < 0 ? "" : String.fromCharCode("a".charCodeAt(0) + at);
}

function faultRow(fault: FaultRecord, reason: string): Html {
  const { number, title, kind, targets, intent, startMs, endMs } = fault;
  const until = Math.max(endMs + (fault.recoveryMs ?? 0), startMs);
  const isMoment = endMs === startMs;
  return html`<tr id="fault-${number}" data-number="${number}">
    <td class="number">
      <a href="#timeline" data-from="${startMs}" data-to="${until}" title="show on the timeline">${number}</a>
    </td>
    <th scope="row">
      ${title}<br /><small><i class="swatch ${intent}" aria-hidden="true"></i>${kind} · ${intentWords[intent]}</small>
    </th>
    <td data-label="Target" class="target">${targets.join(", ")}</td>
    <td data-label="Start" class="timing">${when(startMs, fault.startWall)}</td>
    <td data-label="End" class="timing">
      ${isMoment ? html`<small>a moment</small>` : html`${when(endMs, fault.endWall)}<small>${duration(endMs - startMs)} long</small>`}
    </td>
    <td data-label="Effect" class="effect">${effect(fault)}</td>
    <td class="measured" data-label="Longest write gap">
      ${beside(fault.writeGapMs, fault.gapBoundMs, "not known", reason)}
    </td>
    <td class="measured" data-label="Longest read gap">
      ${beside(fault.readGapMs, fault.gapBoundMs, "not known", reason)}
    </td>
    <td class="measured" data-label="Healthy again after">
      ${beside(fault.recoveryMs, fault.recoveryBoundMs, "the next fault came first")}
    </td>
  </tr>`;
}

const columns = [
  "Fault",
  "Target",
  "Start",
  "End",
  "Effect seen",
  "Longest write gap",
  "Longest read gap",
  "Healthy again after",
];

function faultTable(faults: readonly FaultRecord[]): Html {
  if (faults.length === 0) return html`<p>No fault was done.</p>`;
  const all = reasons(faults);
  return html`<table class="faults cards">
    <caption>
      In the order of their starts; a gap is counted from the start until all members are healthy again, and stands
      beside what it may be by theory ${reasonList(all)}
    </caption>
    <thead>
      <tr>
        <th scope="col" class="number"><abbr title="Number">#</abbr></th>
        ${columns.map((name) => html`<th scope="col">${name}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${faults.map((fault) => faultRow(fault, letter(all.indexOf(fault.gapBoundWords))))}
    </tbody>
  </table>`;
}

function gapRow({ of, startMs, endMs, faults }: Gap): Html {
  const because =
    faults.length === 0
      ? html`<span class="bad">no fault explains it</span>`
      : faults.map(
          (number, index) => html`${index > 0 ? ", " : undefined}<a href="#fault-${number}">fault ${number}</a>`,
        );
  return html`<tr>
    <th scope="row">no ${of}</th>
    <td class="number"><a href="#timeline" data-from="${startMs}" data-to="${endMs}">${moment(startMs)}</a></td>
    <td class="number">${duration(endMs - startMs)}</td>
    <td>${because}</td>
  </tr>`;
}

function gapTable(gaps: readonly Gap[], longerThan: number): Html {
  if (gaps.length === 0)
    return html`<p>Clients were never without an answer for more than ${duration(longerThan)}.</p>`;
  return html`<table class="gaps">
    <caption>
      Pauses longer than ${duration(longerThan)}
    </caption>
    <thead>
      <tr>
        <th scope="col">What</th>
        <th scope="col" class="number">From</th>
        <th scope="col" class="number">For</th>
        <th scope="col">During</th>
      </tr>
    </thead>
    <tbody>
      ${gaps.map(gapRow)}
    </tbody>
  </table>`;
}

function skippedRow({ kind, times, why }: SkippedFault): Html {
  return html`<li><strong>${kind}</strong> (${counted(times, "time")}): ${why}</li>`;
}

/** What was done to the cluster, what came of it, and what could not be done. */
export function faultSection({ faults, gaps, series, skipped }: Report): Html {
  return html`<section id="faults" aria-labelledby="faults-title">
    <h2 id="faults-title">Faults</h2>
    ${faultTable(faults)} ${gapTable(gaps, series.gapMs)}
    ${
      skipped.length === 0
        ? undefined
        : html`<h3>Skipped: not to be had here, and not counted as survived</h3>
            <ul class="skipped">
              ${skipped.map(skippedRow)}
            </ul>`
    }
  </section>`;
}
