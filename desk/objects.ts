import { Unreachable, type Call, type Connection } from "./connection.ts";

const ANSWERS_WITHIN_MS = 3_000;

/** The claim template's name (components/names.ts): a claim is called data-etcd-0. */
const CLAIM_TEMPLATE = "data";

export interface StatefulSetSeen {
  /** `spec.replicas`: 0 is hibernation. */
  readonly replicas: number;
  readonly readyReplicas: number;
  /** The member image of the pod template. */
  readonly image: string;
  /** The pod template as the API server has it, defaults included. */
  readonly template: unknown;
}

export interface PodSeen {
  readonly name: string;
  readonly ordinal: number;
  readonly uid: string;
  /** "Running", "Pending" …; "Terminating" while it is on its way out. */
  readonly phase: string;
  readonly restarts: number;
  readonly image: string;
  readonly node: string;
}

export interface ClaimSeen {
  readonly name: string;
  readonly uid: string;
  readonly ordinal: number;
  /** "Bound", "Pending", "Lost"; "Terminating" while it is on its way out. */
  readonly phase: string;
  /** As Kubernetes writes it ("1Gi"), "" while there is no volume. */
  readonly size: string;
}

interface Meta {
  readonly metadata?: { readonly name?: string; readonly uid?: string; readonly deletionTimestamp?: string };
}

interface Container {
  readonly image?: string;
  readonly restartCount?: number;
}

interface Pod extends Meta {
  readonly spec?: { readonly containers?: readonly Container[]; readonly nodeName?: string };
  readonly status?: { readonly phase?: string; readonly containerStatuses?: readonly Container[] };
}

interface Claim extends Meta {
  readonly status?: { readonly phase?: string; readonly capacity?: { readonly storage?: string } };
}

interface StatefulSet extends Meta {
  readonly spec?: {
    readonly replicas?: number;
    readonly template?: { readonly spec?: { readonly containers?: readonly Container[] } };
  };
  readonly status?: { readonly readyReplicas?: number };
}

/** The objects of one cluster: those that belong to the StatefulSet of this name, and no others. */
export class ClusterObjects {
  readonly #connection: Connection;
  readonly #namespace: string;
  readonly name: string;

  constructor(connection: Connection, namespace: string, name: string) {
    this.#connection = connection;
    this.#namespace = namespace;
    this.name = name;
  }

  /** @returns undefined where there is none, or it is being deleted */
  async statefulSet(): Promise<StatefulSetSeen | undefined> {
    const found = (await this.#get(`/apis/apps/v1/${this.#in("statefulsets")}/${this.name}`)) as
      StatefulSet | undefined;
    if (found === undefined || found.metadata?.deletionTimestamp !== undefined) return undefined;
    return {
      replicas: found.spec?.replicas ?? 1,
      readyReplicas: found.status?.readyReplicas ?? 0,
      image: found.spec?.template?.spec?.containers?.[0]?.image ?? "",
      template: found.spec?.template,
    };
  }

  async pods(): Promise<PodSeen[]> {
    const list = (await this.#get(`/api/v1/${this.#in("pods")}`)) as { items?: Pod[] } | undefined;
    return this.#own(list?.items, `${this.name}-`).map(({ item, name, ordinal }) => ({
      name,
      ordinal,
      uid: item.metadata?.uid ?? "",
      phase: phaseOf(item, item.status?.phase),
      restarts: item.status?.containerStatuses?.[0]?.restartCount ?? 0,
      image: item.spec?.containers?.[0]?.image ?? "",
      node: item.spec?.nodeName ?? "",
    }));
  }

  async claims(): Promise<ClaimSeen[]> {
    const list = (await this.#get(`/api/v1/${this.#in("persistentvolumeclaims")}`)) as { items?: Claim[] } | undefined;
    return this.#own(list?.items, `${CLAIM_TEMPLATE}-${this.name}-`).map(({ item, name, ordinal }) => ({
      name,
      uid: item.metadata?.uid ?? "",
      ordinal,
      phase: phaseOf(item, item.status?.phase),
      size: item.status?.capacity?.storage ?? "",
    }));
  }

  /** @returns the latch's data, undefined where there is no latch */
  async latch(): Promise<Readonly<Record<string, string>> | undefined> {
    const found = (await this.#get(this.#latch())) as { data?: Record<string, string> } | undefined;
    return found === undefined ? undefined : (found.data ?? {});
  }

  /** Sets these keys of the latch, all or none; the other keys stay. */
  async setInLatch(data: Readonly<Record<string, string>>): Promise<void> {
    await this.#send({
      method: "PATCH",
      path: this.#latch(),
      body: { data },
      contentType: "application/merge-patch+json",
      withinMs: ANSWERS_WITHIN_MS,
    });
  }

  /** Asks for the deletion, which takes its time; that there is none is as good. */
  async deletePod(name: string): Promise<void> {
    await this.#delete(`/api/v1/${this.#in("pods")}/${name}`);
  }

  /** Likewise; Kubernetes keeps a claim as long as a pod uses it. */
  async deleteClaim(ordinal: number): Promise<void> {
    await this.#delete(`/api/v1/${this.#in("persistentvolumeclaims")}/${this.claimName(ordinal)}`);
  }

  claimName(ordinal: number): string {
    return `${CLAIM_TEMPLATE}-${this.name}-${ordinal}`;
  }

  #in(kind: string): string {
    return `namespaces/${this.#namespace}/${kind}`;
  }

  #latch(): string {
    return `/api/v1/${this.#in("configmaps")}/${this.name}-latch`;
  }

  #own<T extends Meta>(items: readonly T[] | undefined, prefix: string): { item: T; name: string; ordinal: number }[] {
    return (items ?? [])
      .flatMap((item) => {
        const name = item.metadata?.name ?? "";
        const rest = name.startsWith(prefix) ? name.slice(prefix.length) : "";
        return /^\d+$/.test(rest) ? [{ item, name, ordinal: Number(rest) }] : [];
      })
      .sort((a, b) => a.ordinal - b.ordinal);
  }

  async #get(path: string): Promise<unknown> {
    return await this.#send({ method: "GET", path, withinMs: ANSWERS_WITHIN_MS });
  }

  async #delete(path: string): Promise<void> {
    await this.#send({ method: "DELETE", path, withinMs: ANSWERS_WITHIN_MS });
  }

  /** @returns the parsed answer, undefined where there is no such object */
  async #send(call: Call): Promise<unknown> {
    const { status, text } = await this.#connection.send(call);
    if (status === 404) return undefined;
    if (status >= 200 && status < 300) return JSON.parse(text) as unknown;
    throw new Unreachable(`the API server answered ${status} to ${call.method} ${call.path}: ${messageIn(text)}`);
  }
}

function phaseOf(item: Meta, phase: string | undefined): string {
  return item.metadata?.deletionTimestamp === undefined ? (phase ?? "Unknown") : "Terminating";
}

function messageIn(text: string): string {
  try {
    return (JSON.parse(text) as { message?: string }).message ?? text;
  } catch {
    return text;
  }
}
