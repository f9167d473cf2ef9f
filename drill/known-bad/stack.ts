import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { stringify } from "yaml";
import { bundle } from "../../components/bundle.ts";
import { clientBuild, contextFolder, imageName, memberBuild, type ImageBuild } from "../../components/image-builds.ts";
import { objectGroups } from "../../components/object-groups.ts";
import { parseSettings, type Settings } from "../../components/settings.ts";
import { type Place } from "../../desk/connection.ts";
import { etcdImage, localRegistry, pushImage } from "../../local/images/images.ts";
import { prepareMachine } from "../../local/machine.ts";
import { projectDir } from "../../local/paths.ts";
import { runPhases } from "../../local/phases.ts";
import { contextDigest } from "../../local/plugins/docker/build-context.ts";
import { DockerEngine } from "../../local/plugins/docker/docker-engine.ts";
import { provideImage } from "../../local/plugins/docker/image.ts";
import { LOCAL_CONTEXT } from "../../local/stack.ts";
import { knownBadEtcd, knownBadPhase } from "../../local/toolchain/known-bad.ts";
import { type KnownBug } from "./bugs.ts";

/** A cluster of a known-bad etcd in a namespace of its own on the local cluster. */
export interface BadStack {
  readonly place: Place;
  /** Of the StatefulSet. */
  readonly name: string;
  /** Takes away the namespace with all that is in it; returns when it is gone. */
  readonly remove: () => Promise<void>;
}

/** How long kubectl may take to see the members ready, and the namespace gone. */
const readyWithin = "180s";
const goneWithin = "180s";

/**
 * Builds the etcd where the cache lacks it, makes its images and applies what `up` would, with the etcd and its environment
 * changed. The settings themselves refuse these versions, so that the manifests are made for the default one.
 * @throws UserError where something can't be built or does not come up; the namespace is gone by then
 */
export async function bringUp(bug: KnownBug): Promise<BadStack> {
  Object.assign(process.env, await prepareMachine());
  await runPhases([knownBadPhase(bug.version)]);
  const namespace = `etcd-known-bad-${bug.version.replaceAll(".", "-")}`;
  const { settings } = parseSettings({
    "etcd:context": LOCAL_CONTEXT,
    "etcd:registry": localRegistry,
    "etcd:etcdImage": `${localRegistry}/base/etcd`,
    "etcd:nodeImage": `${localRegistry}/base/node:24`,
    "etcd:namespace": namespace,
    // Beside whatever else is on the local cluster; load is part of what brings some defects about, so that nothing holds it back.
    "etcd:resources": JSON.stringify({ requests: { cpu: "10m", memory: "128Mi" }, limits: { memory: "1Gi" } }),
  });
  const remove = (): Promise<void> => removeNamespace(namespace);
  await remove();
  try {
    const images = await bringImages(settings, bug);
    await apply(settings, images, bug);
    return { place: { kubeconfig: undefined, context: LOCAL_CONTEXT, namespace }, name: settings.name, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function bringImages(settings: Settings, bug: KnownBug): Promise<{ member: string; client: string }> {
  const engine = new DockerEngine(undefined, new AbortController().signal);
  const references = new Map<string, string>();
  const step = (title: string, build: ImageBuild) => ({
    title,
    run: async (report: (line: string) => void) => {
      const reference = await provide(engine, build, report);
      references.set(title, reference);
      return reference;
    },
  });
  const version = `v${bug.version}`;
  await runPhases([
    {
      title: `image of etcd ${bug.version}`,
      run: async (report) => {
        await pushImage(etcdImage(version, knownBadEtcd(bug.version)), localRegistry, report);
        return `${localRegistry}/base/etcd:${version}`;
      },
    },
    step("member image", memberBuild({ ...settings, etcdVersion: version })),
    step("client image", clientBuild(settings)),
  ]);
  return { member: references.get("member image") ?? "", client: references.get("client image") ?? "" };
}

async function provide(engine: DockerEngine, build: ImageBuild, report: (line: string) => void): Promise<string> {
  const context = await bundle(projectDir, build.folder, contextFolder(build));
  const folder = path.join(projectDir, context.folder);
  const wish = {
    imageName: imageName(localRegistry, build, context),
    push: true,
    buildOnPreview: false,
    credentials: undefined,
    build: {
      ...{ context: folder, dockerfile: path.join(folder, "Dockerfile"), args: build.buildArgs, platform: undefined },
      ...{ target: undefined, network: undefined, addHosts: [], cacheFrom: [], builderVersion: undefined },
    },
  };
  const digest = await contextDigest(wish.build.context, wish.build.dockerfile);
  return (await provideImage(engine, wish, digest, report)).reference;
}

async function apply(settings: Settings, images: { member: string; client: string }, bug: KnownBug): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), "known-bad-"));
  try {
    const file = path.join(folder, "objects.yaml");
    const objects = objectGroups(settings, images).flatMap((group) => group.objects);
    await writeFile(file, objects.map((object) => stringify(madeFor(bug, object))).join("---\n"));
    await kubectl("apply", "--server-side", "-f", file);
    const rollout = ["-n", settings.namespace, "rollout", "status", `--timeout=${readyWithin}`];
    await runPhases([
      {
        title: `members and client pods in ${settings.namespace}`,
        run: async () => {
          await kubectl(...rollout, `statefulset/${settings.name}`);
          await kubectl(...rollout, `deployment/${settings.name}-client`);
          return "ready";
        },
      },
    ]);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Plain data, so that what is undefined is absent. */
interface Manifest {
  readonly kind?: string;
  readonly spec?: { readonly template?: { readonly spec?: { readonly containers?: Container[] } } };
}

interface Container {
  env?: object[];
  startupProbe?: Probe;
  livenessProbe?: Probe;
  readinessProbe?: Probe;
}

interface Probe {
  httpGet: { path: string };
}

/** The StatefulSet with more variables for its etcd, and probes the etcd knows; any other object as it is. */
export function madeFor({ version, environment }: Pick<KnownBug, "version" | "environment">, object: object): object {
  const plain = JSON.parse(JSON.stringify(object)) as Manifest;
  if (plain.kind !== "StatefulSet") return plain;
  const more = Object.entries(environment).map(([name, value]) => ({ name, value }));
  for (const container of plain.spec?.template?.spec?.containers ?? []) {
    container.env = [...(container.env ?? []), ...more];
    if (!isBeforeLivez(version)) continue;
    const { startupProbe, livenessProbe, readinessProbe } = container;
    for (const probe of [startupProbe, livenessProbe]) if (probe) probe.httpGet.path = "/health?serializable=true";
    if (readinessProbe) readinessProbe.httpGet.path = "/health";
  }
  return plain;
}

/** /livez and /readyz are there from 3.5.11 on (etcd's CHANGELOG-3.5). */
function isBeforeLivez(version: string): boolean {
  return version.localeCompare("3.5.11", "en", { numeric: true }) < 0;
}

async function removeNamespace(namespace: string): Promise<void> {
  await kubectl("delete", "namespace", namespace, "--ignore-not-found", "--wait", `--timeout=${goneWithin}`);
}

async function kubectl(...args: string[]): Promise<void> {
  await execa("kubectl", ["--context", LOCAL_CONTEXT, ...args], { stdin: "ignore" });
}
