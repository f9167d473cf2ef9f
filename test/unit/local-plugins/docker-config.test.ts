import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { dockerCredentials } from "../../../local/plugins/docker/docker-config.ts";

const host = "registry.example:5000";
const auth = Buffer.from("ann:se:cret").toString("base64");

describe("the credentials docker has for a registry", () => {
  let folder = "";
  const before = { DOCKER_CONFIG: process.env["DOCKER_CONFIG"], PATH: process.env["PATH"] };
  const settings = (value: unknown): void => writeFileSync(path.join(folder, "config.json"), JSON.stringify(value));
  const helper = (name: string, script: string): void =>
    writeFileSync(path.join(folder, `docker-credential-${name}`), `#!/bin/sh\n${script}\n`, { mode: 0o755 });

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "docker-config-"));
    process.env["DOCKER_CONFIG"] = folder;
    process.env["PATH"] = `${folder}:${before.PATH ?? ""}`;
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
    for (const [key, value] of Object.entries(before)) {
      if (value === undefined) Reflect.deleteProperty(process.env, key);
      else process.env[key] = value;
    }
  });

  it("are none where there are no settings, or none for this registry", async () => {
    assert.equal(await dockerCredentials(host), undefined);
    settings({ auths: { "other.example": { auth } } });
    assert.equal(await dockerCredentials(host), undefined);
  });

  it("are those of `docker login`, also below a path and with a scheme", async () => {
    settings({ auths: { [host]: { auth } } });
    assert.deepEqual(await dockerCredentials(`${host}/team`), { server: host, username: "ann", password: "se:cret" });
    settings({ auths: { [`https://${host}`]: { auth } } });
    assert.equal((await dockerCredentials(host))?.password, "se:cret");
  });

  it("are what the registry's own helper says, which is asked on standard input", async () => {
    settings({ credHelpers: { [host]: "own" }, credsStore: "store" });
    helper("own", `read asked; printf '{"ServerURL":"","Username":"%s","Secret":"%s"}' "$1" "$asked"`);
    assert.deepEqual(await dockerCredentials(host), { server: host, username: "get", password: host });
  });

  it("are what the store says, and none where the store knows none", async () => {
    settings({ auths: { [host]: {} }, credsStore: "store" });
    helper("store", `printf '{"Username":"ann","Secret":"s"}'`);
    assert.equal((await dockerCredentials(host))?.username, "ann");
    helper("store", "echo 'credentials not found in native keychain'; exit 1");
    assert.equal(await dockerCredentials(host), undefined);
  });

  it("are refused in words that hold nothing of what a helper or the settings hold", async () => {
    settings({ credHelpers: { [host]: "own" } });
    await assert.rejects(dockerCredentials(host), /docker-credential-own .* is not on PATH/);
    helper("own", "echo s3cret; echo s3cret >&2; exit 1");
    const refused = (error: Error): boolean => !error.message.includes("s3cret") && error.name === "UserError";
    await assert.rejects(dockerCredentials(host), refused);
    helper("own", "echo s3cret");
    await assert.rejects(dockerCredentials(host), refused);
    writeFileSync(path.join(folder, "config.json"), `{"s3cret`);
    await assert.rejects(dockerCredentials(host), refused);
  });
});
