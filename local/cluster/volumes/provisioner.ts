// Makes a folder and a PersistentVolume for each claim of its storage class, and removes both when the claim is gone.
// Runs as a process of its own, from a copy outside the clone: this file imports nothing but Node's own modules.

import { chmod, mkdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { Agent, request } from "node:https";
import type { IncomingMessage } from "node:http";
import path from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

/** Its settings, in the file named by the first argument. */
interface Settings {
  apiUrl: string;
  ca: string;
  certificate: string;
  key: string;
  /** Value of the claims' annotation and of the volumes' that are ours. */
  provisioner: string;
  node: string;
  /** Folder that gets a folder per volume. */
  folder: string;
  /** Unix socket that answers 200 as soon as all claims have been seen. */
  socket: string;
}

interface Meta {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  annotations?: Record<string, string>;
}

/** A claim or a volume: of either, what matters here. */
interface Item {
  metadata: Meta;
  spec: {
    accessModes?: string[];
    storageClassName?: string;
    volumeMode?: string;
    /** Of a claim. */
    volumeName?: string;
    resources?: { requests?: { storage?: string } };
    /** Of a volume. */
    persistentVolumeReclaimPolicy?: string;
  };
  status?: { phase?: string };
}

interface Watched {
  type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  object: Item;
}

/** Set by the volume controller on claims that an outside provisioner is to serve, and by us on our volumes. */
const wantedBy = "volume.kubernetes.io/storage-provisioner";
const provisionedBy = "pv.kubernetes.io/provisioned-by";

const [settingsFile] = process.argv.slice(2);
if (settingsFile === undefined) {
  throw new Error("expected the settings file as the only argument");
}
const settings = JSON.parse(await readFile(settingsFile, "utf8")) as Settings;
const agent = new Agent({
  keepAlive: true,
  ca: await readFile(settings.ca),
  cert: await readFile(settings.certificate),
  key: await readFile(settings.key),
});

function send(method: string, target: string, body?: object): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { "content-type": "application/json" };
    request(new URL(target, settings.apiUrl), { method, headers, agent }, resolve)
      .on("error", reject)
      .end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** The answer's text; an answer with another status than those expected is an error. */
async function call(expected: readonly number[], method: string, target: string, body?: object): Promise<string> {
  const answer = await send(method, target, body);
  const chunks: Buffer[] = [];
  for await (const chunk of answer) {
    chunks.push(chunk as Buffer);
  }
  const content = Buffer.concat(chunks).toString();
  if (!expected.includes(answer.statusCode ?? 0)) {
    throw new Error(`${method} ${target}: ${answer.statusCode ?? 0} ${content}`);
  }
  return content;
}

async function provision(claim: Item): Promise<void> {
  const { metadata, spec } = claim;
  const isOurs = metadata.annotations?.[wantedBy] === settings.provisioner;
  if (!isOurs || claim.status?.phase !== "Pending" || spec.volumeName || spec.volumeMode === "Block") {
    return;
  }
  const name = `pvc-${metadata.uid ?? ""}`;
  const folder = path.join(settings.folder, name);
  await mkdir(folder, { recursive: true });
  // Whoever the pod runs as may write: host folders get no owner by the pod's fsGroup.
  await chmod(folder, 0o777);
  await call([201, 409], "POST", "/api/v1/persistentvolumes", {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name, annotations: { [provisionedBy]: settings.provisioner } },
    spec: {
      capacity: { storage: spec.resources?.requests?.storage },
      accessModes: spec.accessModes,
      storageClassName: spec.storageClassName,
      persistentVolumeReclaimPolicy: "Delete",
      hostPath: { path: folder, type: "Directory" },
      claimRef: { kind: "PersistentVolumeClaim", apiVersion: "v1", ...claimName(metadata) },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: [settings.node] }] },
          ],
        },
      },
    },
  });
  console.log(`provisioned ${name} for ${metadata.namespace ?? ""}/${metadata.name}`);
}

function claimName({ namespace, name, uid }: Meta): object {
  return { namespace, name, uid };
}

async function remove({ metadata, spec, status }: Item): Promise<void> {
  const isOurs = metadata.annotations?.[provisionedBy] === settings.provisioner;
  if (!isOurs || status?.phase !== "Released" || spec.persistentVolumeReclaimPolicy !== "Delete") {
    return;
  }
  await rm(path.join(settings.folder, path.basename(metadata.name)), { recursive: true, force: true });
  await call([200, 202, 404], "DELETE", `/api/v1/persistentvolumes/${metadata.name}`);
  console.log(`removed ${metadata.name}`);
}

/**
 * Handles every object there is, then every change, until the watch ends or a step fails: then from the start again, so
 * that nothing is ever missed.
 */
async function follow(collection: string, handle: (item: Item) => Promise<void>, seen: () => void): Promise<never> {
  for (;;) {
    try {
      const list = JSON.parse(await call([200], "GET", collection)) as { metadata: Meta; items: Item[] };
      await Promise.all(list.items.map(handle));
      seen();
      await watch(`${collection}?watch=1&resourceVersion=${list.metadata.resourceVersion ?? ""}`, handle);
    } catch (error) {
      console.error(`${collection}: ${error instanceof Error ? error.message : String(error)}; listing it anew`);
      await sleep(200);
    }
  }
}

/** Returns when the watch ends; throws when the first of the handlers fails. */
async function watch(target: string, handle: (item: Item) => Promise<void>): Promise<void> {
  const answer = await send("GET", target);
  const pending = new Set<Promise<void>>();
  await new Promise<void>((resolve, reject) => {
    answer.on("error", reject);
    createInterface({ input: answer })
      .on("line", (line) => {
        const event = JSON.parse(line) as Watched;
        if (event.type === "ERROR") {
          reject(new Error(line));
        } else if (event.type === "ADDED" || event.type === "MODIFIED") {
          const work = handle(event.object).catch(reject);
          pending.add(work);
          void work.then(() => pending.delete(work));
        }
      })
      .on("close", () => resolve());
  }).finally(() => answer.destroy());
  await Promise.all(pending);
}

let unseen = 2;
function seenOnce(): () => void {
  let first = true;
  return () => {
    unseen -= first ? 1 : 0;
    first = false;
    if (unseen === 0) {
      unseen = -1;
      listen();
    }
  };
}

function listen(): void {
  void rm(settings.socket, { force: true }).then(() => {
    createServer((_request, response) => response.end()).listen(settings.socket);
  });
}

await Promise.all([
  follow("/api/v1/persistentvolumeclaims", provision, seenOnce()),
  follow("/api/v1/persistentvolumes", remove, seenOnce()),
]);
