import assert from "node:assert/strict";
import { registryOf } from "../../../antithesis/tenant-registry.ts";
import { UserError } from "../../../local/errors.ts";

const host = "us-central1-docker.pkg.dev/molten-verve-216720";

describe("where the images of a package go", () => {
  it("is the tenant's registry, a dash of its name written -p", () => {
    assert.equal(registryOf({ tenant: "acme" }), `${host}/acme-repository`);
    assert.equal(registryOf({ tenant: "honey-whale" }), `${host}/honey-pwhale-repository`);
    assert.equal(registryOf({ tenant: "a-b-2" }), `${host}/a-pb-p2-repository`);
  });

  it("is any other that is named", () => {
    assert.equal(registryOf({ tenant: "acme", registry: "localhost:5000/team" }), "localhost:5000/team");
    assert.equal(registryOf({ registry: "registry.example" }), "registry.example");
  });

  for (const wrong of [{}, { tenant: "Acme" }, { tenant: "a/b" }, { tenant: "" }, { registry: "https://a.example" }]) {
    it(`is asked for when it is ${JSON.stringify(wrong)}`, () => {
      assert.throws(
        () => registryOf(wrong),
        (error) => error instanceof UserError && error.exitCode === 2 && /^--(tenant|registry) /.test(error.message),
      );
    });
  }
});
