import { FileOperations } from "../../../../workload/history/file-operations.ts";
import { Texts, type History, type Operation } from "../../../../workload/history/operation.ts";
import { type LineObject } from "./simulate.ts";

/** The history that lines make, as if read from one file. */
export function historyOf(lines: readonly LineObject[], since = 0): History {
  return historyOfMachines([lines], since);
}

/** The history of several machines, each with a file and a clock of its own. */
export function historyOfMachines(machines: readonly (readonly LineObject[])[], since = 0): History {
  const tables = { keys: new Texts(), values: new Texts(), leases: new Texts(), members: new Texts() };
  const operations: Operation[] = [];
  machines.forEach((lines, machine) => {
    const place = { path: `history-${machine}`, process: `pod-${machine}`, clock: `clock-${machine}`, origin: 0 };
    const file = new FileOperations({ ...tables, ...place }, 0, operations);
    lines.forEach((line, index) => file.add(line, index + 1));
    file.finish();
  });
  return { ...tables, operations, since, warnings: [] };
}
