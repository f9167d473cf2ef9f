import type { Report } from "../report-format.ts";
import { html, type Html } from "./html.ts";
import { duration } from "./words.ts";

function legend(entries: readonly (readonly [style: string, words: string])[]): Html {
  return html`<ul class="legend">
    ${entries.map(([style, words]) => html`<li><i class="${style}" aria-hidden="true"></i>${words}</li>`)}
  </ul>`;
}

const buttons: readonly (readonly [action: string, sign: string, words: string])[] = [
  ["in", "+", "Zoom in"],
  ["out", "−", "Zoom out"],
  ["earlier", "◀", "Earlier"],
  ["later", "▶", "Later"],
  ["all", "Whole run", "Show the whole run"],
];

/** Where the browser draws the timeline: panels for throughput and latency, and below them the faults, a row per target. */
export function timeline({ series, faults, properties }: Report): Html {
  const witnesses = properties.some(({ examples }) => examples.some(({ holds, atMs }) => !holds && atMs !== undefined));
  return html`<section id="timeline" aria-labelledby="timeline-title">
    <h2 id="timeline-title">Timeline</h2>
    <noscript><p>The timeline needs JavaScript. The tables below hold the same faults and pauses.</p></noscript>
    <div class="controls" role="toolbar" aria-label="Zoom" aria-controls="charts" hidden>
      ${buttons.map(
        ([action, sign, words]) =>
          html`<button type="button" data-zoom="${action}" aria-label="${words}" title="${words}">${sign}</button>`,
      )}
      <output id="range"></output>
      <small class="hint">Drag over a stretch to zoom in, double-click for the whole run</small>
    </div>
    <div id="charts">
      <h3>Operations per second <small>in steps of ${duration(series.bucketMs)}</small></h3>
      ${legend([
        ["line writes", "writes acknowledged"],
        ["line reads", "linearizable reads"],
        ["block errors", "failed or unknown"],
        ["block gap", `nothing for more than ${duration(series.gapMs)}`],
      ])}
      <div id="throughput" class="panel" role="img" aria-label="Operations per second over time"></div>
      <h3>Latency in milliseconds <small>logarithmic</small></h3>
      ${legend([
        ["line writes", "writes, 99 of 100 below"],
        ["line writes dashed", "writes, median"],
        ["line reads", "reads, 99 of 100 below"],
        ["line reads dashed", "reads, median"],
      ])}
      <div id="latency" class="panel" role="img" aria-label="Latency over time"></div>
      <h3>Faults <small>by target</small></h3>
      ${
        faults.length === 0
          ? html`<p>No fault was done.</p>`
          : legend([
              ["block minority", "majority left"],
              ["block majority", "majority hit"],
              ...(faults.some(({ intent }) => intent === "none") ? [["block none", "no member hit"] as const] : []),
              ["block recovery", "until all members were healthy again"],
              ...(witnesses ? [["cross", "what contradicts a property"] as const] : []),
            ])
      }
      <div id="lanes" role="group" aria-label="Faults by target; arrow keys go from one to the next"></div>
      <div id="readout" role="status" hidden></div>
    </div>
  </section>`;
}
