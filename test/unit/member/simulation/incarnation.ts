import type { Gateway } from "../../../../member/gateway.ts";
import { NoAnswer } from "../../../../member/http.ts";
import { UnexpectedAnswer } from "../../../../member/json.ts";
import { Denied, type Kubernetes } from "../../../../member/kubernetes.ts";
import { Stop } from "../../../../member/pause.ts";
import type { Etcd, Ports } from "../../../../member/ports.ts";
import { runMember, type Decisions } from "../../../../member/running.ts";
import { parseSettings } from "../../../../member/settings.ts";
import type { StopPoint } from "../../../../member/stop-points.ts";
import { RefusedStart } from "../../../../member/starting.ts";
import type { ApiObjects } from "./api-server.ts";
import * as api from "./etcd-api.ts";
import { EtcdChild } from "./etcd-child.ts";
import type { EtcdNetwork } from "./etcd-network.ts";
import type { FaultRates } from "./faults.ts";
import { ordinalIn } from "./referee.ts";
import type { Volume } from "./volume.ts";

/** The container is gone in the middle of what it did. */
class Killed extends Error {}

/** What a program runs in: everything around it, and the faults of the moment. */
export interface Surroundings {
  readonly network: EtcdNetwork;
  readonly objects: ApiObjects;
  readonly faults: () => FaultRates;
  readonly resolves: (ordinal: number) => boolean;
  readonly deletePod: (ordinal: number) => void;
  readonly decisions: Decisions;
  readonly reached: (point: StopPoint) => void;
  readonly stepped: () => void;
}

/** With its data, a member starts within this time whoever is away. In milliseconds. */
const STARTS_WITHIN_MS = 12_000;

/** One run of the member program as PID 1 of a container, with everything around it simulated, from its start to its end. */
export class Incarnation {
  alive = true;
  etcd: EtcdChild | undefined;
  readonly stop = new Stop();
  readonly #ordinal: number;
  readonly #volume: Volume;
  readonly #around: Surroundings;
  readonly #onEnd: () => void;
  /** What a quorum said to the last look: whether it listed the data that is here. */
  #toldRemoved: boolean | undefined;
  #latchWasRead = false;
  #askedToStopAt = Infinity;
  #toldToLeave = false;

  constructor(around: Surroundings, ordinal: number, volume: Volume, onEnd: () => void) {
    this.#around = around;
    this.#ordinal = ordinal;
    this.#volume = volume;
    this.#onEnd = onEnd;
    this.#note("program starts");
    // By a signal, or because the program has found out by itself that its pod is being deleted.
    this.stop.onAsked(() => {
      this.#askedToStopAt = this.#now;
    });
    this.#watchStart();
    runMember(this.#ports(), this.stop, this.#decisions()).then(
      () => this.#ended("program ends"),
      (error: unknown) => {
        if (this.alive && !(error instanceof RefusedStart)) this.#defect(error);
        this.#ended(`program ends: ${String(error)}`);
      },
    );
  }

  #decisions(): Decisions {
    const { decisions } = this.#around;
    return {
      ...decisions,
      stop: (ordinal, replicas) => {
        this.#toldToLeave = replicas !== undefined && replicas > 0 && ordinal >= replicas;
        return decisions.stop(ordinal, replicas);
      },
    };
  }

  kill(why: string): void {
    if (!this.alive) return;
    this.#note(`killed ${why}`);
    this.etcd?.kill();
    this.#ended("");
  }

  sigterm(): void {
    if (!this.alive || this.stop.asked) return;
    this.#note("SIGTERM");
    this.stop.ask();
  }

  get #now(): number {
    return this.#around.network.scheduler.now;
  }

  #ended(why: string): void {
    if (!this.alive) return;
    if (why !== "") this.#note(why);
    this.alive = false;
    this.etcd?.kill();
    this.#onEnd();
  }

  #note(what: string): void {
    this.#around.network.referee.note(`etcd-${this.#ordinal}`, what);
  }

  #defect(error: unknown): void {
    this.#around.network.referee.broken(0, error instanceof Error ? (error.stack ?? error.message) : String(error));
  }

  /** Invariant 9. */
  #watchStart(): void {
    const { network } = this.#around;
    const { dir } = this.#volume;
    this.#around.network.scheduler.after(STARTS_WITHIN_MS, () => {
      const isMember = dir !== undefined && network.referee.membership.members.has(dir.identity.memberId);
      // A recovery holds back whom it has given up.
      const givenUp = (this.#around.objects.latch?.["given-up"] ?? "").split(",");
      if (dir !== undefined && givenUp.includes(dir.identity.memberId)) return;
      if (!this.alive || this.stop.asked || !isMember || this.etcd !== undefined || this.#volume.dir !== dir) return;
      network.referee.broken(9, `etcd-${this.#ordinal} has its data and is not started after ${STARTS_WITHIN_MS} ms`);
    });
  }

  /** A step of the program: it may be killed before or after it. */
  #step<T>(step: () => T): T {
    if (!this.alive) throw new Killed();
    this.#maybeKill();
    const done = step();
    this.#maybeKill();
    return done;
  }

  #maybeKill(): void {
    this.#around.stepped();
    if (!this.#around.network.chance.happens(this.#around.faults().crash)) return;
    this.kill("between two steps");
    throw new Killed();
  }

  #ports(): Ports {
    const { network } = this.#around;
    const settings = parseSettings({
      POD_NAME: `etcd-${this.#ordinal}`,
      POD_NAMESPACE: "etcd",
      ETCD_CLUSTER_NAME: "etcd",
      ETCD_PEER_SERVICE: "etcd",
      ETCD_LATCH: "etcd-latch",
      ETCD_DATA_DIR: "/data",
      ETCD_CLUSTER_TOKEN: "etcd",
    });
    return {
      settings,
      clock: {
        now: () => this.#now,
        pause: (ms, stop) => this.#pause(ms, stop),
      },
      volume: this.#volumePort(),
      kubernetes: this.#kubernetes(),
      gateway: (url, withinMs) => this.#gateway(url, withinMs),
      startEtcd: (first): Etcd => this.#step(() => this.#startEtcd(first)),
      resolves: (host) => this.#call(2_000, (reply) => reply(this.#around.resolves(ordinalIn(host)))),
      servesPeers: (url, withinMs) =>
        this.#call<boolean>(withinMs, (reply) => reply(network.at(ordinalIn(url), this.#ordinal) !== undefined)).catch(
          () => false,
        ),
      randomWord: () => network.chance.between(0, 2 ** 31).toString(16),
      log: (line) => {
        if (!this.alive) return;
        this.#note(line);
        if (line.startsWith("A defect") && !line.includes("Killed")) this.#defect(line);
      },
      reached: (point) => {
        if (this.alive) this.#around.reached(point);
        this.#step(() => undefined);
        return Promise.resolve();
      },
    };
  }

  #pause(ms: number, stop: Stop | undefined): Promise<void> {
    return new Promise((resolve) => {
      if (stop?.asked === true) {
        resolve();
        return;
      }
      const done = (): void => {
        callOff();
        takeBack?.();
        if (this.alive) resolve();
      };
      const callOff = this.#around.network.scheduler.after(ms, done);
      const takeBack = stop?.onAsked(done);
    });
  }

  #volumePort(): Ports["volume"] {
    const volume = this.#volume;
    return {
      lookAt: () =>
        this.#step(() => {
          this.#toldRemoved = undefined;
          return volume.seen();
        }),
      noteFirstStart: (note) =>
        this.#step(() => {
          volume.note = note;
        }),
      forgetFirstStart: () =>
        this.#step(() => {
          volume.note = undefined;
        }),
      wipe: () =>
        this.#step(() => {
          if (volume.dir !== undefined) this.#around.network.referee.wiping(volume.dir);
          volume.dir = undefined;
          volume.note = undefined;
        }),
      sweepDiscarded: () => this.#step(() => undefined),
    };
  }

  /** Invariant 2: what a quorum said to be removed, or a recovery has given up, is not started again. */
  #startEtcd(first: Parameters<Ports["startEtcd"]>[0]): Etcd {
    const { network } = this.#around;
    const id = this.#volume.dir?.identity.memberId ?? "";
    if (first === undefined && this.#latchWasRead && network.referee.wasAbandoned(id))
      network.referee.broken(2, `${id} was given up by a recovery that is done, and is started with its data`);
    if (this.#toldRemoved === true && this.#volume.dir !== undefined)
      network.referee.broken(
        2,
        `${this.#volume.dir.identity.memberId} was removed, by a quorum's word, and is started`,
      );
    const child = new EtcdChild(network, this.#ordinal, this.#volume, first);
    this.etcd = child;
    return {
      startedAt: child.startedAt,
      exited: child.exited,
      get isRunning() {
        return child.isRunning;
      },
      waitsInVain: () => child.waitsInVain(),
      stop: (withinMs) => {
        this.#judgeStop();
        return this.#step(() => child.stop(withinMs));
      },
    };
  }

  /** Invariant 4: the program stops its etcd while it is still listed only when its time is up. */
  #judgeStop(): void {
    const { referee } = this.#around.network;
    const id = this.#volume.dir?.identity.memberId;
    if (!this.#toldToLeave || id === undefined || !referee.membership.members.has(id)) return;
    if (this.#now - this.#askedToStopAt < 50_000)
      referee.broken(4, `${id} leaves, and its etcd is stopped while it is listed`);
  }

  /** A message there and one back, either of which may be late or lost. */
  #call<T>(withinMs: number, serve: (reply: api.Reply<T>) => void): Promise<T> {
    const { network } = this.#around;
    return new Promise((resolve, reject) => {
      if (!this.alive) return;
      let open = true;
      const end = (settle: () => void): void => {
        if (!open || !this.alive) return;
        open = false;
        callOff();
        try {
          this.#maybeKill();
        } catch {
          return;
        }
        settle();
      };
      const callOff = network.scheduler.after(withinMs, () => end(() => reject(new NoAnswer("no answer in time"))));
      this.#travel(() =>
        serve((answer) =>
          this.#travel(() =>
            end(() => {
              const nonsense = network.chance.happens(this.#around.faults().nonsense);
              if (nonsense) reject(new UnexpectedAnswer("<html>"));
              else if (answer instanceof Error) reject(answer);
              else resolve(answer);
            }),
          ),
        ),
      );
    });
  }

  #travel(arrives: () => void): void {
    const { network, faults } = this.#around;
    if (network.chance.happens(faults().messageLost)) return;
    const slow = network.chance.happens(faults().messageSlow);
    network.scheduler.after(network.chance.between(1, slow ? 3_000 : 5), arrives);
  }

  #gateway(url: string, withinMs: number): Gateway {
    const own = url.includes("127.0.0.1");
    const ordinal = own ? this.#ordinal : ordinalIn(url);
    const { network } = this.#around;
    const ask = <T>(serve: (node: NonNullable<EtcdChild["node"]>, reply: api.Reply<T>) => void): Promise<T> =>
      this.#call(withinMs, (reply) => {
        const node = network.at(ordinal, this.#ordinal);
        if (node === undefined) reply(new NoAnswer("connection refused"));
        else serve(node, reply);
      });
    return {
      status: () => ask((node, reply) => reply(api.status(node))),
      members: async () => {
        const list = await ask(api.members);
        const { dir } = this.#volume;
        this.#toldRemoved ??=
          dir !== undefined &&
          dir.identity.clusterId === list.clusterId &&
          !list.members.some(({ id }) => id === dir.identity.memberId);
        return list;
      },
      addLearner: (peerUrl) => {
        const id = `m${this.#ordinal}.${network.chance.between(0, 2 ** 31).toString(16)}`;
        return ask((node, reply) => api.addLearner(node, id, peerUrl, reply));
      },
      promote: (id) => this.#change(ask((node, reply) => api.promote(node, id, reply))),
      remove: (id) => this.#change(ask((node, reply) => api.remove(node, id, reply))),
      updatePeerUrl: (id, peerUrl) => this.#change(ask((node, reply) => api.updatePeerUrl(node, id, peerUrl, reply))),
      transferLeadership: (id) => this.#change(ask((node, reply) => api.transferLeadership(node, id, reply))),
    };
  }

  async #change(change: Promise<undefined> | Promise<void>): Promise<void> {
    await change;
  }

  #kubernetes(): Kubernetes {
    const { network, objects, faults } = this.#around;
    const ask = <T>(answer: () => T): Promise<T> =>
      this.#call<T>(1_000, (reply) => {
        if (network.scheduler.now < objects.awayUntil) reply(new NoAnswer("the API server is away"));
        else if (network.chance.happens(faults().nonsense)) reply(new Denied(403, "forbidden"));
        else reply(answer());
      });
    const ordinal = (name: string): number => Number(name.split("-").at(-1));
    return {
      statefulSet: () => ask(() => (objects.statefulSet === undefined ? undefined : { ...objects.statefulSet })),
      configMap: async () => {
        this.#latchWasRead = false;
        const data = await ask(() => (objects.latch === undefined ? undefined : { ...objects.latch }));
        this.#latchWasRead = true;
        return data;
      },
      createConfigMap: (_metadata, data) => ask(() => objects.createLatch(data)),
      compareAndSet: (_name, key, seen, value) => ask(() => objects.setInLatch(key, seen, value)),
      pod: (name) =>
        ask(() => {
          const pod = objects.pods.get(ordinal(name));
          return pod === undefined ? undefined : { deleting: pod.terminating };
        }),
      deletePod: (name) => this.#change(ask(() => this.#around.deletePod(ordinal(name)))),
      claim: (name) =>
        ask(() => {
          const claim = objects.claims.get(ordinal(name));
          return claim === undefined ? undefined : { deleting: claim.deleting };
        }),
      deleteClaim: (name) => this.#change(ask(() => objects.deleteClaim(ordinal(name)))),
    };
  }
}
