import { FileOperations } from "../../../../workload/history/file-operations.ts";
import { Texts, type History, type Operation } from "../../../../workload/history/operation.ts";
import { type LineObject } from "./simulate.ts";

/** The history that lines make, as if read from one file. */
export function historyOf(lines: readonly LineObject[], since = 0): History {
  const tables = { keys: new Texts(), values: new Texts(), leases: new Texts(), members: new Texts() };
  const operations: Operation[] = [];
  const context = { ...tables, path: "history", process: "pod", clock: "clock", origin: 0 };
  const file = new FileOperations(context, 0, operations);
  lines.forEach((line, index) => file.add(line, index + 1));
  file.finish();
  return { ...tables, operations, since, warnings: [] };
}
