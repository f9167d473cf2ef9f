import { createHash } from "node:crypto";
import type { Report } from "../report-format.ts";
import type { Assets } from "./assets.ts";
import { faultSection } from "./faults.ts";
import { html, Html, jsonInScript } from "./html.ts";
import { propertySection } from "./properties.ts";
import { runAgain } from "./run-again.ts";
import { timeline } from "./timeline.ts";
import { verdict, warnings } from "./verdict.ts";

/**
 * Only this page's own script may run, and nothing may be fetched: what clients, keys or log lines held can neither do the
 * one nor the other, even if it came through unescaped.
 */
function contentPolicy(script: string): string {
  const hash = createHash("sha256").update(script).digest("base64");
  return `default-src 'none'; script-src 'sha256-${hash}'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'`;
}

/** Whether the page has so many rows that a browser should lay out only those in sight: tens of thousands of elements. */
function isLong({ faults, properties }: Report): boolean {
  const operations = properties.flatMap(({ examples }) => examples.flatMap((example) => example.operations));
  return faults.length + operations.length > 300;
}

/** A tab's sign: a green or a red disc. */
function icon(report: Report): string {
  const colour = report.verdict === "passed" ? "1a7f37" : "cf222e";
  return `data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E%3Ccircle cx='4' cy='4' r='4' fill='%23${colour}'/%3E%3C/svg%3E`;
}

/**
 * The page of a drill: one document that fetches nothing.
 * @param assets its style and its script, which must not hold `</style` or `</script`
 */
export function page(report: Report, assets: Assets): string {
  const title = `Drill ${report.verdict}: ${report.run.plan}, seed ${report.run.seed}`;
  const script = `\n${assets.script}`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${contentPolicy(script)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <link rel="icon" href="${icon(report)}" />
        <style>
          ${new Html(assets.style)}
        </style>
      </head>
      <body>
        <a class="skip" href="#properties">Skip to the properties</a>
        <main class="${isLong(report) ? "long" : ""}">
          ${verdict(report)}
          <nav aria-label="Sections">
            <a href="#properties">Properties</a> <a href="#timeline">Timeline</a> <a href="#faults">Faults</a>
            <a href="#again">Run again</a>
          </nav>
          ${warnings(report)} ${propertySection(report)} ${timeline(report)} ${faultSection(report)} ${runAgain(report)}
        </main>
        <script type="application/json" id="report">
          ${jsonInScript(report)}
        </script>
        ${new Html(`<script>${script}</script>`)}
      </body>
    </html> `.text;
}
