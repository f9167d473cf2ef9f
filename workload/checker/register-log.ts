import { excerpt, linesOf, UnreadableHistory } from "../history/lines.ts";
import { type Step } from "./possibilities.ts";
import { type SearchOperation } from "./search.ts";

/**
 * Logs of Jepsen's register test, as its etcd test of 2014 wrote them and Porcupine's test data holds them: one register,
 * read, write and compare-and-set, no times and no revisions; the order of the lines is the order of events.
 */
export interface RegisterOperation {
  readonly process: string;
  readonly text: string;
  /** From 1. */
  readonly begin: number;
  /** Undefined while its outcome is unknown. */
  readonly end: number | undefined;
}

/** What a read of the empty register shows. */
export const nil = -1;

interface Invoked {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly line: number;
  readonly text: string;
}

const pattern = /^INFO\s+jepsen\.util\s+-\s+(\d+)\s+:(invoke|ok|fail|info)\s+:(read|write|cas)\s+(.+?)\s*$/;
const argumentsOf: Readonly<Record<string, RegExp>> = {
  read: /^(?:nil|\d+)$/,
  write: /^\d+$/,
  cas: /^\[\d+ \d+\]$/,
};

/** @throws UnreadableHistory for an empty file and for a line that is none of a register log */
export function readRegisterLog(path: string): SearchOperation<RegisterOperation>[] {
  const operations: SearchOperation<RegisterOperation>[] = [];
  const running = new Map<string, Invoked>();
  const refuse = (line: number, why: string) => new UnreadableHistory(`${path}:${line}: ${why}`);
  for (const { text, number: line } of linesOf(path)) {
    const [, process, type, name, argument] = pattern.exec(text) ?? [];
    if (process === undefined || type === undefined || name === undefined || argument === undefined) {
      throw refuse(line, `not a line of a register log: ${excerpt(text)}`);
    }
    if ((type === "invoke" || type === "ok") && argumentsOf[name]?.test(argument) !== true) {
      throw refuse(line, `${argument} is not what a ${name} can be about`);
    }
    const invoked = running.get(process);
    if (type === "invoke") {
      if (invoked !== undefined)
        throw refuse(line, `process ${process} has not ended its operation of line ${invoked.line}`);
      const numbers = argument.match(/\d+/g) ?? [];
      const [from = nil, to = nil] = numbers.map(Number);
      running.set(process, { name, from, to, line, text: `${name} ${argument}` });
      continue;
    }
    const other = type === "ok" && name !== "read" && invoked?.text !== `${name} ${argument}`;
    if (invoked?.name !== name || other) throw refuse(line, `process ${process} ends a ${name} it has not begun`);
    // An operation that timed out keeps its process: its outcome stays open to the end.
    if (type === "info") continue;
    running.delete(process);
    const ways = waysOfEnded(invoked, type, argument);
    if (ways !== undefined) operations.push(operation(process, invoked, line, ways));
  }
  for (const [process, invoked] of running) {
    const ways = waysOfUnknown(invoked);
    if (ways !== undefined) operations.push(operation(process, invoked, undefined, ways));
  }
  if (operations.length === 0) throw new UnreadableHistory(`${path}: no operation in it, so nothing to judge`);
  return operations;
}

/** Undefined for what had no effect and says nothing. */
function waysOfEnded(invoked: Invoked, type: string, argument: string): Step[][] | undefined {
  const { name, from, to } = invoked;
  if (type === "fail") return name === "cas" ? [[{ type: "isNot", value: from }]] : undefined;
  if (name === "read") return [[{ type: "is", value: argument === "nil" ? nil : Number(argument) }]];
  return name === "write" ? [[set(from)]] : [[{ type: "is", value: from }, set(to)]];
}

/** A compare-and-set that does not match changes nothing, which is the same as if it never happened. */
function waysOfUnknown({ name, from, to }: Invoked): Step[][] | undefined {
  if (name === "read") return undefined;
  return name === "write" ? [[set(from)]] : [[{ type: "is", value: from }, set(to)]];
}

function set(value: number): Step {
  return { type: "set", value };
}

function operation(
  process: string,
  { line, text }: Invoked,
  end: number | undefined,
  ways: Step[][],
): SearchOperation<RegisterOperation> {
  return { start: line, end: end ?? Infinity, ways, source: { process, text, begin: line, end } };
}
