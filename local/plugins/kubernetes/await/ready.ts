import type { Reporter } from "../../rpc/engine.ts";
import { textAt } from "../../rpc/values.ts";
import type { KubernetesApi } from "../api.ts";
import { collectionPath, kindOf } from "../kinds.ts";
import type { KubernetesObject } from "../object.ts";
import { annotation, isAnnotated, nameOf, namespaceOf } from "../object.ts";
import type { Selection } from "./observe.ts";
import { observe } from "./observe.ts";
import type { Readiness } from "./readiness.ts";
import {
  claimReadiness,
  deploymentReadiness,
  isUnawaitedService,
  serviceReadiness,
  statefulSetReadiness,
} from "./readiness.ts";
import { workloadProblems } from "./workload-problems.ts";

/** An object is there, but not what it should be. */
export class NotReadyError extends Error {
  override readonly name = "NotReadyError";
  readonly reasons: readonly string[];

  constructor(message: string, reasons: readonly string[]) {
    super(message);
    this.reasons = reasons;
  }
}

/** Who waits, and for how long. */
export interface Waiting {
  api: KubernetesApi;
  reporter: Reporter;
  urn: string;
  /** Given when the user wants to stop. */
  cancelled: AbortSignal;
  /** In seconds, from the resource's customTimeouts; 0: its annotation pulumi.com/timeoutSeconds, else its default. */
  timeout: number;
}

/** In seconds, as the official plugin has them. */
const defaultTimeout = 600;
const defaultClaimTimeout = 300;

/** When the pods' reasons are first shown while it is still waited, and how often then, in ms. */
const reasonsInterval = 5_000;

/** Asking for reasons after the time is up may take this long, in ms. */
const reasonsLimit = 5_000;

interface Awaited {
  selection: Selection;
  judge: (found: readonly KubernetesObject[]) => Readiness;
  defaultTimeout: number;
  explain: (signal: AbortSignal) => Promise<string[]>;
}

/**
 * Waits until an object that was created or changed is ready, with its progress as the resource's status.
 * @returns whether there was anything to wait for: if so, the object has changed meanwhile
 * @throws NotReadyError with the pods' own reasons when the time is up or the user wants to stop
 */
export async function untilReady(waiting: Waiting, live: KubernetesObject): Promise<boolean> {
  const awaited = await awaitedOf(waiting.api, live);
  if (awaited === undefined) {
    return false;
  }
  const seconds = timeoutOf(waiting.timeout, live, awaited.defaultTimeout);
  const timeout = AbortSignal.timeout(seconds * 1000);
  const signal = AbortSignal.any([waiting.cancelled, timeout]);
  let readiness: Readiness | undefined;
  const stopExplaining = explainMeanwhile(waiting, awaited, signal);
  try {
    for await (const found of observe(waiting.api, awaited.selection, signal)) {
      readiness = awaited.judge(found);
      waiting.reporter.status(waiting.urn, readiness.ready ? "" : readiness.progress);
      if (readiness.ready) {
        break;
      }
    }
    return true;
  } catch (error) {
    if (!signal.aborted) {
      throw error;
    }
    const message = waiting.cancelled.aborted
      ? `Resource operation was cancelled for "${nameOf(live)}"`
      : `'${nameOf(live)}' timed out waiting to be Ready (after ${seconds} s)`;
    throw new NotReadyError(message, [...(readiness?.problems ?? []), ...(await reasons(awaited))]);
  } finally {
    stopExplaining();
  }
}

/**
 * Looks whether a live object is ready.
 * @throws NotReadyError with the pods' own reasons when it is not
 */
export async function checkReady(api: KubernetesApi, live: KubernetesObject): Promise<void> {
  const awaited = await awaitedOf(api, live);
  if (awaited === undefined) {
    return;
  }
  const { path, ...selectors } = awaited.selection;
  const found = awaited.selection.fieldSelector === undefined ? (await api.list(path, selectors)).items : [live];
  const readiness = awaited.judge(found);
  if (!readiness.ready) {
    throw new NotReadyError(`Resource '${nameOf(live)}' was created but failed to initialize`, [
      ...readiness.problems,
      ...(await reasons(awaited)),
    ]);
  }
}

/** The time a wait may take, in seconds. */
export function timeoutOf(requested: number, object: KubernetesObject, fallback: number): number {
  const annotated = Number(annotation(object, "pulumi.com/timeoutSeconds") ?? "");
  if (requested > 0) {
    return requested;
  }
  return annotated > 0 ? annotated : fallback;
}

async function awaitedOf(api: KubernetesApi, live: KubernetesObject): Promise<Awaited | undefined> {
  if (isAnnotated(live, "pulumi.com/skipAwait")) {
    return undefined;
  }
  switch (textAt(live, "kind")) {
    case "StatefulSet":
      return workload(api, live, statefulSetReadiness);
    case "Deployment":
      return workload(api, live, deploymentReadiness);
    case "Service":
      return isUnawaitedService(live) ? undefined : service(live);
    case "PersistentVolumeClaim":
      return await claim(api, live);
    default:
      return undefined;
  }
}

function workload(
  api: KubernetesApi,
  live: KubernetesObject,
  readiness: (live: KubernetesObject) => Readiness,
): Awaited {
  return {
    selection: itself(live),
    judge: (found) => readiness(only(found, live)),
    defaultTimeout,
    explain: (signal) => workloadProblems(api, live, signal),
  };
}

function service(live: KubernetesObject): Awaited {
  const slices = { apiVersion: "discovery.k8s.io/v1", plural: "endpointslices", namespaced: true };
  return {
    selection: {
      path: collectionPath(slices, namespaceOf(live)),
      labelSelector: `kubernetes.io/service-name=${nameOf(live)}`,
    },
    judge: (found) => serviceReadiness(live, found),
    defaultTimeout,
    explain: () => Promise.resolve([]),
  };
}

async function claim(api: KubernetesApi, live: KubernetesObject): Promise<Awaited> {
  const className = textAt(live, "spec", "storageClassName");
  const storageClass =
    className === undefined || className === ""
      ? undefined
      : await api.get(`/apis/storage.k8s.io/v1/storageclasses/${encodeURIComponent(className)}`);
  const waits = textAt(storageClass, "volumeBindingMode") === "WaitForFirstConsumer";
  return {
    selection: itself(live),
    judge: (found) => claimReadiness(only(found, live), waits),
    defaultTimeout: defaultClaimTimeout,
    explain: () => Promise.resolve([]),
  };
}

function itself(live: KubernetesObject): Selection {
  const kind = kindOf(tokenOf(live));
  if (kind === undefined) {
    throw new Error(`no kind is known for ${tokenOf(live)}`);
  }
  return { path: collectionPath(kind, namespaceOf(live)), fieldSelector: `metadata.name=${nameOf(live)}` };
}

function tokenOf(live: KubernetesObject): string {
  const apiVersion = textAt(live, "apiVersion") ?? "";
  return `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${textAt(live, "kind") ?? ""}`;
}

function only(found: readonly KubernetesObject[], live: KubernetesObject): KubernetesObject {
  const [object] = found;
  if (object === undefined) {
    throw new NotReadyError(`'${nameOf(live)}' was deleted while it was waited for`, []);
  }
  return object;
}

function explainMeanwhile(waiting: Waiting, awaited: Awaited, signal: AbortSignal): () => void {
  const timer = setInterval(() => {
    awaited.explain(signal).then(
      (problems) => {
        const [first] = problems;
        if (first !== undefined && !signal.aborted) {
          waiting.reporter.status(waiting.urn, first);
        }
      },
      // The wait itself meets the same trouble, and tells.
      () => undefined,
    );
  }, reasonsInterval);
  return () => clearInterval(timer);
}

async function reasons(awaited: Awaited): Promise<string[]> {
  try {
    return await awaited.explain(AbortSignal.timeout(reasonsLimit));
  } catch (error) {
    return [`the pods' reasons could not be read: ${error instanceof Error ? error.message : String(error)}`];
  }
}
