import process from "node:process";
import type { CheckFailure, PropertyChange } from "../rpc/provider.ts";
import type { PropertyMap } from "../rpc/values.ts";
import { equal, textAt } from "../rpc/values.ts";
import { KubernetesApi, UnreachableError } from "./api.ts";
import { connectionOf } from "./kubeconfig.ts";
import type { ProviderSettings } from "./settings.ts";
import { parseSettings } from "./settings.ts";

/** A configured cluster: the way to it, and what is to be known of it. */
export interface Cluster {
  api: KubernetesApi;
  defaultNamespace: string;
  settings: ProviderSettings;
}

/** The cluster a provider resource names. @throws UserError when its kubeconfig does not lead to one */
export async function connect(settings: ProviderSettings): Promise<Cluster> {
  const connection = await connectionOf(settings.connection, process.env);
  return { api: new KubernetesApi(connection), defaultNamespace: connection.namespace, settings };
}

/** Asks the API server before anything is done: one sentence here, instead of one for every resource. */
export async function connectionFailures(settings: ProviderSettings): Promise<CheckFailure[]> {
  try {
    const { api } = await connect(settings);
    await api.get("/version");
    return [];
  } catch (error) {
    return settings.deleteUnreachable && error instanceof UnreachableError
      ? []
      : [{ reason: error instanceof Error ? error.message : String(error) }];
  }
}

/**
 * What changes between two provider configurations. All resources are replaced when the cluster becomes another one: by
 * the word of clusterIdentifier if it has one, else by its settings in the kubeconfig.
 */
export async function configChanges(olds: PropertyMap, news: PropertyMap): Promise<Map<string, PropertyChange>> {
  const changes = new Map<string, PropertyChange>();
  const identifiers = [textAt(olds, "clusterIdentifier"), textAt(news, "clusterIdentifier")];
  const identified = identifiers.every((one) => one !== undefined);
  const anotherCluster = identified
    ? identifiers[0] !== identifiers[1]
    : identifiers.every((one) => one === undefined) && (await serverOf(olds)) !== (await serverOf(news));
  const deciding = identified ? ["clusterIdentifier"] : ["kubeconfig", "context", "cluster"];
  for (const key of new Set([...Object.keys(olds), ...Object.keys(news)])) {
    if (!equal(olds[key], news[key])) {
      const kind = olds[key] === undefined ? "add" : news[key] === undefined ? "delete" : "update";
      changes.set(key, { kind, replace: anotherCluster && deciding.includes(key) });
    }
  }
  return changes;
}

async function serverOf(inputs: PropertyMap): Promise<string | undefined> {
  try {
    return (await connectionOf(parseSettings(inputs).connection, process.env)).server;
  } catch {
    // An old kubeconfig may be gone by now, which says nothing about its cluster.
    return undefined;
  }
}
