import { Deployment } from "@pulumi/kubernetes/apps/v1/deployment.js";
import type { Namespace } from "@pulumi/kubernetes/core/v1/namespace.js";
import * as pulumi from "@pulumi/pulumi";
import type { ClientsCluster } from "./manifests/clients.ts";
import { clientsDeployment, membersInTemplate } from "./manifests/clients.ts";
import { clientsSelector, selectorText } from "./manifests/labels.ts";
import { livingIn } from "./EtcdCluster.ts";

export interface EtcdClientsArgs {
  /** The cluster the clients talk to. */
  readonly cluster: ClientsCluster;
  /** Its namespace, in which the clients live too, where it is the stack's: they go when it goes. */
  readonly home: Namespace | undefined;
  /** What must be there before the pods: the cluster's Services, whose names they look up at once. */
  readonly ground: readonly pulumi.Resource[];
  /** Number of members the cluster is declared with; what it is scaled to later need not be told. */
  readonly members: number;
  /** Number of client pods, 0 or more. */
  readonly replicas: number;
  /** The client image, best by digest. */
  readonly image: pulumi.Input<string>;
}

/** Pods from which the cluster is used and tested: they stay up so that commands can be run in them again and again. */
export class EtcdClients extends pulumi.ComponentResource {
  /** The Deployment of the pods, once they are available. */
  readonly deploymentName: pulumi.Output<string>;
  /** Selects the pods: `kubectl get pods --selector …`. (Which pods may reach the members is another label, `<name>-client: "true"`.) */
  readonly selector: pulumi.Output<string>;

  constructor(name: string, args: EtcdClientsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("etcd:index:EtcdClients", name, {}, opts);

    const { cluster, members, replicas, image } = args;
    const deployment = new Deployment(name, clientsDeployment(cluster, members, replicas, image), {
      parent: this,
      ...livingIn(args.home, ...args.ground),
      ignoreChanges: [membersInTemplate],
    });

    this.deploymentName = deployment.metadata.name;
    this.selector = pulumi.output(selectorText(clientsSelector()));
    this.registerOutputs({ deploymentName: this.deploymentName, selector: this.selector });
  }
}
