import { readFileSync } from "node:fs";
import path from "node:path";
import { apiUrl, clusterName } from "../addresses.ts";
import type { Component } from "../component.ts";
import { folders, sockets } from "../folders.ts";
import { keyFiles } from "../keys.ts";
import { nodeProgram } from "../node-program.ts";
import { answersHttp } from "../probe.ts";
import { provisionerName } from "../volumes/names.ts";

const source = path.join(import.meta.dirname, "..", "volumes", "provisioner.ts");

/** What makes volumes for claims of the default storage class. */
export function volumeProvisioner(): Component {
  // A copy: the process must not depend on the clone it was started from.
  const program = path.join(folders.configuration, "volume-provisioner.ts");
  const settings = path.join(folders.configuration, "volume-provisioner.json");
  return {
    name: "volume-provisioner",
    command: [nodeProgram, "--disable-warning=ExperimentalWarning", program, settings],
    files: {
      [program]: readFileSync(source, "utf8"),
      [settings]: JSON.stringify({
        apiUrl,
        ca: keyFiles("ca").certificate,
        ...keyFiles("volumes"),
        provisioner: provisionerName,
        node: clusterName,
        folder: folders.volumes,
        socket: sockets.volumes,
      }),
    },
    after: ["objects"],
    listens: [],
    isReady: () => answersHttp({ socketPath: sockets.volumes }, "/"),
    grace: 1000,
  };
}
