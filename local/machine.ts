import { clusterPhases } from "./cluster/phases.ts";
import { backendFolder, localEnvironment, pulumiHome } from "./cluster/environment.ts";
import { keepNoEngineLog } from "./engine-log.ts";
import { baseImagePhases } from "./images/images.ts";
import { runPhases } from "./phases.ts";
import { pluginPhases } from "./plugins/plugins.ts";
import { toolchainPhases } from "./toolchain/toolchain.ts";

export { backendFolder };

/**
 * Brings everything a bare machine lacks to run a local stack, and only that; quick where it is there already.
 *
 * @returns the variables with which pulumi and kubectl use it
 */
export async function prepareMachine(): Promise<Record<string, string>> {
  const environment = localEnvironment();
  await runPhases([...toolchainPhases(), ...clusterPhases(), ...baseImagePhases(), ...pluginPhases(environment)]);
  // Not before: a machine that can't run the cluster is left as it was.
  keepNoEngineLog(pulumiHome);
  return environment;
}

/** What a Pulumi command needs that touches no cluster: the engine and its plugins. */
export async function pulumiEnvironment(): Promise<Record<string, string>> {
  const environment = localEnvironment();
  await runPhases([...toolchainPhases(), ...pluginPhases(environment)]);
  keepNoEngineLog(pulumiHome);
  return environment;
}
