import { existsSync, readFileSync } from "node:fs";
import type { Engine } from "./engine.ts";
import { UserError } from "./errors.ts";

/** Whether anything of a stack is protected, by its state in a file backend. */
export function hasProtected(stateFile: string): boolean {
  if (!existsSync(stateFile)) return false;
  const state = JSON.parse(readFileSync(stateFile, "utf8")) as {
    checkpoint?: { latest?: { resources?: { protect?: boolean }[] } };
  };
  return (state.checkpoint?.latest?.resources ?? []).some(({ protect }) => protect === true);
}

/**
 * Refuses to destroy a protected stack before the engine begins: without a preview it would delete all that is not
 * protected, and only then find what is.
 *
 * @param declared whether the stack's settings say so
 * @param applied whether its state says so, as the last update left it; undefined where it can't be looked at from here
 * @throws UserError that says how to take the protection away
 */
export function refuseProtected(
  { stack, configFile }: Pick<Engine, "stack" | "configFile">,
  declared: boolean,
  applied: boolean | undefined,
): void {
  if (!(applied ?? declared)) return;
  const up = `npm run up -- --stack ${stack}${configFile === undefined ? "" : ` --config-file ${configFile}`}`;
  const file = configFile ?? `Pulumi.${stack.split("/").at(-1) ?? stack}.yaml`;
  const first = declared ? `set etcd:protect to false in ${file} and type` : "etcd:protect is false by now, so type";
  throw new UserError(
    `the stack ${stack} is protected, and nothing was destroyed: to give its data up, ${first} \`${up}\`, then destroy again`,
  );
}
