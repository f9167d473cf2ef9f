import { parseArgs } from "node:util";
import { UnreadableHistory } from "../history/lines.ts";
import { readHistory } from "../history/reader.ts";
import { check } from "./check.ts";
import { checkRegisterLog } from "./register-check.ts";
import { registerVerdictInWords, verdictAsData, verdictInWords } from "./report.ts";

const usage = `Usage: npm run check -- [--json] [--format history|jepsen] [--second-opinion N] FILE…
Judges whether the cluster behaved as one strictly serializable store.
  --format history    the FILEs are one history, as the workload records it (default)
  --format jepsen     each FILE is a register log of Jepsen's, judged by itself
  --second-opinion N  search at most N operations for an order without believing revisions (default 20000, 0: none)
  --json              the verdict as JSON
Exit code: 0 sound, 1 a violation, 2 not readable or not decided.`;

class WrongUse extends Error {}

process.exitCode = main();

function main(): number {
  try {
    return run();
  } catch (error) {
    if (error instanceof UnreadableHistory) console.error(`error: ${error.message}`);
    else if (error instanceof WrongUse) console.error(`error: ${error.message}\n\n${usage}`);
    // A checker that breaks has judged nothing, and must not look like one that found a violation.
    else console.error(error);
    return 2;
  }
}

function run(): number {
  const { values, positionals } = options();
  if (values.help) {
    console.log(usage);
    return 0;
  }
  if (positionals.length === 0) throw new WrongUse("no FILE given: expected the files of a history");
  if (values.format === "jepsen") return judgeRegisterLogs(positionals, values.json);
  if (values.format !== "history") throw new WrongUse(`--format is "${values.format}": expected history or jepsen`);
  const most = values["second-opinion"];
  if (!/^\d{1,15}$/.test(most)) throw new WrongUse(`--second-opinion is "${most}": expected a whole number from 0`);
  return judgeHistory(positionals, values.json, Number(most));
}

function options() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        help: { type: "boolean", short: "h", default: false },
        json: { type: "boolean", default: false },
        format: { type: "string", default: "history" },
        "second-opinion": { type: "string", default: "20000" },
      },
    });
  } catch (error) {
    throw new WrongUse(error instanceof Error ? error.message : String(error));
  }
}

function judgeHistory(files: readonly string[], json: boolean, secondOpinion: number): number {
  const history = readHistory(files);
  const verdict = check(history, { secondOpinion });
  console.log(json ? JSON.stringify(verdictAsData(history, verdict), null, 2) : verdictInWords(history, verdict));
  return verdict.violations.length === 0 ? 0 : 1;
}

function judgeRegisterLogs(files: readonly string[], json: boolean): number {
  const verdicts = files.map(checkRegisterLog);
  console.log(json ? JSON.stringify(verdicts, null, 2) : verdicts.map(registerVerdictInWords).join("\n"));
  if (verdicts.some(({ verdict }) => verdict === "not linearizable")) return 1;
  return verdicts.some(({ verdict }) => verdict === "undecided") ? 2 : 0;
}
