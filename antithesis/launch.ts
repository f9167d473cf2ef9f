import { UserError } from "../local/errors.ts";
import { addressOf, baseUrl } from "./address.ts";
import { cleanText } from "./clean.ts";
import type { ImageOptions } from "./config-image.ts";
import { withPackage } from "./config-image.ts";
import { credentialsOf, neededCredentials } from "./credentials.ts";
import { textAt } from "./object.ts";
import { isSecret, launchParameters } from "./parameters.ts";
import { secondsOf, send } from "./request.ts";

export interface LaunchCommand extends ImageOptions {
  readonly timeout: string;
  readonly dryRun?: boolean;
}

/** The request as people may see it: secrets are ***. */
function inWords(url: URL, authorization: string, parameters: Readonly<Record<string, string>>, hidden: Set<string>) {
  const shown = Object.fromEntries(
    Object.entries(parameters).map(([key, value]) => [key, hidden.has(key) ? "***" : value]),
  );
  return [
    `POST ${url.href}`,
    `authorization: ${authorization}`,
    "content-type: application/json",
    "",
    JSON.stringify({ params: shown }, undefined, 2),
    "",
  ].join("\n");
}

/**
 * Launches a run, or with --dry-run prints what would be sent. Without a config image among the options, the run has that of the
 * last package; which, is said on standard error. Prints the run's id.
 */
export async function launch(command: LaunchCommand, env = process.env): Promise<void> {
  const timeout = secondsOf(command.timeout);
  if (!/^\w[\w-]*$/.test(command.launcher)) {
    throw new UserError("--launcher must be a launcher's name, such as basic_k8s_test", 2);
  }
  const url = addressOf(baseUrl(command.tenant, env), ["api", "v1", "launch", command.launcher]);
  // What is wrong with what was typed is said before what is missing.
  launchParameters(command, env);
  const { options, said } = withPackage(command, env);
  const parameters = launchParameters(options, env);
  const fromEnvironment = (options.paramFromEnv ?? []).map((text) => text.split("=")[0] ?? "");
  const hidden = new Set([...fromEnvironment, ...Object.keys(parameters).filter(isSecret)]);
  const secrets = [...hidden].map((key) => parameters[key] ?? "");
  if (said !== undefined) process.stderr.write(`${said}\n`);
  if (options.dryRun === true) {
    const credentials = credentialsOf(env);
    const text = inWords(url, credentials?.shown ?? "none (ANTITHESIS_API_KEY is not set)", parameters, hidden);
    const lines = text.split("\n").map((line) => cleanText(line, credentials?.secrets ?? []));
    process.stdout.write(lines.join("\n"));
    return;
  }
  const credentials = neededCredentials(env, "launch");
  if (credentials.old) {
    process.stderr.write("warning: user and password are the old way in: ask for a key and set ANTITHESIS_API_KEY\n");
  }
  const asked = { launch: options.launcher };
  const body = JSON.stringify({ params: parameters });
  const answer = await send({ url, asked, credentials, secrets, timeout, body, wanted: 202 });
  const run = textAt(answer, "runId");
  if (run === "") {
    throw new UserError("the launch was accepted, but the answer names no run: look with npm run antithesis -- runs");
  }
  process.stdout.write(`✔ launched: run ${run}\n  follow it with npm run antithesis -- runs ${run}\n`);
}
