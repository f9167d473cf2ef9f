import { execa } from "execa";
import type { Place } from "../../desk/connection.ts";
import { parseOutputs, type StackOutputs } from "../../desk/outputs.ts";
import { localEnvironment } from "../cluster/environment.ts";
import { UserError } from "../errors.ts";
import { projectDir } from "../paths.ts";
import { isLocal, LOCAL_CONTEXT, readStackFile, type StackFile } from "../stack.ts";

export interface StackOptions {
  readonly stack: string;
  readonly configFile?: string;
}

/** A stack as its settings file and its last `up` describe it, and where its cluster is. */
export interface StackPlace {
  readonly file: StackFile;
  readonly outputs: StackOutputs;
  readonly place: Place;
}

/**
 * Finds a stack's cluster; starts and changes nothing.
 *
 * @throws UserError where there is no such stack, or it is not up
 */
export async function findStack({ stack, configFile }: StackOptions): Promise<StackPlace> {
  const file = readStackFile(stack, configFile);
  const environment = isLocal(file) ? localEnvironment() : {};
  const outputs = await readOutputs(stack, environment);
  const place = {
    kubeconfig: file.kubeconfig ?? environment["KUBECONFIG"],
    context: file.context ?? LOCAL_CONTEXT,
    namespace: outputs.namespace,
  };
  return { file, outputs, place };
}

async function readOutputs(stack: string, environment: Record<string, string>): Promise<StackOutputs> {
  const notUp = `the stack ${stack} is not up: \`npm run up -- --stack ${stack}\` brings it up`;
  const ran = await execa("pulumi", ["stack", "output", "--json", "--stack", stack], {
    cwd: projectDir,
    env: environment,
    reject: false,
    stdin: "ignore",
  });
  if (ran.failed && ran.code === "ENOENT") throw new UserError("pulumi is not on PATH: `npm run up` brings it");
  if (ran.exitCode !== 0) throw new UserError(`${notUp} (pulumi: ${ran.stderr.trim().split("\n").at(-1) ?? ""})`);
  if (!("namespace" in (JSON.parse(ran.stdout) as object))) throw new UserError(notUp);
  return parseOutputs(ran.stdout);
}
