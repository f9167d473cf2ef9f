import { type History } from "../history/operation.ts";
import { Contradictions } from "./contradictions.ts";
import { type StoreEvent } from "./event-log.ts";
import { Hidden } from "./hidden.ts";
import { KeyOrder } from "./key-order.ts";
import { leaseLives } from "./leases.ts";
import { OpenWrites } from "./open-writes.ts";
import { judgeRealTime } from "./real-time.ts";
import { replay } from "./replay.ts";
import { removalsToExplain, resolveOpenWrites } from "./resolve.ts";
import { secondOpinion } from "./second-opinion.ts";
import { judgeSessions } from "./sessions.ts";
import { sortedBy } from "./sorting.ts";
import { Store, type StoreContext } from "./store.ts";
import { changesStore } from "./store-order.ts";
import { type Violation } from "./violation.ts";
import { judgeWatches } from "./watches.ts";
import { survey } from "./survey.ts";
import { Told } from "./told.ts";
import { Words } from "./words.ts";

export interface Verdict {
  readonly violations: readonly Violation[];
  /** Writes of unknown outcome, and how many of them are known to have happened. */
  readonly unknownWrites: { readonly all: number; readonly happened: number };
  /** What the second opinion looked at; undefined when it was not asked. */
  readonly searched: string | undefined;
}

export interface CheckOptions {
  /** How many operations the second opinion may look at; 0: none. Default: 20,000. */
  readonly secondOpinion?: number;
}

/**
 * Judges a history: whether the cluster behaved as one strictly serializable store with etcd's revisions, watches and leases.
 * It takes O(n log n) for n operations, because revisions tell the order of the writes and it need not be searched for. A
 * server that told lies in its revisions but not in its values, or the other way round, is what the second opinion is for.
 */
export function check(history: History, options: CheckOptions = {}): Verdict {
  const violations: Violation[] = [];
  const report = (violation: Violation): void => {
    violations.push(violation);
  };
  const words = new Words(history);
  const order = new KeyOrder(history.keys);
  const found = survey(history.operations);
  const { telling, watches } = found;
  const lives = leaseLives(found.renewals);
  // What has no revision of its own must be looked for among that which has.
  const looking = found.open.length > 0 || found.leases.size > 0 || watches.length > 0;
  const told = new Told(looking ? found : { telling: [], watches: [] });
  const open = new OpenWrites(found, lives, told, order);
  const acknowledged = looking ? sortedBy(telling.filter(changesStore), ({ revision }) => revision) : [];
  const resolved = resolveOpenWrites(history.operations, acknowledged, open);
  const removals = removalsToExplain(watches, acknowledged, order);

  const hidden = new Hidden(open, acknowledged, history.since);
  const log: StoreEvent[] = [];
  const context: StoreContext = {
    history,
    order,
    words,
    report,
    hidden,
    contradictions: new Contradictions(history, words, lives),
    log: watches.length > 0 ? (event) => log.push(event) : undefined,
  };
  replay(new Store(context, found.ranges), context, { resolved, removals, open, telling, watches });
  judgeRealTime(found, history.since, words, report);
  if (found.serializable) judgeSessions(history, words, report);
  judgeWatches(log, { watches, order, words, report });

  const most = options.secondOpinion ?? 20_000;
  const second = most > 0 ? secondOpinion(history, found, open.all, order, words, most) : undefined;
  violations.push(...(second?.violations ?? []));
  const unknown = open.all.filter(({ operation }) => operation?.outcome === "unknown");
  return {
    violations,
    unknownWrites: {
      all: unknown.length,
      happened: unknown.filter(({ explains }) => explains.size > 0).length + hidden.anonymous,
    },
    searched: second?.covered,
  };
}
