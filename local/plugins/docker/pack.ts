import { readFile } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { contextFiles } from "./build-context.ts";

/** A Dockerfile from outside the context goes with it under this name. */
const foreignDockerfile = ".dockerfile-from-outside";

/** The build context as a tar stream, with the Dockerfile's name in it. Nothing of the machine gets in: no owner, no time. */
export async function packContext(
  context: string,
  dockerfile: string,
): Promise<{ stream: Readable; dockerfile: string }> {
  const { pack } = await import("tar-fs");
  const inside = path.relative(path.resolve(context), path.resolve(dockerfile)).split(path.sep).join("/");
  const files = await contextFiles(context, dockerfile);
  const isInside = files.some((file) => file.name === inside);
  const foreign = isInside ? undefined : await readFile(dockerfile);
  const stream = pack(context, {
    entries: files.map((file) => file.name),
    map: (header) => ({
      ...header,
      mode: (header.mode & 0o111) === 0 ? 0o644 : 0o755,
      mtime: new Date(0),
      uid: 0,
      gid: 0,
      uname: "",
      gname: "",
    }),
    finalize: false,
    finish: (packed) => {
      if (foreign !== undefined) {
        packed.entry({ name: foreignDockerfile, mode: 0o644, mtime: new Date(0) }, foreign);
      }
      packed.finalize();
    },
  });
  return { stream: Readable.from(stream), dockerfile: isInside ? inside : foreignDockerfile };
}
