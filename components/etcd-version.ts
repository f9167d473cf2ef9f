/**
 * Which etcd versions this program agrees to run, and why not the others.
 * Source: etcd's CHANGELOG-3.5, -3.6 and -3.7 with the pull requests named below.
 */
type Version = readonly [major: number, minor: number, patch: number];

/** First release of each minor version without the defects that lose or hide acknowledged writes. */
const oldestSafe: readonly Version[] = [
  [3, 5, 28],
  [3, 6, 9],
];

/** First release of each minor version with the fixes a cluster should have, though it works without. */
const oldestAdvised: readonly Version[] = [
  [3, 5, 33],
  [3, 6, 14],
  [3, 7, 1],
];

export type VersionVerdict =
  | { readonly verdict: "refused"; readonly because: string }
  | { readonly verdict: "accepted"; readonly remark?: string };

function parse(text: string): Version | undefined {
  const match = /^v(\d+)\.(\d+)\.(\d+)$/.exec(text);
  return match === null ? undefined : [Number(match[1]), Number(match[2]), Number(match[3])];
}

function isBefore(a: Version, b: Version): boolean {
  return a[0] !== b[0] ? a[0] < b[0] : a[1] !== b[1] ? a[1] < b[1] : a[2] < b[2];
}

function sameMinor(a: Version, b: Version): boolean {
  return a[0] === b[0] && a[1] === b[1];
}

function name(version: Version): string {
  return `v${version.join(".")}`;
}

/** Judges a version as it stands in an image's tag, for example "v3.6.14". */
export function judgeVersion(text: string): VersionVerdict {
  const version = parse(text);
  if (version === undefined) {
    return { verdict: "refused", because: "is no exact release" };
  }
  const [major, minor] = version;
  if (major !== 3) return { verdict: "refused", because: "is not of etcd's major version 3" };
  if (minor < 5) return { verdict: "refused", because: "is no longer maintained" };
  const floor = oldestSafe.find((safe) => sameMinor(safe, version));
  if (floor !== undefined && isBefore(version, floor)) {
    // #21417 and #21378: a paused member answers linearizable reads with old data. Older ones lose writes besides.
    return {
      verdict: "refused",
      because: `can answer reads with stale data after a pause of the process (fixed in ${name(floor)})`,
    };
  }
  const advised = oldestAdvised.find((release) => sameMinor(release, version));
  if (advised !== undefined && isBefore(version, advised)) {
    return { verdict: "accepted", remark: `lacks security fixes that ${name(advised)} has` };
  }
  return { verdict: "accepted" };
}
