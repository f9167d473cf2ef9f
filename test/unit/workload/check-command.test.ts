import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kv, Script } from "./simulation/script.ts";

const command = join(import.meta.dirname, "../../../workload/checker/command.ts");
const header = { history: 1, id: "1", process: "pod/1", clock: "c", wall: "2026-11-21T00:00:00.000Z", t: 0 };

function run(...args: string[]) {
  return spawnSync(process.execPath, [command, ...args], { encoding: "utf8" });
}

describe("npm run check", () => {
  let folder = "";
  before(() => (folder = mkdtempSync(join(tmpdir(), "check-"))));
  after(() => rmSync(folder, { recursive: true }));

  function file(name: string, { lines }: Script): string {
    const path = join(folder, name);
    writeFileSync(path, [header, ...lines].map((line) => `${JSON.stringify(line)}\n`).join(""));
    return path;
  }

  it("ends with 0 for a sound history and says what it looked at", () => {
    const { status, stdout } = run(file("sound", new Script().put(0, "a", "1", 2).get(1, "a", 2, kv("1", 2, 2, 1))));
    assert.equal(status, 0, stdout);
    assert.match(stdout, /2 operations by 2 clients on 1 key$/m);
    assert.match(stdout, /second opinion: searched 2 operations on 1 key$/m);
    assert.match(stdout, /sound: nothing contradicts/);
  });

  it("ends with 1 for a violation and tells it by the operations that contradict each other, with their times", () => {
    const path = file(
      "lost",
      new Script()
        .put(0, "a", "1", 2)
        .put(0, "a", "2", 3)
        .get(1, "a", 3, kv("1", 2, 2, 1)),
    );
    const { status, stdout } = run(path);
    assert.equal(status, 1);
    assert.match(stdout, /✘ lost write: an acknowledged write is not in what was read after it/);
    assert.match(
      stdout,
      /"a" was written at revision 3, yet the answer of m0 at revision 3 still has what was written at revision 2/,
    );
    assert.match(stdout, /0\.003 – 0\.004 ms {2}pod\/1\/0 through m0 {2}put "a" = "2": acknowledged at revision 3/);
    assert.ok(stdout.includes(`(${path}:6)`), stdout);
  });

  it("reads a history from a pipe", () => {
    const path = file("piped", new Script().put(0, "a", "1", 2).get(1, "a", 2, null));
    const { status, stdout } = spawnSync(
      "sh",
      ["-c", 'cat "$2" | "$0" "$1" /dev/stdin', process.execPath, command, path],
      {
        encoding: "utf8",
      },
    );
    assert.equal(status, 1);
    assert.match(stdout, /✘ missing key/);
  });

  it("gives the same as JSON", () => {
    const path = file("json", new Script().put(0, "a", "1", 2).get(1, "a", 2, null));
    const { status, stdout } = run("--json", path);
    assert.equal(status, 1);
    const verdict: unknown = JSON.parse(stdout);
    assert.ok(typeof verdict === "object" && verdict !== null && "sound" in verdict && "violations" in verdict);
    assert.equal(verdict.sound, false);
    assert.ok(Array.isArray(verdict.violations));
    const kinds = verdict.violations.map((violation: { kind: string }) => violation.kind);
    assert.deepEqual(kinds, ["missing key", "not linearizable"]);
  });

  it("finds what is wrong in the revisions alone without the second opinion, too", () => {
    const path = file("first", new Script().put(0, "a", "1", 2).get(1, "a", 2, null));
    const { stdout } = run("--second-opinion", "0", path);
    assert.match(stdout, /missing key/);
    assert.doesNotMatch(stdout, /second opinion|not linearizable/);
  });

  it("ends with 2 for what it can't read and for wrong use, with one sentence", () => {
    const torn = join(folder, "torn");
    writeFileSync(torn, `${JSON.stringify(header)}\n{"t":1\n`);
    const empty = join(folder, "empty");
    writeFileSync(empty, "");
    const good = file("good", new Script().put(0, "a", "1", 2));
    const cases: [string[], RegExp][] = [
      [[torn], /^error: .*torn:2: not JSON/],
      [[empty], /^error: .*empty is empty: not a history/],
      [[join(folder, "none")], /^error: .*none can't be read: there is no such file\n$/],
      [[folder], /^error: .* can't be read: it is a folder; give the files in it\n$/],
      [[good, empty], /^error: .*empty is empty: not a history/],
      [[], /^error: no FILE given/],
      [["--format", "xml", torn], /^error: --format is "xml": expected history or jepsen/],
      [["--second-opinion", "", torn], /^error: --second-opinion is "": expected a whole number from 0/],
      [["--nonsense"], /^error: Unknown option '--nonsense'/],
      [["--format", "jepsen", empty], /^error: .*empty: no operation in it/],
      [["--format", "jepsen", torn], /^error: .*torn:1: not a line of a register log/],
    ];
    for (const [args, expected] of cases) {
      const { status, stderr, stdout } = run(...args);
      assert.equal(status, 2, `${args.join(" ")}: ${stdout}${stderr}`);
      assert.match(stderr, expected);
      assert.doesNotMatch(stderr, /\n {4}at /);
    }
  }).timeout(60_000);
});
