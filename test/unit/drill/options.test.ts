import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { argumentsAgain, commandAgain, notRepeated } from "../../../drill/again.ts";
import { DrillError, parseOptions, usage, type DrillOptions } from "../../../drill/options.ts";
import { type Report } from "../../../drill/report-format.ts";

const recorded = "test/fixtures/drill-report.json";

/** An argument for every option there is, each other than its default; without one that is new, this has the wrong type. */
const given: Record<keyof DrillOptions, readonly string[]> = {
  plan: ["--plan", "hell"],
  seed: ["--seed", "7"],
  seeds: [],
  table: ["--table", "elsewhere.md"],
  durationMs: ["--duration", "42s"],
  onlyFaults: ["--faults", "kill,pause"],
  planned: [],
  keepGoing: ["--keep-going"],
  heal: ["--heal"],
  // What a drill is aimed at decides the rest: known-bad.test.ts.
  aim: [],
  limitMs: [],
  rate: ["--rate", "33"],
  stack: ["--stack", "mine"],
  configFile: ["--config-file", "/a folder/it's.yaml"],
  reach: ["--reach", "api"],
  out: ["--out", "/elsewhere"],
};

function options(...args: string[]): DrillOptions {
  const parsed = parseOptions(args);
  assert(parsed !== "help");
  return parsed;
}

describe("the drill's command line", () => {
  const folder = mkdtempSync(join(tmpdir(), "drill-options-"));
  after(() => rmSync(folder, { recursive: true }));

  /** A report of a run with these options. */
  function reportOf(asked: DrillOptions): string {
    const report = JSON.parse(readFileSync(recorded, "utf8")) as Report;
    const file = join(folder, "report.json");
    writeFileSync(file, JSON.stringify({ ...report, run: { ...report.run, arguments: argumentsAgain(asked) } }));
    return file;
  }

  const every = options(...Object.values(given).flat());
  const defaults = options();
  for (const key of Object.keys(given) as (keyof DrillOptions)[]) {
    if ((notRepeated as readonly string[]).includes(key)) continue;
    it(`repeats ${key}, by the command it prints and by --replay`, () => {
      assert.notDeepEqual(every[key], defaults[key], "the test gives it its default");
      assert.deepEqual(options(...argumentsAgain(every))[key], every[key]);
      assert.deepEqual(options("--replay", reportOf(every))[key], every[key]);
    });
  }

  it("knows every flag the help tells of, and tells of every flag", () => {
    const told = [...usage.matchAll(/^  --([a-z-]+)/gm)].map(([, flag = ""]) => flag).sort();
    const used = Object.values(given)
      .flatMap(([flag = ""]) => (flag === "" ? [] : [flag.slice(2)]))
      .concat("known-bad", "replay", "seeds")
      .sort();
    assert.deepEqual(told, used);
  });

  it("repeats the faults of a report, whatever the plans have become since", () => {
    const { planned } = (JSON.parse(readFileSync(recorded, "utf8")) as Report).run;
    assert.deepEqual(options("--replay", recorded).planned, planned);
  });

  it("lets where and how a replay runs be given anew, and nothing of its plan", () => {
    const elsewhere = options("--replay", reportOf(every), "--stack", "other", "--rate", "9", "--out", "/x");
    assert.deepEqual([elsewhere.stack, elsewhere.rate, elsewhere.out, elsewhere.seed], ["other", 9, "/x", 7]);
    for (const flag of ["plan", "seed", "duration", "faults", "seeds"]) {
      assert.throws(() => options("--replay", recorded, `--${flag}`, "1"), new RegExp(`--${flag} can't be given`));
    }
  });

  it("prints a command that a shell takes apart as it was meant", () => {
    assert.equal(
      commandAgain(["--config-file", "/a folder/it's.yaml"]),
      String.raw`npm run drill -- --config-file '/a folder/it'\''s.yaml'`,
    );
  });

  it("runs several seeds", () => {
    assert.deepEqual(options("--seeds", "3..6").seeds, [3, 4, 5, 6]);
  });

  for (const [flags, sentence] of [
    [["--plan", "x"], /--plan is "x": expected one of smoke/],
    [["--seed", "-1"], /seed/],
    [["--seeds", "4"], /--seeds is "4": expected the first and the last, such as 1\.\.20/],
    [["--seeds", "4..2"], /--seeds is "4\.\.2"/],
    [["--seeds", "1..2", "--seed", "1"], /--seed and --seeds can't be given together/],
    [["--duration", "soon"], /--duration is "soon": expected a time such as 90s/],
    [["--faults", "kill,fire"], /--faults has "fire"/],
    [["--replay", "/nowhere.json"], /--replay \/nowhere\.json can't be read/],
    [["--replay", "package.json"], /is no report of a drill/],
    [["--reach", "far"], /--reach is "far": expected node or api/],
  ] as const) {
    it(`refuses ${flags.join(" ")}`, () => {
      assert.throws(
        () => parseOptions([...flags]),
        (error) => error instanceof DrillError && sentence.test(error.message),
      );
    });
  }
});
