import assert from "node:assert/strict";
import { execa } from "execa";
import { serverSide } from "./server-side.ts";
import { smallMembers } from "./small-members.ts";
import { TestStack, tryKubectl, worldEnvironment } from "./world.ts";

describe("a protected stack (etcd:protect)", function () {
  this.timeout("5m");
  const stack = new TestStack("protect", {
    "etcd:protect": true,
    "etcd:replicas": 1,
    "etcd:clientReplicas": 1,
    "etcd:storageSize": "256Mi",
    "etcd:resources": smallMembers,
  });

  /** The engine itself, without `npm run` before it. */
  async function pulumi(...args: string[]) {
    const options = { env: await worldEnvironment(), all: true, reject: false, stdin: "ignore" } as const;
    return execa("pulumi", [...args, "--stack", stack.stack], options);
  }

  /** What an aborted run left would be refused as well. */
  async function removeLeftovers(): Promise<void> {
    await pulumi("state", "unprotect", "--all", "--yes");
    await stack.removeLeftovers();
  }

  before(removeLeftovers);
  after(async () => {
    await removeLeftovers();
    stack.forget();
  });

  it("is not destroyed: `npm run destroy` says what to do, and the engine refuses; nothing is gone", async () => {
    await stack.run("up");
    await stack.etcdctl("etcd-0", "put", "kept", "yes");
    const before = await serverSide(stack.namespace);

    const refused = await stack.tryRun("destroy");
    assert.equal(refused.exitCode, 1);
    assert.match(refused.stderr, /^error: the stack e2e-protect is protected, and nothing was destroyed: /m);
    assert.ok(refused.stderr.includes(`set etcd:protect to false in ${stack.configFile} and type \`npm run up -- `));
    const engine = await pulumi("destroy", "--yes", "--config-file", stack.configFile);
    assert.notEqual(engine.exitCode, 0);
    assert.match(engine.all, /protected/);

    assert.deepEqual(await serverSide(stack.namespace), before);
    assert.equal(await stack.etcdctl("etcd-0", "get", "kept", "--print-value-only"), "yes");
    await stack.run("up", "--expect-no-changes");
  });

  it("is refused too while etcd:protect is false in the settings only", async () => {
    stack.set("protect", false);
    const refused = await stack.tryRun("destroy");
    assert.equal(refused.exitCode, 1);
    assert.match(refused.stderr, /etcd:protect is false by now, so type `npm run up -- --stack e2e-protect/);
  });

  it("is destroyed after etcd:protect has been taken away by `up`", async () => {
    await stack.run("up");
    assert.equal(await stack.etcdctl("etcd-0", "get", "kept", "--print-value-only"), "yes");
    await stack.run("destroy");
    assert.equal((await tryKubectl("get", "namespace", stack.namespace)).exitCode, 1);
  });
});
