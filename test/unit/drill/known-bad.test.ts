import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { judgeVersion } from "../../../components/etcd-version.ts";
import { objectGroups } from "../../../components/object-groups.ts";
import { parseSettings } from "../../../components/settings.ts";
import { argumentsAgain } from "../../../drill/again.ts";
import { faultKinds } from "../../../drill/faults/kinds.ts";
import { knownBugs, type KnownBug } from "../../../drill/known-bad/bugs.ts";
import { evidence } from "../../../drill/known-bad/drill.ts";
import { madeFor } from "../../../drill/known-bad/stack.ts";
import { DrillError, parseOptions, plannedFaults } from "../../../drill/options.ts";
import { property } from "../../../drill/judge/properties.ts";
import { type Report } from "../../../drill/report-format.ts";
import { judge } from "../../../drill/judge/report.ts";
import { knownBadVersions } from "../../../local/toolchain/known-bad.ts";
import { parseMix } from "../../../workload/traffic/mix.ts";
import { answersFromBefore, hasAWriteTwice, hasLeftOutAWrite, losesAWrite, sendsTwice } from "./bad-wires.ts";
import { honest, recordedRun, type Wire } from "./recorded-run.ts";

const bugs = [...knownBugs.values()];

function bug(version: string): KnownBug {
  const found = knownBugs.get(version);
  assert.ok(found);
  return found;
}

describe("the known-bad etcd versions", () => {
  it("are those that can be built, each pinned to just that release", () => {
    assert.deepEqual(knownBadVersions().sort(), [...knownBugs.keys()].sort());
    for (const { version } of bugs) {
      const modules = readFileSync(`local/toolchain/known-bad/etcd-${version}/go.mod`, "utf8");
      assert.match(modules, new RegExp(`go\\.etcd\\.io/etcd/server/v3 v${version.replaceAll(".", "\\.")} `), version);
    }
  });

  it("are all refused by the settings", () => {
    for (const { version } of bugs) assert.equal(judgeVersion(`v${version}`).verdict, "refused", version);
  });

  it("have drills of faults and operations there are", () => {
    for (const { shape, traffic, version } of bugs) {
      assert.ok(shape.ingredients.every(({ kind }) => faultKinds.has(kind)));
      assert.ok(parseMix(traffic.mix).size > 0);
      const options = parseOptions(["--known-bad", version, "--seed", "3"]);
      assert.ok(options !== "help");
      assert.deepEqual(plannedFaults(options, 3), plannedFaults(options, 3));
      assert.ok(plannedFaults(options, 3).length > 0);
    }
  });
});

describe("the options of a drill against a known-bad etcd", () => {
  it("take a version, and the time until it is given up", () => {
    const options = parseOptions(["--known-bad", "v3.6.1", "--seed", "7", "--duration", "10m"]);
    assert.ok(options !== "help");
    assert.equal(options.aim?.version, "3.6.1");
    assert.deepEqual([options.limitMs, options.durationMs], [600_000, 60_000]);
    assert.deepEqual(argumentsAgain(options), ["--known-bad", "3.6.1", "--seed", "7"]);
  });

  it("refuse a version no drill is aimed at", () => {
    assert.throws(() => parseOptions(["--known-bad", "3.6.14"]), DrillError);
    assert.throws(() => parseOptions(["--known-bad", "3.6.14"]), /--known-bad is "3\.6\.14": expected one of 3\./);
  });
});

describe("the stack of a known-bad etcd", () => {
  const { settings } = parseSettings({ "etcd:context": "c", "etcd:registry": "localhost:5000" });
  const objects = objectGroups(settings, { member: "m", client: "c" }).flatMap((group) => group.objects);

  it("is what `up` makes, but for the members' environment", () => {
    const aimed = { version: "3.6.1", environment: { ETCD_SNAPSHOT_COUNT: "10" } };
    const changed = objects.filter((object) => JSON.stringify(madeFor(aimed, object)) !== JSON.stringify(object));
    assert.equal(changed.length, 1);
    const [before = {}] = changed;
    const variable = JSON.stringify({ name: "ETCD_SNAPSHOT_COUNT", value: "10" });
    assert.equal(JSON.stringify(madeFor(aimed, before)).replace(`,${variable}`, ""), JSON.stringify(before));
  });

  it("is probed by what the etcd has", () => {
    const probes = (version: string) => {
      const text = JSON.stringify(objects.map((object) => madeFor({ version, environment: {} }, object)));
      return [...text.matchAll(/"path":"(\/(?:livez|readyz|health)[^"]*)"/g)].map(([, path]) => path);
    };
    assert.deepEqual(probes("3.5.12"), ["/livez", "/livez", "/readyz"]);
    assert.deepEqual(probes("3.5.5"), ["/health?serializable=true", "/health?serializable=true", "/health"]);
  });
});

describe("the evidence of a defect", () => {
  const failed = (id: string, words: string) =>
    property({
      ...{ id, group: "History", name: id, unit: "watches", detail: "", passing: 1, failing: 1 },
      examples: [{ holds: false, words, operations: [] }],
    });

  it("is a failure of the property it breaks, in the way it breaks it", () => {
    const words = "watch out of order: A watch from revision 90 delivered the event of k at revision 80.";
    const report = { properties: [failed("gaps-bounded", "a gap"), failed("watches", words)] };
    assert.deepEqual(evidence(report, bug("3.6.1")), [`watches: ${words}`]);
  });

  it("is no other failure", () => {
    const gap = "watch gap: A watch that had come to revision 9 left out the put of k at revision 2.";
    const report = { properties: [failed("gaps-bounded", "a gap"), failed("watches", gap)] };
    assert.deepEqual(evidence(report, bug("3.6.1")), []);
    assert.deepEqual(evidence(report, bug("3.5.7")), [`watches: ${gap}`]);
    assert.deepEqual(evidence(report, bug("3.5.5")), []);
  });

  const caughtIn = (report: Pick<Report, "properties">) =>
    bugs.filter((bug) => evidence(report, bug).length > 0).map(({ version }) => version);

  const wires: readonly (readonly [string, Wire, readonly string[]])[] = [
    ["nothing", honest, []],
    ["a read from before a write", answersFromBefore, ["3.6.8"]],
    ["a write that was lost", losesAWrite, ["3.5.5", "3.5.2"]],
    ["a write that was applied twice", sendsTwice, ["3.5.5"]],
    ["a member that has a write twice", hasAWriteTwice, ["3.5.5", "3.5.2"]],
    // What it answers is from before the last write, too.
    ["a member that has left out a write", hasLeftOutAWrite, ["3.5.5", "3.6.8", "3.5.2"]],
  ];
  for (const [what, wire, versions] of wires) {
    it(`as the checker words it, for ${what}, is that of ${versions.length === 0 ? "none" : versions.join(", ")}`, () => {
      assert.deepEqual(caughtIn(judge(recordedRun(wire))), versions);
    });
  }

  it("is a member's other hash or keys at the end, and none where a member does not tell them", () => {
    const run = recordedRun(honest);
    const [first, second, third] = run.end.members;
    assert.ok(first && second && third);
    const withSecond = (changes: object) =>
      caughtIn(judge({ ...run, end: { ...run.end, members: [first, { ...second, ...changes }, third] } }));
    assert.deepEqual(withSecond({ hash: "78 (from revision 1)" }), ["3.5.5", "3.5.2"]);
    const [, ...fewer] = second.dump?.keys ?? [];
    assert.deepEqual(withSecond({ dump: { revision: "31", keys: fewer } }), ["3.5.5", "3.5.2"]);
    assert.deepEqual(withSecond({ hash: undefined }), []);
    assert.deepEqual(withSecond({ dump: undefined }), []);
  });
});
