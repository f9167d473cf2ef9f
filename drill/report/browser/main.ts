import type { Report } from "../../report-format.ts";
import { shift, withMargin, zoom } from "../range.ts";
import { moment } from "../words.ts";
import { byId } from "./elements.ts";
import { drawLanes } from "./lanes.ts";
import { latencyPanel, throughputPanel } from "./panels.ts";
import { drawReadout } from "./readout.ts";
import { View } from "./view.ts";

/** Width of what is printed, in CSS pixels: A4 with the margins of the style sheet. */
const paperWidth = 690;

const report = JSON.parse(byId("report").textContent) as Report;

function controls(view: View): void {
  const actions: Readonly<Record<string, () => void>> = {
    in: () => view.show(zoom(view.range, 1 / 2)),
    out: () => view.show(zoom(view.range, 2)),
    earlier: () => view.show(shift(view.range, -1 / 2)),
    later: () => view.show(shift(view.range, 1 / 2)),
    all: () => view.show(view.whole),
  };
  for (const button of document.querySelectorAll<HTMLElement>("[data-zoom]")) {
    button.addEventListener("click", () => actions[button.dataset["zoom"] ?? ""]?.());
  }
  for (const element of document.querySelectorAll<HTMLElement>(".controls")) element.hidden = false;
  view.onRange(({ from, to }) => {
    byId("range").textContent = `${moment(from, 1)} – ${moment(to, 1)}`;
  });
}

/** Links with a time bring it into view. */
function links(view: View): void {
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLElement>("a[data-from]") : null;
    if (link === null) return;
    view.show(withMargin({ from: Number(link.dataset["from"]), to: Number(link.dataset["to"]) }, 3000));
  });
}

function drawTimeline(): void {
  const { bucketMs, writes } = report.series;
  const end = Math.max(report.durationMs, writes.length * bucketMs, ...report.faults.map(({ endMs }) => endMs));
  const view = new View({ from: 0, to: Math.max(end, 1) }, Math.min(100, end));
  const charts = byId("charts");
  const panels = [throughputPanel(report, view, charts.clientWidth), latencyPanel(report, view, charts.clientWidth)];
  const drawLanesAnew = drawLanes(report, view);
  drawReadout(report, view);
  controls(view);
  links(view);
  const { dataset } = document.documentElement;
  const fit = (): void => {
    for (const panel of panels) panel.setSize({ width: charts.clientWidth, height: panel.height });
    drawLanesAnew();
  };
  new ResizeObserver(fit).observe(charts);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", fit);
  addEventListener("beforeprint", () => {
    dataset["print"] = "";
    charts.style.width = `${paperWidth}px`;
    fit();
  });
  addEventListener("afterprint", () => {
    delete dataset["print"];
    charts.style.width = "";
    fit();
  });
}

function copyButtons(): void {
  for (const button of document.querySelectorAll<HTMLElement>("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      void navigator.clipboard.writeText(button.dataset["copy"] ?? "").then(
        () => (button.textContent = "Copied"),
        () => (button.textContent = "Select it and copy by hand"),
      );
    });
  }
}

function saveButton(): void {
  const button = byId("save");
  button.hidden = false;
  button.addEventListener("click", () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(
      new Blob([`${JSON.stringify(report, undefined, 2)}\n`], { type: "application/json" }),
    );
    link.download = "report.json";
    link.click();
    URL.revokeObjectURL(link.href);
  });
}

drawTimeline();
copyButtons();
saveButton();
