import type { FaultRecord, Property, Report } from "../report-format.ts";
import { anchor } from "./anchor.ts";
import { html, type Html } from "./html.ts";
import { count, counted, dateAndTime, duration } from "./words.ts";

/** ✔ or ✘ with the word for those who don't see it. */
export function mark(holds: boolean): Html {
  return holds
    ? html`<span class="mark good" role="img" aria-label="passed">✔</span>`
    : html`<span class="mark bad" role="img" aria-label="failed">✘</span>`;
}

function fact(name: string, value: string | Html, more: string): Html {
  return html`<div class="fact">
    <dt>${name}</dt>
    <dd>${value} <small>${more}</small></dd>
  </div>`;
}

function longest(faults: readonly FaultRecord[], gap: (fault: FaultRecord) => number | undefined): Html {
  const known = faults.flatMap((fault) => {
    const length = gap(fault);
    return length === undefined ? [] : [{ fault, length }];
  });
  const worst = known.reduce<(typeof known)[number] | undefined>(
    (most, one) => (most === undefined || one.length > most.length ? one : most),
    undefined,
  );
  if (worst === undefined) return html`none measured`;
  return html`${duration(worst.length)} <small><a href="#fault-${worst.fault.number}">${worst.fault.title}</a></small>`;
}

function failedLink({ id, name, failing, unit }: Property): Html {
  return html`<li><a href="#property-${anchor(id)}">${name}</a> <small>${count(failing)} of the ${unit}</small></li>`;
}

/** The verdict in large, its reason, and the figures one looks for first. */
export function verdict(report: Report): Html {
  const { faults, traffic, run, properties } = report;
  const passed = report.verdict === "passed";
  const failed = properties.filter(({ status }) => status === "failed");
  const unseen = faults.filter(({ visible }) => !visible).length;
  const skipped = report.skipped.reduce((sum, { times }) => sum + times, 0);
  const aside = [
    unseen > 0 ? `${count(unseen)} without a visible effect` : "",
    skipped > 0 ? `${count(skipped)} skipped` : "",
  ].filter((part) => part !== "");
  return html`<header class="verdict ${passed ? "passed" : "failed"}" id="verdict">
    <p class="kicker">Fault drill · ${run.plan} · seed ${run.seed}</p>
    <h1><span aria-hidden="true">${passed ? "✔" : "✘"}</span> ${passed ? "Passed" : "Failed"}</h1>
    <p class="summary">${report.summary}</p>
    ${
      failed.length === 0
        ? undefined
        : html`<ul class="failures">
            ${failed.map(failedLink)}
          </ul>`
    }
    <dl class="facts">
      ${fact("Properties", `${properties.length - failed.length} of ${properties.length} held`, "")}
      ${fact("Faults", count(faults.length), aside.join(", "))}
      ${fact("Operations", count(traffic.operations), `${count(traffic.failed)} failed, ${count(traffic.unknown)} unknown`)}
      ${fact(
        "Longest without a write",
        longest(faults, ({ writeGapMs }) => writeGapMs),
        "",
      )}
      ${fact(
        "Longest without a read",
        longest(faults, ({ readGapMs }) => readGapMs),
        "",
      )}
      ${fact("Ran", duration(report.durationMs), dateAndTime(report.began))}
    </dl>
  </header>`;
}

/** What a reader should know although nothing is wrong with the cluster. */
export function warnings(report: Report): Html | undefined {
  if (report.warnings.length === 0) return undefined;
  return html`<section class="warnings" id="warnings" aria-labelledby="warnings-title">
    <h2 id="warnings-title">${counted(report.warnings.length, "warning")}</h2>
    <ul>
      ${report.warnings.map((words) => html`<li>${words}</li>`)}
    </ul>
  </section>`;
}
