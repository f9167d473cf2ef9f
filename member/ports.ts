import type { Exit, FirstStartFlags } from "./etcd-process.ts";
import type { DataDir, FirstStart } from "./decision.ts";
import type { Gateway } from "./gateway.ts";
import type { Kubernetes } from "./kubernetes.ts";
import type { Stop } from "./pause.ts";
import type { Settings } from "./settings.ts";
import type { StopPoint } from "./stop-points.ts";

/** All that a member program sees and touches. In a pod these are real (main.ts), in the simulation they are not. */
export interface Ports {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly volume: Volume;
  readonly kubernetes: Kubernetes;
  /** The etcd behind a client URL; every call has this deadline, in milliseconds. */
  gateway(clientUrl: string, withinMs: number): Gateway;
  /** Starts this pod's one etcd: with these flags, or (undefined) with the data it has, or with it and without all others. */
  startEtcd(first: FirstStartFlags | "alone" | undefined): Etcd;
  /** Whether DNS knows the name by now. */
  resolves(host: string): Promise<boolean>;
  /** Whether the etcd behind a peer URL serves, so that a new one learns from it what it knows; false where it says nothing within the time. */
  servesPeers(peerUrl: string, withinMs: number): Promise<boolean>;
  /** A word that nobody else comes upon. */
  randomWord(): string;
  log(line: string): void;
  /** Tells that a step is done and the next one not begun. */
  reached(point: StopPoint): Promise<void>;
}

export interface Clock {
  /** Milliseconds; only differences mean something. */
  now(): number;
  /** Lets `ms` pass before a condition is looked at again; ends at once when `stop`, if given, is asked for. */
  pause(ms: number, stop?: Stop): Promise<void>;
}

/** The member's volume (data-dir.ts). What is written is on disk when the call returns. */
export interface Volume {
  lookAt(): DataDir;
  noteFirstStart(note: FirstStart): void;
  forgetFirstStart(): void;
  wipe(): void;
  sweepDiscarded(): void;
}

/** A running etcd, or one that has ended. */
export interface Etcd {
  readonly startedAt: number;
  readonly exited: Promise<Exit>;
  readonly isRunning: boolean;
  /** Whether it has a snapshot and yet waits in vain to serve (unpublished.ts); to be asked again and again meanwhile. */
  waitsInVain(): Promise<boolean>;
  /** Asks etcd to stop, and ends it by force where it has not within the time given; at once where that is 0. */
  stop(withinMs: number): Promise<Exit>;
}
