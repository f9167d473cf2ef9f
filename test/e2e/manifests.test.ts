import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { buildKubeconform, writeSchemas } from "./kubeconform.ts";
import { serverSide } from "./server-side.ts";
import { smallMembers } from "./small-members.ts";
import { eventually, kubectl, TestStack } from "./world.ts";

const small = { "etcd:resources": smallMembers, "etcd:clientReplicas": 1, "etcd:storageSize": "256Mi" };

describe("plain manifests (npm run manifests)", function () {
  this.timeout("5m");
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "manifests-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  describe("of a stack with a namespace of its own", () => {
    // That the Secret is not there keeps nobody from pulling what needs none.
    const stack = new TestStack("manifests", { ...small, "etcd:imagePullSecrets": ["registry-key"] });
    before(() => stack.removeLeftovers());
    after(() => stack.cleanUp());

    it("give by `kubectl apply -f` the same healthy cluster as `up`, every object equal field by field", async () => {
      await stack.run("up");
      const byUp = await serverSide(stack.namespace);
      const out = join(folder, "own");
      await stack.manifests(out);
      await stack.run("destroy");

      await kubectl("apply", "-f", out);
      await stack.kubectl("rollout", "status", "statefulset/etcd", "--timeout=3m");
      await stack.kubectl("rollout", "status", "deployment/etcd-client", "--timeout=1m");
      const health = await stack.etcdctl("etcd-0", "endpoint", "health", "--cluster");
      assert.equal(health.match(/is healthy/g)?.length ?? 3, 3, health);
      assert.equal((await stack.etcdctl("etcd-0", "member", "list")).trim().split("\n").length, 3);
      const byKubectl = await serverSide(stack.namespace);
      const secrets = ["get", "pods", "-o", "jsonpath={.items[*].spec.imagePullSecrets[*].name}"];
      assert.equal((await stack.kubectl(...secrets)).stdout, Array(4).fill("registry-key").join(" "));
      assert.deepEqual(byKubectl, byUp);
      assert.equal(Object.keys(byUp).length, 10);

      await kubectl("delete", "-f", out, "--wait");
      assert.equal((await kubectl("get", "namespace", stack.namespace, "--ignore-not-found")).stdout, "");
    });

    it("are valid by the cluster's own schemas, without an unknown field", async () => {
      const out = join(folder, "schema");
      await stack.manifests(out);
      const [program, schemas] = await Promise.all([buildKubeconform(folder), writeSchemas(join(folder, "schemas"))]);
      const validate = (path: string, input = "") =>
        execa(program, ["-strict", "-summary", "-schema-location", schemas, path], { reject: false, input });
      const valid = await validate(out);
      assert.equal(valid.exitCode, 0, valid.stdout);
      assert.match(valid.stdout, /10 resources found in 6 files - Valid: 10, Invalid: 0, Errors: 0, Skipped: 0/);
      const wrong = await validate("-", "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {prots: []}}");
      assert.equal(wrong.exitCode, 1, "a misspelt field must be found, or the schemas prove nothing");
    });
  });

  describe("of a stack in a namespace that stays", () => {
    const stack = new TestStack("guest", { ...small, "etcd:createNamespace": false, "etcd:replicas": 1 });
    const left = () =>
      stack.kubectl(
        "get",
        "pods,pvc,services,statefulsets,deployments,roles,rolebindings,pdb,networkpolicies",
        "-o",
        "name",
      );
    const latches = () => stack.kubectl("get", "configmaps,serviceaccounts", "-l", "app=etcd", "-o", "name");

    before(async () => {
      await stack.removeLeftovers();
      await kubectl("create", "namespace", stack.namespace);
    });
    after(() => stack.cleanUp());

    async function nothingIsLeft(): Promise<void> {
      await eventually("nothing of the stack is left, claims and latch included", 30_000, async () => {
        const all = `${(await left()).stdout}${(await latches()).stdout}`;
        return all === "" ? true : undefined;
      });
      assert.match((await kubectl("get", "namespace", stack.namespace)).stdout, /Active/);
    }

    it("leave nothing but the namespace, whether Pulumi or kubectl takes them away", async () => {
      await stack.run("up");
      assert.match((await latches()).stdout, /configmap\/etcd-latch/);
      await stack.run("destroy");
      await nothingIsLeft();

      const out = join(folder, "guest");
      await stack.manifests(out);
      await kubectl("apply", "-f", out);
      await stack.kubectl("rollout", "status", "statefulset/etcd", "--timeout=3m");
      await kubectl("delete", "-f", out, "--wait");
      await nothingIsLeft();
    });
  });
});
