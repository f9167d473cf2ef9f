import { createHash } from "node:crypto";
import { toolchainHash } from "../toolchain/toolchain.ts";
import type { Listener } from "./addresses.ts";
import { programPath } from "./program.ts";

/** A process the cluster consists of: how it is started and how one sees that it does its work. */
export interface Component {
  name: string;
  command: readonly [string, ...string[]];
  /** Beside PATH. */
  environment?: Readonly<Record<string, string>>;
  /** Files written before the start: path and content. */
  files?: Readonly<Record<string, string>>;
  /** Names of components that have to be ready before this one starts. */
  after: readonly string[];
  listens: readonly Listener[];
  /** Whether it does its work now. A failed look counts as no. */
  isReady(): Promise<boolean>;
  /** How long SIGTERM may take before SIGKILL (ms); 0: SIGKILL at once. */
  grace: number;
}

/** The environment a component runs in: nothing of the caller's but the path. */
export function componentEnvironment(component: Component): Record<string, string> {
  return { PATH: programPath(), HOME: "/root", ...component.environment };
}

/** Identifies all a component is started with, programs included: a running one of another fingerprint is replaced. */
export function fingerprint(component: Component): string {
  const { command, environment, files } = component;
  return createHash("sha256")
    .update(JSON.stringify([toolchainHash, command, environment, files]))
    .digest("hex");
}
