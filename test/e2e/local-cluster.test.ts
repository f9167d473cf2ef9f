import assert from "node:assert/strict";
import { execa } from "execa";
import { once } from "node:events";
import { existsSync, globSync, readFileSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import process from "node:process";
import { listeningSockets } from "../../local/cluster/ports.ts";
import { stateDir } from "../../local/paths.ts";
import { eventually, kubectl } from "./world.ts";

const commandFile = path.resolve(import.meta.dirname, "../../local/cluster/command.ts");
const namespace = "e2e-local-cluster";
const clusterDir = path.join(stateDir, "cluster");
const programs = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "containerd",
  "kubelet",
  "kube-proxy",
  "coredns",
  "local-controller",
  "registry",
  "dockerd",
];

async function cluster(...args: string[]) {
  const result = await execa(process.execPath, [commandFile, ...args], { reject: false, all: true, stdin: "ignore" });
  return { exitCode: result.exitCode, stdout: result.stdout, all: result.all };
}

async function up(): Promise<string> {
  const { exitCode, all } = await cluster("up");
  assert.equal(exitCode, 0, all);
  return all;
}

/** Component → pid, of what the status table says. */
async function pids(): Promise<Record<string, number>> {
  const { stdout } = await cluster("status");
  const rows = [...stdout.matchAll(/^│ (\S+) +│ (\d+) +│/gm)];
  return Object.fromEntries(rows.map(([, name = "", pid]): [string, number] => [name, Number(pid)]));
}

async function killHard(component: string): Promise<void> {
  const pid = (await pids())[component];
  assert(pid !== undefined, `${component} has no process`);
  process.kill(pid, "SIGKILL");
}

/** Every process in the cluster's control groups. */
function clusterProcesses(): number[] {
  const files = globSync("/sys/fs/cgroup/{,*/}etcd-local/**/cgroup.procs");
  return [...new Set(files.flatMap((file) => readFileSync(file, "utf8").split("\n").filter(Boolean)))].map(Number);
}

/** Links of the sockets a process has open. */
function socketsOf(pid: number): string[] {
  const links = globSync(`/proc/${pid}/fd/*`).map((file) => {
    try {
      return readlinkSync(file);
    } catch {
      return ""; // closed meanwhile
    }
  });
  return links.filter((link) => link.startsWith("socket:"));
}

/** What there is on this machine of mounts, network, control groups and files that a cluster could leave behind. */
async function traces(): Promise<string[]> {
  const { stdout: links } = await execa("ip", ["-o", "link"]);
  const { stdout: routes } = await execa("ip", ["route"]);
  return [
    ...readFileSync("/proc/self/mountinfo", "utf8")
      .split("\n")
      .map((line) => `mount ${line.split(" ")[4] ?? ""}`),
    ...links.split("\n").map((line) => `link ${line.split(":")[1] ?? ""}`),
    ...routes.split("\n").map((line) => `route ${line}`),
    ...globSync("/sys/fs/cgroup/{,*/}etcd-local").map((folder) => `control group ${folder}`),
    ...globSync(["/run/netns/*", "/run/etcd-local", "/run/containerd/s/*", "/var/lib/cni/results/*"]),
    ...globSync("/var/log/containers/*"),
    ...["net/bridge/bridge-nf-call-iptables", "vm/overcommit_memory", "kernel/panic", "net/ipv4/ip_forward"].map(
      (name) => `setting ${name} ${readFileSync(`/proc/sys/${name}`, "utf8").trim()}`,
    ),
  ].sort();
}

async function iptablesRules(bin: string): Promise<string[]> {
  const saved = await Promise.all(["iptables-save", "ip6tables-save"].map((name) => execa(path.join(bin, name))));
  return saved.flatMap(({ stdout }) => stdout.split("\n")).filter((line) => /^-A|^:\S+ - /.test(line));
}

const pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "keeper", namespace },
  spec: {
    terminationGracePeriodSeconds: 0,
    securityContext: { runAsUser: 1001, runAsGroup: 1001, runAsNonRoot: true },
    containers: [
      {
        name: "keeper",
        image: "localhost:5000/base/node:24",
        command: ["sh", "-c", "date +%N >>/data/starts; exec sleep 1000000"],
        volumeMounts: [{ name: "data", mountPath: "/data" }],
      },
    ],
    volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }],
  },
};
const claim = {
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name: "data", namespace },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
};
const list = {
  apiVersion: "v1",
  kind: "List",
  items: [{ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } }, claim, pod],
};

/** How often the pod that keeps a file was started, by that file. */
async function starts(): Promise<number> {
  const { stdout } = await kubectl("-n", namespace, "exec", "keeper", "--", "cat", "/data/starts");
  return stdout.trim().split("\n").length;
}

// This file takes the cluster down: it runs last, and leaves one that is up.
describe("the local cluster", function () {
  this.timeout(180_000);

  before(async function () {
    this.timeout(1_800_000);
    await up();
    await kubectl("delete", "namespace", namespace, "--ignore-not-found", "--wait");
    const { bin } = await environment();
    await execa(path.join(bin, "kubectl"), ["--kubeconfig", path.join(stateDir, "kubeconfig"), "apply", "-f", "-"], {
      input: JSON.stringify(list),
    });
    await kubectl("-n", namespace, "wait", "--for=condition=Ready", "pod/keeper", "--timeout=60s");
  });
  after(() => up());

  async function environment(): Promise<{ bin: string; env: Record<string, string> }> {
    const { stdout } = await cluster("env");
    const entries = [...stdout.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name = "", value = ""]) => [name, value]);
    const env = Object.fromEntries(entries) as Record<string, string>;
    return { env, bin: (env["PATH"] ?? "").split(":")[0] ?? "" };
  }

  it("is left alone by a second up, which is over in a moment", async () => {
    const before = await pids();
    assert.deepEqual(Object.keys(before), programs);
    assert.match(await up(), /local cluster: running \(0\.[01] s\)/);
    assert.deepEqual(await pids(), before);
  });

  it("gives out its kubeconfig's path and an environment in which the programs work by hand", async () => {
    const { exitCode, stdout } = await cluster("kubeconfig");
    assert.deepEqual([exitCode, stdout], [0, path.join(stateDir, "kubeconfig")]);
    const script = `eval "$('${process.execPath}' '${commandFile}' env)" && kubectl get nodes -o name && pulumi whoami -v && etcdctl version`;
    const { HOME, XDG_CACHE_HOME, XDG_STATE_HOME } = process.env;
    const { stdout: said } = await execa("sh", ["-c", script], {
      env: { PATH: "/usr/bin:/bin:/usr/sbin:/sbin", HOME, XDG_CACHE_HOME, XDG_STATE_HOME },
      extendEnv: false,
    });
    assert.match(said, /^node\/etcd-local\n/);
    assert.match(said, new RegExp(`Backend URL: file://${stateDir}/pulumi`));
    assert.match(said, /\netcdctl version: 3\.6\./);
  });

  it("keeps keys and kubeconfig to their owner, and listens on loopback and the pod network only", () => {
    const files = globSync(path.join(clusterDir, "{keys,configuration}/**"), {}).filter((file) =>
      statSync(file).isFile(),
    );
    assert(files.length > 30);
    for (const file of [...files, path.join(stateDir, "kubeconfig")]) {
      assert.equal(statSync(file).mode & 0o077, 0, file);
    }
    const inodes = new Set(clusterProcesses().flatMap(socketsOf));
    const tables = ["/proc/net/tcp", "/proc/net/tcp6"].map((file) => readFileSync(file, "utf8"));
    const listening = tables.flatMap(listeningSockets).filter(({ inode }) => inodes.has(`socket:[${inode}]`));
    assert(listening.length >= 7);
    for (const { address, port } of listening) {
      assert(["127.0.0.1", "198.18.0.1"].includes(address), `${address}:${port}`);
    }
  });

  for (const component of programs) {
    it(`says so when ${component} was killed, and up repairs just that`, async () => {
      const before = await pids();
      await killHard(component);
      const { exitCode, all } = await cluster("status");
      assert.equal(exitCode, 1);
      assert.match(all, new RegExp(`${component} +│ +│ +│ .*stopped`));
      assert.match(all, new RegExp(`error: not well: .*\\b${component}\\b`));
      assert.match(await up(), new RegExp(`local cluster: repaired: ${component} \\(`));
      const after = await pids();
      assert.notEqual(after[component], before[component]);
      assert.deepEqual({ ...after, [component]: 0 }, { ...before, [component]: 0 });
      assert.equal(await starts(), 1, "the pod went on running");
    });
  }

  it("lets two ups at once repair it together", async () => {
    await killHard("kube-scheduler");
    await killHard("coredns");
    const said = await Promise.all([up(), up()]);
    const repaired = said.filter((text) => /repaired: kube-scheduler, coredns/.test(text));
    const found = said.filter((text) => /local cluster: running/.test(text));
    assert.deepEqual([repaired.length, found.length], [1, 1], said.join("\n"));
  });

  it("says which port is taken and by whom, and starts as soon as it is free", async () => {
    await killHard("registry");
    const intruder = createServer();
    await eventually("the port is free", 5000, async () => {
      intruder.listen(5000, "127.0.0.1");
      return Promise.race([
        once(intruder, "listening").then(() => true),
        once(intruder, "error").then(() => undefined),
      ]);
    });
    const { exitCode, all } = await cluster("up");
    intruder.close();
    await once(intruder, "close");
    assert.equal(exitCode, 1);
    assert.match(all, new RegExp(`error: port 5000 on 127.0.0.1 is taken by .*\\(process ${process.pid}\\)`));
    assert.match(await up(), /repaired: registry/);
  });

  it("comes back with objects and volumes when every process was killed at once", async () => {
    clusterProcesses().forEach((pid) => process.kill(pid, "SIGKILL"));
    assert.match(await up(), /local cluster: started again/);
    const count = await eventually("the pod runs again on its volume", 60_000, () => starts().catch(() => undefined));
    assert.equal(count, 2, "one start before, one after");
  });

  it("comes back after a reboot, whose leftovers don't confuse it", async () => {
    await cutPower();
    assert.match(await up(), /local cluster: started again/);
    await eventually("the pod runs again on its volume", 60_000, async () =>
      (await starts()) === 3 ? true : undefined,
    );
  });

  /** As after a reboot: processes, mounts, network and control groups gone, pid files and sockets left from before. */
  async function cutPower(): Promise<void> {
    const { bin } = await environment();
    await eventually("all processes are dead", 10_000, () => {
      const alive = clusterProcesses();
      alive.forEach((pid) => process.kill(pid, "SIGKILL"));
      return Promise.resolve(alive.length === 0 ? true : undefined);
    });
    const mounts = (await traces()).filter(
      (line) => line.startsWith("mount ") && /etcd-on-kubernetes|etcd-local/.test(line),
    );
    await execa("umount", ["--lazy", ...mounts.map((line) => line.slice("mount ".length)).reverse()]);
    await execa("ip", ["link", "delete", "etcd-local0"]);
    await execa("sh", ["-c", `'${bin}/iptables-save' -t nat | grep -c KUBE; '${bin}/iptables' -t nat -F`]);
    const record = path.join(clusterDir, "cluster.json");
    const content = JSON.parse(readFileSync(record, "utf8")) as object;
    writeFileSync(record, JSON.stringify({ ...content, bootId: "of another boot" }));
  }

  it("is not touched by commands that keep their state elsewhere", async () => {
    const before = await pids();
    for (const command of ["up", "down"]) {
      const env = { XDG_STATE_HOME: "/tmp/another-state" };
      const { exitCode, all } = await execa(process.execPath, [commandFile, command], {
        env,
        reject: false,
        all: true,
      });
      assert.equal(exitCode, 1);
      assert.match(all, new RegExp(`error: a local cluster with its state in ${stateDir} runs on this machine`));
    }
    assert.deepEqual(await pids(), before);
  });

  it("is replaced when it runs other versions", async () => {
    const record = path.join(clusterDir, "cluster.json");
    const content = JSON.parse(readFileSync(record, "utf8")) as object;
    writeFileSync(record, JSON.stringify({ ...content, version: "another" }));
    assert.match(await up(), /local cluster: replaced one of other versions/);
    const { stdout } = await kubectl("get", "namespaces", "-o", "name");
    assert.equal(stdout.includes(namespace), false);
  });

  it("is gone without a trace after down, and down again finds nothing", async () => {
    const { bin } = await environment();
    const during = await traces();
    const started = [...clusterProcesses()];
    assert(started.length >= programs.length);
    const { exitCode } = await cluster("down");
    assert.equal(exitCode, 0);
    const left = await traces();
    const suspicious = /etcd-local|etcd-on-kubernetes|veth|netns|cni|198\.1[89]\./;
    assert.deepEqual(
      left.filter((line) => suspicious.test(line)),
      [],
    );
    assert(
      during.some((line) => suspicious.test(line)),
      "the search finds what is there",
    );
    assert.deepEqual(
      (await iptablesRules(bin)).filter((line) => /KUBE|etcd-local0/.test(line)),
      [],
    );
    assert.deepEqual(clusterProcesses(), []);
    for (const pid of started) {
      assert.match(stateOf(pid), /^[ZX]?$/, `process ${pid} is gone, or waits only for its parent to notice`);
    }
    assert.equal(existsSync(clusterDir), false);
    assert.equal((await cluster("kubeconfig")).exitCode, 1);
    assert.match((await cluster("down")).all, /there was none/);
  });

  it("puts the kernel's settings back", async () => {
    const settings = async (): Promise<string[]> => (await traces()).filter((line) => line.startsWith("setting "));
    const before = await settings();
    await up();
    await cluster("down");
    assert.deepEqual(await settings(), before);
  });
});

/** The state letter of a process (proc_pid_stat(5)); empty when there is none. */
function stateOf(pid: number): string {
  const file = `/proc/${pid}/stat`;
  return existsSync(file) ? (readFileSync(file, "utf8").split(") ").at(-1)?.[0] ?? "") : "";
}
