import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { UserError } from "./errors.ts";
import { projectDir } from "./paths.ts";

/** The kubeconfig context of the local cluster; a stack that names it is run with all that local/ brings. */
export const LOCAL_CONTEXT = "etcd-local";

/** What a stack's settings file says that matters before the engine starts. */
export interface StackFile {
  /** `etcd:context`, undefined where the file does not set it. */
  readonly context: string | undefined;
  /** `etcd:kubeconfig`, undefined where the file does not set it. */
  readonly kubeconfig: string | undefined;
  /** `etcd:replicas`, undefined where the file does not set it, or not to a number. */
  readonly replicas: number | undefined;
  /** `etcd:hibernate`. */
  readonly hibernate: boolean;
  /** `etcd:protect`. */
  readonly protect: boolean;
}

/**
 * Reads Pulumi.<stack>.yaml.
 *
 * @param configFile another file than the one the stack's name leads to
 * @throws UserError where there is no such file, or it is not YAML
 */
export function readStackFile(stack: string, configFile: string | undefined): StackFile {
  const name = stack.split("/").at(-1) ?? stack;
  const file = configFile ?? join(projectDir, `Pulumi.${name}.yaml`);
  if (!existsSync(file)) {
    throw new UserError(
      `there is no stack file ${file}: name a stack that has one (--stack dev), or copy Pulumi.dev.yaml to it`,
      2,
    );
  }
  const config = configBlock(file);
  const replicas = Number(config["etcd:replicas"] ?? Number.NaN);
  return {
    context: textOf(config["etcd:context"]),
    kubeconfig: textOf(config["etcd:kubeconfig"]),
    replicas: Number.isInteger(replicas) ? replicas : undefined,
    hibernate: String(config["etcd:hibernate"]) === "true",
    protect: String(config["etcd:protect"]) === "true",
  };
}

function configBlock(file: string): Record<string, unknown> {
  try {
    const yaml = parse(readFileSync(file, "utf8")) as { config?: Record<string, unknown> } | null;
    return yaml?.config ?? {};
  } catch (error) {
    throw new UserError(`${file} is not valid YAML: ${(error as Error).message.split("\n")[0] ?? ""}`, 2);
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** Whether the stack is one for the local cluster. */
export function isLocal(stackFile: StackFile): boolean {
  return stackFile.context === LOCAL_CONTEXT && stackFile.kubeconfig === undefined;
}
