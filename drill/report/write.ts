import { rename, rm, writeFile } from "node:fs/promises";
import type { Report } from "../report-format.ts";
import { bundleAssets } from "./assets.ts";
import { page } from "./page.ts";

/**
 * Writes a drill's report as one HTML file that needs nothing beside it and no network. The file is whole or not there.
 * @param file path of the file, in a folder that exists; one that is there is replaced
 */
export async function writeReportHtml(report: Report, file: string): Promise<void> {
  const partial = `${file}.partial`;
  try {
    await writeFile(partial, page(report, await bundleAssets()));
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}
