import type { DiffRequest, DiffResult } from "../rpc/provider.ts";
import { at, isMap, withoutSecrets } from "../rpc/values.ts";
import { differences } from "../rpc/difference.ts";
import type { Kind } from "./kinds.ts";
import { isAutonamed } from "./naming.ts";
import type { KubernetesObject } from "./object.ts";
import { nameOf, namespaceOf, withMetadata } from "./object.ts";
import { project } from "./projection.ts";
import type { ProviderSettings } from "./settings.ts";
import { inputsOf, liveOf } from "./state.ts";

/**
 * What an update would change: between the object as it was last seen, as far as its inputs spoke of it, and the new
 * inputs. One that has to be replaced and keeps its name must go before the new one comes.
 */
export function diffObjects(kind: Kind, settings: ProviderSettings, request: DiffRequest): DiffResult {
  const live = withoutSecrets(liveOf(request.oldOutputs));
  const wished = withoutSecrets(request.news);
  const known = Object.keys(request.oldInputs).length > 0 ? request.oldInputs : inputsOf(request.oldOutputs);
  const changes = differences(canonical(kind, project(live, withoutSecrets(known))), canonical(kind, wished), [
    "metadata.name",
    "metadata.namespace",
    ...replaceOn(kind, settings),
  ]);
  for (const path of changes.keys()) {
    if (request.ignoreChanges.some((ignored) => isWithin(path, ignored))) {
      changes.delete(path);
    }
  }
  const replaced = [...changes.values()].some((change) => change.replace);
  const sameName = nameOf(wished) === nameOf(live) && namespaceOf(wished) === namespaceOf(live);
  return { changes, shownAgainst: "outputs", deleteBeforeReplace: replaced && sameName && !isAutonamed(wished) };
}

function isWithin(path: string, ignored: string): boolean {
  return path === ignored || path.startsWith(`${ignored}.`) || path.startsWith(`${ignored}[`);
}

function replaceOn(kind: Kind, settings: ProviderSettings): readonly string[] {
  const mutable =
    (kind.kind === "ConfigMap" && settings.mutableConfigMaps) || (kind.kind === "Secret" && settings.mutableSecrets);
  return mutable ? kind.replaceOn.filter((property) => property === "type") : kind.replaceOn;
}

/** With the namespace said that an object without one is in. */
function canonical(kind: Kind, object: KubernetesObject): KubernetesObject {
  return kind.namespaced && isMap(at(object, "metadata"))
    ? withMetadata(object, { namespace: at(object, "metadata", "namespace") ?? "default" })
    : object;
}
