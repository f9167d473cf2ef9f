import type { ApiClient } from "./api.ts";
import { isNodeReady } from "./node-state.ts";
import type { Component } from "./component.ts";
import { apiServer, controllers, scheduler } from "./components/control-plane.ts";
import { localController } from "./components/controller.ts";
import { datastore } from "./components/datastore.ts";
import { dns } from "./components/dns.ts";
import { imageBuilder, imageRegistry } from "./components/images.ts";
import { containerRuntime, kubelet, serviceProxy } from "./components/node.ts";

/** All processes of the cluster, in the order a table shows them. */
export function clusterComponents(api: ApiClient): Component[] {
  return [
    datastore(),
    apiServer(api),
    controllers(() => hasServiceAccount(api)),
    // It has no port, and nothing to do in an empty cluster by which one could see it work.
    scheduler(() => Promise.resolve(true)),
    containerRuntime(),
    kubelet(() => isNodeReady(api)),
    serviceProxy(),
    dns(),
    localController(),
    imageRegistry(),
    imageBuilder(),
  ];
}

/** Whether the controllers have made what each pod of the default namespace needs. */
async function hasServiceAccount(api: ApiClient): Promise<boolean> {
  return api.read("/api/v1/namespaces/default/serviceaccounts/default").then(
    (account) => account !== undefined,
    () => false,
  );
}
