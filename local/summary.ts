import { styleText } from "node:util";
import Table from "cli-table3";
import type { MemberRow } from "../desk/members.ts";
import { memberPods, type StackOutputs } from "../desk/outputs.ts";

const PLAIN = { style: { head: [], border: [] } };

function bold(text: string): string {
  return styleText("bold", text, { stream: process.stdout });
}

/** What a person wants to see after `up`: the members, where things are, and what to try next. */
export function summary(members: readonly MemberRow[], outputs: StackOutputs, prefix: string): string {
  return [
    "",
    bold("Members"),
    membersTable(members),
    "",
    bold("Outputs"),
    outputsTable(outputs),
    "",
    bold("Try next"),
    ...nextCommands(outputs, prefix).map((line) => `  ${line}`),
    "",
  ].join("\n");
}

function membersTable(members: readonly MemberRow[]): string {
  const table = new Table({ ...PLAIN, head: ["name", "ID", "role", "health", "etcd", "peer URL", "client URL"] });
  for (const { name, id, role, health, version, peerUrl, clientUrl } of members) {
    table.push([name, id, role, health, version, peerUrl, clientUrl]);
  }
  return table.toString();
}

function outputsTable(outputs: StackOutputs): string {
  const table = new Table({ ...PLAIN, chars: { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" } });
  for (const [key, value] of Object.entries(outputs) as [string, unknown][]) table.push([key, shown(value)]);
  return table.toString();
}

function shown(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(shown).join("\n");
  return Object.entries(value as Record<string, unknown>)
    .map(([key, inner]) => `${key}: ${shown(inner)}`)
    .join("\n");
}

function nextCommands(outputs: StackOutputs, prefix: string): string[] {
  const { namespace } = outputs;
  const first = memberPods(outputs)[0] ?? `${outputs.statefulSetName}-0`;
  return [
    ...(prefix === "" ? [] : [prefix]),
    `kubectl -n ${namespace} get pods`,
    `kubectl -n ${namespace} exec ${first} -- etcdctl member list -w table`,
    `kubectl -n ${namespace} exec deploy/etcd-client -- /opt/antithesis/test/v1/main/parallel_driver_generate_traffic`,
    `kubectl -n ${namespace} logs ${first}`,
    "npm run preview · npm run refresh · npm run destroy",
  ];
}
