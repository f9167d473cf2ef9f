import process from "node:process";
import type { CheckFailure } from "../rpc/provider.ts";
import type { PropertyMap, PropertyValue } from "../rpc/values.ts";
import { at, hasUnknown, textAt, withoutSecrets } from "../rpc/values.ts";
import type { KubeconfigChoice } from "./kubeconfig.ts";

/** What a Kubernetes provider resource says. */
export interface ProviderSettings {
  connection: KubeconfigChoice;
  /** True: changed data of a ConfigMap is changed in place, not by a new object. */
  mutableConfigMaps: boolean;
  mutableSecrets: boolean;
  /** True: fields that others own are taken over without asking. */
  patchForce: boolean;
  /** True: an object that exists already is taken over by a create. */
  upsert: boolean;
  /** True: what can't be reached counts as deleted. */
  deleteUnreachable: boolean;
}

/** Arguments that would change what this plugin does, and that it does not serve. */
const unserved: Record<string, (value: PropertyValue) => boolean> = {
  renderYamlToDirectory: (value) => value !== "",
  enableServerSideApply: (value) => !isTrue(value),
  skipUpdateUnreachable: isTrue,
};

/** The settings in a provider resource's inputs; the environment fills in as for the official plugin. */
export function parseSettings(given: PropertyMap): ProviderSettings {
  const inputs = withoutSecrets(given);
  const flag = (name: string, variable: string): boolean => {
    const value = at(inputs, name);
    return value === undefined ? process.env[variable] === "true" : isTrue(value);
  };
  const kubeconfig = at(inputs, "kubeconfig");
  return {
    connection: {
      // A kubeconfig may also be given as an object.
      kubeconfig: typeof kubeconfig === "object" ? JSON.stringify(kubeconfig) : textAt(inputs, "kubeconfig"),
      context: textAt(inputs, "context"),
      cluster: textAt(inputs, "cluster"),
      namespace: textAt(inputs, "namespace"),
    },
    mutableConfigMaps: flag("enableConfigMapMutable", "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE"),
    mutableSecrets: flag("enableSecretMutable", "PULUMI_K8S_ENABLE_SECRET_MUTABLE"),
    patchForce: flag("enablePatchForce", "PULUMI_K8S_ENABLE_PATCH_FORCE"),
    upsert: flag("upsertExistingObjects", "PULUMI_K8S_UPSERT_EXISTING_OBJECTS"),
    deleteUnreachable: flag("deleteUnreachable", "PULUMI_K8S_DELETE_UNREACHABLE"),
  };
}

/** The arguments of a provider resource that this plugin can't serve. */
export function unservedSettings(inputs: PropertyMap): CheckFailure[] {
  return Object.entries(unserved).flatMap(([property, isUnserved]) => {
    const value = at(inputs, property);
    return value === undefined || hasUnknown(value) || !isUnserved(value)
      ? []
      : [{ property, reason: `the local stand-in for the kubernetes plugin does not support ${property}` }];
  });
}

/** The SDK sends truth values as JSON text. */
function isTrue(value: PropertyValue): boolean {
  return value === true || value === "true";
}
