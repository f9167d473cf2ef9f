import { Connection, Unreachable, type Place } from "./connection.ts";
import { recoveryNotes, type RecoveryNotes } from "./latch.ts";
import { readMembership, type Membership } from "./members.ts";
import { ClusterObjects, type ClaimSeen, type PodSeen, type StatefulSetSeen } from "./objects.ts";
import { PodProxy } from "./pod-proxy.ts";

/** Everything the desk can see of a cluster at one moment. */
export interface ClusterSeen extends Membership {
  /** Name of the StatefulSet, and so of the pods. */
  readonly name: string;
  readonly statefulSet: StatefulSetSeen;
  readonly pods: readonly PodSeen[];
  readonly claims: readonly ClaimSeen[];
  readonly recovery: RecoveryNotes;
}

/** A cluster as an operator's machine reaches it: its objects, and by the pod proxy its members. */
export class Cluster {
  readonly objects: ClusterObjects;
  readonly proxy: PodProxy;

  /** @throws Unreachable where the kubeconfig has no such context */
  constructor(place: Place, statefulSetName: string) {
    const connection = new Connection(place);
    this.objects = new ClusterObjects(connection, place.namespace, statefulSetName);
    this.proxy = new PodProxy(place, connection);
  }

  /**
   * Looks at everything; changes nothing.
   *
   * @returns undefined where there is no such StatefulSet
   * @throws Unreachable where the API server does not answer, or refuses
   */
  async look(): Promise<ClusterSeen | undefined> {
    const [statefulSet, pods, claims, latch] = await Promise.all([
      this.objects.statefulSet(),
      this.objects.pods(),
      this.objects.claims(),
      // Who may not read it sees all the rest.
      this.objects.latch().catch((error: unknown) => {
        if (error instanceof Unreachable) return undefined;
        throw error;
      }),
    ]);
    if (statefulSet === undefined) return undefined;
    const membership = await readMembership(
      this.proxy,
      pods.map(({ name }) => name),
    );
    return { name: this.objects.name, statefulSet, pods, claims, recovery: recoveryNotes(latch), ...membership };
  }
}
