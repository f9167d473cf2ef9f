import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { registry } from "./addresses.ts";
import { ctr } from "./pods.ts";
import { runProgram } from "./program.ts";

/** Image of the container that holds a pod's network namespace open. */
export const pauseImage = `${registry}/base/pause:1`;

// The whole program: `for (;;) pause();` for Linux on x86-64. As first process of its namespace it ignores what it does
// not handle; the runtime ends it with SIGKILL.
const code = Buffer.from([
  0xb8,
  0x22,
  0x00,
  0x00,
  0x00, // mov eax, 34 (pause)
  0x0f,
  0x05, // syscall
  0xeb,
  0xf7, // jmp to the start
]);

/** The program as an ELF file: one header, one segment to load, the code (elf(5)). */
export function pauseProgram(): Buffer {
  const base = 0x400000;
  const header = Buffer.alloc(64);
  header.write("\x7fELF\x02\x01\x01", "latin1"); // 64 bit, little-endian, version 1
  header.writeUInt16LE(2, 16); // e_type: executable
  header.writeUInt16LE(62, 18); // e_machine: x86-64
  header.writeUInt32LE(1, 20); // e_version
  header.writeBigUInt64LE(BigInt(base + 120), 24); // e_entry: behind both headers
  header.writeBigUInt64LE(64n, 32); // e_phoff
  header.writeUInt16LE(64, 52); // e_ehsize
  header.writeUInt16LE(56, 54); // e_phentsize
  header.writeUInt16LE(1, 56); // e_phnum
  const segment = Buffer.alloc(56);
  segment.writeUInt32LE(1, 0); // p_type: load
  segment.writeUInt32LE(5, 4); // p_flags: read, execute
  segment.writeBigUInt64LE(BigInt(base), 16); // p_vaddr
  segment.writeBigUInt64LE(BigInt(base), 24); // p_paddr
  segment.writeBigUInt64LE(BigInt(120 + code.length), 32); // p_filesz
  segment.writeBigUInt64LE(BigInt(120 + code.length), 40); // p_memsz
  segment.writeBigUInt64LE(0x1000n, 48); // p_align
  return Buffer.concat([header, segment, code]);
}

/** Gives the image to the container runtime, which then never asks a registry for it. */
export async function importPauseImage(): Promise<void> {
  if ((await ctr("images", "list", "--quiet", `name==${pauseImage}`)).trim() !== "") {
    return;
  }
  const folder = mkdtempSync(path.join(tmpdir(), "pause-image-"));
  try {
    await ctr("images", "import", await imageArchive(folder));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Writes the image as `docker save` would and returns the archive's path. */
async function imageArchive(folder: string): Promise<string> {
  const [root, image] = [path.join(folder, "root"), path.join(folder, "image")];
  mkdirSync(root);
  mkdirSync(image);
  writeFileSync(path.join(root, "pause"), pauseProgram());
  chmodSync(path.join(root, "pause"), 0o755);
  const layer = path.join(image, "layer.tar");
  await runProgram("tar", ["-C", root, "--owner=0", "--group=0", "-cf", layer, "pause"]);
  const layerId = `sha256:${createHash("sha256").update(readFileSync(layer)).digest("hex")}`;
  const config = {
    architecture: "amd64",
    os: "linux",
    config: { Entrypoint: ["/pause"] },
    rootfs: { type: "layers", diff_ids: [layerId] },
  };
  const manifest = [{ Config: "config.json", RepoTags: [pauseImage], Layers: ["layer.tar"] }];
  writeFileSync(path.join(image, "config.json"), JSON.stringify(config));
  writeFileSync(path.join(image, "manifest.json"), JSON.stringify(manifest));
  const archive = path.join(folder, "image.tar");
  await runProgram("tar", ["-C", image, "-cf", archive, "manifest.json", "config.json", "layer.tar"]);
  return archive;
}
