import type { PropertyMap } from "../rpc/values.ts";
import { at, isMap, numberAt, textAt } from "../rpc/values.ts";

/** A Kubernetes object, or the wish for one, of any kind. */
export type KubernetesObject = PropertyMap;

export function nameOf(object: KubernetesObject): string {
  return textAt(object, "metadata", "name") ?? "";
}

/** The namespace an object names, or `default`, as the API server has it. */
export function namespaceOf(object: KubernetesObject): string {
  return textAt(object, "metadata", "namespace") ?? "default";
}

export function uidOf(object: KubernetesObject): string {
  return textAt(object, "metadata", "uid") ?? "";
}

export function generationOf(object: KubernetesObject): number {
  return numberAt(object, "metadata", "generation") ?? 0;
}

export function annotation(object: KubernetesObject, key: string): string | undefined {
  return textAt(object, "metadata", "annotations", key);
}

/** True when an annotation says "true". */
export function isAnnotated(object: KubernetesObject, key: string): boolean {
  return annotation(object, key) === "true";
}

/** True when one of the object's owners has this UID. */
export function isOwnedBy(object: KubernetesObject, ownerUid: string): boolean {
  const owners = at(object, "metadata", "ownerReferences");
  return Array.isArray(owners) && owners.some((owner) => textAt(owner, "uid") === ownerUid);
}

/** The condition of a type in an object's status. */
export function condition(
  object: KubernetesObject,
  type: string,
): { status: string; reason: string; message: string } | undefined {
  const conditions = at(object, "status", "conditions");
  const found = Array.isArray(conditions) ? conditions.find((one) => textAt(one, "type") === type) : undefined;
  return found === undefined
    ? undefined
    : {
        status: textAt(found, "status") ?? "",
        reason: textAt(found, "reason") ?? "",
        message: textAt(found, "message") ?? "",
      };
}

/** The same object with some of its metadata set otherwise. */
export function withMetadata(object: KubernetesObject, changes: PropertyMap): KubernetesObject {
  const metadata = at(object, "metadata");
  return { ...object, metadata: { ...(isMap(metadata) ? metadata : {}), ...changes } };
}

/** The same object without these members of its metadata. */
export function withoutMetadata(object: KubernetesObject, members: readonly string[]): KubernetesObject {
  const metadata = at(object, "metadata");
  if (!isMap(metadata)) {
    return object;
  }
  return {
    ...object,
    metadata: Object.fromEntries(Object.entries(metadata).filter(([member]) => !members.includes(member))),
  };
}
