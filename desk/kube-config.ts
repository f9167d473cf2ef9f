import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Plugin } from "esbuild";
import type * as Library from "@kubernetes/client-node";

/** Part of the file's name: a file that was made in another way is made anew. */
const WAY = 2;

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
  const name = `kube-config-${WAY}-${createHash("sha256").update(installed).digest("hex").slice(0, 12)}.mjs`;
  const file = path.join(folder, name);
  if (existsSync(file)) return file;
  const { build } = await import("esbuild");
  const partial = `${file}.${randomUUID()}.partial`;
  await build({
    stdin: {
      contents: 'export { KubeConfig } from "@kubernetes/client-node/dist/config.js";',
      resolveDir: path.dirname(modules),
    },
    outfile: partial,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    // What is no ES module in it asks for Node's own modules by `require`.
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    external: ["undici"],
    plugins: [lean],
    logLevel: "silent",
  });
  await mkdir(folder, { recursive: true });
  // Another command may be making the same file.
  await rename(partial, file);
  const others = (await readdir(folder)).filter((entry) => entry.endsWith(".mjs") && entry !== name);
  await Promise.all(others.map((entry) => rm(path.join(folder, entry), { force: true })));
  return file;
}

/**
 * Leaves out what KubeConfig does not need, nine tenths of the library: the models and APIs of all kinds, and undici, which
 * is for requests of the library's own.
 */
const lean: Plugin = {
  name: "lean",
  setup(build) {
    build.onResolve({ filter: /\/gen\/index\.js$/ }, ({ resolveDir }) => {
      return { path: "gen", namespace: "lean", pluginData: resolveDir };
    });
    build.onLoad({ filter: /^gen$/, namespace: "lean" }, ({ pluginData: resolveDir }: { pluginData: string }) => {
      const contents = `
        export { createConfiguration } from "./gen/configuration.js";
        export { ServerConfiguration } from "./gen/servers.js";`;
      return { contents, resolveDir };
    });
    build.onResolve({ filter: /^undici$/, namespace: "file" }, () => ({ path: "undici", namespace: "lean" }));
    build.onLoad({ filter: /^undici$/, namespace: "lean" }, () => {
      const contents = `
        module.exports = {
          get Agent() { return require("undici").Agent; },
          get ProxyAgent() { return require("undici").ProxyAgent; },
        };`;
      return { contents, resolveDir: MODULES };
    });
  },
};

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
