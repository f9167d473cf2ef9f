import { decimal, fieldsOf, LineError, text, type Fields } from "./fields.ts";
import { FileOperations } from "./file-operations.ts";
import { formatVersion } from "./format.ts";
import { linesOf, type Line } from "./lines.ts";
import { Texts, type History, type Operation } from "./operation.ts";

/** A history that can't be judged: what is wrong, and where. Its message is a sentence for the one who asked. */
export class UnreadableHistory extends Error {}

interface FileHeader {
  readonly id: string;
  readonly process: string;
  readonly clock: string;
  readonly t: number;
  readonly since: number;
}

/**
 * Reads the files of one history into one, in any order of files and processes.
 * @throws UnreadableHistory for a file that is missing, empty, or holds a line that can't be true, and when there is no
 *   operation at all. Only a torn last line is let pass, with a warning: that is how a killed process leaves its file.
 */
export function readHistory(paths: readonly string[]): History {
  const headers = paths.map((path) => ({ path, header: readHeader(path) }));
  refuseDuplicates(headers);
  const tables = { keys: new Texts(), values: new Texts(), leases: new Texts(), members: new Texts() };
  const operations: Operation[] = [];
  const warnings: string[] = [];
  for (const { path, header } of headers) {
    const origin = Math.min(...headers.filter((other) => other.header.clock === header.clock).map((h) => h.header.t));
    const file = new FileOperations(
      { ...tables, path, process: header.process, clock: header.clock, origin },
      operations,
    );
    readFile(path, file, warnings);
    const running = file.finish();
    if (running > 0) warnings.push(`${path}: ${running} operations were still running when it ends`);
  }
  if (operations.length === 0)
    throw new UnreadableHistory(`${paths.join(", ")}: no operation in it, so nothing to judge`);
  return { ...tables, operations, since: Math.min(...headers.map(({ header }) => header.since)), warnings };
}

function readFile(path: string, file: FileOperations, warnings: string[]): void {
  for (const line of linesOf(path)) {
    if (line.number === 1) continue;
    const fields = parsed(path, line, warnings);
    if (fields === undefined) continue;
    try {
      file.add(fields, line.number);
    } catch (error) {
      throw located(path, line.number, error);
    }
  }
}

/** Undefined for a torn last line. */
function parsed(path: string, line: Line, warnings: string[]): Fields | undefined {
  try {
    return fieldsOf(JSON.parse(line.text), "the line");
  } catch (error) {
    if (line.complete) throw located(path, line.number, error);
    warnings.push(`${path}:${line.number}: the last line is torn and was left out`);
    return undefined;
  }
}

function readHeader(path: string): FileHeader {
  try {
    for (const line of linesOf(path)) return header(path, line);
  } catch (error) {
    if (error instanceof Error && "code" in error)
      throw new UnreadableHistory(`${path} can't be read: ${error.message}`);
    throw error;
  }
  throw new UnreadableHistory(`${path} is empty: not a history`);
}

function header(path: string, line: Line): FileHeader {
  try {
    const fields = fieldsOf(JSON.parse(line.text), "the line");
    if (fields["history"] !== formatVersion) {
      throw new LineError(`expected the header of a history, with "history":${formatVersion}`);
    }
    const t = fields["t"];
    if (typeof t !== "number") throw new LineError(`"t" is missing in the header`);
    const since = fields["since"] === undefined ? 0 : decimal(fields, "since");
    return { id: text(fields, "id"), process: text(fields, "process"), clock: text(fields, "clock"), t, since };
  } catch (error) {
    throw located(path, line.number, error);
  }
}

function refuseDuplicates(headers: readonly { readonly path: string; readonly header: FileHeader }[]): void {
  const seen = new Map<string, string>();
  for (const { path, header } of headers) {
    for (const name of [`id ${header.id}`, `process ${header.process}`]) {
      const other = seen.get(name);
      if (other !== undefined) {
        throw new UnreadableHistory(`${other} and ${path} both have ${name}: give each file of a history once`);
      }
      seen.set(name, path);
    }
  }
}

function located(path: string, line: number, error: unknown): Error {
  if (error instanceof LineError) return new UnreadableHistory(`${path}:${line}: ${error.message}`);
  if (error instanceof SyntaxError) return new UnreadableHistory(`${path}:${line}: not JSON: ${error.message}`);
  return error instanceof Error ? error : new Error(String(error));
}
