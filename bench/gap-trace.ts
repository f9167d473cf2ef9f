/** How much before and after a gap is shown, in milliseconds: what stopped the writes may have begun before. */
const AROUND_MS = 150;
const LONGEST_LINE = 180;
/** Of what etcd says in plain course, there are a hundred lines while one member joins: these tell where it is. */
const TELLING =
  /"msg":"(sending merged snapshot|applied snapshot|added member|removed member|promote member|ready to serve)/;

/**
 * The lines of the members' logs around a gap, in the order of time, each with its distance from the gap's begin: what the
 * member program says, what etcd warns of, and its steps of joining and leaving.
 *
 * @param logs as `kubectl logs --timestamps --prefix` prints them: of several pods, one after the other
 * @param fromMs begin of the gap, in milliseconds since 1970
 */
export function linesAround(logs: string, fromMs: number, toMs: number): string[] {
  return logs
    .split("\n")
    .flatMap((line) => {
      const [, pod = "", at = "", text = ""] = /^\[pod\/([^/]+)\/[^\]]+\] (\S+) (.*)$/.exec(line) ?? [];
      const ms = Date.parse(at);
      const isTelling = !text.startsWith('{"level":"info"') || TELLING.test(text);
      return isTelling && ms >= fromMs - AROUND_MS && ms <= toMs + AROUND_MS ? [{ ms, pod, text }] : [];
    })
    .sort((a, b) => a.ms - b.ms)
    .map(({ ms, pod, text }) => `${(ms - fromMs).toFixed(0).padStart(5)} ms ${pod} ${text}`.slice(0, LONGEST_LINE));
}
