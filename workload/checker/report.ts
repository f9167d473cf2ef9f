import { type History, type Operation } from "../history/operation.ts";
import { type Verdict } from "./check.ts";
import { type RegisterVerdict } from "./register-check.ts";
import { violationKinds, type Violation } from "./violation.ts";
import { counted, Words } from "./words.ts";

/** So many violations are told one by one; of more there are counts. */
const mostTold = 20;

/** The verdict on a history, for people. */
export function verdictInWords(history: History, { violations, unknownWrites, searched }: Verdict): string {
  const words = new Words(history);
  const clients = new Set(history.operations.map(({ process }) => process)).size;
  const told = violations.slice(0, mostTold).map((violation) => violationInWords(violation, words));
  return [
    `${counted(history.operations.length, "operation")} by ${counted(clients, "client")} on ${counted(history.keys.size, "key")}`,
    ...history.warnings.map((warning) => `warning: ${warning}`),
    `writes of unknown outcome: ${unknownWrites.all}, of which ${unknownWrites.happened} are known to have happened`,
    ...(searched === undefined ? [] : [`second opinion: searched ${searched}`]),
    "",
    ...told,
    ...(violations.length > mostTold ? [`and more: ${counts(violations)} in all`, ""] : []),
    violations.length === 0
      ? "sound: nothing contradicts a strictly serializable store"
      : counted(violations.length, "violation"),
  ].join("\n");
}

/** The verdict on a history, for programs. */
export function verdictAsData(history: History, verdict: Verdict): object {
  const words = new Words(history);
  return {
    sound: verdict.violations.length === 0,
    operations: history.operations.length,
    warnings: history.warnings,
    unknownWrites: verdict.unknownWrites,
    secondOpinion: verdict.searched,
    violations: verdict.violations.map((violation) => ({
      ...violation,
      meaning: violationKinds[violation.kind],
      operations: violation.operations.map((operation) => operationAsData(operation, words)),
    })),
  };
}

export function registerVerdictInWords({ file, operations, verdict, words, contradiction }: RegisterVerdict): string {
  const lines = contradiction.map(({ process, text, begin, end }) => {
    return `    lines ${begin} – ${end ?? "?"}  process ${process}  ${text}`;
  });
  return [
    `${file}: ${verdict} (${operations} operations)`,
    ...(words === undefined ? [] : [`  ${words}`]),
    ...lines,
  ].join("\n");
}

function violationInWords({ kind, words, operations }: Violation, tell: Words): string {
  const lines = tell.lines(operations).map((line) => `    ${line}`);
  return [`✘ ${kind}: ${violationKinds[kind]}`, `  ${words}`, ...lines, ""].join("\n");
}

function counts(violations: readonly Violation[]): string {
  const byKind = Map.groupBy(violations, ({ kind }) => kind);
  return Array.from(byKind, ([kind, each]) => `${kind} ${each.length}`).join(", ");
}

/** Times in microseconds since the history's begin; an end that is not known is left out. */
function operationAsData(operation: Operation, words: Words): object {
  const { process, member, start, end, line, outcome } = operation;
  const place = { process: process.name, member: words.member(member), file: process.file, line, outcome, start };
  return { ...place, ...(end === Infinity ? {} : { end }), words: words.act(operation) };
}
