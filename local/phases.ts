import process from "node:process";
import {
  type DefaultRenderer,
  Listr,
  type ListrDefaultRendererLogLevels,
  ListrLogger,
  type ListrTask,
  ProcessOutput,
} from "listr2";

/** One step a person watches: its title, its work, and what it came to. */
export interface Phase {
  title: string;
  /**
   * Does the work.
   * @param report shows a live detail line under the title; the last one counts
   * @returns the decision, printed beside the title ("pulumi 3.250.0: built from Go modules"), or nothing
   */
  run(report: (line: string) => void): Promise<string | undefined>;
}

/** Without a terminal a detail line is worth printing when a phase takes this long, and again after this long (ms). */
const detailInterval = 10_000;

function elapsed(start: number): string {
  const seconds = (performance.now() - start) / 1000;
  if (seconds < 60) {
    return `${seconds.toFixed(1)} s`;
  }
  return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
}

function outcome(phase: Phase, decision: string | undefined, start: number): string {
  return `${decision === undefined ? phase.title : `${phase.title}: ${decision}`} (${elapsed(start)})`;
}

function liveTask(phase: Phase): ListrTask {
  return {
    title: phase.title,
    task: async (_context, task) => {
      const start = performance.now();
      const tick = setInterval(() => (task.title = outcome(phase, undefined, start)), 1000);
      try {
        const decision = await phase.run((line) => (task.output = line));
        task.title = outcome(phase, decision, start);
      } finally {
        clearInterval(tick);
      }
    },
  };
}

async function runPlainly(phase: Phase): Promise<void> {
  const start = performance.now();
  let detail: string | undefined;
  const tick = setInterval(() => {
    process.stderr.write(`  ${outcome(phase, detail, start)}\n`);
  }, detailInterval);
  try {
    const decision = await phase.run((line) => (detail = line));
    process.stderr.write(`- ${outcome(phase, decision, start)}\n`);
  } finally {
    clearInterval(tick);
  }
}

/**
 * Runs phases one after the other, each shown with its elapsed time on standard error (standard output stays free for
 * results): live on a terminal, as plain lines otherwise or when the environment says CI=true.
 * @throws what a phase throws, unchanged and not printed; the phases after it don't run
 */
export async function runPhases(phases: readonly Phase[]): Promise<void> {
  if (!process.stderr.isTTY || process.env["CI"] === "true") {
    for (const phase of phases) {
      await runPlainly(phase);
    }
    return;
  }
  const logger = new ListrLogger<ListrDefaultRendererLogLevels>({
    processOutput: new ProcessOutput(process.stderr, process.stderr),
  });
  await new Listr<object, typeof DefaultRenderer>(phases.map(liveTask), {
    rendererOptions: { logger, showErrorMessage: false },
    fallbackRendererCondition: false,
    forceTTY: true,
  }).run();
}
