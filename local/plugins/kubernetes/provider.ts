import type { Reporter } from "../rpc/engine.ts";
import type {
  CheckRequest,
  CheckResult,
  CreateRequest,
  DeleteRequest,
  DiffRequest,
  DiffResult,
  Provider,
  ReadRequest,
  UpdateRequest,
} from "../rpc/provider.ts";
import { PartialFailure } from "../rpc/provider.ts";
import type { PluginInfo } from "../rpc/provider-service.ts";
import { unsupported } from "../rpc/provider-service.ts";
import type { PropertyMap } from "../rpc/values.ts";
import { at, hasUnknown, withoutSecrets } from "../rpc/values.ts";
import type { KubernetesApi } from "./api.ts";
import { UnreachableError } from "./api.ts";
import { deleteAndWait } from "./await/gone.ts";
import type { Waiting } from "./await/ready.ts";
import { checkReady, NotReadyError, untilReady } from "./await/ready.ts";
import { createObject, find, forces, previewCreate, updateObject } from "./cluster.ts";
import type { Cluster } from "./configuration.ts";
import { configChanges, connect, connectionFailures } from "./configuration.ts";
import type { Kind } from "./kinds.ts";
import { kindOf } from "./kinds.ts";
import { fieldManagerFor, withName } from "./naming.ts";
import type { KubernetesObject } from "./object.ts";
import { annotation, nameOf, namespaceOf, withMetadata } from "./object.ts";
import { diffObjects } from "./object-diff.ts";
import { inputsFromLive, project } from "./projection.ts";
import { conceal } from "./secrecy.ts";
import { parseSettings, unservedSettings } from "./settings.ts";
import { fieldManagerOf, inputsOf, outputsOf } from "./state.ts";

/** Kubernetes objects as Pulumi resources, with the visible behaviour of the official plugin. */
export class KubernetesProvider implements Provider {
  readonly #info: PluginInfo;
  readonly #reporter: Reporter;
  readonly #cancellation = new AbortController();
  #cluster: Promise<Cluster> = Promise.reject(new Error("the kubernetes provider is not configured"));

  constructor(info: PluginInfo, reporter: Reporter) {
    this.#info = info;
    this.#reporter = reporter;
    this.#cluster.catch(() => undefined);
  }

  async checkConfig({ news }: { news: PropertyMap }): Promise<CheckResult> {
    const failures = unservedSettings(news);
    if (failures.length === 0 && !hasUnknown(news)) {
      failures.push(...(await connectionFailures(parseSettings(news))));
    }
    return { inputs: news, failures };
  }

  async diffConfig({ olds, news }: { olds: PropertyMap; news: PropertyMap }): Promise<DiffResult> {
    const changes = await configChanges(withoutSecrets(olds), withoutSecrets(news));
    return { changes, shownAgainst: "inputs", deleteBeforeReplace: false };
  }

  configure(inputs: PropertyMap): Promise<void> {
    this.#cluster = connect(parseSettings(inputs));
    // It is told with the first operation that needs the cluster.
    this.#cluster.catch(() => undefined);
    return Promise.resolve();
  }

  async check(request: CheckRequest): Promise<CheckResult> {
    const kind = kindOf(request.type);
    if (kind === undefined) {
      const reason = unsupported(this.#info, `the resource type ${request.type}`);
      return { inputs: request.news, failures: [{ reason }] };
    }
    const named = withName(request);
    return { inputs: await this.#withNamespace(kind, named), failures: [] };
  }

  async #withNamespace(kind: Kind, inputs: PropertyMap): Promise<PropertyMap> {
    if (!kind.namespaced || at(inputs, "metadata", "namespace") !== undefined) {
      return inputs;
    }
    const { defaultNamespace } = await this.#cluster;
    return withMetadata(inputs, { namespace: defaultNamespace });
  }

  async diff(request: DiffRequest): Promise<DiffResult> {
    const kind = this.#kind(request.type);
    const { settings } = await this.#cluster;
    return diffObjects(kind, settings, request);
  }

  async create(request: CreateRequest): Promise<{ id: string; outputs: PropertyMap }> {
    const kind = this.#kind(request.type);
    if (request.preview && hasUnknown(request.inputs)) {
      return { id: "", outputs: request.inputs };
    }
    const { api, settings } = await this.#cluster;
    const object = withoutSecrets(request.inputs);
    const fieldManager = annotation(object, "pulumi.com/patchFieldManager") ?? fieldManagerFor(request.urn);
    const application = {
      fieldManager,
      force: settings.patchForce || forces(object),
      signal: this.#cancellation.signal,
    };
    if (request.preview) {
      const shown = await previewCreate(api, kind, object, application);
      return { id: "", outputs: previewOutputs(shown, request.inputs, fieldManager) };
    }
    let created: KubernetesObject;
    try {
      created = await createObject(api, kind, object, { ...application, upsert: settings.upsert });
    } catch (error) {
      throw new Error(`the object was not created by the Kubernetes API server: ${messageOf(error)}`, { cause: error });
    }
    const outputs = await this.#settle(request, api, created, (now) => outputsOf(now, request.inputs, fieldManager));
    return { id: idOf(kind, created), outputs };
  }

  async update(request: UpdateRequest): Promise<PropertyMap> {
    const kind = this.#kind(request.type);
    if (request.preview && hasUnknown(request.news)) {
      return request.news;
    }
    const { api, settings } = await this.#cluster;
    const object = withoutSecrets(request.news);
    const fieldManager =
      annotation(object, "pulumi.com/patchFieldManager") ??
      fieldManagerOf(request.oldOutputs) ??
      fieldManagerFor(request.urn);
    let live: KubernetesObject;
    try {
      live = await updateObject(api, kind, object, {
        fieldManager,
        force: settings.patchForce || forces(object),
        dryRun: request.preview,
      });
    } catch (error) {
      throw new Error(`the object was not updated by the Kubernetes API server: ${messageOf(error)}`, { cause: error });
    }
    if (request.preview) {
      return previewOutputs(live, request.news, fieldManager);
    }
    return await this.#settle(request, api, live, (now) => outputsOf(now, request.news, fieldManager));
  }

  async read(request: ReadRequest): Promise<{ inputs: PropertyMap; outputs: PropertyMap } | undefined> {
    const kind = this.#kind(request.type);
    const { api, settings } = await this.#cluster;
    const { namespace, name } = parseId(request.id);
    let live: KubernetesObject | undefined;
    try {
      live = await find(api, kind, namespace, name);
    } catch (error) {
      if (error instanceof UnreachableError && settings.deleteUnreachable) {
        this.#reporter.log("warning", request.urn, `${error.message}: taken for deleted, as deleteUnreachable says`);
        return undefined;
      }
      throw error;
    }
    if (live === undefined) {
      return undefined;
    }
    const known = Object.keys(request.inputs).length > 0;
    const inputs = known ? project(live, withoutSecrets(request.inputs)) : inputsFromLive(live);
    const concealed = conceal(inputs, request.inputs);
    const state = outputsOf(live, concealed, fieldManagerOf(request.properties) ?? fieldManagerFor(request.urn));
    if (known) {
      await asPartialFailure(checkReady(api, live), { id: request.id, outputs: state, inputs: concealed });
    }
    return { inputs: concealed, outputs: state };
  }

  async delete(request: DeleteRequest): Promise<void> {
    const kind = this.#kind(request.type);
    const { api, settings } = await this.#cluster;
    const { namespace, name } = parseId(request.id);
    const known = Object.keys(request.inputs).length > 0 ? request.inputs : inputsOf(request.properties);
    try {
      const object = { namespace, name, inputs: withoutSecrets(known) };
      await deleteAndWait(this.#waiting(api, request), kind, object);
    } catch (error) {
      if (error instanceof UnreachableError && settings.deleteUnreachable) {
        this.#reporter.log("warning", request.urn, `${error.message}: taken for deleted, as deleteUnreachable says`);
        return;
      }
      throw error;
    }
    this.#reporter.status(request.urn, "");
  }

  cancel(): void {
    this.#cancellation.abort(new Error("the operation was cancelled"));
  }

  /** Waits until an object is ready, and gives its outputs as it is then. */
  async #settle(
    request: CreateRequest | UpdateRequest,
    api: KubernetesApi,
    applied: KubernetesObject,
    outputs: (live: KubernetesObject) => PropertyMap,
  ): Promise<PropertyMap> {
    const kind = this.#kind(request.type);
    const id = idOf(kind, applied);
    let waited: boolean;
    try {
      waited = await untilReady(this.#waiting(api, request), applied);
    } catch (error) {
      const live = (await find(api, kind, namespaceOf(applied), nameOf(applied)).catch(() => undefined)) ?? applied;
      throw partialFailure(error, { id, outputs: outputs(live) });
    }
    // What nothing was waited for is as the server has just said: one question less between an object and what needs it.
    if (!waited) return outputs(applied);
    const live = await find(api, kind, namespaceOf(applied), nameOf(applied)).catch(() => undefined);
    return outputs(live ?? applied);
  }

  #waiting(api: KubernetesApi, request: { urn: string; timeout: number }): Waiting {
    return {
      api,
      reporter: this.#reporter,
      urn: request.urn,
      cancelled: this.#cancellation.signal,
      timeout: request.timeout,
    };
  }

  #kind(type: string): Kind {
    const kind = kindOf(type);
    if (kind === undefined) {
      throw new Error(unsupported(this.#info, `the resource type ${type}`));
    }
    return kind;
  }
}

function previewOutputs(shown: KubernetesObject | undefined, inputs: PropertyMap, fieldManager: string): PropertyMap {
  if (shown === undefined) {
    return inputs;
  }
  // The status of an object that is not there yet would look known.
  const withoutStatus = Object.fromEntries(Object.entries(shown).filter(([key]) => key !== "status"));
  return outputsOf(withoutStatus, inputs, fieldManager);
}

function idOf(kind: Kind, live: KubernetesObject): string {
  return kind.namespaced ? `${namespaceOf(live)}/${nameOf(live)}` : nameOf(live);
}

function parseId(id: string): { namespace: string; name: string } {
  const [first = "", second] = id.split("/");
  return second === undefined ? { namespace: "default", name: first } : { namespace: first, name: second };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function partialFailure(error: unknown, state: { id: string; outputs: PropertyMap; inputs?: PropertyMap }): Error {
  const message = messageOf(error);
  const reasons = error instanceof NotReadyError ? error.reasons : [];
  return new PartialFailure(
    `the Kubernetes API server reported that "${state.id}" failed to fully initialize or become live: ${message}`,
    state,
    [message, ...reasons],
  );
}

async function asPartialFailure(
  look: Promise<void>,
  state: { id: string; outputs: PropertyMap; inputs: PropertyMap },
): Promise<void> {
  try {
    await look;
  } catch (error) {
    throw error instanceof NotReadyError ? partialFailure(error, state) : error;
  }
}
