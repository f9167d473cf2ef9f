import { type Call } from "../etcd/member-client.ts";
import { type Answers, type Decimal } from "../history/format.ts";
import { randomBetween, type RandomSource } from "../random.ts";
import { type KeySpace } from "./key-space.ts";
import { type Activity } from "./mix.ts";

/** Gives a value nobody has written before, so that whoever reads it knows which write it came from. */
export type NewValue = () => string;

/** The request for an activity that is one request. */
export function chooseCall(
  activity: Exclude<Activity, "lease" | "watch">,
  random: RandomSource,
  keys: KeySpace,
  value: NewValue,
): Call {
  switch (activity) {
    case "put":
      return { op: "put", key: keys.one(random), value: value() };
    case "get":
      return { op: "get", key: keys.one(random) };
    case "serializable-get":
      return { op: "get", key: keys.one(random), serializable: true };
    case "range":
      return chooseRange(random, keys);
    case "delete":
      return chooseDelete(random, keys);
    case "swap":
      return swap(keys.one(random), keys, value);
    case "multi":
      return multi(random, keys, value);
  }
}

function chooseRange(random: RandomSource, keys: KeySpace): Call {
  const all = { op: "range", key: keys.prefix, end: keys.end } as const;
  switch (randomBetween(random, 0, 3)) {
    case 0:
      return { ...all, limit: 3 };
    case 1:
      return { ...all, countOnly: true };
    case 2:
      return { ...all, serializable: true };
    default:
      return all;
  }
}

function chooseDelete(random: RandomSource, keys: KeySpace): Call {
  const [first = keys.prefix, , third] = keys.some(random, 3);
  // One in eight takes two neighbours at once.
  return randomBetween(random, 0, 7) === 0 && third !== undefined
    ? { op: "delete", key: first, end: third }
    : { op: "delete", key: first };
}

function swap(key: string, keys: KeySpace, value: NewValue): Call {
  const seen = keys.lastSeen(key);
  const unchanged =
    seen === undefined
      ? ({ key, target: "version", is: "=", to: "0" } as const)
      : ({ key, target: "mod", is: "=", to: seen } as const);
  return { op: "txn", if: [unchanged], then: [{ op: "put", key, value: value() }], else: [{ op: "get", key }] };
}

/** Writes neighbouring keys together, or writes one and reads the others at the same revision. */
function multi(random: RandomSource, keys: KeySpace, value: NewValue): Call {
  const [first = keys.prefix, ...others] = keys.some(random, randomBetween(random, 2, 4));
  const write = randomBetween(random, 0, 1) === 0;
  const rest = others.map((key) =>
    write ? ({ op: "put", key, value: value() } as const) : ({ op: "get", key } as const),
  );
  return { op: "txn", if: [], then: [{ op: "put", key: first, value: value() }, ...rest], else: [] };
}

/** Lets the key space know what an answer shows. */
export function learn(keys: KeySpace, call: Call, answer: Answers[Call["op"]]): void {
  if (call.op === "get" && "kv" in answer) keys.saw(call.key, answer.kv?.mod);
  else if (call.op === "put" && "revision" in answer) keys.saw(call.key, answer.revision);
  else if (call.op === "txn" && "results" in answer) {
    const parts = answer.succeeded ? call.then : call.else;
    parts.forEach((part, index) => keys.saw(part.key, modAfter(part.op, answer.revision, answer.results[index])));
  }
}

function modAfter(op: string, revision: Decimal, result: Answers["txn"]["results"][number] | undefined) {
  if (op === "put") return revision;
  return result !== undefined && "kv" in result ? result.kv?.mod : undefined;
}
