import path from "node:path";
import process from "node:process";
import { makeOnce } from "./make-once.ts";
import { parts } from "./layout.ts";
import { versions } from "./pins.ts";

/** The download runs beside the builds of everything else; slower than this (ms) it would be the one waited for. */
const downloadTimeout = 180_000;

/**
 * The version of a Pulumi CLI if this project can work with it: the pinned one or a later one of the same major version.
 * @param output what `pulumi version` prints, like "v3.250.0"
 */
export function usableVersion(output: string): string | undefined {
  const version = /^v?(\d+\.\d+\.\d+)/.exec(output.trim())?.[1];
  if (version === undefined || version.split(".")[0] !== versions.pulumi.split(".")[0]) {
    return undefined;
  }
  return version.localeCompare(versions.pulumi, "en", { numeric: true }) < 0 ? undefined : version;
}

/** The version of the CLI at this path if it can be used, or undefined. */
export async function askVersion(file: string): Promise<string | undefined> {
  const { execa } = await import("execa");
  const result = await execa(file, ["version"], {
    env: { PULUMI_SKIP_UPDATE_CHECK: "1" },
    reject: false,
    timeout: 10_000,
  });
  return result.failed ? undefined : usableVersion(result.stdout);
}

/**
 * Fetches the official release by the SDK's own installer.
 * @returns whether it is there now; that it can't be had is not an error, it can be built
 */
export async function downloadPulumi(report: (line: string) => void): Promise<boolean> {
  try {
    await makeOnce(parts.pulumiDownload, report, async (partial) => {
      report("asking for the official release");
      const { execa } = await import("execa");
      await execa(process.execPath, [path.join(import.meta.dirname, "pulumi-download.ts"), partial], {
        timeout: downloadTimeout,
        stdin: "ignore",
      });
    });
    return true;
  } catch {
    return false;
  }
}
