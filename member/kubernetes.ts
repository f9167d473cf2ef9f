import { readFileSync } from "node:fs";
import { call, NoAnswer, type Answer } from "./http.ts";
import { asNumber, asText, asTextMap, field, parseJson, type Json } from "./json.ts";
import { Trouble } from "./trouble.ts";

const ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

/** The API server answered, and the answer is no. */
export class Denied extends Trouble {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export interface StatefulSetWord {
  readonly replicas: number;
  /** It is being deleted: what it says of replicas counts no more. */
  readonly deleting: boolean;
  /** What makes an object go when the StatefulSet does; undefined where volumes outlive it, and so must the latch. */
  readonly owner: OwnerReference | undefined;
}

/** As in an object's metadata.ownerReferences. */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

/** The claims go with a StatefulSet whose retention policy says so. */
function ownerIn(statefulSet: Json, name: string): OwnerReference | undefined {
  const uid = asText(field(statefulSet, "metadata", "uid"));
  const volumes = field(statefulSet, "spec", "persistentVolumeClaimRetentionPolicy", "whenDeleted");
  return uid === undefined || volumes !== "Delete"
    ? undefined
    : { apiVersion: "apps/v1", kind: "StatefulSet", name, uid };
}

/** It is deleted, and there until whatever holds it lets go. */
function isGoing(object: Json): boolean {
  return field(object, "metadata", "deletionTimestamp") !== undefined;
}

export interface PodWord {
  /** It was told to stop, or is about to be. */
  readonly deleting: boolean;
}

export interface ClaimWord {
  /** It goes as soon as no pod uses it, and the volume with it. */
  readonly deleting: boolean;
}

/**
 * What a member may ask of Kubernetes, by its namespaced Role. Every call has a deadline and none is retried.
 *
 * All throw NoAnswer, Denied, UnexpectedAnswer.
 */
export interface Kubernetes {
  /** @returns undefined where there is none */
  statefulSet(name: string): Promise<StatefulSetWord | undefined>;
  /** @returns the ConfigMap's data, undefined where there is none */
  configMap(name: string): Promise<Readonly<Record<string, string>> | undefined>;
  /** @returns false where one of that name was there already: the first to create it wins */
  createConfigMap(
    metadata: { name: string; labels: Record<string, string>; ownerReferences?: OwnerReference[] },
    data: Record<string, string>,
  ): Promise<boolean>;
  /**
   * Sets one key, but only while it still holds what the caller saw.
   *
   * @returns false where the key held something else by now
   */
  compareAndSet(name: string, key: string, seen: string, value: string): Promise<boolean>;
  /** @returns undefined where there is none; a pod that is on its way out is there until it is gone */
  pod(name: string): Promise<PodWord | undefined>;
  /** A pod is deleted with its grace period. */
  deletePod(name: string): Promise<void>;
  /** @returns undefined where there is none */
  claim(name: string): Promise<ClaimWord | undefined>;
  deleteClaim(name: string): Promise<void>;
}

/** Kubernetes as a pod reaches it. */
export class ApiServer implements Kubernetes {
  readonly #namespace: string;
  readonly #withinMs: number;

  constructor(namespace: string, withinMs: number) {
    this.#namespace = namespace;
    this.#withinMs = withinMs;
  }

  async statefulSet(name: string): Promise<StatefulSetWord | undefined> {
    const json = await this.#get(`/apis/apps/v1/namespaces/${this.#namespace}/statefulsets/${name}`);
    if (json === undefined) return undefined;
    return {
      replicas: asNumber(field(json, "spec", "replicas")) ?? 1,
      deleting: isGoing(json),
      owner: ownerIn(json, name),
    };
  }

  async configMap(name: string): Promise<Readonly<Record<string, string>> | undefined> {
    const json = await this.#get(`${this.#configMaps()}/${name}`);
    return json === undefined ? undefined : asTextMap(field(json, "data"));
  }

  async createConfigMap(
    metadata: { name: string; labels: Record<string, string>; ownerReferences?: OwnerReference[] },
    data: Record<string, string>,
  ): Promise<boolean> {
    const body = { apiVersion: "v1", kind: "ConfigMap", metadata, data };
    const answer = await this.#send("POST", this.#configMaps(), JSON.stringify(body), "application/json");
    if (answer.status === 409) return false;
    orDenied(answer, `create ConfigMap ${this.#namespace}/${metadata.name}`);
    return true;
  }

  /** A JSON patch whose `test` fails changes nothing. */
  async compareAndSet(name: string, key: string, seen: string, value: string): Promise<boolean> {
    const path = `/data/${key}`;
    const patch = JSON.stringify([
      { op: "test", path, value: seen },
      { op: "replace", path, value },
    ]);
    const answer = await this.#send("PATCH", `${this.#configMaps()}/${name}`, patch, "application/json-patch+json");
    if (answer.status === 422 || answer.status === 409) return false;
    orDenied(answer, `patch ConfigMap ${this.#namespace}/${name}`);
    return true;
  }

  async pod(name: string): Promise<PodWord | undefined> {
    const json = await this.#get(`/api/v1/namespaces/${this.#namespace}/pods/${name}`);
    if (json === undefined) return undefined;
    return { deleting: isGoing(json) };
  }

  async deletePod(name: string): Promise<void> {
    const answer = await this.#send("DELETE", `/api/v1/namespaces/${this.#namespace}/pods/${name}`);
    if (answer.status !== 404) orDenied(answer, `delete pod ${this.#namespace}/${name}`);
  }

  async claim(name: string): Promise<ClaimWord | undefined> {
    const json = await this.#get(this.#claim(name));
    if (json === undefined) return undefined;
    return { deleting: isGoing(json) };
  }

  async deleteClaim(name: string): Promise<void> {
    const answer = await this.#send("DELETE", this.#claim(name));
    if (answer.status !== 404) orDenied(answer, `delete claim ${this.#namespace}/${name}`);
  }

  #claim(name: string): string {
    return `/api/v1/namespaces/${this.#namespace}/persistentvolumeclaims/${name}`;
  }

  #configMaps(): string {
    return `/api/v1/namespaces/${this.#namespace}/configmaps`;
  }

  async #get(path: string): Promise<Json | undefined> {
    const answer = await this.#send("GET", path);
    if (answer.status === 404) return undefined;
    orDenied(answer, `get ${path}`);
    return parseJson(answer.text, path);
  }

  /** The token is read anew for each call: the kubelet renews it while the pod lives. */
  async #send(
    method: "GET" | "POST" | "PATCH" | "DELETE",
    path: string,
    body?: string,
    contentType?: string,
  ): Promise<Answer> {
    const host = process.env["KUBERNETES_SERVICE_HOST"];
    if (host === undefined) throw new NoAnswer("KUBERNETES_SERVICE_HOST is not set");
    const authority = `${host.includes(":") ? `[${host}]` : host}:${process.env["KUBERNETES_SERVICE_PORT"] ?? "443"}`;
    return await call({
      url: `https://${authority}${path}`,
      method,
      headers: {
        authorization: `Bearer ${credential("token").trim()}`,
        accept: "application/json",
        ...(contentType === undefined ? {} : { "content-type": contentType }),
      },
      ca: credential("ca.crt"),
      withinMs: this.#withinMs,
      ...(body === undefined ? {} : { body }),
    });
  }
}

/** A pod without its token can ask nothing, and must start with its data all the same. */
function credential(name: string): string {
  try {
    return readFileSync(`${ACCOUNT}/${name}`, "utf8");
  } catch (error) {
    throw new NoAnswer(`the service account can't be read: ${(error as Error).message}`);
  }
}

/** 5xx and 429 are the API server's trouble, not its word: whoever asks treats them as silence. */
function orDenied(answer: Answer, what: string): void {
  if (answer.status >= 200 && answer.status < 300) return;
  if (answer.status >= 500 || answer.status === 429)
    throw new NoAnswer(`the API server answered ${answer.status} to ${what}`);
  const message = field(parseJson(answer.text, what), "message");
  throw new Denied(
    answer.status,
    `the API server refused to ${what}: ${typeof message === "string" ? message : answer.status}`,
  );
}
