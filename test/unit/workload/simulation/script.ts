import { type LineObject } from "./simulate.ts";

/** Lines of one client after the other, at times that do not overlap unless told so. */
export class Script {
  readonly lines: LineObject[] = [];
  #t = 0;

  begin(p: number, action: LineObject): this {
    this.lines.push({ t: ++this.#t, p, member: "m0", ...action });
    return this;
  }

  ok(p: number, answer: LineObject): this {
    this.lines.push({ t: ++this.#t, p, ok: answer });
    return this;
  }

  failed(p: number): this {
    this.lines.push({ t: ++this.#t, p, failed: "3 INVALID_ARGUMENT: refused" });
    return this;
  }

  unknown(p: number): this {
    this.lines.push({ t: ++this.#t, p, unknown: "4 DEADLINE_EXCEEDED: too late" });
    return this;
  }

  /** With the answer. */
  act(p: number, action: LineObject, answer: LineObject): this {
    return this.begin(p, action).ok(p, answer);
  }

  /** With an answer that never came. */
  lost(p: number, action: LineObject): this {
    return this.begin(p, action).unknown(p);
  }

  /** The next line is written at this time, in microseconds; the first one's, if nothing is said, is 1. */
  at(t: number): this {
    this.#t = t - 1;
    return this;
  }

  wait(seconds: number): this {
    this.#t += seconds * 1_000_000;
    return this;
  }

  put(p: number, key: string, value: string, revision: number, more: LineObject = {}): this {
    return this.act(p, { op: "put", key, value, ...more }, { revision: String(revision) });
  }

  get(p: number, key: string, revision: number, kv: LineObject | null, more: LineObject = {}): this {
    return this.act(p, { op: "get", key, ...more }, { revision: String(revision), kv });
  }

  /** Of all keys from a up to but not including c. */
  range(p: number, revision: number, kvs: readonly LineObject[], more: LineObject = {}): this {
    const asked = { op: "range", key: "a", end: "c", ...more };
    return this.act(p, asked, { revision: String(revision), kvs, count: kvs.length });
  }

  watch(p: number, key: string, from: number, end?: string): this {
    return this.begin(p, { op: "watch", key, from: String(from), ...(end === undefined ? {} : { end }) });
  }

  seen(p: number, revision: number, events: readonly LineObject[]): this {
    this.lines.push({ t: ++this.#t, p, seen: { revision: String(revision), events } });
    return this;
  }
}

export function kv(value: string, mod: number, create: number, version: number, more: LineObject = {}): LineObject {
  return { value, mod: String(mod), create: String(create), version: String(version), ...more };
}

export function putEvent(key: string, value: string, mod: number, create: number, version: number): LineObject {
  return { type: "put", key, ...kv(value, mod, create, version) };
}

export function deleteEvent(key: string, mod: number): LineObject {
  return { type: "delete", key, mod: String(mod) };
}
