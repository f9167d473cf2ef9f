import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { contextNames, contextProblem, kubeconfigFiles } from "../../../components/kubeconfig.ts";

const config = (...names: string[]) =>
  `apiVersion: v1\nkind: Config\ncontexts:\n${names.map((name) => `- name: ${name}\n  context: { cluster: c, user: u }\n`).join("")}`;

describe("kubeconfig files", () => {
  it("are the one that is set, else the list in KUBECONFIG, else the one in the home folder, as for kubectl", () => {
    const environment = { HOME: "/home/me", KUBECONFIG: ["/a", "", "/b"].join(path.delimiter) };
    assert.deepEqual(kubeconfigFiles("/set", environment), ["/set"]);
    assert.deepEqual(kubeconfigFiles("~/set", environment), ["/home/me/set"]);
    assert.deepEqual(kubeconfigFiles(undefined, environment), ["/a", "/b"]);
    assert.deepEqual(kubeconfigFiles(undefined, { HOME: "/home/me" }), ["/home/me/.kube/config"]);
    assert.deepEqual(kubeconfigFiles(undefined, { HOME: "/home/me", KUBECONFIG: "" }), ["/home/me/.kube/config"]);
  });

  it("name their contexts, in YAML and in JSON", () => {
    assert.deepEqual(contextNames(config("one", "two")), ["one", "two"]);
    assert.deepEqual(contextNames('{"contexts":[{"name":"one"}]}'), ["one"]);
    for (const empty of ["", "contexts: null", "contexts: 3", "just text", "contexts: [1, {}]"]) {
      assert.deepEqual(contextNames(empty), [], empty);
    }
  });
});

describe("a context", () => {
  let folder = "";
  const file = (name: string) => path.join(folder, name);
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "kubeconfig-"));
    await writeFile(file("one"), config("dev", "prod"));
    await writeFile(file("two"), config("stage"));
    await writeFile(file("none"), "apiVersion: v1\n");
    await writeFile(file("broken"), "contexts: [\n");
  });
  after(() => rm(folder, { recursive: true }));

  it("is found in any of the files, missing ones passed over", async () => {
    assert.equal(await contextProblem("stage", [file("missing"), file("one"), file("two")]), undefined);
  });

  it("that no file has is told with those they have", async () => {
    assert.equal(
      await contextProblem("test", [file("one"), file("two")]),
      `etcd:context is "test", but ${file("one")}, ${file("two")} has no such context, it has dev, prod, stage: ` +
        "choose with `pulumi config set etcd:context NAME`, or set KUBECONFIG or etcd:kubeconfig to the file that has it.",
    );
    assert.match((await contextProblem("test", [file("none")])) ?? "", /it has no contexts at all:/);
  });

  it("is missing when there is no file", async () => {
    assert.equal(
      await contextProblem("test", [file("missing")]),
      `etcd:context is "test", but there is no kubeconfig at ${file("missing")}: make one, or set KUBECONFIG or etcd:kubeconfig to the file that has it.`,
    );
  });

  it("is not looked for in a file that can't be read", async () => {
    assert.match(
      (await contextProblem("dev", [file("broken")])) ?? "",
      /^etcd:context is "dev", but the kubeconfig .*broken can't be read \(.+\): repair that file, or set etcd:kubeconfig to another\.$/,
    );
  });
});
