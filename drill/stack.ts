import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { parse } from "yaml";
import { type Place } from "../desk/connection.ts";
import { DrillError } from "./options.ts";

const project = path.join(import.meta.dirname, "..");
const localContext = "etcd-local";

/** Where a stack's cluster is, by its settings file: no Pulumi engine is needed to break it. */
export interface Stack {
  readonly place: Place;
  /** Of the StatefulSet. */
  readonly name: string;
}

/** @throws DrillError where there is no such file or it names no context */
export async function findStack(stack: string, configFile: string | undefined): Promise<Stack> {
  const file = configFile ?? path.join(project, `Pulumi.${stack.split("/").at(-1) ?? stack}.yaml`);
  if (!existsSync(file)) throw new DrillError(`there is no stack file ${file}: name a stack that has one with --stack`);
  const { config = {} } = (parse(readFileSync(file, "utf8")) ?? {}) as { config?: Record<string, unknown> };
  const text = (key: string): string | undefined => {
    const value = config[`etcd:${key}`];
    return typeof value === "string" ? value : undefined;
  };
  const context = text("context");
  if (context === undefined) throw new DrillError(`${file} sets no etcd:context, which says where the cluster is`);
  const kubeconfig = text("kubeconfig");
  if (context === localContext && kubeconfig === undefined) await useLocalPrograms();
  return { place: { kubeconfig, context, namespace: text("namespace") ?? "etcd" }, name: text("name") ?? "etcd" };
}

/** The local cluster's kubectl, iptables and kubeconfig, as its own command tells a shell. */
async function useLocalPrograms(): Promise<void> {
  const { stdout } = await execa(process.execPath, [path.join(project, "local", "cluster", "command.ts"), "env"]);
  for (const [, key = "", value = ""] of stdout.matchAll(/^export (PATH|KUBECONFIG)='([^']*)'$/gm)) {
    process.env[key] = value;
  }
}
