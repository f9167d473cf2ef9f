import { absent, type Operation } from "../history/operation.ts";

/** The operations of a history sorted by what they have to say, in one pass: histories are long, most are puts and gets. */
export interface Survey {
  /** Those that are ok and have a revision. */
  readonly telling: readonly Operation[];
  readonly watches: readonly Operation[];
  /** Grants and renewals. */
  readonly renewals: readonly Operation[];
  /** Those that may have changed the store, or will yet: nobody was told the revision. */
  readonly open: readonly Operation[];
  /** Leases that keys were given. */
  readonly leases: ReadonlySet<number>;
  /** Whether any operation is more than a put or get of one key. */
  readonly ranges: boolean;
  readonly serializable: boolean;
  readonly clocks: ReadonlySet<string>;
}

export function survey(operations: readonly Operation[]): Survey {
  const telling: Operation[] = [];
  const watches: Operation[] = [];
  const renewals: Operation[] = [];
  const open: Operation[] = [];
  const leases = new Set<number>();
  const clocks = new Set<string>();
  let [ranges, serializable, clock] = [false, false, ""];
  for (const operation of operations) {
    const { kind, outcome, revision, lease, detail, process } = operation;
    if (outcome === "ok" && revision > 0) telling.push(operation);
    else if (isOpen(operation)) open.push(operation);
    if (operation.serializable) serializable = true;
    if (process.clock !== clock) clocks.add((clock = process.clock));
    if (kind === "put" && lease !== absent) leases.add(lease);
    if (detail === undefined) continue;
    ranges = true;
    if (kind === "watch") watches.push(operation);
    else if (kind === "grant" || kind === "keepalive") renewals.push(operation);
    else if (detail.kind === "txn") {
      for (const part of [...detail.then, ...detail.else]) {
        if (part.op === "put" && part.lease !== absent) leases.add(part.lease);
      }
    }
  }
  return { telling, watches, renewals, open, leases, ranges, serializable, clocks };
}

/** A revoked lease takes its keys along at a revision it does not tell. */
function isOpen({ kind, outcome }: Operation): boolean {
  if (kind === "revoke") return outcome !== "failed";
  return outcome === "unknown" && (kind === "put" || kind === "delete" || kind === "txn");
}
