import { globSync } from "node:fs";
import { check } from "../workload/checker/check.ts";
import { checkRegisterLog } from "../workload/checker/register-check.ts";
import { readHistory } from "../workload/history/reader.ts";

/**
 * Run by bench/checker.ts in a process of its own, so that its memory and its first, unoptimised run are what a person gets:
 *
 *   history FILE TIMES   reads a history once and checks it so many times
 *   registers DIR        judges the register logs of Porcupine's test data, those its tests judge
 */
export interface ChildFigures {
  readonly readSeconds: number;
  readonly checkSeconds: readonly number[];
  readonly maxMegabytes: number;
}

function seconds(run: () => void): number {
  const started = performance.now();
  run();
  return (performance.now() - started) / 1000;
}

function history(path: string, times: number): ChildFigures {
  const started = performance.now();
  const read = readHistory([path]);
  const readSeconds = (performance.now() - started) / 1000;
  const checkSeconds = Array.from({ length: times }, () =>
    seconds(() => {
      const { violations } = check(read);
      if (violations.length > 0) throw new Error(`${path}: ${violations.length} violations in a sound history`);
    }),
  );
  return { readSeconds, checkSeconds, maxMegabytes: process.resourceUsage().maxRSS / 1000 };
}

function registers(folder: string): ChildFigures {
  const paths = globSync(`${folder}/etcd_*.log`).filter((path) => !path.endsWith("etcd_095.log"));
  const took = seconds(() => {
    const sound = paths.map(checkRegisterLog).filter(({ verdict }) => verdict === "linearizable").length;
    if (sound !== 23) throw new Error(`${sound} of ${paths.length} register logs judged linearizable, expected 23`);
  });
  return { readSeconds: 0, checkSeconds: [took], maxMegabytes: process.resourceUsage().maxRSS / 1000 };
}

const [what, path = "", times = "1"] = process.argv.slice(2);
process.stdout.write(JSON.stringify(what === "registers" ? registers(path) : history(path, Number(times))));
