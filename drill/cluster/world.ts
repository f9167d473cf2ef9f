import { Unreachable, type Place } from "../../desk/connection.ts";
import { PodProxy } from "../../desk/pod-proxy.ts";
import { Gateway, Refused, type MemberStatus } from "./gateway.ts";
import { Kubernetes, type PodFacts } from "./kubernetes.ts";
import { isOnNode, kubernetesReach, nodeReach, type Reach } from "./reach.ts";

const membersSelector = "app=etcd";
const clientsSelector = "app=etcd-client";

/** One member at one moment. */
export interface MemberView {
  readonly pod: string;
  /** Undefined: it did not answer. */
  readonly status: MemberStatus | undefined;
  readonly ready: boolean;
}

/** The cluster at one moment. */
export interface View {
  readonly atMs: number;
  readonly members: readonly MemberView[];
  /** Every expected member is ready, and all follow one leader. */
  readonly healthy: boolean;
  /** Pod of the leader, where one is known. */
  readonly leader: string | undefined;
  readonly revision: number;
}

/** The stack a drill is about, and every way it is asked and touched. */
export class World {
  readonly kubernetes: Kubernetes;
  readonly gateway: Gateway;
  readonly reach: Reach;
  /** Of the StatefulSet. */
  readonly name: string;
  /** As it was when the drill began, and has to be when it ends. */
  readonly replicas: number;

  private constructor(kubernetes: Kubernetes, gateway: Gateway, reach: Reach, name: string, replicas: number) {
    this.kubernetes = kubernetes;
    this.gateway = gateway;
    this.reach = reach;
    this.name = name;
    this.replicas = replicas;
  }

  /**
   * @param reach undefined: the node's, if this is the node and we may; else the Kubernetes API's
   * @throws Unreachable or an error of the API where there is no such stack
   */
  static async open(place: Place, name: string, reach: Reach["name"] | undefined): Promise<World> {
    const kubernetes = new Kubernetes(place);
    const { replicas } = await kubernetes.statefulSet(name);
    const uids = (await kubernetes.pods(membersSelector)).map(({ uid }) => uid);
    const onNode = reach === undefined ? isOnNode(uids) : reach === "node";
    const hand = onNode ? nodeReach(kubernetes) : kubernetesReach(kubernetes);
    return new World(kubernetes, new Gateway(new PodProxy(place)), hand, name, replicas);
  }

  /** Pods of the members there should be. */
  expected(replicas = this.replicas): string[] {
    return Array.from({ length: replicas }, (_, ordinal) => `${this.name}-${ordinal}`);
  }

  members(): Promise<PodFacts[]> {
    return this.kubernetes.pods(membersSelector);
  }

  /** What is known of why these members do not run, for the end of a sentence: " (etcd-1: 0/1 nodes are available …)", or "". */
  async whyNotRunning(pods: readonly string[]): Promise<string> {
    const facts = await this.members().catch(() => []);
    const held = facts.filter(({ name, unscheduled }) => pods.includes(name) && unscheduled !== "");
    return held.length === 0 ? "" : ` (${held.map(({ name, unscheduled }) => `${name}: ${unscheduled}`).join("; ")})`;
  }

  clients(): Promise<PodFacts[]> {
    return this.kubernetes.pods(clientsSelector);
  }

  /** A look at every member; nobody answering is a view too. */
  async look(pods: readonly string[] = this.expected()): Promise<View> {
    const members = await Promise.all(pods.map((pod) => this.#lookAt(pod)));
    return viewOf(members, Date.now());
  }

  /** Waits for something; undefined or false means not yet, and so does an answer that can't be had. */
  async until<T>(withinMs: number, look: () => Promise<T | undefined | false>): Promise<T | undefined> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const seen = await look().catch((error: unknown) => {
        if (isProgrammingError(error)) throw error;
        return undefined;
      });
      if (seen !== undefined && seen !== false) return seen;
      if (Date.now() >= deadline) return undefined;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async #lookAt(pod: string): Promise<MemberView> {
    try {
      const [status, ready] = await Promise.all([this.gateway.status(pod), this.gateway.isReady(pod)]);
      return { pod, status, ready };
    } catch (error) {
      if (error instanceof Unreachable || error instanceof Refused) return { pod, status: undefined, ready: false };
      throw error;
    }
  }
}

function isProgrammingError(error: unknown): boolean {
  return error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError;
}

export function viewOf(members: readonly MemberView[], atMs: number): View {
  const leaders = new Set(members.flatMap(({ status }) => status?.leaderId ?? []));
  const leader = members.find(({ status }) => status !== undefined && status.leaderId === status.memberId);
  return {
    atMs,
    members,
    healthy:
      leaders.size === 1 &&
      !leaders.has("0") &&
      members.every(({ status, ready }) => ready && status?.isLearner === false),
    leader: leader?.pod,
    revision: Math.max(0, ...members.map(({ status }) => status?.revision ?? 0)),
  };
}
