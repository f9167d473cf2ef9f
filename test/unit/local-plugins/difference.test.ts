import assert from "node:assert/strict";
import fc from "fast-check";
import { differences } from "../../../local/plugins/rpc/difference.ts";
import { quantityOf, sameQuantity } from "../../../local/plugins/rpc/quantity.ts";
import type { PropertyMap } from "../../../local/plugins/rpc/values.ts";
import { Unknown } from "../../../local/plugins/rpc/values.ts";

function changes(from: PropertyMap, to: PropertyMap, replaceOn: string[] = []): Record<string, string> {
  return Object.fromEntries(
    [...differences(from, to, replaceOn)].map(([path, { kind, replace }]) => [
      path,
      replace ? `${kind} replace` : kind,
    ]),
  );
}

describe("differences of objects", () => {
  it("name each change by its path", () => {
    const from = { spec: { replicas: 3, ports: [{ port: 1 }, { port: 2 }], old: true } };
    const to = { spec: { replicas: 5, ports: [{ port: 1 }], new: "x" } };
    assert.deepEqual(changes(from, to), {
      "spec.replicas": "update",
      "spec.ports[1]": "delete",
      "spec.old": "delete",
      "spec.new": "add",
    });
  });

  it("spell keys with dots in brackets", () => {
    const from = { metadata: { labels: { "app.kubernetes.io/name": "a" } } };
    const to = { metadata: { labels: { "app.kubernetes.io/name": "b" } } };
    assert.deepEqual(changes(from, to), { 'metadata.labels["app.kubernetes.io/name"]': "update" });
  });

  it("count a value that is not known yet as a change", () => {
    assert.deepEqual(changes({ a: 1 }, { a: new Unknown(), b: new Unknown() }), { a: "update", b: "add" });
  });

  it("force a replacement for all that is under an immutable property, and for the branch that holds it", () => {
    const replaceOn = ["spec.selector", "spec.volumeClaimTemplates"];
    assert.deepEqual(
      changes(
        { spec: { selector: { matchLabels: { a: "1" } } } },
        { spec: { selector: { matchLabels: { a: "2" } } } },
        replaceOn,
      ),
      { "spec.selector.matchLabels.a": "update replace" },
    );
    const claim = (size: string) => ({
      spec: { volumeClaimTemplates: [{ spec: { resources: { requests: { storage: size } } } }], replicas: 1 },
    });
    assert.deepEqual(changes(claim("1Gi"), claim("2Gi"), replaceOn), {
      "spec.volumeClaimTemplates[0].spec.resources.requests.storage": "update replace",
    });
    assert.deepEqual(changes({ spec: { selector: {} } }, {}, replaceOn), { spec: "delete replace" });
    assert.deepEqual(changes({ spec: { replicas: 1 } }, {}, replaceOn), { spec: "delete" });
    assert.deepEqual(changes({ spec: { selectors: 1 } }, { spec: { selectors: 2 } }, replaceOn), {
      "spec.selectors": "update",
    });
  });

  it("take the same amount in other words for no change, where the API has amounts", () => {
    const from = { resources: { limits: { cpu: "500m", memory: "1Gi" } }, image: "1" };
    const to = { resources: { limits: { cpu: 0.5, memory: "1024Mi" } }, image: "1.0" };
    assert.deepEqual(changes(from, to), { image: "update" });
  });

  it("are none for equal objects, and the same keys either way round", () => {
    const object = fc.dictionary(fc.string(), fc.oneof(fc.integer(), fc.array(fc.integer())), {
      noNullPrototype: true,
    });
    fc.assert(
      fc.property(object, object, (a, b) => {
        assert.deepEqual(changes(a, a), {});
        assert.deepEqual(Object.keys(changes(a, b)).sort(), Object.keys(changes(b, a)).sort());
      }),
    );
  });
});

describe("quantities", () => {
  it("are read as Kubernetes reads them", () => {
    const expected: [string | number, number | undefined][] = [
      ["250m", 0.25],
      ["1Ki", 1024],
      ["1k", 1000],
      ["1e3", 1000],
      ["1.5Gi", 1.5 * 2 ** 30],
      [2, 2],
      ["1GB", undefined],
      ["", undefined],
    ];
    for (const [text, amount] of expected) {
      assert.equal(quantityOf(text), amount, String(text));
    }
  });

  it("are the same only if they are amounts", () => {
    assert.equal(sameQuantity("100m", 0.1), true);
    assert.equal(sameQuantity("1Gi", "1G"), false);
    assert.equal(sameQuantity("many", "many"), false);
  });
});
