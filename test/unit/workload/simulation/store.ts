import {
  type Compare,
  type Part,
  type PartAnswer,
  type StoredAt,
  type WatchEvent,
} from "../../../../workload/history/format.ts";

export interface Kv {
  readonly key: string;
  readonly value: string;
  readonly mod: number;
  readonly create: number;
  readonly version: number;
  readonly lease: string | undefined;
}

/** A store that does what etcd's does, and remembers every state it was in. */
export class SimulatedStore {
  /** By revision, from 1: the empty store. */
  readonly #states: (ReadonlyMap<string, Kv> | undefined)[] = [undefined, new Map()];
  readonly events: (readonly WatchEvent[])[] = [[], []];

  get revision(): number {
    return this.#states.length - 1;
  }

  at(revision: number): ReadonlyMap<string, Kv> {
    return this.#states[revision] ?? new Map();
  }

  get now(): ReadonlyMap<string, Kv> {
    return this.at(this.revision);
  }

  /** Carries out parts as one transaction; answers what each answers, and the revision. */
  apply(parts: readonly Part[]): { readonly revision: number; readonly results: PartAnswer[] } {
    const state = new Map(this.now);
    const revision = this.revision + 1;
    const events: WatchEvent[] = [];
    const results = parts.map((part): PartAnswer => {
      if (part.op === "put") {
        const before = state.get(part.key);
        const version = (before?.version ?? 0) + 1;
        const kv = { key: part.key, value: part.value, mod: revision, create: before?.create ?? revision, version };
        state.set(part.key, { ...kv, lease: part.lease });
        events.push({ type: "put", ...storedAt({ ...kv, lease: part.lease }) });
        return { put: true };
      }
      const found = [...state.values()].filter(({ key }) => holds(part, key)).sort((a, b) => (a.key < b.key ? -1 : 1));
      if (part.op === "delete") {
        for (const { key } of found) {
          state.delete(key);
          events.push({ type: "delete", key, mod: String(revision) });
        }
        return { deleted: found.length };
      }
      return part.op === "get" ? { kv: found[0] ? storedAt(found[0]) : null } : rangeAnswer(part.limit, found);
    });
    if (events.length === 0) return { revision: this.revision, results };
    this.#states.push(state);
    this.events.push(events);
    return { revision, results };
  }

  holds(compares: readonly Compare[]): boolean {
    return compares.every(({ key, target, is, to }) => {
      const kv = this.now.get(key);
      if (target === "value") return kv !== undefined && (is === "=" ? kv.value === to : kv.value !== to);
      const actual = target === "lease" ? Number(kv?.lease ?? 0) : (kv?.[target] ?? 0);
      if (is === "=") return actual === Number(to);
      if (is === "!=") return actual !== Number(to);
      return is === "<" ? actual < Number(to) : actual > Number(to);
    });
  }
}

export function rangeAnswer(limit: number | undefined, found: readonly Kv[]) {
  return { kvs: found.slice(0, limit ?? found.length).map(storedAt), count: found.length };
}

export function holds({ key, end }: { readonly key: string; readonly end?: string }, candidate: string): boolean {
  return end === undefined ? candidate === key : candidate >= key && candidate < end;
}

export function storedAt({ key, value, mod, create, version, lease }: Kv): StoredAt {
  const stored = { key, value, mod: String(mod), create: String(create), version: String(version) };
  return lease === undefined ? stored : { ...stored, lease };
}
