import { type History } from "../../workload/history/operation.ts";
import { type PodFacts } from "../cluster/kubernetes.ts";
import { mostExamples, type Example, type FaultRecord, type Property } from "../report-format.ts";
import { type FinalLook } from "../run/final-look.ts";
import { property } from "./properties.ts";
import { finalDump } from "./timeline.ts";

/** What was so before the first fault. */
export interface Beginning {
  /** Member IDs by pod. */
  readonly ids: ReadonlyMap<string, string>;
  readonly pods: readonly PodFacts[];
}

/** So many restarts of one container in a drill are a loop: each ends with etcd's or the member program's own death. */
const mostRestarts = 3;
/** Gap bounds are of theory; the machine may be busy with other things, so that twice as long is let pass. */
const gapAllowance = 2;

/** Properties of the cluster after the run and of its faults. */
export function propertiesOfCluster(
  history: History,
  faults: readonly FaultRecord[],
  beginning: Beginning,
  end: FinalLook,
): Property[] {
  return [
    dumpHolds(history, end),
    sameEverywhere(end),
    memberIds(faults, beginning, end),
    noLeftovers(end),
    noCrashLoop(beginning, end),
    recoveredInTime(faults, end),
    gapsBounded(faults),
    seenAndUndone(faults),
    traffic(history, end),
  ];
}

/** One look at something: what was wrong, or undefined. */
interface Looked {
  readonly words: string | undefined;
  readonly atMs?: number;
}

function judged(
  fields: Pick<Property, "id" | "group" | "name" | "unit" | "detail">,
  looks: readonly Looked[],
): Property {
  const wrong = looks.flatMap(({ words, atMs }): Example[] =>
    words === undefined ? [] : [{ holds: false, words, ...(atMs === undefined ? {} : { atMs }), operations: [] }],
  );
  return property({
    ...fields,
    passing: looks.length - wrong.length,
    failing: wrong.length,
    examples: wrong.slice(0, mostExamples),
  });
}

/**
 * By another way than the checker's: no key of a member's dump is older than its last acknowledged put, or has another value
 * at that revision. Whether a key that is gone may be gone is the checker's to say.
 */
function dumpHolds(history: History, end: FinalLook): Property {
  const last = new Map<string, { revision: number; value: number }>();
  for (const { kind, outcome, key, revision, value } of history.operations) {
    if (kind !== "put" || outcome !== "ok") continue;
    const name = history.keys.text(key);
    if (revision > (last.get(name)?.revision ?? 0)) last.set(name, { revision, value });
  }
  const looks = end.members.flatMap(({ pod, dump }): Looked[] => {
    if (dump === undefined) return [{ words: `${pod} did not hand out its keys` }];
    return dump.keys.map(({ key, mod, value }) => {
      const put = last.get(key);
      if (put === undefined || Number(mod) > put.revision) return { words: undefined };
      const right = Number(mod) === put.revision && history.values.text(put.value) === value;
      return {
        words: right
          ? undefined
          : `${pod} has "${key}" as of revision ${mod}; its last acknowledged put is of ${put.revision}`,
      };
    });
  });
  const group = "Cluster";
  const detail = `after revision ${end.members[0]?.dump?.revision ?? "?"}`;
  return judged(
    { id: "final-dump", group, name: "The final dump holds every acknowledged write", unit: "keys", detail },
    looks,
  );
}

function sameEverywhere({ members, hashRevision }: FinalLook): Property {
  // A member that did not tell is no reason to call the others different.
  const hashes = new Set(members.flatMap(({ hash }) => hash ?? []));
  const dumps = new Set(members.flatMap(({ dump }) => (dump === undefined ? [] : JSON.stringify(dump.keys))));
  const looks = members.map(({ pod, hash, dump }): Looked => {
    if (hash === undefined || dump === undefined) return { words: `${pod} did not tell its hash and its keys` };
    if (hashes.size > 1) return { words: `${pod} has hash ${hash} at revision ${hashRevision}, others have another` };
    return {
      words: dumps.size > 1 ? `${pod} has ${dump.keys.length} keys, others have other keys or values` : undefined,
    };
  });
  const detail = hashes.size === 1 ? `hash ${[...hashes][0] ?? "?"} at revision ${hashRevision}` : "";
  return judged(
    { id: "hash-equal", group: "Cluster", name: "All members hold the same", unit: "members", detail },
    looks,
  );
}

function memberIds(faults: readonly FaultRecord[], { ids }: Beginning, end: FinalLook): Property {
  const renewed = new Set(faults.flatMap(({ kind, targets }) => (kind === "wipe" ? targets : [])));
  const looks = end.members
    .filter(({ pod }) => !renewed.has(pod))
    .map(({ pod, memberId }): Looked => {
      const before = ids.get(pod);
      return { words: before === memberId ? undefined : `${pod} was member ${hex(before)} and is ${hex(memberId)}` };
    });
  const detail = renewed.size === 0 ? "" : `volumes wiped, so new IDs expected: ${[...renewed].sort().join(", ")}`;
  return judged({ id: "member-ids", group: "Cluster", name: "Member IDs stay", unit: "members", detail }, looks);
}

function noLeftovers({ members, listed, claims, pods }: FinalLook): Property {
  const expected = members.map(({ pod }) => pod);
  const extra = (what: string, found: readonly string[], wanted: readonly string[]): Looked => {
    const more = found.filter((name) => !wanted.includes(name));
    const less = wanted.filter((name) => !found.includes(name));
    const words = [...more.map((name) => `${name} is left over`), ...less.map((name) => `${name} is missing`)];
    return { words: words.length === 0 ? undefined : `${what}: ${words.join(", ")}` };
  };
  const learners = listed.filter(({ isLearner }) => isLearner).map(({ name, id }) => (name === "" ? id : name));
  const looks = [
    extra(
      "members",
      listed.map(({ name, id }) => (name === "" ? `unstarted ${id}` : name)),
      expected,
    ),
    extra("learners", learners, []),
    extra(
      "volume claims",
      claims,
      expected.map((pod) => `data-${pod}`),
    ),
    extra(
      "pods",
      pods.map(({ name }) => name),
      expected,
    ),
  ];
  const name = "No member, learner, claim or pod is left over";
  return judged({ id: "no-leftovers", group: "Cluster", name, unit: "looks", detail: "" }, looks);
}

function noCrashLoop({ pods: before }: Beginning, { pods, restless }: FinalLook): Property {
  const restartsOf = (pod: PodFacts): number =>
    pod.restarts - (before.find(({ uid }) => uid === pod.uid)?.restarts ?? 0);
  const looks = pods.map((pod): Looked => {
    const restarts = restartsOf(pod);
    if (restarts > mostRestarts) return { words: `the container of ${pod.name} was restarted ${restarts} times` };
    return { words: restless.includes(pod.name) ? `etcd in ${pod.name} does not stay up` : undefined };
  });
  const most = Math.max(0, ...pods.map(restartsOf));
  const detail = `most restarts of a container: ${most}`;
  return judged(
    { id: "no-crash-loop", group: "Cluster", name: "No member restarts again and again", unit: "members", detail },
    looks,
  );
}

function recoveredInTime(faults: readonly FaultRecord[], end: FinalLook): Property {
  const measured = faults.filter(({ recoveryMs }) => recoveryMs !== undefined);
  const looks = measured.map(({ number, title, endMs, recoveryMs = 0, recoveryBoundMs }): Looked => {
    const late = recoveryMs > recoveryBoundMs;
    const words = `fault ${number} (${title}) ended at ${inSeconds(endMs)}, all were healthy ${inSeconds(recoveryMs)} later; the bound is ${inSeconds(recoveryBoundMs)}`;
    return { words: late ? words : undefined, atMs: endMs };
  });
  const last: Looked = { words: end.healthy ? undefined : "the cluster was not healthy at the end" };
  const slowest = measured.toSorted((a, b) => (b.recoveryMs ?? 0) - (a.recoveryMs ?? 0))[0];
  const detail =
    slowest === undefined ? "" : `slowest: ${inSeconds(slowest.recoveryMs ?? 0)} after fault ${slowest.number}`;
  const name = "All members are healthy again within the stated time";
  return judged({ id: "recovered-in-time", group: "Recovery", name, unit: "recoveries", detail }, [...looks, last]);
}

function gapsBounded(faults: readonly FaultRecord[]): Property {
  const looks = faults.flatMap(({ number, title, startMs, writeGapMs, readGapMs, gapBoundMs }): Looked[] => {
    if (gapBoundMs === undefined || writeGapMs === undefined || readGapMs === undefined) return [];
    return [
      { what: "write", gap: writeGapMs },
      { what: "read", gap: readGapMs },
    ].map(({ what, gap }) => ({
      atMs: startMs,
      words:
        gap <= gapAllowance * gapBoundMs
          ? undefined
          : `no ${what} was acknowledged for ${gap} ms at fault ${number} (${title}); by theory ${gapBoundMs} ms`,
    }));
  });
  const longest = Math.max(
    0,
    ...faults.flatMap((each) => (each.gapBoundMs === undefined ? [] : (each.writeGapMs ?? 0))),
  );
  const detail = `longest write gap: ${longest} ms; up to ${gapAllowance} times the theoretical bound is let pass`;
  const name = "Clients are served while a majority works";
  return judged({ id: "gaps-bounded", group: "Recovery", name, unit: "gaps", detail }, looks);
}

function seenAndUndone(faults: readonly FaultRecord[]): Property {
  const looks = faults.map(({ number, title, startMs, visible, problem }): Looked => {
    const wrong = problem !== "" ? problem : visible ? undefined : "no effect of it was seen";
    return { words: wrong === undefined ? undefined : `fault ${number} (${title}): ${wrong}`, atMs: startMs };
  });
  const none: Looked[] = faults.length === 0 ? [{ words: "no fault was done at all" }] : [];
  const name = "Every fault had its effect and was undone";
  return judged({ id: "faults-undone", group: "Recovery", name, unit: "faults", detail: "" }, [...looks, ...none]);
}

function traffic(history: History, { members }: FinalLook): Property {
  const counts = new Map<string, number>();
  for (const { member, outcome, process } of history.operations) {
    if (outcome !== "ok" || process.name.startsWith(finalDump)) continue;
    const name = history.members.text(member).split(".")[0] ?? "";
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const looks = members.map(({ pod }): Looked => {
    return { words: (counts.get(pod) ?? 0) > 0 ? undefined : `${pod} answered no operation of the clients` };
  });
  const detail = [...counts]
    .sort()
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");
  const name = "Every member served clients";
  return judged({ id: "traffic", group: "Assertions", name, unit: "members", detail }, looks);
}

function inSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function hex(decimal: string | undefined): string {
  return decimal === undefined ? "unknown" : BigInt(decimal).toString(16);
}
