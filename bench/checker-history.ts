import { closeSync, openSync, writeSync } from "node:fs";

export interface HistoryShape {
  readonly operations: number;
  readonly keys: number;
  readonly clients: number;
  /** Share of puts whose outcome the client does not learn; half of those happen. */
  readonly unknown: number;
}

interface Kv {
  readonly value: string;
  readonly mod: number;
  readonly create: number;
  readonly version: number;
}

interface Running {
  readonly start: number;
  readonly key: string;
  /** Undefined for a get. */
  readonly value: string | undefined;
  answer: Kv | undefined;
  revision: number;
  effective: boolean;
}

/** Lines that are written in portions: a history of a million operations does not fit into one text. */
class Lines {
  readonly #file: number;
  #waiting: string[] = [];

  constructor(path: string) {
    this.#file = openSync(path, "w");
  }

  add(line: string): void {
    this.#waiting.push(line);
    if (this.#waiting.length >= 10_000) this.#flush();
  }

  close(): void {
    this.#flush();
    closeSync(this.#file);
  }

  #flush(): void {
    if (this.#waiting.length > 0) writeSync(this.#file, `${this.#waiting.join("\n")}\n`);
    this.#waiting = [];
  }
}

/**
 * Writes the history of clients on a sound store: half puts of new values, half linearizable gets, as many at a time as there
 * are clients. The same shape gives the same history.
 * @param plain where the same goes in the form that bench/porcupine reads; undefined when nobody will
 */
export function writeHistory(path: string, plain: string | undefined, shape: HistoryShape): void {
  const lines = new Lines(path);
  const rows = plain === undefined ? undefined : new Lines(plain);
  lines.add('{"history":1,"id":"bench","process":"bench/1","clock":"bench","wall":"2026-01-01T00:00:00.000Z","t":0}');
  const next = chance(7);
  const store = new Map<string, Kv>();
  const running = new Map<number, Running>();
  const late: Running[] = [];
  let [t, begun, revision] = [0, 0, 1];

  const takeEffect = (operation: Running): void => {
    operation.effective = true;
    const { key, value } = operation;
    const before = store.get(key);
    if (value === undefined) operation.answer = before;
    else {
      revision += 1;
      store.set(key, {
        value,
        mod: revision,
        create: before?.create ?? revision,
        version: (before?.version ?? 0) + 1,
      });
    }
    operation.revision = revision;
  };
  const begin = (client: number): void => {
    const key = `key-${Math.floor(next() * shape.keys)}`;
    const value = next() < 0.5 ? `value-${begun}` : undefined;
    begun += 1;
    running.set(client, { start: t, key, value, answer: undefined, revision: 0, effective: false });
    const action = value === undefined ? { op: "get", key } : { op: "put", key, value };
    lines.add(JSON.stringify({ t, p: client, member: `etcd-${client % 3}`, ...action }));
  };
  const end = (client: number, operation: Running): void => {
    running.delete(client);
    const { start, key, value, answer } = operation;
    const ok =
      value === undefined
        ? { revision: String(operation.revision), kv: stored(answer) }
        : { revision: String(operation.revision) };
    lines.add(JSON.stringify({ t, p: client, ok }));
    rows?.add([client, start, t, value === undefined ? 0 : 1, key, value ?? answer?.value ?? ""].join("\t"));
  };

  while (begun < shape.operations || running.size > 0) {
    t += 1;
    const client = Math.floor(next() * shape.clients);
    const operation = running.get(client);
    if (operation === undefined) {
      if (begun < shape.operations) begin(client);
    } else if (operation.effective) end(client, operation);
    else if (operation.value !== undefined && next() < shape.unknown) {
      running.delete(client);
      lines.add(JSON.stringify({ t, p: client, unknown: "4 DEADLINE_EXCEEDED" }));
      if (next() < 0.5) late.push(operation);
    } else takeEffect(operation);
    const delayed = late[0];
    if (delayed !== undefined && next() < 0.05) takeEffect(late.shift() ?? delayed);
  }
  lines.close();
  rows?.close();
}

function stored(kv: Kv | undefined) {
  if (kv === undefined) return null;
  return { value: kv.value, mod: String(kv.mod), create: String(kv.create), version: String(kv.version) };
}

/** Reproducible numbers from 0 up to but not including 1 (Lehmer's generator with Park and Miller's constants). */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}
