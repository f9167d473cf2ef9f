import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type * as Library from "@kubernetes/client-node";

type Wanted = Pick<typeof Library, "KubeConfig">;

const MODULES = path.join(import.meta.dirname, "..", "node_modules");

/**
 * One file with the library's KubeConfig and what it needs: by its index the library loads 1,400 modules, which takes longer
 * than all that a command asks the cluster. Made once for what is installed, and made anew after each change of that.
 * @param modules the folder node_modules
 * @param folder where to keep the file
 * @throws where the modules were not installed by npm, or the file can't be written
 */
export async function bundleKubeConfig(modules: string, folder: string): Promise<string> {
  const installed = await readFile(path.join(modules, ".package-lock.json"));
  const name = `kube-config-${createHash("sha256").update(installed).digest("hex").slice(0, 12)}.mjs`;
  const file = path.join(folder, name);
  if (existsSync(file)) return file;
  const { build } = await import("esbuild");
  const partial = `${file}.${randomUUID()}.partial`;
  await build({
    stdin: { contents: 'export { KubeConfig } from "@kubernetes/client-node";', resolveDir: path.dirname(modules) },
    outfile: partial,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    // What is no ES module in it asks for Node's own modules by `require`.
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    logLevel: "silent",
  });
  await mkdir(folder, { recursive: true });
  // Another command may be making the same file.
  await rename(partial, file);
  const others = (await readdir(folder)).filter((entry) => entry.endsWith(".mjs") && entry !== name);
  await Promise.all(others.map((entry) => rm(path.join(folder, entry), { force: true })));
  return file;
}

async function load(): Promise<Wanted> {
  try {
    const file = await bundleKubeConfig(MODULES, path.join(MODULES, ".cache", "etcd-on-kubernetes"));
    return (await import(pathToFileURL(file).href)) as Wanted;
  } catch {
    // Slower, and the same.
    return await import("@kubernetes/client-node");
  }
}

/** The Kubernetes client's reader of kubeconfig files and their credentials. */
export const { KubeConfig } = await load();
