import assert from "node:assert/strict";
import type { PropertyMap } from "../../../local/plugins/rpc/values.ts";
import { eventProblems, failingContainer, podProblems } from "../../../local/plugins/kubernetes/await/pod-problems.ts";

const ready = {
  type: "Ready",
  status: "False",
  reason: "ContainersNotReady",
  message: "containers with unready status: [etcd]",
};
function pod(status: PropertyMap): PropertyMap {
  return { metadata: { name: "etcd-2", namespace: "pp" }, status };
}

describe("why a pod is not ready", () => {
  it("an image that can't be pulled", () => {
    const waiting = { reason: "ImagePullBackOff", message: 'Back-off pulling image "etcd:none"' };
    const problems = podProblems(
      pod({ conditions: [ready], containerStatuses: [{ name: "etcd", ready: false, state: { waiting } }] }),
    );
    assert.deepEqual(problems, [
      '[Pod pp/etcd-2]: containers with unready status: [etcd][ImagePullBackOff] Back-off pulling image "etcd:none"',
    ]);
  });

  it("no node that takes it", () => {
    const scheduled = {
      type: "PodScheduled",
      status: "False",
      reason: "Unschedulable",
      message: "0/1 nodes are available",
    };
    assert.deepEqual(podProblems(pod({ conditions: [scheduled] })), [
      "[Pod pp/etcd-2]: [Unschedulable] 0/1 nodes are available",
    ]);
  });

  it("a container that ends again and again, with its exit code", () => {
    const last = { finishedAt: "2026-11-21T00:00:00Z", reason: "Error", exitCode: 7 };
    const status = {
      name: "etcd",
      ready: false,
      state: { waiting: { reason: "CrashLoopBackOff", message: "back-off 10s restarting failed container=etcd" } },
      lastState: { terminated: last },
    };
    const [problem = ""] = podProblems(pod({ conditions: [ready], containerStatuses: [status] }));
    assert.match(problem, /\[CrashLoopBackOff\] back-off 10s/);
    assert.match(problem, /container "etcd" terminated at 2026-11-21T00:00:00Z \(Error: exit code 7\)/);
    assert.deepEqual(failingContainer(pod({ containerStatuses: [status] })), { container: "etcd", previous: false });
  });

  it("an init container's trouble", () => {
    const waiting = { reason: "CreateContainerConfigError", message: 'secret "tls" not found' };
    const initialized = {
      type: "Initialized",
      status: "False",
      reason: "ContainersNotInitialized",
      message: "incomplete: [init]",
    };
    const problems = podProblems(
      pod({ conditions: [initialized], initContainerStatuses: [{ name: "init", ready: false, state: { waiting } }] }),
    );
    assert.deepEqual(problems, [
      '[Pod pp/etcd-2]: incomplete: [init][CreateContainerConfigError] secret "tls" not found',
    ]);
  });

  it("nothing for one that is ready, or has come to its end", () => {
    assert.deepEqual(podProblems(pod({ conditions: [{ ...ready, status: "True" }] })), []);
    assert.deepEqual(podProblems(pod({ conditions: [ready], phase: "Succeeded" })), []);
  });
});

describe("warnings about pods", () => {
  const event = (name: string, reason: string, message: string, time: string, type = "Warning") => ({
    metadata: { namespace: "pp" },
    involvedObject: { kind: "Pod", name, uid: `uid-of-${name}` },
    reason,
    message,
    type,
    lastTimestamp: time,
  });

  it("are told once, the latest of each reason, of the pods in question only", () => {
    const events = [
      event("etcd-0", "FailedMount", "second", "2026-01-02"),
      event("etcd-0", "FailedMount", "first", "2026-01-01"),
      event("other-0", "FailedMount", "not ours", "2026-01-03"),
      {
        ...event("etcd-0", "FailedMount", "of an earlier pod", "2026-01-03"),
        involvedObject: { kind: "Pod", name: "etcd-0", uid: "2" },
      },
      event("etcd-0", "Pulled", "fine", "2026-01-03", "Normal"),
    ];
    assert.deepEqual(eventProblems(events, new Set(["uid-of-etcd-0"])), ["[Pod pp/etcd-0]: [FailedMount] second"]);
  });
});
