import { Command } from "commander";
import { evaluate } from "./evaluate.ts";
import { readAssertions, UnreadableAssertions } from "./read.ts";
import { evaluationInWords } from "./report.ts";

const program = new Command("npm run assertions --")
  .description(
    `Judges the assertions that programs under test wrote to sdk.jsonl, as Antithesis would.
Exit code: 0 every property is as it must be, 1 one failed or was never reached, 2 nothing that could be judged.`,
  )
  .argument("<folder>", "folder with *.jsonl files, or one such file")
  .option("--json", "print the evaluation as JSON")
  .option(
    "--except <message>",
    "show this property but don't count it, as one that needs faults in a run without; may be repeated",
    (message: string, others: string[]) => [...others, message],
    [] as string[],
  )
  .configureOutput({ outputError: (text, write) => write(text) })
  .exitOverride((error) => {
    process.exit(error.exitCode === 0 ? 0 : 2);
  })
  .parse();

function main(): void {
  const { json = false, except } = program.opts<{ json?: boolean; except: string[] }>();
  const [path = "."] = program.args;
  const { files, events, torn } = readAssertions(path);
  const evaluation = evaluate(events);
  const { properties } = evaluation;
  const unknown = except.find((message) => !properties.some((property) => property.message === message));
  if (unknown !== undefined) throw new UnreadableAssertions(`there is no property "${unknown}" to except`);
  const failing = properties.filter(({ good, message }) => !good && !except.includes(message));
  if (json) console.log(JSON.stringify({ ...evaluation, files, torn }, undefined, 2));
  else console.log(evaluationInWords(evaluation, torn, except));
  process.exitCode = failing.length === 0 ? 0 : 1;
}

try {
  main();
} catch (error) {
  if (!(error instanceof UnreadableAssertions)) throw error;
  console.error(`error: ${error.message}`);
  process.exitCode = 2;
}
