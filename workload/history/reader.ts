import { count, decimal, fieldsOf, isFields, LineError, text, type Fields } from "./fields.ts";
import { FileOperations } from "./file-operations.ts";
import { formatVersion } from "./format.ts";
import { excerpt, linesOf, UnreadableHistory, type Line } from "./lines.ts";
import { Texts, type History, type Operation } from "./operation.ts";

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
  const files = paths.map((path) => {
    const lines = linesOf(path);
    return { path, lines, header: readHeader(path, lines) };
  });
  refuseDuplicates(files);
  const tables = { keys: new Texts(), values: new Texts(), leases: new Texts(), members: new Texts() };
  const operations: Operation[] = [];
  const warnings: string[] = [];
  for (const { path, lines, header } of files) {
    const { process, clock } = header;
    const origin = Math.min(...files.filter((other) => other.header.clock === clock).map((other) => other.header.t));
    const file = new FileOperations({ ...tables, path, process, clock, origin }, header.t, operations);
    readLines(path, lines, file, warnings);
    const running = file.finish();
    if (running === 1) warnings.push(`${path}: 1 operation was still running when it ends`);
    if (running > 1) warnings.push(`${path}: ${running} operations were still running when it ends`);
  }
  if (operations.length === 0)
    throw new UnreadableHistory(`${paths.join(", ")}: no operation in it, so nothing to judge`);
  if (!operations.some(({ outcome }) => outcome === "ok"))
    warnings.push("no operation was answered, so nothing could contradict anything");
  return { ...tables, operations, since: Math.min(...files.map(({ header }) => header.since)), warnings };
}

function readLines(path: string, lines: Iterable<Line>, file: FileOperations, warnings: string[]): void {
  for (const line of lines) {
    const fields = parsed(path, line, warnings);
    if (fields === undefined) continue;
    try {
      file.add(fields, line.number);
    } catch (error) {
      throw located(path, line, error);
    }
  }
}

/** Undefined for a torn last line. */
function parsed(path: string, line: Line, warnings: string[]): Fields | undefined {
  try {
    return fieldsOf(JSON.parse(line.text), "the line");
  } catch (error) {
    if (line.complete) throw located(path, line, error);
    warnings.push(`${path}:${line.number}: the last line is torn and was left out`);
    return undefined;
  }
}

function readHeader(path: string, lines: Iterator<Line, void>): FileHeader {
  const first = lines.next();
  if (first.done === true) throw new UnreadableHistory(`${path} is empty: not a history`);
  return header(path, first.value);
}

function header(path: string, line: Line): FileHeader {
  try {
    const fields = headerFields(line);
    const t = count(fields, "t");
    const since = fields["since"] === undefined ? 0 : decimal(fields, "since");
    return { id: text(fields, "id"), process: text(fields, "process"), clock: text(fields, "clock"), t, since };
  } catch (error) {
    throw located(path, line, error);
  }
}

function headerFields({ text, complete }: Line): Fields {
  try {
    const fields: unknown = JSON.parse(text);
    if (isFields(fields) && fields["history"] === formatVersion) return fields;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    if (!complete && text.startsWith('{"history":')) {
      throw new LineError("the header of the history is torn: its writer was killed before anything was recorded");
    }
  }
  throw new LineError(`expected the header of a history, with "history":${formatVersion}, not ${found(text)}`);
}

/** What somebody may have given for a history, or the beginning of what it is. */
function found(text: string): string {
  if (text.startsWith("\u001f")) return "a compressed file; uncompress it first";
  if (text.startsWith("INFO  jepsen.")) return "a register log, which takes --format jepsen";
  return excerpt(text);
}

function refuseDuplicates(files: readonly { readonly path: string; readonly header: FileHeader }[]): void {
  const seen = new Map<string, string>();
  for (const { path, header } of files) {
    for (const name of [`id ${header.id}`, `process ${header.process}`]) {
      const other = seen.get(name);
      if (other !== undefined) {
        throw new UnreadableHistory(`${other} and ${path} both have ${name}: give each file of a history once`);
      }
      seen.set(name, path);
    }
  }
}

function located(path: string, { text, number }: Line, error: unknown): Error {
  if (error instanceof LineError) return new UnreadableHistory(`${path}:${number}: ${error.message}`);
  if (error instanceof SyntaxError) return new UnreadableHistory(`${path}:${number}: not JSON: ${excerpt(text)}`);
  return error instanceof Error ? error : new Error(String(error));
}
