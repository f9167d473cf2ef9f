import Table from "cli-table3";
import pc from "picocolors";
import type { ComponentStatus } from "./status.ts";

/** How long ago, in the two largest units. */
export function age(since: Date, now: Date): string {
  const seconds = Math.max(0, Math.floor((now.getTime() - since.getTime()) / 1000));
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  const shown = first < 0 ? parts.slice(-1) : parts.slice(first, first + 2);
  return shown.map(([count, unit]) => `${count} ${unit}`).join(" ");
}

/** The components as a table, ending with a line break. */
export function statusTable(components: readonly ComponentStatus[], now = new Date()): string {
  const table = new Table({
    head: ["component", "pid", "for", "state"],
    style: { head: [], border: [], compact: true },
  });
  for (const { name, pid, healthy, state, since } of components) {
    table.push([
      name,
      pid ?? "",
      since === undefined ? "" : age(since, now),
      healthy ? pc.green(state) : pc.red(state),
    ]);
  }
  return `${table.toString()}\n`;
}
