import assert from "node:assert/strict";
import { parseMembers, type ListedMember } from "./etcdctl.ts";
import { eventually, TestStack } from "./world.ts";
import { RecordingWriter } from "./writer/recording-writer.ts";

export interface MemberPod {
  readonly name: string;
  readonly uid: string;
  /** "" until it has one. */
  readonly address: string;
}

/** A stack of small members with a writer that records what is acknowledged while a test does its worst. */
export class TestCluster {
  readonly stack: TestStack;
  #writer: RecordingWriter | undefined;
  #probes = 0;

  /**
   * @param name see TestStack
   * @param cpu what each member requests; by default so little that nine of them stand beside others on one node
   */
  constructor(name: string, cpu = "20m") {
    this.stack = new TestStack(name, {
      "etcd:resources": { requests: { cpu, memory: "64Mi" }, limits: { memory: "384Mi" } },
      "etcd:clientReplicas": 1,
    });
  }

  async start(): Promise<void> {
    await this.stack.removeLeftovers();
    await this.stack.run("up");
    this.#writer = await RecordingWriter.start(this.stack, { everyMs: 25, deadlineMs: 1_000, readEvery: 10 });
  }

  /** Ends the writing: every write that was ever acknowledged is on each of these members, and the history is sound. */
  async nothingWasLost(replicas: number): Promise<void> {
    assert(this.#writer !== undefined);
    const recording = await this.#writer.stop();
    this.#writer = undefined;
    assert(recording.writes.length > 100, `only ${recording.writes.length} writes were acknowledged`);
    await recording.isWholeOn(pods(replicas));
  }

  async members(): Promise<ListedMember[]> {
    const json = await this.stack.etcdctl("etcd-0", "--command-timeout=2s", "member", "list", "-w", "json");
    return parseMembers(json).sort((a, b) => (a.name ?? "").localeCompare(b.name ?? ""));
  }

  async ids(): Promise<Record<string, string>> {
    return Object.fromEntries((await this.members()).map(({ name, ID }) => [name ?? "", ID]));
  }

  /** By name; those on their way out are there until they are gone. */
  async memberPods(): Promise<MemberPod[]> {
    const fields = "{.metadata.name} {.metadata.uid} {.status.podIP}";
    const path = `jsonpath={range .items[*]}${fields}{"\\n"}{end}`;
    const of = ["-l", "app=etcd", "--sort-by=.metadata.name"];
    const { stdout } = await this.stack.kubectl("get", "pods", ...of, "-o", path);
    return stdout
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        const [name = "", uid = "", address = ""] = line.split(" ");
        return { name, uid, address };
      });
  }

  async patch(replicas: number): Promise<void> {
    await this.stack.kubectl("patch", "statefulset", "etcd", "-p", JSON.stringify({ spec: { replicas } }));
  }

  /** Changes the setting and runs `up`, as the README says. */
  async up(replicas: number): Promise<void> {
    this.stack.set("replicas", replicas);
    await this.stack.run("up");
  }

  /** Exactly these ordinals are started voters with their pods and claims, and each holds what was written last. */
  async settlesAt(replicas: number): Promise<void> {
    const names = pods(replicas);
    await Promise.all([this.#areTheVoters(names), this.#areTheObjects(names)]);
    await this.stack.kubectl("rollout", "status", "statefulset/etcd", "--timeout=90s");
    await this.#holdTheSame(names);
  }

  #areTheVoters(names: readonly string[]): Promise<true> {
    return eventually(`${names.length} voters and nothing else`, 60_000, async () => {
      const members = await this.members();
      const voters = members.flatMap(({ name, isLearner }) => (isLearner === true ? [] : (name ?? [])));
      return voters.sort().join() === names.join() && members.length === names.length ? true : undefined;
    });
  }

  #areTheObjects(names: readonly string[]): Promise<true> {
    return eventually(`${names.length} claims and pods`, 60_000, async () => {
      const { stdout } = await this.stack.kubectl(
        "get",
        "pvc,pod",
        "-l",
        "app=etcd",
        "-o",
        "jsonpath={.items[*].metadata.name}",
      );
      const expected = [...names, ...names.map((name) => `data-${name}`)];
      return stdout.split(" ").sort().join() === expected.sort().join() ? true : undefined;
    });
  }

  async #holdTheSame(names: readonly string[]): Promise<void> {
    const key = `probe-${++this.#probes}`;
    // A put on its way to a leader that dies is lost and may be made again: it is no part of the recording.
    await eventually(`${key} is acknowledged`, 30_000, () =>
      this.stack.etcdctl("etcd-0", "--command-timeout=2s", "put", key, "v"),
    );
    const has = async (pod: string): Promise<true | undefined> => {
      const out = await this.stack.etcdctl(pod, "get", "probe-", "--prefix", "--keys-only", "--consistency=s");
      return out.split("\n").filter((line) => line.startsWith("probe-")).length === this.#probes ? true : undefined;
    };
    await Promise.all(names.map((pod) => eventually(`${pod} has all probes`, 20_000, () => has(pod))));
  }

  /** Sends a signal to a member's etcd, not to the member program that watches over it. */
  async signal(pod: string, signal: "KILL" | "STOP" | "CONT"): Promise<void> {
    await this.stack.exec(pod, "sh", "-c", `${eachEtcd} kill -${signal} "\${p#/proc/}"; done`);
  }

  /** Kills a pod's etcd as soon as there is one. */
  async killFirstEtcd(pod: string): Promise<void> {
    const script = `until [ -n "$hit" ]; do ${eachEtcd} kill -9 "\${p#/proc/}" && hit=1; done; sleep 0.01; done`;
    await eventually(`${pod} runs`, 60_000, () => this.stack.exec(pod, "sh", "-c", script));
  }

  /** Kills a pod's etcd whenever there is one. Returns how to end that. */
  async holdDown(pod: string): Promise<() => Promise<void>> {
    const flag = "/var/lib/etcd/held-down-by-a-test";
    await this.stack.exec(pod, "touch", flag);
    const script = `while [ -e ${flag} ]; do ${eachEtcd} kill -9 "\${p#/proc/}"; done; sleep 0.05; done`;
    await this.signal(pod, "KILL");
    const killing = Promise.allSettled([this.stack.exec(pod, "sh", "-c", script)]);
    return async () => {
      await this.stack.exec(pod, "rm", flag);
      await killing;
    };
  }

  async leader(): Promise<string> {
    return eventually("a leader", 30_000, async () => {
      const status = await this.stack.etcdctl("etcd-0", "endpoint", "status", "--cluster", "-w", "fields");
      const members = (await this.members()).map(({ ID, name }) => [ID, name] as const);
      const leader = /"Leader" : (\d+)/.exec(status)?.[1];
      return members.find(([id]) => id === leader)?.[1];
    });
  }

  async logs(pod: string): Promise<string> {
    return (await this.stack.kubectl("logs", pod)).stdout;
  }

  /** Waits for a line in a pod's log. */
  async says(pod: string, line: RegExp, withinMs = 60_000): Promise<string> {
    return eventually(`${pod} says ${line.source}`, withinMs, async () => {
      const log = await this.logs(pod);
      const said = line.exec(log)?.[0];
      if (said === undefined) throw new Error(`its log ends with:\n${log.split("\n").slice(-12).join("\n")}`);
      return said;
    });
  }

  async uid(pod: string): Promise<string> {
    const { stdout } = await this.stack.kubectl(
      "get",
      "pod",
      pod,
      "--ignore-not-found",
      "-o",
      "jsonpath={.metadata.uid}{.metadata.deletionTimestamp}",
    );
    return stdout;
  }
}

/** A shell loop over the processes called etcd; to be completed by a command on $p and `done`. */
const eachEtcd = `for p in /proc/[0-9]*; do [ "$(cat $p/comm 2>/dev/null)" = etcd ] || continue;`;

export function pods(replicas: number): string[] {
  return Array.from({ length: replicas }, (_, ordinal) => `etcd-${ordinal}`);
}
