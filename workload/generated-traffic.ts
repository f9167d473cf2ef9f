import { type WorkloadAssertions } from "./assertions/catalog.ts";
import { type Outcome } from "./etcd/outcome.ts";
import { type Answers, type Decimal } from "./history/format.ts";
import { randomBetween, randomChoice, randomText, type RandomSource } from "./random.ts";

/** What this traffic needs of a client; MemberClient is one. */
export interface KeyValueClient {
  readonly member: string;
  put(key: string, value: string): Promise<Outcome<Answers["put"]>>;
  get(key: string): Promise<Outcome<Answers["get"]>>;
}

/** A put the cluster acknowledged, and therefore may never lose. */
export interface Acknowledged {
  readonly key: string;
  readonly value: string;
  readonly revision: Decimal;
}

export interface PutPhase {
  readonly member: string;
  readonly acknowledged: readonly Acknowledged[];
  readonly failed: number;
  readonly unknown: number;
}

export interface ReadPhase {
  readonly member: string;
  readonly asWritten: number;
  /** Acknowledged puts no read told anything about, because the reads failed or were given up. */
  readonly unread: number;
  /** The sentence that says what was read wrongly, at the first such key; undefined when all was right. */
  readonly violation: string | undefined;
}

export type Say = (line: string) => void;

/** Where the phases state what they saw. */
export type TrafficAssertions = Pick<WorkloadAssertions, "sometimes" | "always">;

/** After so many errors in a row a phase ends: a member that is down must not hold a test command for minutes. */
const errorsInARow = 5;

/**
 * 1 to 100 puts of new random keys through one randomly chosen client. A put that fails is part of testing under faults,
 * not an error. Keys start with a prefix of this run: two runs at once can't meet on a key.
 * @param keep gets each acknowledged put before the next one begins
 */
export async function simulateTraffic(
  random: RandomSource,
  clients: readonly KeyValueClient[],
  assertions: TrafficAssertions,
  say: Say,
  keep: (put: Acknowledged) => Promise<void>,
): Promise<PutPhase> {
  const prefix = randomText(random, 16);
  const client = randomChoice(random, clients);
  say(`connected to ${client.member}`);
  const puts = randomBetween(random, 1, 100);
  const acknowledged: Acknowledged[] = [];
  const count = { failed: 0, unknown: 0 };
  for (let sent = 0, inARow = 0; sent < puts && inARow < errorsInARow; sent++) {
    const key = prefix + randomText(random, 16);
    const value = randomText(random, 16);
    const outcome = await client.put(key, value);
    assertions.sometimes("Client can make successful put requests", outcome.kind === "ok", errorOf(outcome));
    assertions.sometimes("Client put requests can fail", outcome.kind !== "ok");
    if (outcome.kind === "ok") {
      say(`successful put with key '${key}' and value '${value}'`);
      const put = { key, value, revision: outcome.value.revision };
      acknowledged.push(put);
      await keep(put);
      inARow = 0;
    } else {
      const text = `key '${key}', value '${value}', and error '${outcome.error.message}'`;
      say(`unsuccessful put with ${text} (${outcome.kind})`);
      count[outcome.kind] += 1;
      inARow += 1;
      if (inARow === errorsInARow) say(`no more puts through ${client.member} after ${inARow} errors in a row`);
    }
  }
  say("traffic simulated!");
  return { member: client.member, acknowledged, ...count };
}

/**
 * Reads every acknowledged key through one (newly) randomly chosen client. The keys are new and written once, so a
 * linearizable read must give exactly what was put: another value is a violation, and so is no value at all.
 */
export async function validatePuts(
  random: RandomSource,
  clients: readonly KeyValueClient[],
  acknowledged: readonly Acknowledged[],
  assertions: TrafficAssertions,
  say: Say,
): Promise<ReadPhase> {
  const reads = await readBack(randomChoice(random, clients), acknowledged, assertions, say);
  const { violation } = reads;
  assertions.always("Database key values stay consistent", violation === undefined, { mismatch: violation ?? null });
  return reads;
}

async function readBack(
  client: KeyValueClient,
  acknowledged: readonly Acknowledged[],
  assertions: TrafficAssertions,
  say: Say,
): Promise<ReadPhase> {
  say(`connected to ${client.member}`);
  let asWritten = 0;
  let inARow = 0;
  for (const put of acknowledged) {
    const outcome = await client.get(put.key);
    assertions.sometimes("Client can make successful get requests", outcome.kind === "ok", errorOf(outcome));
    assertions.sometimes("Client get requests can fail", outcome.kind !== "ok");
    if (outcome.kind === "ok") {
      inARow = 0;
      const violation = wrongRead(put, outcome.value, client.member);
      if (violation !== undefined) {
        say(`a key value mismatch! This shouldn't happen. ${violation}`);
        return { member: client.member, asWritten, unread: acknowledged.length - asWritten - 1, violation };
      }
      asWritten += 1;
    } else {
      say(`unsuccessful get with key '${put.key}', and error '${outcome.error.message}'`);
      inARow += 1;
      if (inARow === errorsInARow) {
        say(`no more reads through ${client.member} after ${inARow} errors in a row`);
        break;
      }
    }
  }
  if (asWritten > 0) say("validation ok!");
  return { member: client.member, asWritten, unread: acknowledged.length - asWritten, violation: undefined };
}

function errorOf(outcome: Outcome<unknown>): { error: string | null } {
  return { error: outcome.kind === "ok" ? null : outcome.error.message };
}

/** What a read of a key that was put once, and acknowledged, shows wrongly, as a sentence; undefined when nothing. */
export function wrongRead(put: Acknowledged, answer: Answers["get"], member: string): string | undefined {
  const written = `the put of key '${put.key}' with value '${put.value}' was acknowledged at revision ${put.revision}`;
  const read = `a later read through ${member}, at revision ${answer.revision},`;
  if (answer.kv === null) return `${written}, but ${read} found no such key`;
  const { value, mod } = answer.kv;
  if (value !== put.value) return `${written}, but ${read} found value '${value}'`;
  if (mod !== put.revision) return `${written}, but ${read} says it was written at revision ${mod}`;
  return undefined;
}
