import { readFile } from "node:fs/promises";
import path from "node:path";
import { UserError } from "../../errors.ts";
import type { PropertyMap, PropertyValue } from "../rpc/values.ts";
import { at, isMap, listAt, textAt } from "../rpc/values.ts";

/** How to reach and be known to an API server. */
export interface Connection {
  context: string;
  server: string;
  /** The namespace of objects that name none. */
  namespace: string;
  tls: {
    ca: Buffer | undefined;
    cert: Buffer | undefined;
    key: Buffer | undefined;
    serverName: string | undefined;
    skipVerify: boolean;
  };
  /** The value of the Authorization header, if the user has no certificate. */
  authorization: string | undefined;
}

/** What a provider resource says about the way to its cluster. */
export interface KubeconfigChoice {
  /** Contents, a path, or several paths as in KUBECONFIG; undefined: the environment's KUBECONFIG, or ~/.kube/config. */
  kubeconfig: string | undefined;
  context: string | undefined;
  cluster: string | undefined;
  namespace: string | undefined;
}

/** One kubeconfig, as merged from its files. */
interface Kubeconfig {
  /** For messages: the paths, or what it was given as. */
  source: string;
  currentContext: string | undefined;
  contexts: ReadonlyMap<string, PropertyMap>;
  clusters: ReadonlyMap<string, PropertyMap>;
  users: ReadonlyMap<string, PropertyMap>;
}

/**
 * The connection a kubeconfig and a choice of context lead to.
 * @throws UserError in one sentence when a file, the context, its cluster or its user is missing or not usable
 */
export async function connectionOf(
  choice: KubeconfigChoice,
  environment: Record<string, string | undefined>,
): Promise<Connection> {
  const config = await load(choice.kubeconfig, environment);
  const contextName = choice.context ?? config.currentContext;
  if (contextName === undefined || contextName === "") {
    throw new UserError(`${config.source} has no current context: name one (context of the Kubernetes provider)`);
  }
  const context = named(config.contexts, "context", contextName, config.source);
  const clusterName = choice.cluster ?? textAt(context, "cluster") ?? "";
  const cluster = named(config.clusters, "cluster", clusterName, config.source);
  const user = named(config.users, "user", textAt(context, "user") ?? "", config.source);
  const server = textAt(cluster, "server");
  if (server === undefined || !URL.canParse(server)) {
    throw new UserError(`cluster "${clusterName}" of ${config.source} has no usable server address`);
  }
  return {
    context: contextName,
    server,
    namespace: choice.namespace ?? textAt(context, "namespace") ?? "default",
    tls: {
      ca: await material(cluster, "certificate-authority"),
      cert: await material(user, "client-certificate"),
      key: await material(user, "client-key"),
      serverName: textAt(cluster, "tls-server-name"),
      skipVerify: at(cluster, "insecure-skip-tls-verify") === true,
    },
    authorization: await authorizationOf(user, textAt(context, "user") ?? "", config.source),
  };
}

function named(entries: ReadonlyMap<string, PropertyMap>, what: string, name: string, source: string): PropertyMap {
  const found = entries.get(name);
  if (found === undefined) {
    const known = [...entries.keys()].map((key) => `"${key}"`).join(", ");
    throw new UserError(`${what} "${name}" does not exist in ${source} (it has ${known === "" ? "none" : known})`);
  }
  return found;
}

async function load(given: string | undefined, environment: Record<string, string | undefined>): Promise<Kubeconfig> {
  // No path has a line break or starts with a brace: then it is the contents, in YAML or JSON.
  if (given !== undefined && (given.includes("\n") || given.trimStart().startsWith("{"))) {
    const source = "the kubeconfig given to the Kubernetes provider";
    return merge(source, [await parse(given, source, "/")]);
  }
  const paths = pathsOf(given, environment);
  const files = await Promise.all(paths.map((file) => readIfThere(file)));
  const there = files.filter((file) => file !== undefined);
  if (there.length === 0) {
    throw new UserError(`there is no kubeconfig at ${paths.join(" or ")}`);
  }
  return merge(paths.join(":"), there);
}

function pathsOf(given: string | undefined, environment: Record<string, string | undefined>): string[] {
  const setting = given === undefined || given === "" ? environment["KUBECONFIG"] : given;
  const paths = (setting ?? "").split(path.delimiter).filter((part) => part !== "");
  const home = environment["HOME"] ?? "/";
  return paths.length > 0 ? paths.map((part) => part.replace(/^~(?=\/)/, home)) : [path.join(home, ".kube", "config")];
}

async function readIfThere(file: string): Promise<PropertyMap | undefined> {
  try {
    return await parse(await readFile(file, "utf8"), file, path.dirname(path.resolve(file)));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      return undefined;
    }
    throw error;
  }
}

/** Parses one file; its relative paths are made absolute, since they are relative to the file. */
async function parse(text: string, source: string, directory: string): Promise<PropertyMap> {
  const properties = toProperties(await parseText(text, source));
  if (!isMap(properties)) {
    throw new UserError(`${source} is not a kubeconfig`);
  }
  return { ...properties, directory };
}

/** JSON is YAML too, and does not need the YAML parser, which takes longer to load than all requests of a run. */
async function parseText(text: string, source: string): Promise<unknown> {
  if (text.trimStart().startsWith("{")) {
    try {
      return JSON.parse(text);
    } catch {
      // YAML's own braces, which are no JSON: left to its parser.
    }
  }
  const yaml = await import("yaml");
  try {
    return yaml.parse(text);
  } catch (error) {
    const [first] = error instanceof Error ? error.message.split("\n") : [String(error)];
    throw new UserError(`${source} is not YAML: ${first ?? ""}`);
  }
}

function toProperties(value: unknown): PropertyValue {
  if (Array.isArray(value)) {
    return value.map(toProperties);
  }
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, toProperties(member)]));
  }
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : null;
}

/** As kubectl merges: the first file that names a thing has it. */
function merge(source: string, files: readonly PropertyMap[]): Kubeconfig {
  const section = (list: string, member: string): Map<string, PropertyMap> => {
    const entries = new Map<string, PropertyMap>();
    for (const file of files) {
      for (const entry of listAt(file, list)) {
        const name = textAt(entry, "name") ?? "";
        const value = at(entry, member);
        if (!entries.has(name)) {
          entries.set(name, { ...(isMap(value) ? value : {}), directory: textAt(file, "directory") ?? "/" });
        }
      }
    }
    return entries;
  };
  return {
    source,
    currentContext: files
      .map((file) => textAt(file, "current-context"))
      .find((name) => name !== undefined && name !== ""),
    contexts: section("contexts", "context"),
    clusters: section("clusters", "cluster"),
    users: section("users", "user"),
  };
}

/** A certificate or key: in the kubeconfig itself (`NAME-data`, base64) or in a file it names. */
async function material(entry: PropertyMap, name: string): Promise<Buffer | undefined> {
  const data = textAt(entry, `${name}-data`);
  if (data !== undefined) {
    return Buffer.from(data, "base64");
  }
  const file = textAt(entry, name);
  return file === undefined ? undefined : await readMaterial(path.resolve(textAt(entry, "directory") ?? "/", file));
}

async function readMaterial(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new UserError(`${file}, which the kubeconfig names, can't be read: ${String(error)}`);
  }
}

async function authorizationOf(user: PropertyMap, name: string, source: string): Promise<string | undefined> {
  if (at(user, "exec") !== undefined || at(user, "auth-provider") !== undefined) {
    throw new UserError(
      `user "${name}" of ${source} gets its credentials from another program, which the local stand-in for the ` +
        `kubernetes plugin does not support: install the official plugin, or use a token or a client certificate`,
    );
  }
  const file = textAt(user, "tokenFile");
  const token =
    file === undefined
      ? textAt(user, "token")
      : (await readMaterial(path.resolve(textAt(user, "directory") ?? "/", file))).toString("utf8").trim();
  if (token !== undefined) {
    return `Bearer ${token}`;
  }
  const username = textAt(user, "username");
  return username === undefined
    ? undefined
    : `Basic ${Buffer.from(`${username}:${textAt(user, "password") ?? ""}`).toString("base64")}`;
}
