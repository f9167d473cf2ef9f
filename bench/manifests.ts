import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import type { Figure } from "./result.ts";

/** Times `npm run manifests` as a person types it, npm's own start included. */
async function seconds(stack: string, folder: string): Promise<number> {
  const started = performance.now();
  await execa("npm", ["run", "-s", "manifests", "--", "--stack", stack, "--out", folder]);
  return (performance.now() - started) / 1000;
}

/** The dev stack, whose registry is on this machine, and one whose registry can't be reached from everywhere. */
export async function run(rounds: number): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "bench-manifests-"));
  try {
    const figures: Figure[] = [];
    for (const stack of ["dev", "antithesis"]) {
      const samples: number[] = [];
      for (let round = 0; round < rounds; round++) samples.push(await seconds(stack, join(folder, stack)));
      figures.push({ name: `npm run manifests, stack ${stack}`, unit: "s", samples, judged: "max", bound: 3 });
    }
    return figures;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
