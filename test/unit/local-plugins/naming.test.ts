import assert from "node:assert/strict";
import { fieldManagerFor, isAutonamed, withName } from "../../../local/plugins/kubernetes/naming.ts";
import { nameOf } from "../../../local/plugins/kubernetes/object.ts";
import { conceal } from "../../../local/plugins/kubernetes/secrecy.ts";
import { Secret, Unknown } from "../../../local/plugins/rpc/values.ts";

const request = {
  urn: "urn",
  type: "kubernetes:core/v1:ConfigMap",
  name: "settings",
  olds: {},
  randomSeed: Buffer.from("0123456789"),
  autonaming: undefined,
};

describe("an object's name", () => {
  it("is the program's own, even if it is not known yet", () => {
    const named = { metadata: { name: "mine" } };
    assert.equal(withName({ ...request, news: named }), named);
    const unknown = { metadata: { name: new Unknown() } };
    assert.equal(withName({ ...request, news: unknown }), unknown);
  });

  it("is made of the resource's name where there is none, and kept from then on", () => {
    const first = withName({ ...request, news: { data: { a: "1" } } });
    assert.match(nameOf(first), /^settings-[0-9a-f]{8}$/);
    assert.equal(isAutonamed(first), true);
    const later = withName({ ...request, olds: first, news: { data: { a: "2" } }, randomSeed: Buffer.from("another") });
    assert.equal(nameOf(later), nameOf(first));
  });

  it("follows the engine's own naming rules", () => {
    const proposed = withName({ ...request, news: {}, autonaming: { proposedName: "given", mode: "enforce" } });
    assert.equal(nameOf(proposed), "given");
    const none = withName({ ...request, news: {}, autonaming: { proposedName: "", mode: "disable" } });
    assert.equal(nameOf(none), "");
  });

  it("is not taken over from one that was named by hand", () => {
    const renamed = withName({ ...request, olds: { metadata: { name: "by-hand" } }, news: {} });
    assert.notEqual(nameOf(renamed), "by-hand");
  });
});

describe("field managers", () => {
  it("differ from resource to resource, and are the same in each run", () => {
    const [one, another] = ["urn:pulumi:dev::etcd::t::one", "urn:pulumi:dev::etcd::t::another"];
    assert.match(fieldManagerFor(one), /^pulumi-kubernetes-[0-9a-f]{8}$/);
    assert.notEqual(fieldManagerFor(one), fieldManagerFor(another));
    assert.equal(fieldManagerFor(one), fieldManagerFor(one));
  });
});

describe("what is secret of an object", () => {
  it("is what came from secret inputs, and no more", () => {
    const live = { metadata: { name: "a", uid: "1" }, spec: { env: [{ value: "x" }, { value: "y" }], replicas: 1 } };
    const inputs = { metadata: { name: "a" }, spec: { env: [{ value: new Secret("x") }], replicas: 1 } };
    const concealed = conceal(live, inputs);
    assert.deepEqual(concealed, { ...live, spec: { ...live.spec, env: new Secret(live.spec.env) } });
  });

  it("is all data of a Secret, whoever made it", () => {
    const concealed = conceal({ kind: "Secret", data: { a: "eA==" }, type: "Opaque" }, {});
    assert.ok(concealed["data"] instanceof Secret);
    assert.equal(concealed["type"], "Opaque");
  });
});
