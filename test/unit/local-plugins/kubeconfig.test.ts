import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { stringify } from "yaml";
import { UserError } from "../../../local/errors.ts";
import type { KubeconfigChoice } from "../../../local/plugins/kubernetes/kubeconfig.ts";
import { connectionOf } from "../../../local/plugins/kubernetes/kubeconfig.ts";

const nothing: KubeconfigChoice = {
  kubeconfig: undefined,
  context: undefined,
  cluster: undefined,
  namespace: undefined,
};

function kubeconfig(name: string, user: object = { token: "secret" }): string {
  return stringify({
    "current-context": name,
    contexts: [{ name, context: { cluster: `${name}-cluster`, user: `${name}-user`, namespace: "home" } }],
    clusters: [
      { name: `${name}-cluster`, cluster: { server: `https://${name}:6443`, "certificate-authority": "ca.crt" } },
    ],
    users: [{ name: `${name}-user`, user }],
  });
}

describe("the way to the cluster that a kubeconfig names", () => {
  let folder = "";
  const file = (name: string, text: string): string => {
    const where = path.join(folder, name);
    writeFileSync(where, text);
    return where;
  };
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "kubeconfig-"));
    file("ca.crt", "authority");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const refused = async (choice: KubeconfigChoice, environment: Record<string, string>, message: RegExp) => {
    await assert.rejects(
      connectionOf(choice, environment),
      (error) => error instanceof UserError && message.test(error.message),
    );
  };

  it("is the current context of the environment's file; files it names lie beside it", async () => {
    const environment = { KUBECONFIG: file("config", kubeconfig("one")) };
    const connection = await connectionOf(nothing, environment);
    assert.equal(connection.context, "one");
    assert.equal(connection.server, "https://one:6443");
    assert.equal(connection.namespace, "home");
    assert.equal(connection.tls.ca?.toString(), "authority");
    assert.equal(connection.authorization, "Bearer secret");
  });

  it("may be given as contents, with another context and namespace", async () => {
    const data = Buffer.from("key").toString("base64");
    const text = kubeconfig("two", { "client-key-data": data }).replace(
      /certificate-authority: .*\n/,
      "namespace: x\n",
    );
    const connection = await connectionOf({ ...nothing, kubeconfig: text, context: "two", namespace: "other" }, {});
    assert.equal(connection.namespace, "other");
    assert.equal(connection.tls.key?.toString(), "key");
    assert.equal(connection.authorization, undefined);
  });

  it("is looked for in all files of KUBECONFIG, the first of the same name wins", async () => {
    const files = [file("a", kubeconfig("one")), file("b", kubeconfig("two")), path.join(folder, "missing")];
    const environment = { KUBECONFIG: files.join(path.delimiter) };
    assert.equal((await connectionOf(nothing, environment)).context, "one");
    assert.equal((await connectionOf({ ...nothing, context: "two" }, environment)).server, "https://two:6443");
  });

  it("is refused in one sentence when the context does not exist", async () => {
    const config = file("config", kubeconfig("one"));
    await refused(
      { ...nothing, kubeconfig: config, context: "production" },
      {},
      /^context "production" does not exist in .*config \(it has "one"\)$/,
    );
  });

  it("is refused when there is no file, or it is no kubeconfig", async () => {
    await refused(nothing, { KUBECONFIG: path.join(folder, "missing") }, /^there is no kubeconfig at .*missing$/);
    await refused(nothing, { KUBECONFIG: file("broken", "a: [") }, /broken is not YAML/);
    await refused(nothing, { KUBECONFIG: file("empty", "{}") }, /has no current context/);
  });

  it("is refused when another program would have to give the credentials", async () => {
    const config = file("config", kubeconfig("one", { exec: { command: "aws" } }));
    await refused(
      { ...nothing, kubeconfig: config },
      {},
      /user "one-user" .* gets its credentials from another program/,
    );
  });
});
