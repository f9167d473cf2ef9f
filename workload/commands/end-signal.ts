/**
 * Its signal is aborted when the command is to end: after its time, on SIGTERM, SIGINT or SIGHUP, when nobody reads its output any more, and,
 * if asked for, when its standard input closes, which is how a command under `kubectl exec -i` learns that the other side is
 * gone (without -i it learns nothing, and goes on to the end of its time).
 */
export function endSignal(when: { readonly durationMs: number; readonly untilStdinCloses: boolean }): AbortController {
  const controller = new AbortController();
  const end = () => controller.abort();
  setTimeout(end, when.durationMs).unref();
  for (const name of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.once(name, end);
  if (when.untilStdinCloses) {
    process.stdin.once("end", end).once("error", end).resume();
    controller.signal.addEventListener("abort", () => process.stdin.destroy());
  }
  return controller;
}
