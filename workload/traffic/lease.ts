import { type AnswerOf, type Call } from "../etcd/member-client.ts";
import { type Outcome } from "../etcd/outcome.ts";
import { randomBetween, type RandomSource } from "../random.ts";
import { type NewValue } from "./choose-call.ts";
import { type KeySpace } from "./key-space.ts";

export type RunCall = <C extends Call>(call: C) => Promise<Outcome<AnswerOf<C>>>;

/** Seconds a lease is asked for; etcd grants no less than 1.5 election timeouts, which is 2 s by default. */
const ttl = { low: 2, high: 5 };

/**
 * Gets a lease, attaches one or two keys to it, then renews it, revokes it or leaves it to run out: one operation after the
 * other, as one client does it.
 */
export async function runLease(run: RunCall, keys: KeySpace, random: RandomSource, newValue: NewValue): Promise<void> {
  const granted = await run({ op: "grant", ttl: randomBetween(random, ttl.low, ttl.high) });
  if (granted.kind !== "ok") return;
  const { lease } = granted.value;
  for (const key of keys.some(random, randomBetween(random, 1, 2))) {
    await run({ op: "put", key, value: newValue(), lease });
  }
  switch (randomBetween(random, 0, 2)) {
    case 0:
      await run({ op: "keepalive", lease });
      return;
    case 1:
      await run({ op: "revoke", lease });
      return;
    default:
  }
}
