import type { Settings } from "../../components/settings.ts";
import { parseSettings } from "../../components/settings.ts";

/** Settings of a stack that sets only what has no default. */
export function settings(changes: Partial<Settings> = {}): Settings {
  return { ...parseSettings({ "etcd:context": "here", "etcd:registry": "registry.test/team" }).settings, ...changes };
}
