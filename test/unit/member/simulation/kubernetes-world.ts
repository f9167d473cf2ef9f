import type { ApiObjects } from "./api-server.ts";
import { type Claim, type PodObject } from "./api-server.ts";
import { Incarnation, type Surroundings } from "./incarnation.ts";
import { Volume } from "./volume.ts";

const GRACE_MS = 60_000;
const CONTROLLER_EVERY_MS = 200;
/** A pod that is deleted by force has its processes killed a moment after its name is free again. */
const FORCED_GRACE_MS = 1_000;

/** A pod on its node: the API server may have forgotten it already. */
class RunningPod {
  readonly object: PodObject;
  program: Incarnation | undefined;
  startedOnce = false;
  /** Process 1 runs and can't catch a signal yet: one that comes now is lost. */
  isDeaf = false;
  gone = false;

  constructor(object: PodObject) {
    this.object = object;
  }
}

/** The StatefulSet controller and the kubelet, as far as members notice them. */
export class KubernetesWorld {
  readonly objects: ApiObjects;
  readonly #around: Surroundings;
  readonly #running = new Set<RunningPod>();
  /** Ordinals whose node is off: their volume is where it is, and nothing runs. */
  readonly off = new Set<number>();
  #uid = 0;

  constructor(around: Surroundings) {
    this.#around = around;
    this.objects = around.objects;
    this.#controlLater();
  }

  /** The pods that are not on their way out, with the programs in them. */
  programs(): { ordinal: number; program: Incarnation }[] {
    return [...this.#running].flatMap(({ object, program }) =>
      program?.alive === true ? [{ ordinal: object.ordinal, program }] : [],
    );
  }

  hasStarted(ordinal: number): boolean {
    return [...this.#running].some((pod) => pod.object.ordinal === ordinal && pod.startedOnce && !pod.gone);
  }

  volumeOf(ordinal: number): Volume | undefined {
    return this.objects.claims.get(ordinal)?.volume;
  }

  get #isAway(): boolean {
    return this.#around.network.scheduler.now < this.objects.awayUntil;
  }

  #after(low: number, high: number, run: () => void): void {
    const { scheduler, chance } = this.#around.network;
    scheduler.after(chance.between(low, high), run);
  }

  #controlLater(): void {
    this.#after(CONTROLLER_EVERY_MS / 2, CONTROLLER_EVERY_MS, () => {
      if (!this.#isAway) this.#control();
      this.#controlLater();
    });
  }

  /** Parallel pod management: every ordinal by itself. */
  #control(): void {
    const { statefulSet, pods, claims } = this.objects;
    for (const [ordinal, claim] of claims) {
      const used = [...this.#running].some((pod) => !pod.gone && pod.object.claim === claim);
      if (claim.deleting && !used) claims.delete(ordinal);
    }
    const replicas = statefulSet === undefined || statefulSet.deleting ? 0 : statefulSet.replicas;
    for (const pod of pods.values()) if (pod.ordinal >= replicas) this.deletePod(pod.ordinal);
    for (let ordinal = 0; ordinal < replicas; ordinal++) if (!pods.has(ordinal)) this.#createPod(ordinal);
  }

  #createPod(ordinal: number): void {
    const claim: Claim = this.objects.claims.get(ordinal) ?? { volume: new Volume(), deleting: false };
    if (claim.deleting) return;
    this.objects.claims.set(ordinal, claim);
    const object = { uid: ++this.#uid, ordinal, claim, terminating: false };
    this.objects.pods.set(ordinal, object);
    const pod = new RunningPod(object);
    this.#running.add(pod);
    this.#after(100, 2_000, () => this.#startProgram(pod));
  }

  #startProgram(pod: RunningPod): void {
    if (pod.gone || pod.object.terminating) return;
    if (this.off.has(pod.object.ordinal)) {
      this.#after(200, 1_000, () => this.#startProgram(pod));
      return;
    }
    pod.startedOnce = true;
    pod.isDeaf = true;
    this.#after(20, 200, () => {
      pod.isDeaf = false;
      if (pod.gone) return;
      if (this.off.has(pod.object.ordinal)) this.#startProgram(pod);
      else this.#listen(pod);
    });
  }

  #listen(pod: RunningPod): void {
    const { ordinal, claim } = pod.object;
    pod.program = new Incarnation(this.#around, ordinal, claim.volume, () => {
      if (pod.object.terminating) this.#after(1, 300, () => this.#finish(pod));
      else this.#after(300, this.#around.faults().crash > 0 ? 5_000 : 1_000, () => this.#startProgram(pod));
    });
  }

  /** Graceful: SIGTERM, and SIGKILL after the grace period; the name is free when the program has ended. */
  deletePod(ordinal: number): void {
    const object = this.objects.pods.get(ordinal);
    const pod = [...this.#running].find((each) => each.object === object);
    if (pod === undefined || pod.object.terminating) return;
    pod.object.terminating = true;
    this.#after(5, 300, () => {
      if (pod.program?.alive === true) pod.program.sigterm();
      else if (!pod.isDeaf) this.#finish(pod);
    });
    this.#after(GRACE_MS, GRACE_MS, () => {
      pod.program?.kill("at the end of the grace period");
      this.#finish(pod);
    });
  }

  /** By force: the name is free at once, and a successor may run beside the dying program for a moment. */
  forceDeletePod(ordinal: number): void {
    const object = this.objects.pods.get(ordinal);
    const pod = [...this.#running].find((each) => each.object === object);
    if (pod === undefined) return;
    pod.object.terminating = true;
    this.objects.pods.delete(ordinal);
    this.#after(1, 100, () => pod.program?.sigterm());
    this.#after(FORCED_GRACE_MS, FORCED_GRACE_MS + 500, () => {
      pod.program?.kill("as its pod was deleted by force");
      this.#finish(pod);
    });
  }

  turnOff(ordinal: number): void {
    this.off.add(ordinal);
    for (const { object, program } of this.#running)
      if (object.ordinal === ordinal) program?.kill("as its node goes off");
  }

  turnOn(ordinal: number): void {
    this.off.delete(ordinal);
  }

  /** The disk dies: whoever starts there next finds an empty one, or `another`. */
  loseVolume(ordinal: number, another = new Volume()): void {
    const claim = this.objects.claims.get(ordinal);
    if (claim === undefined) return;
    claim.volume = another;
    for (const { object, program } of this.#running) if (object.claim === claim) program?.kill("as its volume is lost");
  }

  #finish(pod: RunningPod): void {
    if (pod.gone) return;
    if (pod.program?.alive === true) return;
    pod.gone = true;
    this.#running.delete(pod);
    if (this.objects.pods.get(pod.object.ordinal) === pod.object) this.objects.pods.delete(pod.object.ordinal);
  }
}
