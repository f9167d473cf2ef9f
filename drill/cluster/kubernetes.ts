import { AppsV1Api, CoreV1Api, KubeConfig, type V1Pod } from "@kubernetes/client-node";
import { execa } from "execa";
import { type Place } from "../../desk/connection.ts";

/** A pod as a fault needs to know it. */
export interface PodFacts {
  readonly name: string;
  /** Another one than before: the pod was replaced. */
  readonly uid: string;
  /** "" while it has none. */
  readonly ip: string;
  readonly node: string;
  readonly ready: boolean;
  /** Of the pod's first container. */
  readonly restarts: number;
  readonly leaving: boolean;
  /** Why it is on no node, in the scheduler's words; "" where it is on one. */
  readonly unscheduled: string;
}

/** The objects of one stack, read and changed as kubectl does it. Needs no more rights than a person who runs kubectl has. */
export class Kubernetes {
  readonly place: Place;
  readonly #core: CoreV1Api;
  readonly #apps: AppsV1Api;

  constructor(place: Place) {
    this.place = place;
    const config = new KubeConfig();
    if (place.kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFile(place.kubeconfig);
    config.setCurrentContext(place.context);
    this.#core = config.makeApiClient(CoreV1Api);
    this.#apps = config.makeApiClient(AppsV1Api);
  }

  /** The pods a selector such as `app=etcd` matches, by name. */
  async pods(labelSelector: string): Promise<PodFacts[]> {
    const { items } = await this.#core.listNamespacedPod({ namespace: this.place.namespace, labelSelector });
    return items.map(factsOf).sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
  }

  /** @returns undefined where there is no such pod */
  async pod(name: string): Promise<PodFacts | undefined> {
    return await orUndefined(
      this.#core.readNamespacedPod({ name, namespace: this.place.namespace }).then((pod) => factsOf(pod)),
    );
  }

  /** @param graceSeconds undefined: as the pod says; 0: at once, without waiting for its node's word */
  async deletePod(name: string, graceSeconds: number | undefined): Promise<void> {
    await this.#core.deleteNamespacedPod({
      name,
      namespace: this.place.namespace,
      ...(graceSeconds === undefined ? {} : { gracePeriodSeconds: graceSeconds }),
    });
  }

  async claims(): Promise<string[]> {
    const { items } = await this.#core.listNamespacedPersistentVolumeClaim({ namespace: this.place.namespace });
    return items.flatMap(({ metadata }) => metadata?.name ?? []).sort();
  }

  /** The StatefulSet's number of replicas, and the images and resources of its pods. */
  async statefulSet(name: string): Promise<{ replicas: number; image: string; resources: Record<string, string> }> {
    const { spec } = await this.#apps.readNamespacedStatefulSet({ name, namespace: this.place.namespace });
    const container = spec?.template.spec?.containers[0];
    const requests = container?.resources?.requests ?? {};
    const limits = container?.resources?.limits ?? {};
    return {
      replicas: spec?.replicas ?? 1,
      image: container?.image ?? "",
      resources: { ...named("request", requests), ...named("limit", limits) },
    };
  }

  /** Changes the number of replicas as `kubectl scale` does. */
  async scale(name: string, replicas: number): Promise<void> {
    await this.#apps.patchNamespacedStatefulSetScale({
      name,
      namespace: this.place.namespace,
      body: [{ op: "replace", path: "/spec/replicas", value: replicas }],
    });
  }

  /**
   * Runs a program in a pod's first container.
   * @throws Error with what it printed where it ended badly, or did not end in time
   */
  async exec(pod: string, command: readonly string[], withinMs = 10_000): Promise<string> {
    // Detached: the Ctrl-C that ends a drill must not end what undoes it.
    const { stdout } = await execa("kubectl", [...this.kubectlArgs(), "exec", pod, "--", ...command], {
      timeout: withinMs,
      detached: true,
    });
    return stdout;
  }

  /** What leads kubectl to this place. */
  kubectlArgs(): string[] {
    const { kubeconfig, context, namespace } = this.place;
    return [...(kubeconfig === undefined ? [] : ["--kubeconfig", kubeconfig]), "--context", context, "-n", namespace];
  }
}

function named(what: string, quantities: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(quantities).map(([name, quantity]) => [`${name} ${what}`, quantity]));
}

function factsOf(pod: V1Pod): PodFacts {
  const conditions = pod.status?.conditions ?? [];
  return {
    name: pod.metadata?.name ?? "",
    uid: pod.metadata?.uid ?? "",
    ip: pod.status?.podIP ?? "",
    node: pod.spec?.nodeName ?? "",
    ready: conditions.some(({ type, status }) => type === "Ready" && status === "True"),
    restarts: pod.status?.containerStatuses?.[0]?.restartCount ?? 0,
    leaving: pod.metadata?.deletionTimestamp !== undefined,
    unscheduled: conditions.find(({ type, status }) => type === "PodScheduled" && status === "False")?.message ?? "",
  };
}

async function orUndefined<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === 404) return undefined;
    throw error;
  }
}
