// What a one-node cluster needs beside Kubernetes' own controllers: volumes for the default storage class, and quick
// deletion of namespaces. A process of its own, run from a copy outside the clone, on Node's own modules alone.

import { readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import process from "node:process";
import { Api, type ApiAccess } from "./api.ts";
import { hastenDeletion } from "./namespaces.ts";
import { completeBinding, provision, remove } from "./volumes.ts";

/** The file named by the only argument. */
interface Settings extends ApiAccess {
  /** Name of the node. */
  node: string;
  /** Folder that gets a folder per volume. */
  folder: string;
  /** Unix socket that answers any request with 200 once every object has been seen. */
  socket: string;
}

const [settingsFile] = process.argv.slice(2);
if (settingsFile === undefined) {
  throw new Error("expected the settings file as the only argument");
}
const { node, folder, socket, ...access } = JSON.parse(readFileSync(settingsFile, "utf8")) as Settings;
const api = new Api(access);

const unseen = new Set(["namespaces", "persistentvolumeclaims", "persistentvolumes"]);

function seen(collection: string): void {
  if (unseen.delete(collection) && unseen.size === 0) {
    rmSync(socket, { force: true });
    createServer((_request, response) => response.end()).listen(socket);
  }
}

const follow = (collection: string, handle: Parameters<Api["follow"]>[1]): Promise<never> =>
  api.follow(`/api/v1/${collection}`, handle, () => seen(collection));

await Promise.all([
  follow("persistentvolumeclaims", async (claim) => {
    await provision(api, folder, node, claim);
    await completeBinding(api, claim);
  }),
  follow("persistentvolumes", (volume) => remove(api, folder, volume)),
  follow("namespaces", (namespace) => hastenDeletion(api, namespace)),
]);
