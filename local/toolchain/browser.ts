import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { cacheDir } from "../paths.ts";
import { unpackPackages } from "./debian-packages.ts";
import { makeOnce } from "./make-once.ts";
import { checkSpace } from "./preconditions.ts";

/** A browser without a window, and fonts whose widths are those of what most people have. */
const packages = ["chromium-headless-shell", "fonts-dejavu-core", "fonts-liberation"];

/** Changes when what is made of the same packages changes. */
const layoutVersion = 1;

/** Bytes of the packages and what is unpacked of them, rounded up. */
const space = 0.9e9;

const key = createHash("sha256")
  .update(JSON.stringify([layoutVersion, packages]))
  .digest("hex")
  .slice(0, 16);
const directory = path.join(cacheDir, "toolchain", `browser-${key}`);
const root = path.join(directory, "root");
const fontsFile = path.join(directory, "fonts.conf");

/** A headless Chromium: its program, and what its environment needs besides the usual. */
export interface Browser {
  readonly program: string;
  readonly environment: Readonly<Record<string, string>>;
}

const browser: Browser = {
  program: path.join(root, "usr/lib/chromium/chromium-headless-shell"),
  environment: {
    LD_LIBRARY_PATH: ["", "/pulseaudio"]
      .map((folder) => path.join(root, `usr/lib/x86_64-linux-gnu${folder}`))
      .join(":"),
    FONTCONFIG_FILE: fontsFile,
  },
};

/** Only the unpacked fonts count, so that a page is laid out in the same way on every machine. */
function fontConfiguration(): string {
  return [
    `<?xml version="1.0"?>`,
    `<!DOCTYPE fontconfig SYSTEM "fonts.dtd">`,
    `<fontconfig>`,
    `  <dir>${path.join(root, "usr/share/fonts")}</dir>`,
    `  <cachedir>${path.join(directory, "font-cache")}</cachedir>`,
    ...[
      ["sans-serif", "Liberation Sans"],
      ["system-ui", "Liberation Sans"],
      ["monospace", "DejaVu Sans Mono"],
    ].map(
      ([name, font]) =>
        `  <alias binding="strong"><family>${name}</family><prefer><family>${font}</family></prefer></alias>`,
    ),
    `</fontconfig>`,
    "",
  ].join("\n");
}

/**
 * Debian's headless Chromium, unpacked into the cache at the first call. Only tests and benches of web pages need it: it is
 * no part of the local cluster's toolchain.
 * @throws UserError when there is no apt-get, no space, or the packages can't be had
 */
export async function headlessBrowser(report: (line: string) => void = () => undefined): Promise<Browser> {
  await makeOnce(directory, report, async (partial) => {
    checkSpace([{ directory: cacheDir, bytes: space }]);
    await unpackPackages(partial, [{ name: "root", packages, standsAlone: false }], report);
    await mkdir(path.join(partial, "font-cache"));
    await writeFile(path.join(partial, "fonts.conf"), fontConfiguration());
  });
  return browser;
}
