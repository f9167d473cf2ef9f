import { Command, InvalidArgumentError } from "commander";
import { describeViolation, simulate } from "./simulate.ts";

function whole(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}

const program = new Command("npm run simulate --")
  .description(
    "Runs the member program in a simulated cluster, with faults, and checks its invariants.\n" +
      "Exit code 1 where one is broken: the seed and the last events are printed.",
  )
  .option("--steps <number>", "go on with the next seed until so many steps were taken", whole, 1_000_000)
  .option("--episodes <number>", "or, instead, this many episodes", whole)
  .option("--seed <number>", "seed of the first episode", whole, 1)
  .option("--lines <number>", "events to print of an episode in which an invariant is broken", whole, 200)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse();
const options = program.opts<{ steps: number; episodes?: number; seed: number; lines: number }>();

const started = Date.now();
let said = started;
let sum = 0;
let left = options.episodes ?? Infinity;
for (let seed = options.seed; left > 0 && sum < (options.episodes === undefined ? options.steps : Infinity); seed++) {
  const { steps, broken } = await simulate(seed, 1);
  sum += steps;
  left--;
  if (broken !== undefined) {
    process.stdout.write(`${describeViolation(broken, options.lines)}\n`);
    process.exitCode = 1;
    break;
  }
  if (Date.now() - said > 10_000) {
    said = Date.now();
    process.stdout.write(`seed ${seed}: ${sum} steps so far, no invariant broken\n`);
  }
}
process.stdout.write(`${sum} steps in ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
