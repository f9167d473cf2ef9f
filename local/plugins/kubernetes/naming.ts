import { createHash, randomBytes } from "node:crypto";
import type { CheckRequest } from "../rpc/provider.ts";
import type { PropertyMap } from "../rpc/values.ts";
import { at, isMap, textAt } from "../rpc/values.ts";
import { withMetadata } from "./object.ts";

/** Tells an object that got its name here from one that was named in the program. */
const autonamedAnnotation = "pulumi.com/autonamed";

/**
 * The inputs with a name: the one the program gives, else the one the object has already, else a new one made of the
 * resource's name and eight random hex digits (or what the engine's own naming rules propose).
 */
export function withName(request: CheckRequest): PropertyMap {
  const { news, olds } = request;
  if (at(news, "metadata", "name") !== undefined) {
    return news;
  }
  const old = textAt(olds, "metadata", "name");
  if (old !== undefined && isAutonamed(olds)) {
    return named(news, old);
  }
  if (request.autonaming?.mode === "disable") {
    return news;
  }
  const proposed = request.autonaming?.proposedName ?? "";
  return named(news, proposed === "" ? `${request.name}-${suffix(request.randomSeed)}` : proposed);
}

/** True when the object's name was chosen here: a replacement gets another, and needs not wait for the old one to go. */
export function isAutonamed(inputs: PropertyMap): boolean {
  return textAt(inputs, "metadata", "annotations", autonamedAnnotation) === "true";
}

function named(inputs: PropertyMap, name: string): PropertyMap {
  const annotations = at(inputs, "metadata", "annotations");
  return withMetadata(inputs, {
    name,
    annotations: { ...(isMap(annotations) ? annotations : {}), [autonamedAnnotation]: "true" },
  });
}

function suffix(seed: Uint8Array): string {
  return Buffer.from(seed.length >= 4 ? seed.slice(0, 4) : randomBytes(4)).toString("hex");
}

/**
 * A name for the owner of the fields that are applied: each resource has its own, and the same after a run that was cut off
 * before it could be recorded.
 */
export function fieldManagerFor(urn: string): string {
  return `pulumi-kubernetes-${createHash("sha256").update(urn).digest("hex").slice(0, 8)}`;
}
