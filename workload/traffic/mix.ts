import { randomBetween, type RandomSource } from "../random.ts";

/** What traffic is made of. */
export const activities = [
  "put",
  "get",
  "serializable-get",
  "range",
  "delete",
  /** A transaction that writes a key if nobody has written it since this process last saw it. */
  "swap",
  /** A transaction over several keys. */
  "multi",
  /** A lease with keys, which then is renewed, revoked or left to run out. */
  "lease",
  /** A watch of all keys from a revision of some time ago, from now, or from one that is yet to come. */
  "watch",
] as const;

export type Activity = (typeof activities)[number];

/** How often each is done, relative to the others. */
export type Mix = ReadonlyMap<Activity, number>;

/**
 * Reads a mix such as "put=50,get=40,watch=1"; what is not named is not done.
 * @throws Error that says what is wrong with it
 */
export function parseMix(text: string): Mix {
  const mix = new Map<Activity, number>();
  for (const item of text.split(",")) {
    const [name = "", weight = ""] = item.split("=").map((part) => part.trim());
    const activity = activities.find((each) => each === name);
    if (activity === undefined) throw new Error(`"${name}" is no operation: expected ${activities.join(", ")}`);
    if (!/^\d{1,6}$/.test(weight))
      throw new Error(`the weight of ${name} is "${weight}": expected a whole number from 0`);
    if (Number(weight) > 0) mix.set(activity, Number(weight));
  }
  if (mix.size === 0) throw new Error("nothing has a weight above 0");
  return mix;
}

/** A mix in which each activity's weight is rolled: other runs find other things. */
export function rolledMix(random: RandomSource): Mix {
  const weights: Record<Activity, readonly [number, number]> = {
    put: [1, 40],
    get: [1, 40],
    "serializable-get": [0, 10],
    range: [0, 10],
    delete: [0, 10],
    swap: [0, 20],
    multi: [0, 10],
    lease: [0, 4],
    watch: [1, 4],
  };
  return new Map(activities.map((activity) => [activity, randomBetween(random, ...weights[activity])]));
}

export function mixInWords(mix: Mix): string {
  return [...mix]
    .filter(([, weight]) => weight > 0)
    .map(([activity, weight]) => `${activity}=${weight}`)
    .join(",");
}

/** One of the activities, each as likely as its weight; no draw where there is no choice. */
export function chooseActivity(random: RandomSource, mix: Mix): Activity {
  const [only] = mix.keys();
  if (mix.size === 1 && only !== undefined) return only;
  const total = [...mix.values()].reduce((sum, weight) => sum + weight, 0);
  let left = randomBetween(random, 1, total);
  for (const [activity, weight] of mix) {
    left -= weight;
    if (left <= 0) return activity;
  }
  throw new Error("nothing has a weight above 0");
}
