import { role, roleBinding, serviceAccount } from "./manifests/access.ts";
import { clientsDeployment } from "./manifests/clients.ts";
import { podDisruptionBudget } from "./manifests/disruption.ts";
import { statefulSet } from "./manifests/members.ts";
import { namespace } from "./manifests/namespace.ts";
import { networkPolicy } from "./manifests/network.ts";
import { clientService, peerService } from "./manifests/services.ts";
import type { Settings } from "./settings.ts";

/** Objects that belong together. */
export interface ObjectGroup {
  readonly name: string;
  readonly objects: readonly object[];
}

/**
 * Every object that the program applies, as plain values, in an order in which each finds what it needs. A test compares it
 * with what index.ts registers.
 * @param images the images' references, best by digest
 */
export function objectGroups(settings: Settings, images: { member: string; client: string }): ObjectGroup[] {
  const protection = settings.networkPolicy ? [networkPolicy(settings)] : [];
  return [
    { name: "namespace", objects: settings.createNamespace ? [namespace(settings)] : [] },
    { name: "access", objects: [serviceAccount(settings), role(settings), roleBinding(settings)] },
    { name: "services", objects: [peerService(settings), clientService(settings)] },
    { name: "protection", objects: [podDisruptionBudget(settings), ...protection] },
    { name: "members", objects: [statefulSet(settings, images.member)] },
    {
      name: "clients",
      objects: [clientsDeployment(settings, settings.replicas, settings.clientReplicas, images.client)],
    },
  ].filter(({ objects }) => objects.length > 0);
}
