import type { PlannedFault, Report } from "../report-format.ts";
import { html, type Html } from "./html.ts";
import { count, dateAndTime, duration, moment } from "./words.ts";

type Rows = readonly (readonly [string, string | number])[];

function pairs(caption: string, rows: Rows): Html | undefined {
  if (rows.length === 0) return undefined;
  return html`<table class="pairs">
    <caption>
      ${caption}
    </caption>
    <tbody>
      ${rows.map(
        ([name, value]) =>
          html`<tr>
            <th scope="row">${name}</th>
            <td>${value}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function parameters({ run, began, durationMs, traffic }: Report): Rows {
  return [
    ["plan", run.plan],
    ["seed", String(run.seed)],
    ["faults for", duration(run.durationMs)],
    ["only faults", run.onlyFaults.length === 0 ? "all of the plan" : run.onlyFaults.join(", ")],
    ["stack", run.stack],
    ["context", run.context],
    ["namespace", run.namespace],
    ["members", run.members],
    ["clients", run.clients],
    ["pods reached by", run.reach === "node" ? "the node's namespaces and the Kubernetes API" : "the Kubernetes API"],
    ["commit", run.commit === "" ? "not known" : run.commit],
    ["began", dateAndTime(began)],
    ["took", duration(durationMs)],
    ["writes acknowledged", count(traffic.writes)],
    ["linearizable reads", count(traffic.reads)],
    ["keys", count(traffic.keys)],
    ["final revision", count(traffic.finalRevision)],
  ];
}

function plannedRow({ kind, target, startMs, lastsMs, options }: PlannedFault): Html {
  const more = Object.entries(options ?? {}).map(([name, value]) => `${name} ${value}`);
  return html`<tr>
    <th scope="row">${kind}</th>
    <td>${[target, ...more].join(", ")}</td>
    <td class="number">${moment(startMs)}</td>
    <td class="number">${lastsMs === 0 ? "a moment" : duration(lastsMs)}</td>
  </tr>`;
}

function plan(planned: readonly PlannedFault[]): Html | undefined {
  if (planned.length === 0) return undefined;
  return html`<details>
    <summary>What the plan decided: ${count(planned.length)} faults</summary>
    <table class="planned">
      <thead>
        <tr>
          <th scope="col">Fault</th>
          <th scope="col">For</th>
          <th scope="col" class="number">Start</th>
          <th scope="col" class="number">Lasts</th>
        </tr>
      </thead>
      <tbody>
        ${planned.map(plannedRow)}
      </tbody>
    </table>
  </details>`;
}

function command(text: string): Html {
  return html`<div class="command">
    <pre tabindex="0"><code>${text}</code></pre>
    <button type="button" data-copy="${text}" hidden>Copy</button>
  </div>`;
}

/** The commands that do the same once more, and all that the run depended on. */
export function runAgain(report: Report): Html {
  return html`<section id="again" aria-labelledby="again-title">
    <h2 id="again-title">Run exactly this again</h2>
    <p>The same plan, decided anew from the same seed:</p>
    ${command(report.run.command)}
    <p>
      The same faults at the same moments, whatever the plans have become since
      <button type="button" id="save" hidden>Save report.json</button>
    </p>
    ${command("npm run drill -- --replay report.json")} ${plan(report.run.planned)}
    <div class="columns">
      ${pairs("This run", parameters(report))}
      <div>
        ${pairs("Versions", Object.entries(report.versions))} ${pairs("Settings", Object.entries(report.settings))}
      </div>
    </div>
  </section>`;
}
