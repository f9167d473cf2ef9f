import { parseArgs } from "node:util";
import { workloadAssertions, type WorkloadAssertions } from "../assertions/catalog.ts";
import { clusterSettings, type ClusterSettings } from "../etcd/members.ts";
import { randomSource } from "../random-source.ts";
import { type RandomSource } from "../random.ts";

/** What every test command is given. */
export interface TestContext {
  readonly cluster: ClusterSettings;
  /** How long a call may take, in milliseconds. */
  readonly deadlineMs: number;
  /** How long the command may wait for what it expects of the cluster, in milliseconds. */
  readonly withinMs: number;
  readonly random: RandomSource;
  readonly assertions: WorkloadAssertions;
  readonly say: (line: string) => void;
}

export interface TestCommand {
  readonly name: string;
  /** What it does, for --help. */
  readonly summary: string;
  /**
   * True: sound, as far as it could see: a call that fails under faults is no error. False: a property is broken; the composer
   * takes a command's exit code other than 0 for a bug in the system under test.
   */
  readonly run: (context: TestContext) => Promise<boolean>;
}

function usage({ name, summary }: TestCommand): string {
  return `Usage: ${name} [--deadline-ms N] [--within-s N] [--record FILE | --replay FILE]
${summary}
  --deadline-ms N  how long a call may take, in milliseconds (default 2000)
  --within-s N     how long to wait for what is expected of the cluster, in seconds (default 60)
  --record FILE    append every random draw to FILE, one per line
  --replay FILE    take the random draws from FILE: the same keys, members and counts again
Exit code: 0 sound (calls may fail under faults), 1 a property is broken, 2 wrong use.`;
}

/** Runs a command as a process does: arguments in, exit code out. */
export async function runTestCommand(command: TestCommand, args: readonly string[]): Promise<number> {
  let context: TestContext | "help";
  try {
    context = contextOf(args);
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : String(error)}\n\n${usage(command)}`);
    return 2;
  }
  if (context === "help") {
    console.log(usage(command));
    return 0;
  }
  return (await command.run(context)) ? 0 : 1;
}

/** @throws Error naming what is wrong with the arguments or the environment */
export function contextOf(args: readonly string[]): TestContext | "help" {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: "boolean", short: "h", default: false },
      "deadline-ms": { type: "string", default: "2000" },
      "within-s": { type: "string", default: "60" },
      record: { type: "string" },
      replay: { type: "string" },
    },
  });
  if (values.help) return "help";
  return {
    cluster: clusterSettings(process.env),
    deadlineMs: whole("deadline-ms", values["deadline-ms"], "milliseconds"),
    withinMs: whole("within-s", values["within-s"], "seconds") * 1000,
    random: randomSource({ record: values.record, replay: values.replay }),
    assertions: workloadAssertions(process.env),
    say: (line) => console.log(`Client: ${line}`),
  };
}

function whole(flag: string, text: string, unit: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isInteger(value) || value < 1) {
    throw new Error(`--${flag} is "${text}": expected a whole number of ${unit} from 1`);
  }
  return value;
}
