import { createHash, randomUUID } from "node:crypto";
import { chmod, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { build } from "esbuild";
import type { BundledFile } from "./bundle-list.ts";
import { parseBundleList } from "./bundle-list.ts";

/** A folder that is complete for `docker build`, and the first 12 hexadecimal digits of the hash of all that is in it. */
export interface BuildContext {
  readonly folder: string;
  readonly hash: string;
}

interface File {
  readonly target: string;
  readonly mode: number;
  readonly content: Uint8Array;
}

/** One program and all it imports as one plain JavaScript file; a target that ends in .mjs is an ES module, any other CommonJS. */
async function bundleEntry(root: string, entry: BundledFile): Promise<File> {
  const result = await build({
    // Comments in the output name the sources from here: the same on every machine.
    absWorkingDir: root,
    entryPoints: [path.join(root, entry.source)],
    bundle: true,
    write: false,
    platform: "node",
    target: "node24",
    format: entry.target.endsWith(".mjs") ? "esm" : "cjs",
    legalComments: "none",
    logLevel: "silent",
  });
  const [warning] = result.warnings;
  if (warning !== undefined) {
    const where = warning.location === null ? entry.source : `${warning.location.file}:${warning.location.line}`;
    throw new Error(`${where} can't be bundled as it is meant: ${warning.text}`);
  }
  const [output] = result.outputFiles;
  if (output === undefined) throw new Error(`bundling ${entry.source} gave no output`);
  return { target: entry.target, mode: entry.mode, content: output.contents };
}

async function copyAsset(root: string, asset: BundledFile): Promise<File> {
  return { target: asset.target, mode: asset.mode, content: await readFile(path.join(root, asset.source)) };
}

function hashOf(files: readonly File[]): string {
  const hash = createHash("sha256");
  for (const file of files) {
    hash.update(`${file.target}\0${file.mode.toString(8)}\0${file.content.byteLength}\0`).update(file.content);
  }
  return hash.digest("hex").slice(0, 12);
}

async function isAsWanted(file: File, location: string): Promise<boolean> {
  const found = await stat(location).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  });
  if (found === undefined || !found.isFile() || (found.mode & 0o777) !== file.mode) return false;
  return Buffer.from(file.content).equals(await readFile(location));
}

/** In one step, because another stack's update may be reading the same folder. */
async function write(file: File, folder: string): Promise<void> {
  const location = path.join(folder, file.target);
  if (await isAsWanted(file, location)) return;
  const partial = `${folder}.${randomUUID()}.partial`;
  await writeFile(partial, file.content);
  await chmod(partial, file.mode);
  await mkdir(path.dirname(location), { recursive: true });
  await rename(partial, location);
}

/** What an earlier, different list left in the folder would otherwise get into the image. */
async function removeStrays(folder: string, wanted: ReadonlySet<string>): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const strays = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((location) => !wanted.has(path.relative(folder, location)));
  await Promise.all(strays.map((location) => rm(location, { force: true })));
}

/**
 * Fills a build context from the list `<source>/image.json` and the Dockerfile beside it. The same sources give the same
 * bytes and the same hash on every machine, and a file that is already right is not touched.
 * @param root the project's root, from which all paths are taken
 * @param source folder of the list, for example "member"
 * @param folder folder to fill, for example "build/member"
 * @throws Error that names the source file that can't be read or bundled
 */
export async function bundle(root: string, source: string, folder: string): Promise<BuildContext> {
  const listFile = path.join(source, "image.json");
  const list = parseBundleList(await readFile(path.join(root, listFile), "utf8"), listFile);
  const dockerfile = { source: path.join(source, "Dockerfile"), target: "Dockerfile", mode: 0o644 };
  const files = await Promise.all([
    ...list.entries.map((entry) => bundleEntry(root, entry)),
    ...[dockerfile, ...list.assets].map((asset) => copyAsset(root, asset)),
  ]);
  files.sort((a, b) => (a.target < b.target ? -1 : 1));
  const destination = path.join(root, folder);
  await mkdir(destination, { recursive: true });
  await removeStrays(destination, new Set(files.map((file) => path.normalize(file.target))));
  await Promise.all(files.map((file) => write(file, destination)));
  return { folder, hash: hashOf(files) };
}
