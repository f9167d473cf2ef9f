import { textAt } from "../../rpc/values.ts";
import { isNotFound } from "../api.ts";
import type { Kind } from "../kinds.ts";
import { collectionPath } from "../kinds.ts";
import type { KubernetesObject } from "../object.ts";
import { annotation, condition, isAnnotated, uidOf } from "../object.ts";
import { observe } from "./observe.ts";
import { timeoutOf } from "./ready.ts";
import type { Waiting } from "./ready.ts";
import { listAt } from "../../rpc/values.ts";

/** In seconds. */
const defaultTimeout = 600;

// What of a namespace's deletion takes time, as the namespace controller tells in its conditions.
const namespaceConditions = [
  "NamespaceDeletionDiscoveryFailure",
  "NamespaceDeletionContentFailure",
  "NamespaceContentRemaining",
  "NamespaceFinalizersRemaining",
];

/**
 * Deletes an object and waits until it is gone, with the pods it owns. One that is gone already is fine.
 * @throws Error when it is still there after the timeout, with what holds it
 */
export async function deleteAndWait(
  waiting: Waiting,
  kind: Kind,
  object: { namespace: string; name: string; inputs: KubernetesObject },
): Promise<void> {
  const collection = collectionPath(kind, object.namespace);
  let deleted: KubernetesObject;
  try {
    deleted = await waiting.api.delete(
      `${collection}/${encodeURIComponent(object.name)}`,
      propagationPolicy(kind, object.inputs),
    );
  } catch (error) {
    if (isNotFound(error)) {
      return;
    }
    throw error;
  }
  // The server answers with the object while something has still to be done, with a Status when all is.
  if (textAt(deleted, "kind") === "Status" || isAnnotated(object.inputs, "pulumi.com/skipAwait")) {
    return;
  }
  await untilGone(waiting, kind, { ...object, collection, uid: uidOf(deleted) });
}

/** Foreground for what owns pods: they go first. For anything else it would only wait for the garbage collector. */
function propagationPolicy(kind: Kind, inputs: KubernetesObject): string {
  const chosen = annotation(inputs, "pulumi.com/deletionPropagationPolicy");
  const policy = chosen ?? (kind.hasDependents ? "foreground" : "background");
  return policy.charAt(0).toUpperCase() + policy.slice(1);
}

async function untilGone(
  waiting: Waiting,
  kind: Kind,
  object: { collection: string; name: string; uid: string; inputs: KubernetesObject },
): Promise<void> {
  const seconds = timeoutOf(waiting.timeout, object.inputs, defaultTimeout);
  const signal = AbortSignal.any([waiting.cancelled, AbortSignal.timeout(seconds * 1000)]);
  const selection = { path: object.collection, fieldSelector: `metadata.name=${object.name}` };
  let last: KubernetesObject | undefined;
  try {
    for await (const found of observe(waiting.api, selection, signal)) {
      // Another object of the same name was made meanwhile: the one that was to go is gone.
      last = found.find((one) => uidOf(one) === object.uid);
      if (last === undefined) {
        return;
      }
      waiting.reporter.status(waiting.urn, holdUps(last)[0] ?? "Waiting for deletion to finish");
    }
  } catch (error) {
    if (!signal.aborted) {
      throw error;
    }
    const what = `deletion of ${kind.apiVersion}/${kind.kind} "${object.name}"`;
    const held = last === undefined ? [] : holdUps(last);
    throw new Error(
      [
        waiting.cancelled.aborted ? `the ${what} was cancelled` : `Timed out waiting for ${what} (after ${seconds} s)`,
        ...held,
      ].join(": "),
    );
  }
}

/** What an object that is being deleted still waits for, in the server's words. */
function holdUps(object: KubernetesObject): string[] {
  const finalizers = listAt(object, "metadata", "finalizers").filter((one) => typeof one === "string");
  return [
    ...namespaceConditions
      .map((type) => condition(object, type))
      .filter((one) => one?.status === "True")
      .map((one) => one?.message ?? ""),
    ...(finalizers.length === 0 ? [] : [`Waiting for finalizers: ${finalizers.join(", ")}`]),
  ];
}
