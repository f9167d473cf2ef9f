import { type Operation } from "../history/operation.ts";

/** What can be wrong, by the name a violation is reported under. */
export const violationKinds = {
  "lost write": "an acknowledged write is not in what was read after it",
  "missing key": "a key is gone that nobody removed",
  "doubled write": "one write took effect more than once",
  "stale read": "a linearizable read answered from before what had completed when it began",
  "value from nowhere": "something was read that nobody wrote",
  "failed write seen": "a write that was refused took effect",
  "wrong value": "a revision was read with another value than was written at it",
  "half-applied transaction": "a transaction took effect on one key and not on another",
  "wrong transaction branch": "a transaction decided on a state the store was not in",
  "wrong delete": "a delete says it removed what was not there, or left what was",
  "wrong range": "a range answers keys twice, out of order, that were not asked for, or not as many as it counts",
  "wrong count": "a range says it holds another number of keys than it did",
  "shared revision": "two writes were acknowledged at one revision",
  "write out of order": "a write got a revision that was past before it began",
  "read went back": "one client, asking one member, saw an older state than before",
  "watch out of order": "a watch delivered an older event after a newer one",
  "watch gap": "a watch left out an event",
  "watch duplicate": "a watch delivered an event twice",
  "watch event from nowhere": "a watch delivered an event that never happened",
  "watches disagree": "a watch left out an event that another one delivered",
  "early expiry": "a key vanished before its lease could have run out",
  "not linearizable": "no order of the operations explains what they answered",
} as const;

export type ViolationKind = keyof typeof violationKinds;

export interface Violation {
  readonly kind: ViolationKind;
  /** One or two sentences, with names, values and revisions. */
  readonly words: string;
  /** The few operations that contradict each other, in order of time. */
  readonly operations: readonly Operation[];
}
