import assert from "node:assert/strict";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Terminal } from "../../terminal.ts";
import { FakeCluster } from "../desk/fake-cluster.ts";

const ENTER = "\r";
const CTRL_C = "\u0003";
const CTRL_D = "\u0004";
const SHOWN_WITHIN_MS = 20_000;
/** 128 and SIGINT's number. */
const INTERRUPTED = 130;

const outputs = {
  namespace: "etcd",
  statefulSetName: "etcd",
  replicas: 3,
  peerServiceName: "etcd",
  clientServiceName: "etcd-client",
  clientEndpoint: "",
  clientSelector: "",
};

describe("the desk at a real pseudo terminal (an API server and a pulumi of the test's own)", function () {
  this.timeout(60_000);
  const cluster = new FakeCluster();
  let folder = "";
  let open: Terminal[] = [];

  before(async () => {
    await cluster.start();
    folder = await mkdtemp(path.join(tmpdir(), "terminal-"));
    const pulumi = path.join(folder, "pulumi");
    await writeFile(pulumi, `#!/bin/sh\necho '${JSON.stringify(outputs)}'\n`);
    await chmod(pulumi, 0o755);
    const config = { "etcd:context": "here", "etcd:kubeconfig": cluster.kubeconfig };
    await writeFile(path.join(folder, "Pulumi.dev.yaml"), JSON.stringify({ config }));
  });
  beforeEach(() => {
    cluster.asked = [];
    cluster.manners = ["well", "well", "well"];
    cluster.isAway = false;
    cluster.latch = { "cluster-id": "c1" };
  });
  afterEach(async () => {
    for (const terminal of open) terminal.type(CTRL_C);
    await Promise.all(open.map((terminal) => terminal.ended()));
    open = [];
  });
  after(async () => {
    await cluster.remove();
    await rm(folder, { recursive: true });
  });

  function desk(...args: string[]): Terminal {
    const line = ["local/desk/command.ts", ...args, "--config-file", path.join(folder, "Pulumi.dev.yaml")];
    const env = { PATH: `${folder}:${process.env["PATH"] ?? ""}`, NO_COLOR: "1" };
    const terminal = new Terminal([process.execPath, ...line], env);
    open.push(terminal);
    return terminal;
  }

  const replacing = /deletes the volume of etcd-1 in dev.* Type etcd-1 to go ahead: /;
  for (const [what, keys] of [
    ["another name", `etcd-2${ENTER}`],
    ["nothing", ENTER],
    ["Ctrl-D", CTRL_D],
    ["Ctrl-C", CTRL_C],
  ] as const) {
    it(`replaces nothing when ${what} is typed, and says so`, async () => {
      const terminal = desk("member", "replace", "etcd-1");
      await terminal.shows(replacing, SHOWN_WITHIN_MS);
      assert.deepEqual(cluster.changes, []);
      terminal.type(keys);
      assert.equal(await terminal.ended(), 2, terminal.shown);
      assert.match(terminal.shown, /" is not etcd-1: nothing was done/);
      assert.deepEqual(cluster.changes, []);
    });
  }

  it("replaces the member whose name is typed: the claim first, then the pod", async () => {
    const terminal = desk("member", "replace", "etcd-1");
    await terminal.shows(replacing, SHOWN_WITHIN_MS);
    terminal.type(` etcd-1${ENTER}`);
    await terminal.shows(/- claim data-etcd-1 and pod etcd-1 are being deleted/, SHOWN_WITHIN_MS);
    assert.deepEqual(cluster.changes, [
      "DELETE /api/v1/namespaces/etcd/persistentvolumeclaims/data-etcd-1",
      "DELETE /api/v1/namespaces/etcd/pods/etcd-1",
    ]);
  });

  const recovering =
    /goes on from etcd-0 alone and gives up what only etcd-1 \(member a1\), etcd-2 \(member a2\) may hold/;
  it("recovers nothing when another name than the survivor's is typed", async () => {
    cluster.manners = ["without quorum", "silent", "silent"];
    const terminal = desk("member", "recover");
    await terminal.shows(recovering, SHOWN_WITHIN_MS);
    terminal.type(`etcd-1${ENTER}`);
    assert.equal(await terminal.ended(), 2, terminal.shown);
    assert.deepEqual(cluster.changes, []);
  });

  it("recovers from the survivor whose name is typed: the others are given up before anything else", async () => {
    cluster.manners = ["without quorum", "silent", "silent"];
    const terminal = desk("member", "recover");
    await terminal.shows(recovering, SHOWN_WITHIN_MS);
    terminal.type(`etcd-0${ENTER}`);
    await terminal.shows(/etcd-1 \(a1\), etcd-2 \(a2\) can't start with their data any more/, SHOWN_WITHIN_MS);
    assert.equal(
      cluster.changes[0],
      'PATCH /api/v1/namespaces/etcd/configmaps/etcd-latch {"data":{"given-up":"a1,a2"}}',
    );
  });

  it("status --watch draws the screen anew again and again, through an API server that goes away, until Ctrl-C", async () => {
    const terminal = desk("status", "--watch");
    await terminal.shows(/(\u001b\[2J\u001b\[H[^]*quorum answers[^]*etcd-2[^]*){2}/, SHOWN_WITHIN_MS);
    assert.doesNotMatch(terminal.shown, /silent|no answer/);
    cluster.manners = ["well", "well", "silent"];
    await terminal.shows(/etcd-2 does not answer/, SHOWN_WITHIN_MS);
    cluster.isAway = true;
    await terminal.shows(/answered 503/, SHOWN_WITHIN_MS);
    cluster.isAway = false;
    await terminal.shows(/answered 503[^]*etcd-2 does not answer/, SHOWN_WITHIN_MS);
    terminal.type(CTRL_C);
    assert.equal(await terminal.ended(), INTERRUPTED);
  });
});
