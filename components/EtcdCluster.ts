// Each kind by its own module: the package's index loads a hundred more, with what Helm charts need.
import { StatefulSet } from "@pulumi/kubernetes/apps/v1/statefulSet.js";
import { Namespace } from "@pulumi/kubernetes/core/v1/namespace.js";
import { Service } from "@pulumi/kubernetes/core/v1/service.js";
import { ServiceAccount } from "@pulumi/kubernetes/core/v1/serviceAccount.js";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1/networkPolicy.js";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1/podDisruptionBudget.js";
import { Role } from "@pulumi/kubernetes/rbac/v1/role.js";
import { RoleBinding } from "@pulumi/kubernetes/rbac/v1/roleBinding.js";
import * as pulumi from "@pulumi/pulumi";
import { roleBinding, role, serviceAccount } from "./manifests/access.ts";
import { podDisruptionBudget } from "./manifests/disruption.ts";
import { statefulSet } from "./manifests/members.ts";
import { namespace } from "./manifests/namespace.ts";
import { networkPolicy } from "./manifests/network.ts";
import { clientService, peerService } from "./manifests/services.ts";
import { clientEndpoint, memberClientUrls, memberPeerUrls } from "./names.ts";
import type { ClusterSettings } from "./settings.ts";

/** Each setting is described where it is defined: components/settings.ts. */
export interface EtcdClusterArgs extends ClusterSettings {
  /** The member image, best by digest: a tag that moves restarts nobody and lets members differ. */
  readonly image: pulumi.Input<string>;
}

/** What lives in a namespace of the stack's needs it first, and need not be deleted one by one when it goes. */
export function livingIn(home: Namespace | undefined, ...needs: readonly pulumi.Resource[]) {
  return home === undefined ? { dependsOn: [...needs] } : { dependsOn: [home, ...needs], deletedWith: home };
}

/**
 * An etcd cluster, by default in a namespace of its own: the members with a volume each, the Services they and their clients use, what the
 * members may do at the API server, and what protects them from others (network) and from drains (disruption budget).
 */
export class EtcdCluster extends pulumi.ComponentResource {
  /** The namespace, once it exists. */
  readonly namespace: pulumi.Output<string>;
  /** The StatefulSet of the members, once all of them are ready. */
  readonly statefulSetName: pulumi.Output<string>;
  /** What the StatefulSet is declared with; 0 while the cluster hibernates. */
  readonly replicas: pulumi.Output<number>;
  readonly peerServiceName: pulumi.Output<string>;
  readonly clientServiceName: pulumi.Output<string>;
  /** URL of the client Service; resolves from any namespace of the Kubernetes cluster. */
  readonly clientEndpoint: pulumi.Output<string>;
  /** One URL per member, by ordinal; as the two below, they resolve from the cluster's own namespace. */
  readonly memberPeerUrls: pulumi.Output<string[]>;
  readonly memberClientUrls: pulumi.Output<string[]>;
  /** The namespace itself, for what is to live in it and go with it; undefined where the namespace is not the stack's. */
  readonly home: Namespace | undefined;
  /** What clients need before their pods start. It waits for no pod: they start beside the members. */
  readonly ground: readonly pulumi.Resource[];
  private readonly access: readonly pulumi.Resource[];

  constructor(name: string, args: EtcdClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("etcd:index:EtcdCluster", name, {}, opts);

    this.home = this.createHome(name, args);
    this.access = this.createAccess(name, args);
    const members = this.createMembers(name, args);
    const peers = this.createPeerService(name, args);
    const clients = this.createClientService(name, args);
    this.createProtection(name, args);
    this.ground = [...this.access, peers, clients];

    this.namespace = members.metadata.namespace;
    this.statefulSetName = members.metadata.name;
    this.replicas = members.spec.replicas;
    this.peerServiceName = peers.metadata.name;
    this.clientServiceName = clients.metadata.name;
    this.clientEndpoint = pulumi.output(clientEndpoint(args));
    this.memberPeerUrls = pulumi.output(memberPeerUrls(args, args.replicas));
    this.memberClientUrls = pulumi.output(memberClientUrls(args, args.replicas));
    this.registerOutputs({
      namespace: this.namespace,
      statefulSetName: this.statefulSetName,
      replicas: this.replicas,
      peerServiceName: this.peerServiceName,
      clientServiceName: this.clientServiceName,
      clientEndpoint: this.clientEndpoint,
      memberPeerUrls: this.memberPeerUrls,
      memberClientUrls: this.memberClientUrls,
    });
  }

  private inNamespace(...needs: readonly pulumi.Resource[]): pulumi.CustomResourceOptions {
    return { parent: this, ...livingIn(this.home, ...needs) };
  }

  /**
   * Pods can't be made without their account, and their start is what takes long: so what they may do comes first and alone, and
   * all else waits for it too. Registered beside it, the rest would keep the StatefulSet back by a sixth of a second.
   */
  private afterAccess(): pulumi.CustomResourceOptions {
    return this.inNamespace(...this.access);
  }

  private createHome(name: string, args: EtcdClusterArgs): Namespace | undefined {
    if (!args.createNamespace) return undefined;
    return new Namespace(`${name}-namespace`, namespace(args), { parent: this, protect: args.protect });
  }

  private createAccess(name: string, args: EtcdClusterArgs): pulumi.Resource[] {
    const account = new ServiceAccount(`${name}-members`, serviceAccount(args), this.inNamespace());
    const rights = new Role(`${name}-members`, role(args), this.inNamespace());
    const binding = new RoleBinding(`${name}-members`, roleBinding(args), this.inNamespace());
    return [account, rights, binding];
  }

  private createPeerService(name: string, args: EtcdClusterArgs): Service {
    return new Service(`${name}-peers`, peerService(args), this.afterAccess());
  }

  private createClientService(name: string, args: EtcdClusterArgs): Service {
    return new Service(`${name}-clients`, clientService(args), this.afterAccess());
  }

  private createProtection(name: string, args: EtcdClusterArgs): void {
    new PodDisruptionBudget(`${name}-members`, podDisruptionBudget(args), this.afterAccess());
    if (args.networkPolicy) {
      new NetworkPolicy(`${name}-members`, networkPolicy(args), this.afterAccess());
    }
  }

  /** The Services are made meanwhile: members wait for each other's names anyhow, and no pod runs as soon as that. */
  private createMembers(name: string, args: EtcdClusterArgs): StatefulSet {
    return new StatefulSet(`${name}-members`, statefulSet(args, args.image), {
      ...this.afterAccess(),
      protect: args.protect,
      // A start takes seconds and may take the five minutes of the startup probe; an update restarts one member after the other.
      customTimeouts: { create: "6m", update: `${6 + 2 * args.replicas}m` },
    });
  }
}
