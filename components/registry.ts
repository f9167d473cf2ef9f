import http from "node:http";
import https from "node:https";
import { registryHost } from "./image-name.ts";

/** Docker takes registries on the machine itself for insecure ones, so they may speak plain HTTP. */
function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/.test(host);
}

/** The address at which a registry says that it is one. Source: OCI distribution specification, "Determining Support". */
export function registryUrl(registry: string): string {
  const host = registryHost(registry);
  return `${isLoopback(host) ? "http" : "https"}://${host}/v2/`;
}

/** Resolves when anything answers in HTTP, whatever it says. */
async function answers(address: string, deadline: number): Promise<void> {
  const secure = address.startsWith("https:");
  // Who the registry is, is for the Docker daemon to check, which has authorities of its own; nothing is sent or believed here.
  const agent = secure ? new https.Agent({ proxyEnv: process.env, rejectUnauthorized: false }) : new http.Agent();
  try {
    await new Promise<void>((resolve, reject) => {
      const signal = AbortSignal.timeout(deadline);
      const request = (secure ? https : http).get(address, { agent, signal }, (response) => {
        response.resume();
        resolve();
      });
      request.on("error", (error) => reject(signal.aborted ? new Error("no answer") : error));
    });
  } finally {
    agent.destroy();
  }
}

/**
 * Whether a registry can be reached from here, where the build runs.
 * @param deadline milliseconds
 * @returns the sentence to show when it can't, undefined when it can
 */
export async function registryProblem(registry: string, deadline = 3000): Promise<string | undefined> {
  const address = registryUrl(registry);
  try {
    await answers(address, deadline);
    return undefined;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const reason = error.message === "" && "code" in error ? String(error.code) : error.message;
    return (
      `etcd:registry is "${registry}", but nothing answered at ${address} within ${deadline / 1000} s (${reason}): ` +
      "start it, or type `pulumi config set etcd:registry HOST[:PORT][/PATH]` with one that is reached from here."
    );
  }
}
