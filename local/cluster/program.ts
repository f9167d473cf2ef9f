import path from "node:path";
import process from "node:process";
import { programFolders } from "../toolchain/toolchain.ts";

/** What every program of the cluster finds its helpers with: ours first, then the machine's. */
export function programPath(): string {
  return [...programFolders(), process.env["PATH"] ?? "", "/usr/sbin", "/usr/bin", "/sbin", "/bin"].join(
    path.delimiter,
  );
}

/**
 * Runs a program to its end.
 * @param input lines for its standard input
 * @returns its standard output
 * @throws when it ends with another code than 0: execa's error, with what it printed
 */
export async function runProgram(
  name: string,
  args: readonly string[],
  input: readonly string[] = [],
): Promise<string> {
  const { execa } = await import("execa");
  const { stdout } = await execa(name, args, {
    input: input.map((line) => `${line}\n`).join(""),
    env: { PATH: programPath() },
    timeout: 60_000,
  });
  return stdout;
}
