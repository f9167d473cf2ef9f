import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import dockerignore from "@balena/dockerignore";
import { UserError } from "../../errors.ts";

/** A file of a build context. */
export interface ContextFile {
  /** Relative to the context, with slashes. */
  name: string;
  executable: boolean;
  kind: "file" | "link";
}

/**
 * The files that a build sees, in order: all of the folder but what `.dockerignore` (or, first, the Dockerfile's own
 * `NAME.dockerignore`) leaves out.
 */
export async function contextFiles(context: string, dockerfile: string): Promise<ContextFile[]> {
  const rules =
    (await readIfThere(`${dockerfile}.dockerignore`)) ?? (await readIfThere(path.join(context, ".dockerignore"))) ?? "";
  // Without the files that say how to build, nothing can be built, whatever the rules say.
  const isIgnored = dockerignore.default({ ignorecase: false }).add(rules.split(/\r?\n/)).createFilter();
  const files: ContextFile[] = [];
  await collect(context, "", (name) => isIgnored(name), files);
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function collect(
  context: string,
  folder: string,
  isIncluded: (name: string) => boolean,
  files: ContextFile[],
): Promise<void> {
  for (const entry of await readdir(path.join(context, folder), { withFileTypes: true })) {
    const name = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      // An exception (`!deps/keep`) may bring back what lies in a folder that is left out.
      await collect(context, name, isIncluded, files);
    } else if (isIncluded(name) && (entry.isFile() || entry.isSymbolicLink())) {
      const { mode } = await lstat(path.join(context, name));
      files.push({ name, executable: (mode & 0o111) !== 0, kind: entry.isSymbolicLink() ? "link" : "file" });
    }
  }
}

/** A hash over the Dockerfile and all files of the context, their names and whether they are executable. */
export async function contextDigest(context: string, dockerfile: string): Promise<string> {
  const hash = createHash("sha256");
  try {
    hash.update(await readFile(dockerfile));
    for (const file of await contextFiles(context, dockerfile)) {
      hash.update(`\0${file.name}\0${file.kind}\0${String(file.executable)}\0`);
      hash.update(await contentDigest(path.join(context, file.name), file.kind));
    }
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      throw new UserError(`build: ${missing(context, dockerfile, error)}`);
    }
    throw error;
  }
  return hash.digest("hex");
}

function missing(context: string, dockerfile: string, error: Error): string {
  return error.message.includes(dockerfile)
    ? `there is no Dockerfile at ${path.resolve(dockerfile)} (build.dockerfile is relative to the program, not to build.context)`
    : `the build context ${path.resolve(context)} can't be read: ${error.message}`;
}

async function contentDigest(file: string, kind: ContextFile["kind"]): Promise<Buffer> {
  const hash = createHash("sha256");
  if (kind === "link") {
    hash.update(await readlink(file));
  } else {
    await pipeline(createReadStream(file), hash);
  }
  return hash.digest();
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      return undefined;
    }
    throw error;
  }
}
