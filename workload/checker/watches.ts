import { type EventSeen, type Operation, type WatchDetail } from "../history/operation.ts";
import { make } from "./contradictions.ts";
import { type StoreEvent } from "./event-log.ts";
import { type KeyOrder } from "./key-order.ts";
import { countBelow } from "./sorting.ts";
import { type Violation, type ViolationKind } from "./violation.ts";
import { type Words } from "./words.ts";

export interface WatchContext {
  readonly watches: readonly Operation[];
  readonly order: KeyOrder;
  readonly words: Words;
  readonly report: (violation: Violation) => void;
}

/**
 * Judges what each watch delivered as a sequence: in the order of revisions, each event once, nothing it did not ask for, and
 * none of the store's events left out. Whether the events are true is the replay's to judge, which takes them as what was seen.
 * @param log the store's events in order of revisions
 */
export function judgeWatches(log: readonly StoreEvent[], context: WatchContext): void {
  for (const watch of context.watches) {
    if (watch.detail?.kind !== "watch") continue;
    const events = watch.detail.answers.flatMap((answer) => answer.events);
    // One contradiction a watch: all that follows may come from it.
    if (!judgeSequence(watch, watch.detail, events, context)) continue;
    judgeCompleteness(watch, watch.detail, events, log, context);
  }
}

/** True when nothing is wrong. */
function judgeSequence(
  watch: Operation,
  { range, from }: WatchDetail,
  events: readonly EventSeen[],
  { order, words, report }: WatchContext,
): boolean {
  const seen = new Set<string>();
  let last = 0;
  for (const event of events) {
    const name = `the event of ${words.key(event.key)} at revision ${event.mod}`;
    const wrong = (kind: ViolationKind, text: string): boolean => {
      report(make(kind, text, [watch]));
      return false;
    };
    if (seen.has(placeOf(event))) return wrong("watch duplicate", `A watch delivered ${name} twice.`);
    seen.add(placeOf(event));
    if (event.mod < last)
      return wrong("watch out of order", `A watch delivered ${name} after one of revision ${last}.`);
    last = event.mod;
    if (event.mod < from) return wrong("watch out of order", `A watch from revision ${from} delivered ${name}.`);
    if (!order.holds(range, event.key)) {
      return wrong("watch event from nowhere", `A watch of ${words.range(range)} delivered ${name}.`);
    }
  }
  return true;
}

function judgeCompleteness(
  watch: Operation,
  { range, from, answers }: WatchDetail,
  events: readonly EventSeen[],
  log: readonly StoreEvent[],
  { watches, order, words, report }: WatchContext,
): void {
  // An answer's own revision may be ahead of its events (a watch that catches up is served in portions): only an answer
  // without events says that there are none up to its revision.
  const silent = answers.filter((answer) => answer.events.length === 0).map(({ revision }) => revision);
  const last = Math.max(events.at(-1)?.mod ?? 0, ...silent);
  const first = from > 0 ? from : (events[0]?.mod ?? Infinity);
  const seen = new Set(events.map(placeOf));
  for (let place = countBelow(log, ({ revision }) => revision, first); place < log.length; place++) {
    const event = log[place];
    if (event === undefined || event.revision > last) return;
    if (!order.holds(range, event.key) || seen.has(`${event.revision} ${event.key}`)) continue;
    const text = `A watch that had come to revision ${last} left out the ${event.type} of ${words.key(event.key)} at revision ${event.revision}`;
    const other = watches.find((each) => each !== watch && delivered(each, event));
    if (event.by?.outcome !== "ok" && other !== undefined) {
      report(make("watches disagree", `${text}, which another watch delivered.`, [watch, other, event.by]));
    } else report(make("watch gap", `${text}.`, [event.by, watch]));
    return;
  }
}

function delivered({ detail }: Operation, event: StoreEvent): boolean {
  if (detail?.kind !== "watch") return false;
  return detail.answers.some(({ events }) =>
    events.some(({ key, mod }) => key === event.key && mod === event.revision),
  );
}

function placeOf({ key, mod }: EventSeen): string {
  return `${mod} ${key}`;
}
