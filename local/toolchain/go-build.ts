import { homedir } from "node:os";
import path from "node:path";
import process from "node:process";
import { UserError } from "../errors.ts";
import { findOnPath } from "./programs-on-path.ts";
import type { GoBuild, GoBuildStep } from "./pins.ts";

/** Oldest Go that fetches the release a go.mod asks for by itself. */
const oldestGo = "1.21";

/** How many of the last lines of a failed build are shown. */
const shownLines = 6;

type Report = (line: string) => void;

const environment = {
  HOME: homedir(),
  CGO_ENABLED: "0",
  GOOS: "linux",
  GOARCH: "amd64",
  GOWORK: "off",
  GOFLAGS: "",
  // The compiler's own garbage collection is a quarter of a cold build's CPU time; the limit bounds what that costs.
  GOGC: "400",
  GOMEMLIMIT: "3GiB",
};

function findGo(): string | undefined {
  return findOnPath("go", `${process.env["PATH"] ?? ""}${path.delimiter}/usr/local/go/bin`);
}

function isOlder(version: string, than: string): boolean {
  return version.localeCompare(than, "en", { numeric: true }) < 0;
}

/** Where Go keeps modules and compiled packages. */
export interface GoCaches {
  modules: string;
  compiled: string;
}

/**
 * Checks that there is a Go to build with.
 * @param wanted what is to be built, for the message
 * @throws UserError when there is none, or one that is too old
 */
export async function checkGo(wanted: string): Promise<GoCaches> {
  const go = findGo();
  if (go === undefined) {
    throw new UserError(
      `${wanted} must be built and there is no Go in PATH: install Go 1.26 (or any from ${oldestGo} on) and try again`,
    );
  }
  const { execa } = await import("execa");
  const { stdout } = await execa(go, ["env", "GOVERSION", "GOMODCACHE", "GOCACHE"], { env: environment });
  const [version = "", modules = "", compiled = ""] = stdout.split("\n");
  if (isOlder(version, `go${oldestGo}`)) {
    throw new UserError(
      `${wanted} must be built and ${go} is ${version}: install Go 1.26 (or any from ${oldestGo} on)`,
    );
  }
  return { modules, compiled };
}

function failure(title: string, stderr: string): UserError {
  const lines = stderr.split("\n").filter((line) => line.trim() !== "");
  return new UserError(
    `${title} could not be built; a second try goes on where this one ended. Go said:\n${lines.slice(-shownLines).join("\n")}`,
  );
}

async function runGo(build: GoBuild, args: string[], onLine: Report): Promise<string[]> {
  const { execa } = await import("execa");
  const subprocess = execa(findGo() ?? "go", args, {
    cwd: path.join(import.meta.dirname, build.name),
    env: environment,
    stdin: "ignore",
    reject: false,
    lines: false,
  });
  for await (const line of subprocess.iterable({ from: "stderr" })) {
    onLine(line);
  }
  const result = await subprocess;
  if (result.failed) {
    throw failure(build.title, result.stderr === "" ? (result.shortMessage ?? "nothing") : result.stderr);
  }
  return result.stdout.split("\n").filter((line) => line !== "");
}

function sharedArguments(step: GoBuildStep): string[] {
  return step.tags === undefined ? [] : ["-tags", step.tags];
}

/**
 * Downloads the modules a build needs, and no others.
 * @returns how many packages will be compiled at most
 * @throws UserError with Go's own words when a module can't be had
 */
export async function downloadModules(build: GoBuild, report: Report): Promise<number> {
  const packages = new Set<string>();
  for (const step of build.steps) {
    const args = ["list", "-deps", ...sharedArguments(step), ...Object.keys(step.programs)];
    for (const name of await runGo(build, args, report)) {
      packages.add(name);
    }
  }
  return packages.size;
}

async function runStep(
  build: GoBuild,
  step: GoBuildStep,
  directory: string,
  report: Report,
  onPackage: (name: string) => void,
): Promise<void> {
  const variables = Object.entries(step.variables ?? {}).map(([name, value]) => `-X ${name}=${value}`);
  const linkerFlags = ["-s", "-w", ...variables].join(" ");
  // What the linker leaves out need not be compiled: without debugging information a build takes a tenth less.
  const compilerFlags = "all=-dwarf=false";
  const shared = [...sharedArguments(step), "-gcflags", compilerFlags, "-ldflags", linkerFlags];
  const flags = ["build", "-v", "-trimpath", "-buildvcs=false", ...shared];
  // Linking one program after the other costs nothing: the packages they share are compiled once.
  for (const [source, program] of Object.entries(step.programs)) {
    report(`building ${program}`);
    await runGo(build, [...flags, "-o", path.join(directory, program), source], onPackage);
  }
}

/**
 * Builds the programs of one module into a folder. Go's own cache keeps what was compiled before a build was cut off.
 * @param packages how many packages there are to compile at most, for the progress line
 * @param onLinking is called when nothing is left to compile: linking keeps one core busy, the others are free
 * @throws UserError with the last lines of Go's output when it fails
 */
export async function buildPrograms(
  build: GoBuild,
  directory: string,
  packages: number,
  report: Report,
  onLinking: () => void = () => undefined,
): Promise<void> {
  let compiled = 0;
  // A program's own package is compiled last.
  const last = build.steps.flatMap(({ programs }) => Object.keys(programs)).at(-1);
  for (const step of build.steps) {
    await runStep(build, step, directory, report, (name) => {
      compiled += 1;
      report(`compiled ${compiled} of ${packages} packages: ${name}`);
      if (name === last) onLinking();
    });
  }
}
