import type { KubernetesApi } from "./api.ts";
import { ApiError, isNamespaceMissing, isNotFound } from "./api.ts";
import type { Kind } from "./kinds.ts";
import { collectionPath } from "./kinds.ts";
import type { KubernetesObject } from "./object.ts";
import { isAnnotated, nameOf, namespaceOf, withMetadata } from "./object.ts";
import type { PropertyMap } from "../rpc/values.ts";

/** Where an object is. */
function objectPath(kind: Kind, namespace: string, name: string): string {
  return `${collectionPath(kind, namespace)}/${encodeURIComponent(name)}`;
}

/** The live object, or undefined when there is none. */
export async function find(
  api: KubernetesApi,
  kind: Kind,
  namespace: string,
  name: string,
): Promise<KubernetesObject | undefined> {
  try {
    return await api.get(objectPath(kind, namespace, name));
  } catch (error) {
    if (isNotFound(error)) {
      return undefined;
    }
    throw error;
  }
}

/** How an object is applied. It can't be cut off: nobody would know whether it was done. */
export interface Application {
  fieldManager: string;
  /** True: fields that others own are taken over. */
  force: boolean;
}

/**
 * Creates an object by server-side apply, so that its fields are owned as later applies expect it.
 * @param upsert true: one that exists is taken over; otherwise it is an error, like the API server's own AlreadyExists
 */
export async function createObject(
  api: KubernetesApi,
  kind: Kind,
  object: PropertyMap,
  options: Application & { upsert: boolean },
): Promise<KubernetesObject> {
  const [namespace, name] = [namespaceOf(object), nameOf(object)];
  const taken = (): Error => new Error(`${resourceName(kind)} "${name}" already exists`);
  // Server-side apply has no "only if there is none": it is looked up before, and the answer tells whether one came
  // in between.
  if (!options.upsert && (await find(api, kind, namespace, name)) !== undefined) {
    throw taken();
  }
  const path = objectPath(kind, namespace, name);
  const applied = await apply(api, path, object, { ...options, dryRun: false });
  if (!applied.created && !options.upsert) {
    throw taken();
  }
  return applied.object;
}

/** Changes an object by server-side apply. */
export async function updateObject(
  api: KubernetesApi,
  kind: Kind,
  object: PropertyMap,
  options: Application & { dryRun: boolean },
): Promise<KubernetesObject> {
  const path = objectPath(kind, namespaceOf(object), nameOf(object));
  return (await apply(api, path, object, options)).object;
}

/**
 * What a create would give, by the server's own word (dry run), so that a preview shows errors of the object's form.
 * Undefined when the server can't tell: its namespace is not there yet, or asking is not allowed.
 */
export async function previewCreate(
  api: KubernetesApi,
  kind: Kind,
  object: PropertyMap,
  options: Application,
): Promise<KubernetesObject | undefined> {
  const [namespace, name] = [namespaceOf(object), nameOf(object)];
  const exists = (await find(api, kind, namespace, name)) !== undefined;
  // One that is there is to be replaced: what can't be changed in it must not get in the way of the preview.
  const trial = exists ? withMetadata(object, { name: `${name.slice(0, 50)}-preview` }) : object;
  const path = objectPath(kind, namespace, nameOf(trial));
  try {
    const dryRun = { fieldManager: options.fieldManager, force: true, dryRun: true };
    return withMetadata((await apply(api, path, trial, dryRun)).object, { name });
  } catch (error) {
    if (isNamespaceMissing(error) || (error instanceof ApiError && error.status === 403)) {
      return undefined;
    }
    // Nobody but this preview knows the trial by its name.
    throw error instanceof Error ? new Error(error.message.replaceAll(nameOf(trial), name), { cause: error }) : error;
  }
}

/** True when an object says that it takes over fields that others own. */
export function forces(object: PropertyMap): boolean {
  return isAnnotated(object, "pulumi.com/patchForce");
}

async function apply(
  api: KubernetesApi,
  path: string,
  object: PropertyMap,
  options: { fieldManager: string; force: boolean; dryRun: boolean },
): Promise<{ object: KubernetesObject; created: boolean }> {
  try {
    return await api.apply(path, object, options);
  } catch (error) {
    if (error instanceof ApiError && error.status === 409 && error.reason === "Conflict") {
      throw conflict(error, options.fieldManager);
    }
    throw error;
  }
}

/** In the official plugin's words, with what to do about it. */
function conflict(error: ApiError, fieldManager: string): Error {
  return new Error(
    "Server-Side Apply field conflict detected: somebody else has changed a field this resource declares. " +
      'Undo that change, or set the annotation pulumi.com/patchForce: "true" on the resource to take the field over.\n' +
      `The resource managed by field manager "${fieldManager}" had an apply conflict: ${error.message}`,
    { cause: error },
  );
}

/** `statefulsets.apps`, as the API server names kinds in its messages. */
function resourceName(kind: Kind): string {
  const [group, version] = kind.apiVersion.split("/");
  return version === undefined ? kind.plural : `${kind.plural}.${group ?? ""}`;
}
