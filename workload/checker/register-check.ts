import { nil, readRegisterLog, type RegisterOperation } from "./register-log.ts";
import { search, setter } from "./search.ts";

export interface RegisterVerdict {
  readonly file: string;
  readonly operations: number;
  readonly verdict: "linearizable" | "not linearizable" | "undecided";
  /** Why it is not, in a sentence. */
  readonly words: string | undefined;
  /** The operations that contradict each other. */
  readonly contradiction: readonly RegisterOperation[];
}

/**
 * Judges a register log, which has no revisions, by searching for an order that explains it.
 * @throws UnreadableHistory
 */
export function checkRegisterLog(file: string): RegisterVerdict {
  const operations = readRegisterLog(file);
  const result = search(operations, [nil]);
  const about = { file, operations: operations.length };
  if (result.verdict === "possible") return { ...about, verdict: "linearizable", words: undefined, contradiction: [] };
  const { source } = result.operation;
  const where = `line ${source.begin} (process ${source.process}, ${source.text})`;
  if (result.verdict === "undecided") {
    const words = `Too many operations run at the same time as that of ${where}.`;
    return { ...about, verdict: "undecided", words, contradiction: [source] };
  }
  const { possibilities } = result;
  const states = [...new Set(possibilities.map(({ state }) => (state === nil ? "nil" : String(state))))];
  const writers = possibilities.map(setter).flatMap((each) => (each === undefined ? [] : [each.source]));
  const words = `When the operation of ${where} ended, the register could only have held ${states.join(" or ")}.`;
  const contradiction = [...new Set([...writers.slice(0, 5), source])].sort((a, b) => a.begin - b.begin);
  return { ...about, verdict: "not linearizable", words, contradiction };
}
