import process from "node:process";
import { localEnvironment } from "./cluster/environment.ts";
import { StandInsBesideEngine } from "./plugins/beside-engine.ts";
import { type StandIn, standInsInPlace } from "./plugins/plugins.ts";

/** What a command of the engine has on this machine. */
export interface EngineGround {
  readonly environment: Readonly<Record<string, string>>;
  /** To be let go when the command has ended; undefined: the engine starts all its plugins itself. */
  readonly besideEngine: StandInsBesideEngine | undefined;
}

/**
 * As `prepareMachine`, with the plugins' stand-ins started beside the engine, if there are any.
 *
 * @param program whether the command runs the program
 */
export async function prepareEngine(program: boolean): Promise<EngineGround> {
  const environment = localEnvironment();
  const standIns = async (): Promise<StandIn[]> => {
    // Whoever debugs a plugin has said where it is.
    if (["PULUMI_DEBUG_PROVIDERS", "PULUMI_DEBUG_LANGUAGES"].some((name) => name in process.env)) return [];
    return await standInsInPlace(environment);
  };
  const start = (names: StandIn[]) =>
    names.length === 0 ? undefined : new StandInsBesideEngine(names, environment, program);
  // Those of the last command start while this one looks at the machine, and loads what looks.
  let besideEngine = start(await standIns());
  try {
    const { prepareMachine } = await import("./machine.ts");
    await prepareMachine();
    const names = await standIns();
    if (names.join() !== (besideEngine?.names ?? []).join()) {
      besideEngine?.end();
      besideEngine = start(names);
    }
    return { environment: { ...environment, ...(await besideEngine?.variables()) }, besideEngine };
  } catch (error) {
    besideEngine?.end();
    throw error;
  }
}
