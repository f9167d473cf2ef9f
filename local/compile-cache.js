// Keeps compiled code between runs: half of what a short command costs is compiling what it loads. Plain JavaScript, and
// loaded by `node --import` before the command itself: what is loaded before this line is compiled each time, and to strip
// the first types Node loads a compiler of its own.
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { env } from "node:process";

// As cacheDir in paths.ts, which has types.
const base = env["XDG_CACHE_HOME"];
const caches = base !== undefined && isAbsolute(base) ? base : join(homedir(), ".cache");
enableCompileCache(join(caches, "etcd-on-kubernetes", "compiled"));
