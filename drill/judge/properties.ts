import { type Verdict } from "../../workload/checker/check.ts";
import { type ViolationKind } from "../../workload/checker/violation.ts";
import { type Words } from "../../workload/checker/words.ts";
import { type History, type Operation } from "../../workload/history/operation.ts";
import { mostExamples, mostOperations, type Example, type ExampleOperation, type Property } from "../report-format.ts";
import { isLinearizableRead, isWrite, type Timeline } from "./timeline.ts";

/** Which violations speak against which property. All kinds are here: the type sees to it. */
const propertyOf: Readonly<Record<ViolationKind, string>> = {
  "lost write": "no-lost-write",
  "missing key": "no-lost-write",
  "doubled write": "no-doubled-write",
  "stale read": "no-stale-read",
  "read went back": "no-stale-read",
  "value from nowhere": "no-value-from-nowhere",
  "failed write seen": "no-value-from-nowhere",
  "wrong value": "no-value-from-nowhere",
  "half-applied transaction": "transactions",
  "wrong transaction branch": "transactions",
  "wrong delete": "order",
  "wrong count": "order",
  "wrong range": "order",
  "shared revision": "order",
  "write out of order": "order",
  "not linearizable": "order",
  "watch out of order": "watches",
  "watch gap": "watches",
  "watch duplicate": "watches",
  "watch event from nowhere": "watches",
  "watches disagree": "watches",
  "early expiry": "leases",
};

type Counted = "writes" | "reads" | "transactions" | "operations" | "watches" | "leases";

const historyProperties: readonly { id: string; name: string; counts: Counted; unit: string }[] = [
  { id: "no-lost-write", name: "No acknowledged write is lost", counts: "writes", unit: "acknowledged writes" },
  { id: "no-stale-read", name: "No linearizable read is stale", counts: "reads", unit: "linearizable reads" },
  { id: "no-doubled-write", name: "No write takes effect twice", counts: "writes", unit: "acknowledged writes" },
  {
    id: "no-value-from-nowhere",
    name: "Nothing is read that nobody wrote",
    counts: "reads",
    unit: "linearizable reads",
  },
  { id: "transactions", name: "Transactions are whole", counts: "transactions", unit: "transactions" },
  { id: "order", name: "One order explains everything", counts: "operations", unit: "operations" },
  { id: "watches", name: "Watches see every event once, in order", counts: "watches", unit: "watches" },
  { id: "leases", name: "No key goes before its lease runs out", counts: "leases", unit: "operations on leases" },
];

/** What the checker found, as properties with counts and the operations that contradict each other. */
export function propertiesOfHistory(history: History, verdict: Verdict, words: Words, timeline: Timeline): Property[] {
  const counts = countsOf(history.operations);
  return historyProperties.map(({ id, name, counts: counted, unit }) => {
    const violations = verdict.violations.filter(({ kind }) => propertyOf[kind] === id);
    const examples = violations.slice(0, mostExamples).map(({ kind, words: sentence, operations }): Example => {
      const first = operations[0];
      return {
        holds: false,
        words: `${kind}: ${sentence}`,
        ...(first === undefined ? {} : { atMs: Math.round(timeline.at(first, first.start)) }),
        operations: operations.slice(0, mostOperations).map((operation) => asExample(operation, words, timeline)),
      };
    });
    const detail =
      id === "order" && verdict.searched !== undefined ? `second opinion: searched ${verdict.searched}` : "";
    return property({
      ...{ id, group: "History", name, unit, detail, examples },
      passing: Math.max(0, counts[counted] - violations.length),
      failing: violations.length,
    });
  });
}

/** A property's status follows from its counts. */
export function property(fields: Omit<Property, "status">): Property {
  return { ...fields, status: fields.failing > 0 ? "failed" : "passed" };
}

function countsOf(operations: readonly Operation[]): Record<Counted, number> {
  const ok = operations.filter(({ outcome }) => outcome === "ok");
  const count = (which: (operation: Operation) => boolean): number => ok.filter(which).length;
  return {
    writes: count(isWrite),
    reads: count(isLinearizableRead),
    transactions: count(({ kind }) => kind === "txn"),
    operations: operations.length,
    watches: operations.filter(({ kind }) => kind === "watch").length,
    leases: count(({ kind }) => kind === "grant" || kind === "keepalive" || kind === "revoke"),
  };
}

function asExample(operation: Operation, words: Words, timeline: Timeline): ExampleOperation {
  const { process, member, start, end, outcome, line } = operation;
  const fine = (ms: number): number => Math.round(ms * 1000) / 1000;
  return {
    client: process.name,
    member: words.member(member),
    startMs: fine(timeline.at(operation, start)),
    ...(end === Infinity ? {} : { endMs: fine(timeline.at(operation, end)) }),
    outcome,
    words: words.act(operation),
    file: process.file.split("/").at(-1) ?? "",
    line,
  };
}
