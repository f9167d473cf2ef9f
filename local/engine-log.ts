import { lstatSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ensureDir } from "./paths.ts";

const WHY = `Pulumi keeps a log of every call here unless it can't make this folder, which took a quarter of its time.
This file stands in its place. For a log of one run: npm run up -- --logtostderr -v=9
`;

/**
 * Spares the local engine the log that it keeps of every run, compressed and encrypted, whatever its settings: where it
 * can't make the folder for it, it goes on without (pulumi pkg/logging/encrypted.go StartLogging, v3.250.0).
 *
 * @param pulumiHome the PULUMI_HOME of the local stacks, never a person's own
 */
export function keepNoEngineLog(pulumiHome: string): void {
  const place = path.join(ensureDir(pulumiHome), "logs");
  const there = lstatSync(place, { throwIfNoEntry: false });
  if (there?.isFile() === true) return;
  rmSync(place, { recursive: true, force: true });
  writeFileSync(place, WHY, { mode: 0o600 });
}
