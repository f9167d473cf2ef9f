import { spawn } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { whyNotLocal } from "../local/toolchain/preconditions.ts";

interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Last in the e2e order: it takes the local cluster down and brings it up again. */
const LAST = "test/e2e/local-cluster.test.ts";

function node(args: readonly string[], env: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: "inherit", env: { ...process.env, ...env } });
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? 1));
  });
}

/** A check that is not mocha's counts as one test. */
async function check(title: string, args: readonly string[]): Promise<Totals> {
  const started = Date.now();
  const ok = (await node(args)) === 0;
  process.stdout.write(`  ${ok ? "✔" : "✘"} ${title} (${((Date.now() - started) / 1000).toFixed(1)} s)\n`);
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
}

async function mocha(
  files: readonly string[],
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Totals> {
  const folder = mkdtempSync(join(tmpdir(), "totals-"));
  const totalsFile = join(folder, "totals");
  try {
    const code = await node(["node_modules/mocha/bin/mocha.js", "--reporter", "test/reporter.ts", ...args, ...files], {
      ...env,
      MOCHA_TOTALS: totalsFile,
    });
    const totals = readTotals(totalsFile);
    // A mocha that ended badly without a failed test (an import that throws, a crash) is a failure all the same.
    return code !== 0 && totals.failed === 0 ? { ...totals, failed: 1 } : totals;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readTotals(file: string): Totals {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Totals;
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

function unitFiles(): string[] {
  return globSync(["test/unit/**/*.test.ts", "test/components/**/*.test.ts"]).sort();
}

function e2eFiles(): string[] {
  const files = globSync("test/e2e/**/*.test.ts").sort();
  return [...files.filter((file) => file !== LAST), ...files.filter((file) => file === LAST)];
}

/** The e2e suite, one file after the other on the one cluster there is. */
async function e2e(
  context: string | undefined,
  registry: string | undefined,
  pattern: string | undefined,
): Promise<Totals> {
  // What is about the local cluster itself has nothing to say on another.
  const files = e2eFiles().filter((file) => context === undefined || !file.startsWith("test/e2e/local-cluster"));
  const why = context === undefined ? whyNotLocal() : undefined;
  const grep = pattern === undefined ? [] : ["--grep", pattern];
  const elsewhere = {
    ...(context === undefined ? {} : { E2E_CONTEXT: context }),
    ...(registry === undefined ? {} : { E2E_REGISTRY: registry }),
  };
  if (why === undefined) return mocha(files, ["--no-parallel", ...grep], elsewhere);
  const { passed: count } = await mocha(files, ["--dry-run", "--reporter", "test/reporter.ts", ...grep]);
  process.stdout.write(`\nnot run: ${count} e2e tests, because ${why}\n`);
  return { passed: 0, failed: 0, skipped: count };
}

/** Where CI=true nothing may be left out: what was skipped, for whatever reason, has failed. */
function judged(totals: Totals): Totals {
  if (process.env["CI"] !== "true" || totals.skipped === 0) return totals;
  process.stdout.write(`\nCI=true: ${totals.skipped} tests that were skipped count as failed\n`);
  return { passed: totals.passed, failed: totals.failed + totals.skipped, skipped: 0 };
}

function sum(all: readonly Totals[]): Totals {
  return all.reduce((a, b) => ({
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
  }));
}

async function main(): Promise<void> {
  const program = new Command("npm test --")
    .description("Runs the tests: static checks, unit and component tests, and e2e on a real cluster.")
    .argument("[suite]", "checks, unit or e2e; all of them without it")
    .option("--context <name>", "run the e2e tests on the cluster of this kubeconfig context, not on the local one")
    .option("--registry <host>", "with --context: the registry (host[:port][/path]) which that cluster pulls from")
    .option("--grep <pattern>", "only the mocha tests whose title matches")
    .parse();
  const { context, registry, grep } = program.opts<{ context?: string; registry?: string; grep?: string }>();
  const suite = program.args[0];
  if (suite !== undefined && !["checks", "unit", "e2e"].includes(suite)) {
    program.error(`error: there is no suite "${suite}": it is checks, unit or e2e`, { exitCode: 2 });
  }
  const all: Totals[] = [];
  if (suite === undefined || suite === "checks") {
    all.push(await check("types", ["node_modules/typescript/bin/tsc", "--noEmit"]));
    all.push(
      await check("types of the report's page", ["node_modules/typescript/bin/tsc", "-p", "drill/report/browser"]),
    );
    all.push(await check("lint", ["node_modules/eslint/bin/eslint.js", "."]));
    all.push(await check("format", ["node_modules/prettier/bin/prettier.cjs", "--check", "--log-level", "warn", "."]));
  }
  if (suite === undefined || suite === "unit")
    all.push(await mocha(unitFiles(), grep === undefined ? [] : ["--grep", grep]));
  if (suite === undefined || suite === "e2e") all.push(await e2e(context, registry, grep));
  const { passed, failed, skipped } = judged(sum(all));
  process.stdout.write(`\n${passed} passed, ${failed} failed, ${skipped} skipped\n`);
  process.exitCode = failed === 0 ? 0 : 1;
}

await main();
