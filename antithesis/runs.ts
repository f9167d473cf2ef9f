import Table from "cli-table3";
import { UserError } from "../local/errors.ts";
import { addressOf, baseUrl } from "./address.ts";
import type { Asked } from "./answers.ts";
import { neededCredentials } from "./credentials.ts";
import type { Value } from "./object.ts";
import { at, isMap, textAt } from "./object.ts";
import { allOf } from "./pages.ts";
import { secondsOf, send } from "./request.ts";

export interface ReadOptions {
  readonly tenant?: string;
  readonly timeout: string;
}

export interface RunsOptions extends ReadOptions {
  readonly limit: string;
  readonly status?: string;
  readonly link?: boolean;
}

/** A function that reads an address below /api/v0/runs, with the key. */
export function reader(options: ReadOptions, env: NodeJS.ProcessEnv) {
  const timeout = secondsOf(options.timeout);
  const base = baseUrl(options.tenant, env);
  const credentials = neededCredentials(env, "read");
  return (parts: readonly string[], query: Readonly<Record<string, string>>, asked: Asked): Promise<Value> =>
    send({ url: addressOf(base, ["api", "v0", "runs", ...parts], query), asked, credentials, timeout, wanted: 200 });
}

/** A run's id as part of an address. */
export function checkedRun(run: string): string {
  if (/^\w[\w-]*$/.test(run)) return run;
  throw new UserError(`a run's id has letters, digits and dashes, not ${JSON.stringify(run)}: see them with runs`, 2);
}

const plain = {
  chars: Object.fromEntries(
    ["top", "bottom", "left", "right", "mid"]
      .flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`])
      .concat("mid-mid", "middle")
      .map((name) => [name, name === "middle" ? "  " : ""]),
  ),
  style: { "padding-left": 0, "padding-right": 0, head: [], border: [] },
};

/** The list of runs as a table, newest first, as Antithesis gives them. */
export function runsInWords(runs: readonly Record<string, Value>[]): string {
  const table = new Table({ ...plain, head: ["RUN", "STATUS", "CREATED", "LAUNCHER", "DESCRIPTION"] });
  for (const run of runs) {
    const fields = ["run_id", "status", "created_at", "launcher"].map((key) => textAt(run, key));
    // One long text would make all lines as long.
    table.push([...fields, textAt(run, "parameters", "antithesis.description")].map((text) => text.slice(0, 80)));
  }
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

/** A run's details, one a line. The report's link is left out: whoever has it can read the report. */
export function runInWords(run: Value): string {
  const moment = at(run, "failure_moment");
  const parameters = at(run, "parameters");
  const rows: [string, string][] = [
    ...["run_id", "status", "launcher", "created_at", "started_at", "completed_at"].map((key): [string, string] => [
      key,
      textAt(run, key),
    ]),
    ["creator", textAt(run, "creator", "name")],
    ...Object.entries(isMap(parameters) ? parameters : {})
      // Antithesis gives all parameters back, and a token or what is not its own may be a secret.
      .filter(([key]) => key.startsWith("antithesis.") && !key.startsWith("antithesis.integrations."))
      .map(([key, value]): [string, string] => [key, typeof value === "string" ? value : JSON.stringify(value)]),
    ["version", textAt(run, "results", "environment", "antithesis_version")],
    ["failed at", isMap(moment) ? `vtime ${textAt(moment, "vtime")}, input hash ${textAt(moment, "input_hash")}` : ""],
    ["report", textAt(run, "links", "triage_report") === "" ? "" : "there is one: --link prints its address"],
  ];
  const shown = rows.filter(([, value]) => value !== "");
  const width = Math.max(...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join("\n");
}

function linkOf(run: Value): string {
  const link = URL.parse(textAt(run, "links", "triage_report"));
  if (link?.protocol === "https:") return link.href;
  throw new UserError("the run has no report that a browser could open: it may not be done");
}

/** Lists the runs, or shows one. */
export async function runs(run: string | undefined, options: RunsOptions, env = process.env): Promise<void> {
  const read = reader(options, env);
  if (run !== undefined) {
    const found = await read([checkedRun(run)], {}, { run });
    if (textAt(found, "run_id") === "") throw new UserError("the answer is no run as Antithesis documents it");
    process.stdout.write(`${options.link === true ? linkOf(found) : runInWords(found)}\n`);
    return;
  }
  if (options.link === true) throw new UserError("--link is for one run: name it", 2);
  const limit = /^\d+$/.test(options.limit) ? Number(options.limit) : 0;
  if (limit < 1 || limit > 1000) throw new UserError("--limit must be a number from 1 to 1000", 2);
  const { entries, more } = await allOf((after) => {
    const query = { limit: String(Math.min(limit, 100)), ...(after === undefined ? {} : { after }) };
    return read([], options.status === undefined ? query : { ...query, status: options.status }, { list: true });
  }, limit);
  process.stdout.write(entries.length === 0 ? "no runs\n" : `${runsInWords(entries)}\n`);
  if (more) process.stdout.write("there are more: --limit\n");
}
