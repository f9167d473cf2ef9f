import assert from "node:assert/strict";
import { planted } from "./simulation/planted.ts";
import { runEpisode } from "./simulation/episode.ts";
import { describeViolation, simulate } from "./simulation/simulate.ts";

const STEPS = 100_000;
/** A planted defect is found within so many steps. */
const FOUND_WITHIN_STEPS = 400_000;

describe("the simulated membership protocol", function () {
  this.timeout(60_000);

  it(`keeps its invariants for ${STEPS} steps, and settles when the faults end`, async () => {
    const { broken, steps, acknowledged } = await simulate(1, STEPS);
    if (broken !== undefined) assert.fail(describeViolation(broken, 100));
    assert(steps >= STEPS && acknowledged > 1_000, `${steps} steps, ${acknowledged} writes`);
  });

  it("is the same to the last event for the same seed", async () => {
    const [one, two] = [await runEpisode(7), await runEpisode(7)];
    assert.deepEqual(one, two);
    assert.notDeepEqual(one.trace, (await runEpisode(8)).trace);
  });

  for (const { what, invariants, decisions } of planted) {
    it(`notices where ${what}`, async () => {
      const found: number[] = [];
      for (let seed = 1, left = FOUND_WITHIN_STEPS; left > 0 && !found.some((one) => invariants.includes(one));) {
        const { broken, steps } = await simulate(seed, left, decisions);
        if (broken?.violation === undefined) break;
        found.push(broken.violation.invariant);
        left -= steps;
        seed = broken.seed + 1;
      }
      assert(
        found.some((one) => invariants.includes(one)),
        `expected ${invariants.join(" or ")}, found ${found.join() || "none"}`,
      );
    });
  }
});
