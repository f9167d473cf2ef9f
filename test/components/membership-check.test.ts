import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { bundle } from "../../components/bundle.ts";
import { imageName, memberBuild } from "../../components/image-builds.ts";
import { declaredTemplate } from "../../components/manifests/members.ts";
import { parseSettings } from "../../components/settings.ts";
import { FakeCluster } from "../unit/desk/fake-cluster.ts";
import { digest, run, type Recording } from "./mocks.ts";
import { at, plain, type Value } from "./value.ts";

const state: { type: string; outputs: Value }[] = [
  { type: "kubernetes:core/v1:Namespace", outputs: { metadata: { name: "etcd" } } },
  { type: "kubernetes:apps/v1:StatefulSet", outputs: { metadata: { name: "etcd" }, spec: { serviceName: "etcd" } } },
];

let programs = 0;

/** Evaluates index.ts anew, against mocks and a stack that has a cluster, and perhaps this as well. */
async function program(
  config: Record<string, string>,
  also: typeof state = [],
): Promise<{ refused: string | undefined; recording: Recording }> {
  programs += 1;
  const address = new URL(`../../index.ts?membership=${programs}`, import.meta.url).href;
  const outcome = (): Promise<unknown> =>
    import(address).then(
      () => undefined,
      (error: unknown) => error,
    );
  const { result, recording } = await run(outcome, { config, state: [...state, ...also] });
  assert.ok(result === undefined || pulumi.RunError.isInstance(result), String(result));
  return { refused: result?.message, recording };
}

describe("the program looks at the members before it changes them (index.ts under mocks, an API server of the test's own)", () => {
  const cluster = new FakeCluster();
  let config: Record<string, string> = {};

  before(async () => {
    await cluster.start();
    config = {
      "etcd:context": "here",
      "etcd:kubeconfig": cluster.kubeconfig,
      "etcd:memberImage": `registry.test/etcd-member@${digest}`,
      "etcd:clientImage": `registry.test/etcd-client@${digest}`,
    };
  });
  beforeEach(() => {
    cluster.asked = [];
    // A StatefulSet of three as it is declared, of which one pod is there and gives no answer.
    cluster.manners = ["silent"];
    cluster.template = plain(declaredTemplate(parseSettings(config).settings, config["etcd:memberImage"] ?? ""));
  });
  after(() => cluster.remove());

  it("asks one question, and no member, where replicas and pod template stay as they are", async () => {
    const { refused } = await program(config);
    assert.equal(refused, undefined);
    assert.deepEqual(cluster.asked, ["/apis/apps/v1/namespaces/etcd/statefulsets/etcd"]);
  });

  it("refuses a change that is not safe before anything is registered, and says how to overrule it", async () => {
    const { refused, recording } = await program({ ...config, "etcd:replicas": "5" });
    assert.match(refused ?? "", /^Replicas can't go from 3 to 5 safely \(no-quorum\): .*etcd:overrule no-quorum/);
    assert.deepEqual(recording.resources, []);
  });

  it("goes ahead when that very reason is overruled, and not for another one", async () => {
    const change = { ...config, "etcd:replicas": "5" };
    const { refused, recording } = await program({ ...change, "etcd:overrule": "alarm, no-quorum" });
    assert.equal(refused, undefined);
    assert.equal(at(recording.one("kubernetes:apps/v1:StatefulSet").inputs, "spec.replicas"), 5);
    assert.match((await program({ ...change, "etcd:overrule": "alarm" })).refused ?? "", /no-quorum/);
  });

  it("hibernates in spite of a lost quorum: nobody leaves", async () => {
    const { refused, recording } = await program({ ...config, "etcd:hibernate": "true" });
    assert.equal(refused, undefined);
    assert.equal(at(recording.one("kubernetes:apps/v1:StatefulSet").inputs, "spec.replicas"), 0);
  });

  const pullAlways = { "etcd:imagePullPolicy": "Always" };
  const otherImage = { "etcd:memberImage": `registry.test/etcd-member@sha256:${"0".repeat(64)}` };
  for (const [what, change] of [
    ["setting", pullAlways],
    ["pull secret", { "etcd:imagePullSecrets": '["registry-key"]' }],
    ["image", otherImage],
  ] as const) {
    it(`refuses a rolling restart (another ${what}) while a lower member is silent, before anything is registered`, async () => {
      cluster.manners = ["well", "silent", "well"];
      const { refused, recording } = await program({ ...config, ...change });
      assert.match(
        refused ?? "",
        /^The members can't be restarted safely \(member-down\): etcd-1 \(no answer within 2 s\) is down: while etcd-2 restarts/,
      );
      assert.deepEqual(recording.resources, []);
      const overruled = await program({ ...config, ...change, "etcd:overrule": "member-down" });
      assert.equal(overruled.refused, undefined);
    });
  }

  it("lets a rolling restart through where all are well, and where only the highest is down: it is the first", async () => {
    for (const each of [
      ["well", "well", "well"],
      ["well", "well", "silent"],
    ] as const) {
      cluster.manners = each;
      assert.equal((await program({ ...config, ...pullAlways })).refused, undefined);
    }
  });

  it("knows by the stack's state whether an image that is built from sources is the one that runs", async () => {
    cluster.manners = ["well", "silent", "well"];
    const registry = `127.0.0.1:${cluster.port}`;
    const fromSources = { ...config, "etcd:memberImage": "", "etcd:registry": registry };
    const live = `${registry}/etcd-member@${digest}`;
    cluster.template = plain(declaredTemplate(parseSettings(fromSources).settings, live));
    assert.match((await program(fromSources)).refused ?? "", /member-down/);
    const { settings } = parseSettings(fromSources);
    const context = await bundle(process.cwd(), "member", "build/member");
    const outputs = { imageName: imageName(registry, memberBuild(settings), context), repoDigest: live };
    assert.equal((await program(fromSources, [{ type: "docker:index/image:Image", outputs }])).refused, undefined);
  });

  it("goes ahead where the API server does not answer", async () => {
    await cluster.stop();
    const { refused } = await program({ ...config, "etcd:replicas": "5" });
    assert.equal(refused, undefined);
  });
});
