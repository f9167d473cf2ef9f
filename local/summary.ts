import { styleText } from "node:util";
import Table from "cli-table3";
import { readMembers, type MemberRow } from "../desk/members.ts";
import { memberPods, parseOutputs, type StackOutputs } from "../desk/outputs.ts";
import { PodProxy } from "../desk/pod-proxy.ts";

const PLAIN = { style: { head: [], border: [] } };
const NO_LINES_BETWEEN = { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" };

function bold(text: string): string {
  return styleText("bold", text, { stream: process.stdout });
}

/**
 * What a person wants to see after `up`: the members, where things are, and what to try next.
 *
 * @param outputs the stack's, as JSON text
 * @param place the cluster's kubeconfig and context
 * @param prefix a command that makes the others work in a shell, where one is needed
 */
export async function summary(
  outputs: string,
  place: { readonly kubeconfig: string | undefined; readonly context: string },
  prefix: string | undefined,
): Promise<string> {
  const stack = parseOutputs(outputs);
  const members = await readMembers(new PodProxy({ ...place, namespace: stack.namespace }), memberPods(stack));
  return [
    "",
    bold("Members"),
    membersTable(members),
    "",
    bold("Outputs"),
    outputsTable(stack),
    "",
    bold("Try next"),
    ...nextCommands(stack, prefix).map((line) => `  ${line}`),
    "",
  ].join("\n");
}

function membersTable(members: readonly MemberRow[]): string {
  const table = new Table({
    ...PLAIN,
    chars: NO_LINES_BETWEEN,
    head: ["name", "ID", "role", "health", "etcd", "peer URL", "client URL"],
  });
  for (const { name, id, role, health, version, peerUrl, clientUrl } of members) {
    table.push([name, id, role, health, version, peerUrl, clientUrl]);
  }
  return table.toString();
}

/** The stack's outputs, one in a row, whatever their type. */
export function outputsTable(outputs: StackOutputs): string {
  const table = new Table({ ...PLAIN, chars: NO_LINES_BETWEEN });
  for (const [key, value] of Object.entries(outputs) as [string, unknown][]) table.push([key, shown(value)]);
  return table.toString();
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.map(shown).join("\n");
  if (typeof value !== "object" || value === null) return String(value);
  return Object.entries(value)
    .map(([key, inner]) => `${key}: ${shown(inner)}`)
    .join("\n");
}

function nextCommands(outputs: StackOutputs, prefix: string | undefined): string[] {
  const { namespace } = outputs;
  const first = memberPods(outputs)[0] ?? `${outputs.statefulSetName}-0`;
  return [
    ...(prefix === undefined ? [] : [prefix]),
    `kubectl -n ${namespace} get pods`,
    `kubectl -n ${namespace} exec ${first} -- etcdctl member list -w table`,
    `kubectl -n ${namespace} exec deploy/etcd-client -- /opt/antithesis/test/v1/main/parallel_driver_generate_traffic`,
    `kubectl -n ${namespace} logs ${first}`,
    "npm run preview · npm run refresh · npm run destroy",
  ];
}
