import assert from "node:assert/strict";
import { TestStack, tryKubectl } from "./world.ts";

describe("a wrong setting stops before anything is changed", function () {
  this.timeout(120_000);
  const stack = new TestStack("bad");

  before(async function () {
    this.timeout(1_800_000);
    await stack.removeLeftovers();
  });
  after(() => stack.cleanUp());

  const cases: [string, unknown, RegExp][] = [
    ["replicas", "three", /etcd:replicas/],
    ["replicas", 0, /etcd:replicas/],
    ["replicas", 10, /etcd:replicas/],
    ["replicas", 3.5, /etcd:replicas/],
    ["storageSize", "1Gb", /etcd:storageSize .*1Gi/],
    ["context", "nowhere", /etcd:context is "nowhere"/],
    ["registry", "localhost:1", /etcd:registry is "localhost:1", but nothing answered/],
    ["imagePullSecrets", ["My_Key"], /etcd:imagePullSecrets is \["My_Key"\], but "My_Key" must be/],
    ["replica", 3, /etcd:replica .*etcd:replicas/],
  ];
  for (const [key, value, sentence] of cases) {
    it(`etcd:${key} = ${JSON.stringify(value)}`, async () => {
      stack.set(key, value);
      const up = await stack.tryRun("up");
      stack.reset();
      assert.notEqual(up.exitCode, 0);
      const said = up.all.split("\n").filter((line) => sentence.test(line));
      assert(said.length > 0, up.all);
      assert.doesNotMatch(up.all, /^\s+at .*:\d+:\d+\)?$/m, "a stack trace");
      assert.equal((await tryKubectl("get", "namespace", stack.namespace)).exitCode, 1, "the namespace was made");
    });
  }
});
