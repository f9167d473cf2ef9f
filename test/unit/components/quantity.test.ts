import assert from "node:assert/strict";
import fc from "fast-check";
import { likelyQuantity, parseQuantity } from "../../../components/quantity.ts";

describe("Kubernetes quantities", () => {
  it("are read in every notation", () => {
    const table: readonly (readonly [string, number])[] = [
      ["1Gi", 1024 ** 3],
      ["0.5Gi", 1024 ** 3 / 2],
      ["1G", 1e9],
      ["384Mi", 384 * 1024 ** 2],
      ["375m", 0.375],
      ["2", 2],
      ["2.", 2],
      [".5", 0.5],
      ["1e3", 1000],
      ["1E3", 1000],
      ["1E", 1e18],
      ["5u", 5e-6],
      ["-1", -1],
    ];
    for (const [text, value] of table) assert.equal(parseQuantity(text), value, text);
  });

  it("are not read from anything else", () => {
    for (const text of [
      "",
      "1Gb",
      "1GB",
      "1GiB",
      "1gi",
      "1 Gi",
      "Gi",
      "one",
      "1Ki5",
      "0x10",
      "1e",
      "1ei",
      "NaN",
      "1,5Gi",
    ]) {
      assert.equal(parseQuantity(text), undefined, text);
    }
  });

  it("are the same number in thousandths and as a fraction", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), (thousandths) => {
        assert.equal(parseQuantity(`${thousandths}m`), thousandths / 1000);
        assert.equal(parseQuantity(`${thousandths}m`), parseQuantity((thousandths / 1000).toFixed(3)));
      }),
    );
  });

  it("grow with each binary suffix by 1024", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1023 }), (number) => {
        const values = ["", "Ki", "Mi", "Gi", "Ti"].map((suffix) => parseQuantity(`${number}${suffix}`) ?? Number.NaN);
        for (const [index, value] of values.entries()) assert.equal(value, number * 1024 ** index);
      }),
    );
  });

  it("are guessed from near misses, and only from those", () => {
    for (const near of ["1Gb", "1GB", "1GiB", "1gi", "1 Gi", " 1g "]) assert.equal(likelyQuantity(near), "1Gi", near);
    assert.equal(likelyQuantity("512mb"), "512Mi");
    for (const far of ["", "big", "1Zb", "Gb"]) assert.equal(likelyQuantity(far), undefined, far);
  });

  it("are what every guess is", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\d{1,4}(\.\d)?[kmgtpeKMGTPE][iI]?[bB]?$/), (near) => {
        const guess = likelyQuantity(near);
        assert.ok(guess !== undefined && parseQuantity(guess) !== undefined, guess);
      }),
    );
  });
});
