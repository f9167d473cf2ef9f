import { Command } from "commander";
import { exitWith, UserError } from "../local/errors.ts";
import { holds, report, type Figure } from "./result.ts";

/** Each bench with the figures it asserts. A bench is loaded only when it runs. */
const benches: Record<string, { what: string; load: () => Promise<{ run: (rounds: number) => Promise<Figure[]> }> }> = {
  up: {
    what: "the whole way: a start with the local cluster down, creating and re-applying the stack",
    load: () => import("./up.ts"),
  },
  cold: {
    what: "a fresh clone with every cache empty, npm ci and npm run up (ten minutes and more; only when named)",
    load: () => import("./cold.ts"),
  },
  cluster: {
    what: "the local cluster alone: a plain etcd StatefulSet in fresh namespaces, and under the same names again",
    load: () => import("./cluster.ts"),
  },
  scale: { what: "from a changed number of replicas to its members and pods", load: () => import("./scale.ts") },
  "write-gap": {
    what: "how long no write is acknowledged under kills, restarts and scaling, beside a plain etcd",
    load: () => import("./write-gap.ts"),
  },
  driver: { what: "the recorded traffic beside etcd's own benchmark program", load: () => import("./driver.ts") },
  overhead: { what: "the drill's traffic with its history and without", load: () => import("./overhead.ts") },
  checker: { what: "the checker of histories beside Porcupine", load: () => import("./checker.ts") },
  manifests: { what: "writing plain manifests, offline", load: () => import("./manifests.ts") },
  report: {
    what: "the report of a drill: writing it from 500,000 operations, its size, opening it in a browser",
    load: () => import("./report.ts"),
  },
  package: { what: "packaging for Antithesis when nothing changed", load: () => import("./package.ts") },
  member: { what: "what the member program costs while it has nothing to do", load: () => import("./member.ts") },
};

const program = new Command("npm run bench --")
  .description(`Measures, prints a table, writes bench/results/*.json; exit code 1 where a bound is broken.`)
  .argument(
    "[bench...]",
    `which: ${Object.entries(benches)
      .map(([name, { what }]) => `${name} (${what})`)
      .join(", ")}; all but cold without it`,
  )
  .option("--rounds <number>", "rounds of what is repeated", "10")
  .parse();

async function main(): Promise<void> {
  const names = program.args.length > 0 ? program.args : Object.keys(benches).filter((name) => name !== "cold");
  const rounds = Number(program.opts<{ rounds: string }>().rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new UserError("--rounds must be a whole number, 1 or more", 2);
  for (const name of names) {
    const bench = benches[name];
    if (bench === undefined) throw new UserError(`there is no bench "${name}": ${Object.keys(benches).join(", ")}`, 2);
    const figures = await (await bench.load()).run(rounds);
    report(name, figures);
    if (!figures.every(holds)) process.exitCode = 1;
  }
}

await main().catch(exitWith);
