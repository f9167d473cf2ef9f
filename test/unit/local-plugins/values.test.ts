import assert from "node:assert/strict";
import fc from "fast-check";
import type { PropertyMap, PropertyValue } from "../../../local/plugins/rpc/values.ts";
import {
  at,
  equal,
  hasSecret,
  hasUnknown,
  parseStruct,
  Secret,
  toStruct,
  Unknown,
  withoutSecrets,
} from "../../../local/plugins/rpc/values.ts";

const scalar = fc.oneof(fc.string(), fc.boolean(), fc.integer());
/** The protobuf library keeps a message's map in a plain object, which can't have a member named __proto__. */
const key = fc.string().filter((text) => text !== "__proto__");
const { tree } = fc.letrec<{ tree: PropertyValue }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    scalar,
    fc.array(tie("tree"), { maxLength: 3 }),
    fc.dictionary(key, tie("tree"), { maxKeys: 3, noNullPrototype: true }),
    tie("tree").map((value) => new Secret(value)),
  ),
}));

describe("property values", () => {
  it("come back from the engine's form as they were, secrets included", () => {
    fc.assert(
      fc.property(fc.dictionary(key, tree, { noNullPrototype: true }), (properties) => {
        assert.deepEqual(parseStruct(toStruct(properties)), properties);
      }),
    );
  });

  it("keep what is not known yet apart from text", () => {
    const properties: PropertyMap = { name: "etcd", digest: new Unknown(), list: [new Unknown()] };
    const again = parseStruct(toStruct(properties));
    assert.ok(again["digest"] instanceof Unknown);
    assert.equal(hasUnknown(again), true);
    assert.equal(hasUnknown({ name: "etcd" }), false);
    assert.equal(hasUnknown(new Secret(new Unknown())), true);
  });

  it("drop members that are null, which the engine means as absent", () => {
    assert.deepEqual(parseStruct(toStruct({ a: null, b: 1 })), { b: 1 });
  });

  it("are revealed at every depth", () => {
    const secret = { data: new Secret({ password: new Secret("x") }), list: [new Secret(1)] };
    assert.equal(hasSecret(secret), true);
    assert.deepEqual(withoutSecrets(secret), { data: { password: "x" }, list: [1] });
  });

  it("are reached by path only through maps", () => {
    const object = { metadata: { labels: { "app.kubernetes.io/name": "etcd" } }, list: [{ a: 1 }] };
    assert.equal(at(object, "metadata", "labels", "app.kubernetes.io/name"), "etcd");
    assert.equal(at(object, "list", "0", "a"), undefined);
    assert.equal(at(object, "metadata", "toString"), undefined);
  });

  it("are equal by content, and an unknown equals nothing", () => {
    assert.equal(equal({ a: [1, { b: new Secret("x") }] }, { a: [1, { b: "x" }] }), true);
    assert.equal(equal({ a: 1 }, { a: 1, b: 2 }), false);
    const unknown = new Unknown();
    assert.equal(equal(unknown, unknown), false);
  });
});
