import { readFile } from "node:fs/promises";
import path from "node:path";
import { parse } from "yaml";

interface Environment {
  readonly KUBECONFIG?: string | undefined;
  readonly HOME?: string | undefined;
}

/**
 * The kubeconfig files that count, as for kubectl: the one that is set, else the list in KUBECONFIG, else ~/.kube/config.
 * Source: k8s.io/client-go/tools/clientcmd/loader.go, NewDefaultClientConfigLoadingRules.
 */
export function kubeconfigFiles(setting: string | undefined, environment: Environment): string[] {
  const home = environment.HOME ?? "";
  if (setting !== undefined) return [setting.startsWith("~/") ? path.join(home, setting.slice(2)) : setting];
  const listed = (environment.KUBECONFIG ?? "").split(path.delimiter).filter((file) => file !== "");
  return listed.length > 0 ? listed : [path.join(home, ".kube", "config")];
}

/** The names of the contexts in one kubeconfig's text. Throws what the YAML parser throws. */
export function contextNames(text: string): string[] {
  const config: unknown = parse(text);
  if (typeof config !== "object" || config === null || !("contexts" in config) || !Array.isArray(config.contexts))
    return [];
  return config.contexts.flatMap((entry: unknown) =>
    typeof entry === "object" && entry !== null && "name" in entry && typeof entry.name === "string"
      ? [entry.name]
      : [],
  );
}

type Read = { readonly contexts: readonly string[] } | { readonly problem: string } | "missing";

async function readContexts(file: string): Promise<Read> {
  try {
    return { contexts: contextNames(await readFile(file, "utf8")) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if ("code" in error && error.code === "ENOENT") return "missing";
    return { problem: `the kubeconfig ${file} can't be read (${error.message.split("\n")[0] ?? ""})` };
  }
}

/**
 * Whether a context exists. A provider would only find out when it first needs the cluster, and a preview not at all.
 * @param files as kubeconfigFiles gives them; missing ones are passed over, as kubectl does
 * @returns the sentence to show when it does not, undefined when it does
 */
export async function contextProblem(context: string, files: readonly string[]): Promise<string | undefined> {
  const given = `etcd:context is "${context}", but`;
  const known: string[] = [];
  const found: string[] = [];
  for (const file of files) {
    const read = await readContexts(file);
    if (read === "missing") continue;
    if ("problem" in read) return `${given} ${read.problem}: repair that file, or set etcd:kubeconfig to another.`;
    known.push(...read.contexts);
    found.push(file);
  }
  if (known.includes(context)) return undefined;
  const advice = "or set KUBECONFIG or etcd:kubeconfig to the file that has it";
  if (found.length === 0) return `${given} there is no kubeconfig at ${files.join(", ")}: make one, ${advice}.`;
  const list = known.length === 0 ? "no contexts at all" : known.join(", ");
  return `${given} ${found.join(", ")} has no such context, it has ${list}: choose with \`pulumi config set etcd:context NAME\`, ${advice}.`;
}
