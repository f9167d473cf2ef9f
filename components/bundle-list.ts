/** What goes into an image's build context: programs to bundle, and files to copy as they are. */
export interface BundleList {
  readonly entries: readonly BundledFile[];
  readonly assets: readonly BundledFile[];
}

export interface BundledFile {
  /** Path from the project's root. */
  readonly source: string;
  /** Path in the build context. */
  readonly target: string;
  /** Permission bits. */
  readonly mode: number;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseFiles(value: unknown, where: string): BundledFile[] {
  if (!Array.isArray(value)) throw new Error(`${where} must be a list`);
  return value.map((item: unknown, index) => {
    const here = `${where}[${index}]`;
    if (!isObject(item)) throw new Error(`${here} must be a map`);
    const { source, target, mode } = item;
    if (typeof source !== "string") throw new Error(`${here}.source must be a path`);
    if (typeof target !== "string" || target.startsWith("/") || target.split("/").includes("..")) {
      throw new Error(`${here}.target must be a path inside the build context`);
    }
    if (typeof mode !== "string" || !/^0[0-7]{3}$/.test(mode)) {
      throw new Error(`${here}.mode must be four octal digits, such as "0644"`);
    }
    return { source, target, mode: Number.parseInt(mode, 8) };
  });
}

/**
 * Reads an image.json.
 * @param name the file's name, for errors
 */
export function parseBundleList(text: string, name: string): BundleList {
  const value: unknown = JSON.parse(text);
  if (!isObject(value)) throw new Error(`${name} must be a map`);
  return {
    entries: parseFiles(value["entries"], `${name}: entries`),
    assets: parseFiles(value["assets"], `${name}: assets`),
  };
}
