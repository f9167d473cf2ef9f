import assert from "node:assert/strict";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type * as Library from "@kubernetes/client-node";
import { bundleKubeConfig } from "../../../desk/kube-config.ts";

const INSTALLED = path.join(import.meta.dirname, "..", "..", "..", "node_modules");

describe("the bundled reader of kubeconfig files", () => {
  const root = mkdtempSync(path.join(tmpdir(), "kube-config-"));
  const modules = path.join(root, "node_modules");
  const folder = path.join(root, "kept");

  before(() => {
    mkdirSync(modules);
    for (const name of readdirSync(INSTALLED)) {
      if (!name.startsWith(".")) symlinkSync(path.join(INSTALLED, name), path.join(modules, name));
    }
    copyFileSync(path.join(INSTALLED, ".package-lock.json"), path.join(modules, ".package-lock.json"));
  });

  after(() => rmSync(root, { recursive: true }));

  it("is made once", async () => {
    const file = await bundleKubeConfig(modules, folder);
    const { mtimeMs } = statSync(file);
    assert.equal(await bundleKubeConfig(modules, folder), file);
    assert.equal(statSync(file).mtimeMs, mtimeMs);
    assert.deepEqual(readdirSync(folder), [path.basename(file)]);
  });

  it("has the library's KubeConfig, which reads a file and hands on its credentials", async () => {
    const file = await bundleKubeConfig(modules, folder);
    const { KubeConfig } = (await import(pathToFileURL(file).href)) as Pick<typeof Library, "KubeConfig">;
    const config = new KubeConfig();
    config.loadFromString(
      JSON.stringify({
        "current-context": "c",
        clusters: [{ name: "c", cluster: { server: "https://h:1" } }],
        users: [{ name: "u", user: { exec: login('{"status":{"token":"t"}}') } }],
        contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
      }),
    );
    const options: { headers?: Record<string, string> } = { headers: {} };
    await config.applyToHTTPSOptions(options);
    assert.equal(options.headers?.["Authorization"], "Bearer t");
  });

  it("has nothing that it does not use, and the HTTP client of the library's own requests where it is asked for it", async () => {
    const file = await bundleKubeConfig(modules, folder);
    assert.ok(statSync(file).size < 600_000, `${statSync(file).size} bytes`);
    const { KubeConfig } = (await import(pathToFileURL(file).href)) as Pick<typeof Library, "KubeConfig">;
    const config = new KubeConfig();
    config.loadFromClusterAndUser({ name: "c", server: "https://h:1", skipTLSVerify: true }, { name: "u" });
    let given: object | undefined;
    const request = {
      setDispatcher: (one: object) => (given = one),
      getHeaders: () => ({}),
      setHeaderParam: () => undefined,
    };
    await config.applySecurityAuthentication(request as unknown as Library.RequestContext);
    assert.equal(given?.constructor.name, "Agent");
  });

  it("is made anew where something else is installed, and the old one goes", async () => {
    const old = await bundleKubeConfig(modules, folder);
    writeFileSync(path.join(modules, ".package-lock.json"), "{}");
    const file = await bundleKubeConfig(modules, folder);
    assert.notEqual(file, old);
    assert.deepEqual(readdirSync(folder), [path.basename(file)]);
  });

  it("can't be made where npm installed nothing", async () => {
    await assert.rejects(bundleKubeConfig(path.join(root, "elsewhere"), folder), /ENOENT/);
  });
});

/** A login program that prints this. */
function login(status: string): object {
  const credential = `{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential",${status.slice(1)}`;
  return { apiVersion: "client.authentication.k8s.io/v1", command: "echo", args: [credential] };
}
