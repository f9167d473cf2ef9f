import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, realpathSync, statSync } from "node:fs";
import { chmod, cp, mkdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { PassThrough } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { cacheDir } from "../paths.ts";
import { makeOnce } from "../toolchain/make-once.ts";

/** One thing in an image; paths in the image are absolute. All of it belongs to root. */
export type ImageFile =
  /** A file or folder of this machine, links to it followed, with the modes it has here. */
  | { path: string; from: string }
  | { path: string; content: string; mode?: number }
  | { path: string; directory: { mode: number } };

/** How a container of the image is started: the fields of the OCI image configuration that are used. */
export interface ImageConfig {
  Env?: string[];
  Entrypoint?: string[];
  Cmd?: string[];
  WorkingDir?: string;
  User?: string;
}

export interface Image {
  /** Repository and tag without the registry: "base/node:24". */
  name: string;
  /** Later ones lie over earlier ones. */
  files: readonly ImageFile[];
  config: ImageConfig;
}

/** A content-addressed part of an image. */
interface Part {
  digest: string;
  /** Bytes. */
  size: number;
}

const mediaTypes = {
  manifest: "application/vnd.docker.distribution.manifest.v2+json",
  config: "application/vnd.docker.container.image.v1+json",
  layer: "application/vnd.docker.image.rootfs.diff.tar.gzip",
};

export const manifestMediaType = mediaTypes.manifest;

/** What a file is told by without reading it: a folder of the cache never changes under its name. */
function identity(file: ImageFile): unknown {
  if (!("from" in file)) {
    return file;
  }
  const source = realpathSync(file.from);
  const stat = statSync(source);
  return stat.isDirectory() ? { ...file, source } : { path: file.path, size: stat.size, changed: stat.mtimeMs };
}

function nameInCache(image: Image): string {
  const key = createHash("sha256").update(JSON.stringify([image.name, image.config, image.files.map(identity)]));
  return `${image.name.replaceAll(/[/:]/g, "-")}-${key.digest("hex").slice(0, 16)}`;
}

async function stage(root: string, file: ImageFile): Promise<void> {
  const target = path.join(root, file.path);
  await mkdir(path.dirname(target), { recursive: true, mode: 0o755 });
  if ("from" in file) {
    await cp(realpathSync(file.from), target, { recursive: true, verbatimSymlinks: true });
  } else if ("content" in file) {
    await writeFile(target, file.content);
    await chmod(target, file.mode ?? 0o644);
  } else {
    await mkdir(target, { recursive: true });
    await chmod(target, file.directory.mode);
  }
}

async function digestOf(file: string): Promise<string> {
  const sum = createHash("sha256");
  await pipeline(createReadStream(file), sum);
  return `sha256:${sum.digest("hex")}`;
}

/** Moves a file to where its digest is its name. */
async function keep(folder: string, file: string): Promise<Part> {
  const digest = await digestOf(file);
  const { size } = statSync(file);
  await rename(file, path.join(folder, "blobs", digest));
  return { digest, size };
}

/** The same files give the same bytes: order, times and owners are fixed. */
async function packLayer(root: string, target: string): Promise<string> {
  const order = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "--format=gnu"];
  const { execa } = await import("execa");
  const tar = execa("tar", ["--create", ...order, `--directory=${root}`, "."], { buffer: false, encoding: "buffer" });
  const unpacked = createHash("sha256");
  const tee = new PassThrough();
  tee.on("data", (chunk: Buffer) => unpacked.update(chunk));
  // Level 1: the registry is on this machine, so time counts and size hardly does.
  await pipeline(tar.readable(), tee, createGzip({ level: 1 }), createWriteStream(target));
  await tar;
  return `sha256:${unpacked.digest("hex")}`;
}

async function make(image: Image, folder: string): Promise<void> {
  const root = path.join(folder, "root");
  const scratch = path.join(folder, "scratch");
  await mkdir(path.join(folder, "blobs"));
  await mkdir(root, { mode: 0o755 });
  for (const file of image.files) {
    await stage(root, file);
  }
  const diffId = await packLayer(root, scratch);
  await rm(root, { recursive: true });
  const layer = await keep(folder, scratch);
  const created = "1970-01-01T00:00:00Z";
  const config = {
    architecture: "amd64",
    os: "linux",
    created,
    config: image.config,
    rootfs: { type: "layers", diff_ids: [diffId] },
    history: [{ created, created_by: image.name }],
  };
  await writeFile(scratch, JSON.stringify(config));
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: { mediaType: mediaTypes.config, ...(await keep(folder, scratch)) },
    layers: [{ mediaType: mediaTypes.layer, ...layer }],
  };
  await writeFile(path.join(folder, "manifest"), JSON.stringify(manifest));
}

/** An image as it lies in the cache. */
export interface PackedImage {
  /** The manifest's digest, by which the image is known. */
  digest: string;
  /** File of the manifest. */
  manifest: string;
  /** Folder in which each file is named by its digest. */
  blobs: string;
}

/**
 * Packs an image into the cache, unless it is there.
 * @param report says so when another run is waited for
 * @param cache the folder of all packed images
 */
export async function packImage(
  image: Image,
  report: (line: string) => void,
  cache = path.join(cacheDir, "images"),
): Promise<PackedImage> {
  const folder = path.join(cache, nameInCache(image));
  await makeOnce(folder, report, async (partial) => {
    report(`packing ${image.name}`);
    await make(image, partial);
  });
  const manifest = path.join(folder, "manifest");
  return { digest: await digestOf(manifest), manifest, blobs: path.join(folder, "blobs") };
}
