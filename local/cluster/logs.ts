import { execa } from "execa";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { UserError } from "../errors.ts";
import { folders } from "./folders.ts";
import { logFile } from "./process.ts";

/**
 * Shows the ends of components' logs.
 * @param component its name; undefined: all
 * @param lines how many lines of each, as typed
 * @param follow go on until interrupted
 * @throws UserError (exit code 2) for a component or a number there is not
 */
export async function showLogs(component: string | undefined, lines: string, follow: boolean): Promise<void> {
  if (!/^\d+$/.test(lines)) {
    throw new UserError(`--lines: expected a whole number, got "${lines}"`, 2);
  }
  const known = existsSync(folders.logs)
    ? readdirSync(folders.logs)
        .map((file) => path.basename(file, ".log"))
        .filter((name) => !name.endsWith(".previous"))
    : [];
  if (known.length === 0) {
    throw new UserError("there are no logs yet: start the local cluster with `npm run cluster -- up`");
  }
  if (component !== undefined && !known.includes(component)) {
    throw new UserError(`there is no log of "${component}"; there are logs of ${known.join(", ")}`, 2);
  }
  const files = (component === undefined ? known : [component]).map(logFile);
  const flags = ["--lines", lines, ...(follow ? ["--follow"] : [])];
  await execa("tail", [...flags, ...files], { stdio: "inherit", reject: !follow });
}
