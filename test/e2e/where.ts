/** Why the local cluster can't run on this machine, in a few words; undefined where it can. */
export function whyNoLocalCluster(): string | undefined {
  if (process.platform !== "linux") return `a local cluster needs Linux, and this is ${process.platform}`;
  if (process.arch !== "x64") return `a local cluster needs an x86-64 machine, and this is ${process.arch}`;
  if (process.getuid?.() !== 0) return "a local cluster needs root";
  return undefined;
}
