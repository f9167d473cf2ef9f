import { theDecisions, type Decisions } from "../../../../member/running.ts";
import type { StopPoint } from "../../../../member/stop-points.ts";
import { Chance } from "../../workload/simulation/chance.ts";
import { ApiObjects, statefulSet } from "./api-server.ts";
import { write } from "./etcd-api.ts";
import type { Entry } from "./etcd-data.ts";
import { EtcdNetwork } from "./etcd-network.ts";
import { noFaults, someFaults } from "./faults.ts";
import type { Surroundings } from "./incarnation.ts";
import { KubernetesWorld } from "./kubernetes-world.ts";
import { MajorityLoss } from "./majority-loss.ts";
import { Operator } from "./operator.ts";
import { Recoverer } from "./recoverer.ts";
import { ordinalIn, Referee, type Violation } from "./referee.ts";
import { Scheduler } from "./scheduler.ts";

export interface EpisodeResult {
  readonly seed: number;
  /** Steps that members took, and moments at which one of them might have been killed. */
  readonly steps: number;
  readonly simulatedMs: number;
  readonly acknowledged: number;
  /** Scaled down while too few of those who stay were up: the operator had to declare the others once more. */
  readonly calledBack: boolean;
  /** A majority was lost, and a survivor went on alone. */
  readonly recovered: boolean;
  /** Acknowledged writes that only the lost majority knew to be committed. */
  readonly givenUpWrites: number;
  readonly reached: ReadonlySet<StopPoint>;
  readonly violation: Violation | undefined;
  readonly trace: readonly string[];
}

/** All is at rest this long after the last fault. In milliseconds. */
const SETTLES_WITHIN_MS = 180_000;

/** How many episodes go on with the loss of a majority, and how long a recovery may take that is cut off again and again. */
const MAJORITY_LOST = 0.3;
const RECOVERED_WITHIN_MS = 1_800_000;

/** How many episodes end with the loss of all volumes, and for how long what is left is watched. */
const EVERYTHING_LOST = 0.1;
const WAITS_FOR_MS = 60_000;

/** The life of one cluster: founded, disturbed for some minutes, left alone until it has settled. */
class Episode {
  readonly #scheduler = new Scheduler();
  readonly #referee = new Referee(() => this.#scheduler.now);
  readonly #chance: Chance;
  readonly #network: EtcdNetwork;
  readonly #world: KubernetesWorld;
  readonly #operator: Operator;
  readonly #objects = new ApiObjects();
  #faults = noFaults;
  readonly #reached = new Set<StopPoint>();
  #steps = 0;
  #keys = 0;
  #acknowledged: number[] = [];
  #calledBack = false;
  #recovered = false;
  #givenUpWrites = 0;

  constructor(seed: number, decisions: Decisions) {
    this.#chance = new Chance(seed);
    this.#network = new EtcdNetwork(this.#scheduler, this.#chance, this.#referee);
    const around: Surroundings = {
      network: this.#network,
      objects: this.#objects,
      faults: () => this.#faults,
      resolves: (ordinal) => this.#world.hasStarted(ordinal),
      deletePod: (ordinal) => this.#world.deletePod(ordinal),
      decisions,
      reached: (point) => void this.#reached.add(point),
      stepped: () => this.#steps++,
    };
    this.#world = new KubernetesWorld(around);
    this.#operator = new Operator(this.#network, this.#world);
    this.#network.holdsDirOf = (id) => this.#holdsDirOf(id);
    this.#referee.onRecovered = () => {
      const kept = new Set(keysOf(this.#referee.log));
      this.#givenUpWrites += this.#acknowledged.filter((key) => !kept.has(key)).length;
      this.#acknowledged = this.#acknowledged.filter((key) => kept.has(key));
      this.#recovered = true;
    };
  }

  async run(seed: number): Promise<EpisodeResult> {
    this.#objects.statefulSet = statefulSet(0);
    this.#operator.scale(this.#chance.between(1, 5));
    this.#writeLater();
    this.#faults = someFaults(this.#chance);
    await this.#disturb(this.#scheduler.now + this.#chance.between(30_000, 300_000));
    const replicas = await this.#settle();
    if (this.#chance.happens(MAJORITY_LOST)) await this.#loseMajority(replicas);
    if (this.#chance.happens(EVERYTHING_LOST)) await this.#loseEverything();
    return {
      seed,
      steps: this.#steps,
      simulatedMs: this.#scheduler.now,
      acknowledged: this.#acknowledged.length,
      calledBack: this.#calledBack,
      recovered: this.#recovered,
      givenUpWrites: this.#givenUpWrites,
      reached: this.#reached,
      violation: this.#referee.violation,
      trace: this.#referee.trace,
    };
  }

  async #disturb(until: number): Promise<void> {
    const busy = this.#chance.one([1_000, 5_000, 20_000]);
    this.#disturbLater(busy, until);
    await this.#goOn(() => this.#scheduler.now >= until);
  }

  #disturbLater(busy: number, until: number): void {
    this.#scheduler.after(this.#chance.between(0, 2 * busy), () => {
      if (this.#scheduler.now >= until) return;
      this.#operator.disturb();
      this.#disturbLater(busy, until);
    });
  }

  /** @returns how many replicas there are then */
  async #settle(): Promise<number> {
    this.#faults = noFaults;
    this.#operator.restore();
    await this.#goOn(() => this.#objects.statefulSet?.deleting === false);
    const replicas = this.#chance.between(1, 5);
    this.#operator.scale(replicas);
    if (!(await this.#settlesAt(replicas)) && this.#lacksDeparted(replicas)) {
      this.#calledBack = true;
      this.#operator.scale(this.#needed());
      await this.#goOn(() => this.#allListedRun(), SETTLES_WITHIN_MS);
      this.#operator.scale(replicas);
      await this.#settlesAt(replicas);
    }
    this.#judgeRest(replicas);
    return replicas;
  }

  #judgeRest(replicas: number): void {
    const left = this.#difference(replicas);
    if (left !== undefined) this.#referee.broken(6, `${SETTLES_WITHIN_MS / 1000} s after the last fault, ${left}`);
  }

  #isBroken(): boolean {
    return this.#referee.violation !== undefined;
  }

  /** What a person recovers from: the best survivor goes on, and old volumes that turn up later count no more. */
  async #loseMajority(replicas: number): Promise<void> {
    const loss = new MajorityLoss(this.#network, this.#world);
    if (this.#isBroken() || !loss.strike()) return;
    this.#faults = someFaults(this.#chance);
    const recoverer = new Recoverer(this.#network, this.#world, this.#chance.one([0, 0.1, 0.3]));
    void recoverer.run();
    if (!(await this.#goOn(() => recoverer.isDone && loss.areAllNodesOn, RECOVERED_WITHIN_MS)))
      this.#referee.broken(6, `nothing is recovered within ${RECOVERED_WITHIN_MS / 1000} s`);
    this.#faults = noFaults;
    await this.#settlesAt(replicas);
    // What is left of the recovery in the latch must do no harm.
    for (const ordinal of this.#objects.pods.keys()) this.#world.deletePod(ordinal);
    await this.#goOn(() => ![...this.#objects.pods.values()].some(({ terminating }) => terminating), SETTLES_WITHIN_MS);
    do {
      await this.#settlesAt(replicas);
      this.#judgeRest(replicas);
    } while (!this.#isBroken() && loss.putOneBack((ordinal) => this.#operator.mayLose(ordinal)));
  }

  /** Every volume at once, which no program can make good: it must not come back empty. */
  async #loseEverything(): Promise<void> {
    this.#referee.note("operator", "loses all volumes");
    for (const ordinal of this.#objects.claims.keys()) this.#world.loseVolume(ordinal);
    await this.#goOn(() => false, WAITS_FOR_MS);
    for (const node of this.#network.running.values())
      if (node.isLeader) this.#referee.broken(1, `${node.id} leads after every volume was lost`);
  }

  #settlesAt(replicas: number): Promise<boolean> {
    return this.#goOn(() => this.#difference(replicas) === undefined, SETTLES_WITHIN_MS);
  }

  /** Too few of those who are declared hold quorum; those who would make it up are declared no more. */
  #lacksDeparted(replicas: number): boolean {
    const { voters } = this.#referee.membership;
    const staying = voters.filter(({ peerUrls }) => ordinalIn(peerUrls[0] ?? "") < replicas);
    return 2 * staying.filter(({ id }) => this.#holdsDirOf(id)).length <= voters.length;
  }

  /** So many that all who are listed, or are to found the cluster, run. */
  #needed(): number {
    const founders = (this.#objects.latch?.["founders"] ?? "0").split(",").map(Number);
    return Math.max(...(this.#referee.log.length === 0 ? founders : this.#listedOrdinals())) + 1;
  }

  #listedOrdinals(): number[] {
    return this.#referee.membership.list.map(({ peerUrls }) => ordinalIn(peerUrls[0] ?? ""));
  }

  #allListedRun(): boolean {
    return (
      this.#referee.log.length > 0 &&
      this.#referee.membership.list.every(({ id }) =>
        [...this.#network.running.values()].some((node) => node.id === id && node.leader() !== undefined),
      )
    );
  }

  /** @returns what is not yet as it should be, undefined where nothing is */
  #difference(replicas: number): string | undefined {
    const declared = Array.from({ length: replicas }, (_, ordinal) => ordinal).join();
    const { list } = this.#referee.membership;
    const voters = list.filter(({ isLearner, name }) => !isLearner && name !== "");
    const listed = this.#listedOrdinals().sort((a, b) => a - b);
    if (listed.join() !== declared || voters.length !== replicas)
      return `the members are ${list.map((member) => `${member.id}${member.isLearner ? " (learner)" : ""}`).join()}`;
    const claims = [...this.#objects.claims.keys()].sort((a, b) => a - b).join();
    if (claims !== declared) return `the claims are ${claims}`;
    const pods = [...this.#objects.pods.keys()].sort((a, b) => a - b).join();
    if (pods !== declared) return `the pods are ${pods}`;
    if ((this.#objects.latch?.["cluster-id"] ?? "") === "") return "the latch lacks the cluster's ID";
    for (const { id } of list) {
      const node = [...this.#network.running.values()].find((each) => each.id === id);
      const keys = new Set(node === undefined ? [] : keysOf(node.dir.log));
      const lost = this.#acknowledged.find((key) => !keys.has(key));
      if (lost !== undefined) return `${id} lacks key ${lost}`;
    }
    return undefined;
  }

  #holdsDirOf(id: string): boolean {
    const member = this.#referee.membership.members.get(id);
    const volume = this.#world.volumeOf(ordinalIn(member?.peerUrls[0] ?? ""));
    return volume?.dir?.identity.memberId === id;
  }

  #writeLater(): void {
    this.#scheduler.after(this.#chance.between(100, 1_000), () => {
      this.#writeLater();
      const nodes = [...this.#network.running.values()].filter(({ ordinal }) => !this.#network.isolated.has(ordinal));
      if (nodes.length === 0) return;
      const key = ++this.#keys;
      write(this.#chance.one(nodes), key, (answer) => {
        if (!(answer instanceof Error)) this.#acknowledged.push(key);
      });
    });
  }

  /** @returns false where that took too long */
  async #goOn(until: () => boolean, withinMs = Infinity): Promise<boolean> {
    const deadline = this.#scheduler.now + withinMs;
    let lookAt = 0;
    while (this.#referee.violation === undefined) {
      if (this.#scheduler.now >= lookAt) {
        if (until()) return true;
        lookAt = this.#scheduler.now + 100;
      }
      if (this.#scheduler.now > deadline || !(await this.#scheduler.step())) return false;
    }
    return true;
  }
}

function keysOf(log: readonly Entry[]): number[] {
  return log.flatMap(({ command }) => (command.kind === "write" ? [command.key] : []));
}

/** The same seed gives the same episode, to the last step. */
export function runEpisode(seed: number, decisions: Decisions = theDecisions): Promise<EpisodeResult> {
  return new Episode(seed, decisions).run(seed);
}
