import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { apiUrl, clusterName } from "../addresses.ts";
import type { Component } from "../component.ts";
import { folders, sockets } from "../folders.ts";
import { keyFiles } from "../keys.ts";
import { nodeProgram } from "../node-program.ts";
import { answersHttp } from "../probe.ts";

const source = path.join(import.meta.dirname, "..", "controller");

/** What makes volumes for claims of the default storage class, and namespaces go quickly. */
export function localController(): Component {
  // Copies: the process must not depend on the clone it was started from.
  const copy = path.join(folders.configuration, "controller");
  const program = readdirSync(source).map((name): [string, string] => [
    path.join(copy, name),
    readFileSync(path.join(source, name), "utf8"),
  ]);
  const settings = path.join(folders.configuration, "controller.json");
  return {
    name: "local-controller",
    command: [nodeProgram, path.join(copy, "main.ts"), settings],
    files: {
      ...Object.fromEntries(program),
      [path.join(copy, "package.json")]: JSON.stringify({ type: "module" }),
      [settings]: JSON.stringify({
        apiUrl,
        ca: keyFiles("ca").certificate,
        ...keyFiles("local-controller"),
        node: clusterName,
        folder: folders.volumes,
        socket: sockets.controller,
      }),
    },
    after: ["objects"],
    listens: [],
    isReady: () => answersHttp({ socketPath: sockets.controller }, "/"),
    grace: 1000,
  };
}
