import path from "node:path";
import process from "node:process";
import { stateDir } from "../paths.ts";
import { toolchainBin } from "../toolchain/toolchain.ts";
import { kubeconfigFile, sockets } from "./folders.ts";

/** Folder of Pulumi's file backend: the state of all local stacks. */
export const backendFolder = path.join(stateDir, "pulumi");

/** What the engine keeps for all local stacks: its plugins above all. */
export const pulumiHome = path.join(stateDir, "pulumi-home");

/** The variables with which pulumi, kubectl, docker and etcdctl use the local cluster and nothing else. */
export function localEnvironment(): Record<string, string> {
  return {
    PATH: [toolchainBin, process.env["PATH"] ?? ""].filter((part) => part !== "").join(path.delimiter),
    KUBECONFIG: kubeconfigFile,
    DOCKER_HOST: `unix://${sockets.docker}`,
    PULUMI_HOME: pulumiHome,
    PULUMI_BACKEND_URL: `file://${backendFolder}`,
    // Local stacks hold no secrets, and nobody is to be asked for a passphrase.
    PULUMI_CONFIG_PASSPHRASE: "",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    // After a run that was killed, objects are there of which the state knows only that they were to be created. Always
    // set, because the provider keeps it among its inputs.
    PULUMI_K8S_UPSERT_EXISTING_OBJECTS: "true",
  };
}
