import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import process from "node:process";
import { execa } from "execa";
import { UserError } from "../../errors.ts";
import { parseImageName } from "./image-name.ts";
import type { PropertyValue } from "../rpc/values.ts";
import { at, parseJson, textAt } from "../rpc/values.ts";
import type { Credentials } from "./inputs.ts";

// The file and the helpers' protocol: https://docs.docker.com/reference/cli/docker/login/, "Credential helper protocol".

/** What a helper says when it works and knows nothing of the registry. */
const nothingKnown = "credentials not found";

/** JSON that holds secrets: the parser's own words would show a piece of it. */
function parseSecret(text: string, what: string): PropertyValue {
  try {
    return parseJson(text);
  } catch {
    throw new UserError(`${what} is not valid JSON: log in again with \`docker login\``);
  }
}

function readConfig(file: string): PropertyValue {
  return existsSync(file) ? parseSecret(readFileSync(file, "utf8"), file) : {};
}

/** Docker Hub is known by an address of old. */
function keysOf(host: string): string[] {
  return host === "registry-1.docker.io" ? ["https://index.docker.io/v1/"] : [host, `https://${host}`];
}

async function askHelper(name: string, key: string): Promise<Credentials | undefined> {
  const program = `docker-credential-${name}`;
  const answer = await execa(program, ["get"], { input: key, reject: false, stripFinalNewline: true });
  if (answer.code === "ENOENT") {
    throw new UserError(
      `docker's settings name ${program} for ${key}, but it is not on PATH: install it, or log in anew`,
    );
  }
  if (answer.exitCode !== 0) {
    if (answer.stdout.includes(nothingKnown)) return undefined;
    // Nothing of what it printed is shown: it deals in secrets.
    throw new UserError(`${program} gave no credentials for ${key}: log in again, then type the command once more`);
  }
  const value = parseSecret(answer.stdout, `what ${program} answers for ${key}`);
  return pair(key, textAt(value, "Username"), textAt(value, "Secret"));
}

function pair(server: string, username: string | undefined, password: string | undefined): Credentials | undefined {
  if (username === undefined || username === "" || password === undefined || password === "") return undefined;
  if (username === "<token>") {
    throw new UserError(`docker's settings have an identity token for ${server}: log in with a user and a password`);
  }
  return { server, username, password };
}

function stored(config: PropertyValue, key: string): Credentials | undefined {
  const [username, ...password] = Buffer.from(textAt(config, "auths", key, "auth") ?? "", "base64")
    .toString()
    .split(":");
  return pair(key, username, password.join(":"));
}

/**
 * The credentials that docker itself would use for a registry: those of its credential helper, or those in its settings
 * ($DOCKER_CONFIG or ~/.docker, config.json); none where it has none, which is right for a registry that asks for none.
 * @param registry host, port and path
 * @throws UserError where the settings can't be read, or the helper they name is missing or fails
 */
export async function dockerCredentials(registry: string): Promise<Credentials | undefined> {
  const folder = process.env["DOCKER_CONFIG"] ?? path.join(homedir(), ".docker");
  const config = readConfig(path.join(folder, "config.json"));
  const host = parseImageName(`${registry}/any`).registry;
  for (const key of keysOf(host)) {
    const helper = textAt(config, "credHelpers", key) ?? textAt(config, "credsStore");
    // The settings keep an empty entry for what the store holds, and nothing for what it does not.
    const known = textAt(config, "credHelpers", key) !== undefined || at(config, "auths", key) !== undefined;
    const found = helper !== undefined && known ? await askHelper(helper, key) : stored(config, key);
    if (found !== undefined) return found;
  }
  return undefined;
}
