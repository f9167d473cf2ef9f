import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Assertions } from "../../../workload/assertions/assertions.ts";
import { evaluate, type Verdict } from "../../../workload/assertions/evaluate.ts";
import { type Kind } from "../../../workload/assertions/kinds.ts";
import { AppendedFile } from "../../../workload/assertions/output.ts";
import { type AssertionEvent } from "../../../workload/assertions/read.ts";

function events(kind: Kind, conditions: readonly boolean[]): AssertionEvent[] {
  const event = { type: "assertion", message: "m", kind, details: null } as const;
  return [
    { ...event, hit: false, condition: false },
    ...conditions.map((condition) => ({ ...event, hit: true, condition })),
  ];
}

const table: readonly [Kind, readonly boolean[], Verdict, boolean][] = [
  ["Always", [], "never reached", false],
  ["Always", [true, true], "passed", true],
  ["Always", [true, false], "failed", false],
  ["AlwaysOrUnreachable", [], "never reached", true],
  ["AlwaysOrUnreachable", [true], "passed", true],
  ["AlwaysOrUnreachable", [false], "failed", false],
  ["Sometimes", [], "never reached", false],
  ["Sometimes", [false], "failed", false],
  ["Sometimes", [false, true], "passed", true],
  ["Reachable", [], "never reached", false],
  ["Reachable", [true], "passed", true],
  ["Unreachable", [], "never reached", true],
  ["Unreachable", [false], "failed", false],
  // As some SDKs send it.
  ["Unreachable", [true], "failed", false],
];

describe("the local evaluation of assertions", () => {
  for (const [kind, conditions, verdict, good] of table) {
    it(`${kind} seen as [${conditions.join()}]: ${verdict}, ${good ? "as it must be" : "a failure"}`, () => {
      const [property] = evaluate(events(kind, conditions)).properties;
      assert.deepEqual([property?.verdict, property?.good], [verdict, good]);
      const passing = kind === "Unreachable" ? 0 : conditions.filter(Boolean).length;
      assert.deepEqual([property?.passing, property?.failing], [passing, conditions.length - passing]);
    });
  }
});

describe("npm run assertions", () => {
  let folder = "";
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "evaluation-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const run = (...args: string[]) =>
    spawnSync(process.execPath, ["workload/assertions/command.ts", ...args], { encoding: "utf8" });

  function file(name: string): Assertions<typeof catalog> {
    return new Assertions(catalog, new AppendedFile(join(folder, name, "sdk.jsonl")));
  }
  const catalog = {
    "values stay": { kind: "Always", file: "a.ts" },
    "calls fail": { kind: "Sometimes", file: "a.ts" },
  } as const;

  it("judges all files of a folder together: reached in one is reached", () => {
    const [one, two] = [file("pod-1"), file("pod-2")];
    one.always("values stay", true);
    two.always("values stay", true);
    two.sometimes("calls fail", true, { error: "14 UNAVAILABLE" });
    one.setupComplete({});
    const { status, stdout } = run(folder);
    assert.equal(status, 0, stdout);
    assert.match(stdout, /✔ passed: values stay \(Always, held 2 times, failed 0 times\)/);
    assert.match(stdout, /setup was said to be complete once\n2 properties: 2 as they must be, 0 not/);
  });

  it("ends with 1 for a failed property, with its counterexample, and for one never reached", () => {
    file("pod-1").always("values stay", false, { mismatch: "lost" });
    const { status, stdout } = run(folder);
    assert.equal(status, 1);
    assert.match(stdout, /✘ failed: values stay .*\n {4}\{"mismatch":"lost"\}/);
    assert.match(stdout, /✘ never reached: calls fail \(Sometimes\)/);
  });

  it("does not count what it is told to except, and knows when there is no such property", () => {
    file("pod-1").always("values stay", true);
    assert.equal(run(folder, "--except", "calls fail").status, 0);
    const wrong = run(folder, "--except", "nonsense");
    assert.equal(wrong.status, 2);
    assert.match(wrong.stderr, /there is no property "nonsense" to except/);
  });

  it("gives the same as JSON", () => {
    file("pod-1").always("values stay", true, { n: 1 });
    const { properties } = JSON.parse(run(folder, "--json").stdout) as { properties: { message: string }[] };
    assert.deepEqual(properties.at(-1), {
      message: "values stay",
      kind: "Always",
      verdict: "passed",
      good: true,
      passing: 1,
      failing: 0,
      examples: [{ n: 1 }],
      counterexamples: [],
    });
  });

  it("counts a torn line, leaves other programs' lines alone", () => {
    file("pod-1").always("values stay", true);
    file("pod-1").sometimes("calls fail", true);
    appendFileSync(join(folder, "pod-1/sdk.jsonl"), '{"other":1}\n{"antithesis_asse');
    const { status, stdout } = run(folder);
    assert.equal(status, 0);
    assert.match(stdout, /left out as torn: \S+sdk\.jsonl:8/);
  });

  it("ends with 2 when there is nothing to judge, or a line is not what it says", () => {
    mkdirSync(join(folder, "empty"));
    for (const [content, sentence] of [
      [undefined, /has no \.jsonl file/],
      ["", /no assertion in it/],
      [
        '{"antithesis_assert":{"message":"m"}}\n',
        /x\.jsonl:1: an assertion needs a "message", a "condition" and a "hit"/,
      ],
      [
        '{"antithesis_assert":{"message":"m","condition":true,"hit":true,"assert_type":"never"}}\n',
        /no kind of assertion/,
      ],
    ] as const) {
      if (content !== undefined) writeFileSync(join(folder, "empty/x.jsonl"), content);
      const { status, stderr } = run(join(folder, "empty"));
      assert.equal(status, 2, stderr);
      assert.match(stderr, sentence);
    }
    assert.equal(run(join(folder, "missing")).status, 2);
    assert.equal(run().status, 2);
  });
});
