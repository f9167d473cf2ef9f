import assert from "node:assert/strict";
import fc from "fast-check";
import {
  deviceRandom,
  randomBetween,
  randomChoice,
  randomText,
  recordedRandom,
  replayedRandom,
} from "../../../workload/random.ts";

describe("the workload's randomness", () => {
  it("stays within its bounds and can reach both", () => {
    const anything = fc.tuple(fc.bigInt(0n, 2n ** 64n - 1n), fc.integer({ min: 0, max: 50 }), fc.nat({ max: 200 }));
    fc.assert(
      fc.property(anything, ([draw, low, span]) => {
        const number = randomBetween(replayedRandom([draw]), low, low + span);
        assert.ok(number >= low && number <= low + span);
      }),
    );
    assert.equal(randomBetween(replayedRandom([100n]), 1, 100), 1);
    assert.equal(randomBetween(replayedRandom([99n]), 1, 100), 100);
  });

  it("repeats a recorded run exactly, and says when the record is used up", () => {
    const device = deviceRandom();
    const draws: bigint[] = [];
    const recorded = recordedRandom(device, (draw) => draws.push(draw));
    const text = randomText(recorded, 16);
    const choice = randomChoice(recorded, ["a", "b", "c"]);
    device.close();
    const replayed = replayedRandom(draws);
    assert.equal(randomText(replayed, 16), text);
    assert.equal(randomChoice(replayed, ["a", "b", "c"]), choice);
    assert.throws(() => replayed.next(), /ended after 17 draws/);
  });

  it("draws from the device give different texts of the length asked for", () => {
    const device = deviceRandom();
    const texts = Array.from({ length: 100 }, () => randomText(device, 16));
    device.close();
    assert.equal(new Set(texts).size, 100);
    for (const text of texts) assert.match(text, /^[A-Za-z0-9]{16}$/);
  });

  it("refuses to choose from nothing", () => {
    assert.throws(() => randomChoice(replayedRandom([1n]), []), /nothing to choose from/);
  });
});
