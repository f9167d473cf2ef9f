import type { Phase } from "../phases.ts";
import { bringUp } from "./up.ts";

/** What has to be done for the local cluster to run; the toolchain has to be there before. */
export function clusterPhases(): Phase[] {
  return [{ title: "local cluster", run: bringUp }];
}
