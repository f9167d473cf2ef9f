import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { execa } from "execa";

/** A fenced block of shell commands in a guide. */
export interface Block {
  readonly guide: string;
  /** The heading it stands under, without its number. */
  readonly heading: string;
  /** "offline": run by unit tests; "contract": by unit tests, against a server that answers as documented; "local": by e2e tests; "elsewhere": by no test, because it needs what is somebody's own. */
  readonly where: string;
  readonly text: string;
  /** The text between the heading, or the last block, and this one. */
  readonly before: string;
}

function blocksIn(file: string): Block[] {
  const blocks: Block[] = [];
  let [heading, before, where, text] = ["", "", "", ""];
  for (const line of readFileSync(file, "utf8").split("\n")) {
    const [, opened] = /^```(.*)$/.exec(line) ?? [];
    if (opened !== undefined && where === "") {
      [where, text] = [opened, ""];
    } else if (opened !== undefined) {
      blocks.push({ guide: basename(file), heading, where: where.replace(/^sh /, ""), text, before });
      [where, before] = ["", ""];
    } else if (where !== "") {
      text += `${line}\n`;
    } else if (line.startsWith("#")) {
      [heading, before] = [line.replace(/^#+ (\d+\. )?/, ""), ""];
    } else {
      before += `${line}\n`;
    }
  }
  return blocks;
}

/** All blocks of all guides, in their order. */
export const blocks: readonly Block[] = globSync("docs/guide-*.md").sort().flatMap(blocksIn);

/** How a block is named in a test's title. */
export function titleOf({ guide, heading }: Block): string {
  return `${guide}, ${heading}`;
}

interface Surroundings {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What is typed while it runs; without it, there is nobody to type. */
  readonly input?: string;
}

/** Runs a block in a shell that stops at the first error. A line that ends with "# refused" must be refused: exit code 1. */
export async function runBlock(
  { text }: Pick<Block, "text">,
  { cwd, env = {}, input }: Surroundings = {},
): Promise<string> {
  const isRefused = text.trimEnd().endsWith("# refused");
  const typed = input === undefined ? ({ stdin: "ignore" } as const) : { input };
  const options = { env, reject: false, all: true, ...typed, ...(cwd === undefined ? {} : { cwd }) } as const;
  const { exitCode, all } = await execa("bash", ["-euo", "pipefail", "-c", text], options);
  if (exitCode !== (isRefused ? 1 : 0)) throw new Error(`ended with ${exitCode ?? "a signal"}:\n${text}\n${all}`);
  return all;
}

const recorder =
  '#!/bin/sh\nfor word in "$(basename "$0")" "$@"; do printf "%s\\0" "$word"; done >> "$CALLS"; echo >> "$CALLS"\n';

/**
 * The calls a block makes of programs: each its name and arguments, as the shell itself takes them apart. Nothing is run
 * but a stand-in that notes what it was called with.
 */
export async function callsOf(block: Pick<Block, "text">, programs: readonly string[]): Promise<string[][]> {
  const folder = mkdtempSync(join(tmpdir(), "guide-"));
  try {
    for (const program of programs) writeFileSync(join(folder, program), recorder, { mode: 0o755 });
    writeFileSync(join(folder, "key.json"), "{}");
    const calls = join(folder, "calls");
    writeFileSync(calls, "");
    await runBlock(block, { cwd: folder, env: { PATH: `${folder}:/usr/bin:/bin`, CALLS: calls } });
    return readFileSync(calls, "utf8")
      .split("\n")
      .filter(Boolean)
      .map((call) => call.split("\0").slice(0, -1));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The options among arguments, without their values. */
function optionsIn(words: readonly string[]): string[] {
  return words.filter((word) => /^--?[a-z]/.test(word)).map((word) => word.split("=")[0] ?? word);
}

/** The options of a call that a program's help does not tell. */
export function unknownOptions(words: readonly string[], help: string): string[] {
  const told = new Set(help.match(/(?<![\w-])--?[a-zA-Z][\w-]*/g) ?? []);
  return optionsIn(words).filter((option) => !told.has(option));
}
