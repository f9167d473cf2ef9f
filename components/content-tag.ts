import { createHash } from "node:crypto";
import type { BuildContext } from "./bundle.ts";

/** The tag names what is in the image, so that no push takes the tag away from an image that pods still run. */
export function contentTag(context: Pick<BuildContext, "hash">, buildArgs: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(buildArgs).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256")
    .update(JSON.stringify([context.hash, sorted]))
    .digest("hex")
    .slice(0, 12);
}
