import { setTimeout as delay } from "node:timers/promises";
import type { KubernetesApi } from "../api.ts";
import { UnreachableError } from "../api.ts";
import type { KubernetesObject } from "../object.ts";
import { nameOf } from "../object.ts";
import { textAt } from "../../rpc/values.ts";

/** The objects of a collection that a watch selects. */
export interface Selection {
  path: string;
  fieldSelector?: string;
  labelSelector?: string;
}

/** How long to wait before a server that broke off a watch is asked again, in ms. */
const pauseAfterBreak = 250;

/**
 * The objects of a selection, now and after every change. Goes on over broken connections and restarts of the API
 * server, until the signal is given: then it throws the signal's reason.
 */
export async function* observe(
  api: KubernetesApi,
  selection: Selection,
  signal: AbortSignal,
): AsyncGenerator<readonly KubernetesObject[]> {
  const { path, ...selectors } = selection;
  for (;;) {
    try {
      const listed = await api.list(path, selectors, signal);
      const objects = new Map(listed.items.map((object) => [nameOf(object), object]));
      yield [...objects.values()];
      const query = { ...selectors, resourceVersion: listed.resourceVersion };
      for await (const event of api.watch(path, query, signal)) {
        if (event.type === "ERROR") {
          break;
        }
        apply(objects, event.type, event.object);
        yield [...objects.values()];
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!isBreak(error)) {
        throw error;
      }
    }
    await delay(pauseAfterBreak, undefined, { signal });
  }
}

function apply(objects: Map<string, KubernetesObject>, type: string, object: KubernetesObject): void {
  if (type === "DELETED") {
    objects.delete(nameOf(object));
  } else if (textAt(object, "metadata", "name") !== undefined) {
    objects.set(nameOf(object), object);
  }
}

function isBreak(error: unknown): boolean {
  if (error instanceof UnreachableError) {
    return true;
  }
  return (
    error instanceof Error &&
    "code" in error &&
    ["ECONNRESET", "ERR_STREAM_PREMATURE_CLOSE"].includes(String(error.code))
  );
}
