import { type Report } from "../report-format.ts";

/** What came of one seed. */
export interface SeedRow {
  readonly plan: string;
  readonly seed: number;
  /** Of the part with faults, in seconds. */
  readonly seconds: number;
  readonly members: number;
  readonly faults: number;
  readonly faultsPerMinute: string;
  readonly operations: number;
  /** "passed", or the properties that failed. */
  readonly verdict: string;
  /** The longest time without an acknowledged write in which a majority worked, in milliseconds. */
  readonly longestWriteGapMs: number;
  readonly commit: string;
}

const columns = [
  ...["plan", "seed", "seconds", "members", "faults", "faults a minute", "operations", "verdict"],
  ...["longest write gap, a majority working", "commit"],
];

const introduction = `# Seeds of the fault drill

Written by \`npm run drill -- --plan PLAN --seeds N..M\`: a row for each drill, in the order of plans and seeds. A seed plans the
same faults at the same times again; how the clients' requests fall between them is another matter each time. What a column means
is in [drill-report.md](drill-report.md).
`;

export function seedRow({ run, verdict, properties, faults, traffic }: Report): SeedRow {
  const failed = properties.filter(({ status }) => status === "failed").map(({ id }) => id);
  const bounded = faults.flatMap(({ gapBoundMs, writeGapMs }) => (gapBoundMs === undefined ? [] : (writeGapMs ?? [])));
  return {
    ...{ plan: run.plan, seed: run.seed, seconds: run.durationMs / 1000, members: run.members },
    ...{ faults: faults.length, faultsPerMinute: faultsPerMinute(faults.length, run.durationMs) },
    operations: traffic.operations,
    verdict: verdict === "passed" ? "passed" : `failed: ${failed.join(" ")}`,
    longestWriteGapMs: Math.max(0, ...bounded),
    commit: run.commit,
  };
}

export function faultsPerMinute(faults: number, durationMs: number): string {
  return ((faults * 60_000) / durationMs).toFixed(1);
}

/** The row as one line for people. */
export function seedRowInWords(row: SeedRow): string {
  return (
    `seed ${row.seed}: ${row.verdict}, ${row.faults} faults (${row.faultsPerMinute} a minute), ${row.operations} operations, ` +
    `longest write gap ${row.longestWriteGapMs} ms`
  );
}

/** The rows of a table `seedsTable` wrote; of any other text, those lines that could be its. */
export function rowsOf(text: string): SeedRow[] {
  return text.split("\n").flatMap((line): SeedRow[] => {
    const cells = line.split("|").map((cell) => cell.trim());
    const [, plan = "", seed = "", seconds, members, faults, faultsPerMinute = "", operations, verdict = ""] = cells;
    const [gap = "", commit = ""] = cells.slice(9);
    if (cells.length !== columns.length + 2 || !/^\d+$/.test(seed)) return [];
    return [
      {
        ...{ plan, seed: Number(seed), seconds: Number(seconds), members: Number(members), faults: Number(faults) },
        ...{
          faultsPerMinute,
          operations: Number(operations),
          verdict,
          longestWriteGapMs: Number.parseInt(gap, 10),
          commit,
        },
      },
    ];
  });
}

/** The rows with one more; one of the same plan, seed, length and number of members gives way to it. */
export function withRow(rows: readonly SeedRow[], row: SeedRow): SeedRow[] {
  const others = rows.filter((each) => !isOfSameRun(each, row));
  return [...others, row].sort((a, b) => (a.plan === b.plan ? a.seed - b.seed : a.plan < b.plan ? -1 : 1));
}

/** Whether both tell of the same plan, whatever came of it. */
export function isOfSameRun(a: SeedRun, b: SeedRun): boolean {
  return a.plan === b.plan && a.seed === b.seed && a.seconds === b.seconds && a.members === b.members;
}

export type SeedRun = Pick<SeedRow, "plan" | "seed" | "seconds" | "members">;

/** The whole document. */
export function seedsTable(rows: readonly SeedRow[]): string {
  const lines = rows.map((row) => [
    ...[row.plan, row.seed, row.seconds, row.members, row.faults, row.faultsPerMinute, row.operations, row.verdict],
    ...[`${row.longestWriteGapMs} ms`, row.commit],
  ]);
  const widths = columns.map((name, at) => Math.max(name.length, ...lines.map((line) => String(line[at]).length)));
  const padded = (cells: readonly (string | number)[]): string =>
    `| ${cells.map((cell, at) => String(cell).padEnd(widths[at] ?? 0)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return `${introduction}\n${[padded(columns), rule, ...lines.map(padded)].join("\n")}\n`;
}
