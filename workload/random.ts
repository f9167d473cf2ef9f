import { closeSync, openSync, readSync } from "node:fs";

/**
 * Where every random decision of the workload comes from, one 64-bit draw at a time. There is no generator in between: a
 * test platform that controls the random device thereby controls each single decision, and a recorded list of draws is
 * all it takes to repeat a run.
 */
export interface RandomSource {
  /** An unsigned 64-bit integer. */
  next(): bigint;
}

/** The kernel's random device, read anew for each draw: nothing is seeded from it and nothing is drawn ahead. */
export function deviceRandom(path = "/dev/urandom"): RandomSource & { close(): void } {
  const device = openSync(path, "r");
  const draw = Buffer.alloc(8);
  return {
    next() {
      const read = readSync(device, draw, 0, draw.length, null);
      if (read !== draw.length) throw new Error(`${path} gave ${read} bytes where ${draw.length} were asked for`);
      return draw.readBigUInt64LE();
    },
    close: () => closeSync(device),
  };
}

/** 16 hexadecimal digits for what needs a name of its own, straight from the device: never recorded, never replayed. */
export function uniqueName(): string {
  const device = deviceRandom();
  const name = device.next().toString(16).padStart(16, "0");
  device.close();
  return name;
}

/** Hands every draw of `source` to `record` before it is used. */
export function recordedRandom(source: RandomSource, record: (draw: bigint) => void): RandomSource {
  return {
    next() {
      const draw = source.next();
      record(draw);
      return draw;
    },
  };
}

/** The draws of an earlier run, in their order; asking for more than there were is an error. */
export function replayedRandom(draws: readonly bigint[]): RandomSource {
  let used = 0;
  return {
    next() {
      const draw = draws[used];
      if (draw === undefined) throw new Error(`the recorded random stream ended after ${draws.length} draws`);
      used += 1;
      return draw;
    },
  };
}

/** A whole number from `low` to `high`, both included. The bias of the remainder is below 2⁻³² for spans below 2³². */
export function randomBetween(source: RandomSource, low: number, high: number): number {
  return low + Number(source.next() % BigInt(high - low + 1));
}

/** One of `choices`, each as likely as the other; an empty list is an error. */
export function randomChoice<T>(source: RandomSource, choices: readonly T[]): T {
  const first = choices.length === 0 ? 0 : randomBetween(source, 0, choices.length - 1);
  for (const choice of choices.slice(first)) return choice;
  throw new Error("there is nothing to choose from");
}

const alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** `length` letters and digits, one draw each. */
export function randomText(source: RandomSource, length: number): string {
  return Array.from({ length }, () => alphanumeric.charAt(randomBetween(source, 0, alphanumeric.length - 1))).join("");
}
