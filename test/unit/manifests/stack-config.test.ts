import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UserError } from "../../../local/errors.ts";
import { configOf, stackSettings } from "../../../manifests/stack-config.ts";

describe("a stack's settings, read without an engine", () => {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "stack-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  const file = (text: string) => {
    const path = join(folder, "Pulumi.x.yaml");
    writeFileSync(path, text);
    return path;
  };

  const refuses = (text: string, message: RegExp) =>
    assert.throws(
      () => stackSettings("x", file(text)),
      (error) => error instanceof UserError && error.exitCode === 2 && message.test(error.message),
    );

  it("are texts, as Pulumi hands them to the program", () => {
    assert.deepEqual(
      configOf(
        "f",
        "config:\n  etcd:replicas: 5\n  etcd:protect: true\n  etcd:name: kv\n  etcd:resources: { requests: { cpu: 1 } }\n",
      ),
      { "etcd:replicas": "5", "etcd:protect": "true", "etcd:name": "kv", "etcd:resources": '{"requests":{"cpu":1}}' },
    );
    assert.deepEqual(configOf("f", ""), {});
  });

  it("can be overruled by the caller", () => {
    const given = file("config:\n  etcd:context: here\n  etcd:registry: old.test\n");
    assert.deepEqual(stackSettings("x", given, { "etcd:registry": "new.test" }).settings.memberImage, {
      registry: "new.test",
    });
  });

  it("are refused in one sentence a fault: an unknown key, a secret, no YAML, no file", () => {
    const least = "config:\n  etcd:context: here\n  etcd:registry: r.test\n";
    refuses(
      `${least}  etcd:replica: 5\n`,
      /^etcd:replica is not a setting of this project, .* did you mean etcd:replicas\?/,
    );
    refuses(`${least}  etcd:name: { secure: abc }\n`, /^etcd:name is encrypted, but /);
    refuses("config: [", /is not valid YAML/);
    assert.throws(() => stackSettings("none", undefined), /there is no stack file .*Pulumi\.none\.yaml: name a stack/);
  });
});
