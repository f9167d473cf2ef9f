import { appendFileSync } from "node:fs";
import Mocha from "mocha";

/** mocha's own `spec` report; beside it, one line of totals for whoever started mocha, in the file named by MOCHA_TOTALS. */
export default class ReporterWithTotals extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      const file = process.env["MOCHA_TOTALS"];
      if (file === undefined) return;
      const { passes, failures, pending } = this.stats;
      appendFileSync(file, `${JSON.stringify({ passed: passes, failed: failures, skipped: pending })}\n`);
    });
  }
}
