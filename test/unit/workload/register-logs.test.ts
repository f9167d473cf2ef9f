import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkRegisterLog } from "../../../workload/checker/register-check.ts";

const porcupine = "github.com/anishathalye/porcupine@v1.3.1";

/** The folder of Porcupine's sources in the cache of Go modules, fetched if it is not there; undefined without Go. */
function porcupineSources(): string | undefined {
  try {
    const answer: unknown = JSON.parse(
      execFileSync("go", ["mod", "download", "-json", porcupine], { encoding: "utf8" }),
    );
    const folder = typeof answer === "object" && answer !== null && "Dir" in answer ? answer.Dir : undefined;
    return typeof folder === "string" && existsSync(folder) ? folder : undefined;
  } catch {
    return undefined;
  }
}

describe("register logs", () => {
  it("are judged as Porcupine's own tests expect: 23 linearizable, 79 not", function () {
    this.timeout(60_000);
    const folder = porcupineSources();
    if (folder === undefined) this.skip();
    const tests = readFileSync(join(folder, "porcupine_test.go"), "utf8");
    const expected = [...tests.matchAll(/checkJepsen\(t, (\d+), (true|false)\)/g)];
    let linearizable = 0;
    for (const [, number = "", expectation = ""] of expected) {
      const name = `etcd_${number.padStart(3, "0")}.log`;
      const { verdict, words } = checkRegisterLog(join(folder, "test_data/jepsen", name));
      assert.equal(verdict, expectation === "true" ? "linearizable" : "not linearizable", `${name}: ${words ?? ""}`);
      if (verdict === "linearizable") linearizable += 1;
    }
    assert.deepEqual([linearizable, expected.length], [23, 102]);
    assert.ok(readdirSync(join(folder, "test_data/jepsen")).includes("etcd_095.log"));
  });

  describe("small ones", () => {
    let folder = "";
    before(() => (folder = mkdtempSync(join(tmpdir(), "register-"))));
    after(() => rmSync(folder, { recursive: true }));

    function judge(...lines: string[]) {
      const path = join(folder, "log");
      writeFileSync(path, lines.map((line) => `INFO  jepsen.util - ${line}\n`).join(""));
      return checkRegisterLog(path);
    }

    it("a compare-and-set that timed out may have happened, or not", () => {
      const start = [
        "0\t:invoke\t:write\t1",
        "0\t:ok\t:write\t1",
        "1\t:invoke\t:cas\t[1 2]",
        "1\t:info\t:cas\t:timed-out",
      ];
      for (const seen of ["1", "2"]) {
        const { verdict } = judge(...start, "2\t:invoke\t:read\tnil", `2\t:ok\t:read\t${seen}`);
        assert.equal(verdict, "linearizable");
      }
      assert.equal(judge(...start, "2\t:invoke\t:read\tnil", "2\t:ok\t:read\t3").verdict, "not linearizable");
    });

    it("a line that can't be true is refused, with its number", () => {
      const write = "0\t:invoke\t:write\t1";
      const bad: [string[], RegExp][] = [
        [["0\t:invoke\t:write\tx"], /log:1: x is not what a write can be about/],
        [["0\t:invoke\t:cas\t7"], /log:1: 7 is not what a cas can be about/],
        [["0\t:invoke\t:read\tnil", "0\t:ok\t:read\tx"], /log:2: x is not what a read can be about/],
        [[write, "0\t:ok\t:write\t2"], /log:2: process 0 ends a write it has not begun/],
        [[write, "1\t:ok\t:write\t1"], /log:2: process 1 ends a write it has not begun/],
        [[write, write], /log:2: process 0 has not ended its operation of line 1/],
        [[write, "0\t:ok"], /log:2: not a line of a register log: "INFO/],
      ];
      for (const [lines, expected] of bad) assert.throws(() => judge(...lines), expected);
    });

    it("a contradiction is told with the write that is in the way", () => {
      const { verdict, words, contradiction } = judge(
        "0\t:invoke\t:write\t4",
        "0\t:ok\t:write\t4",
        "1\t:invoke\t:read\tnil",
        "1\t:ok\t:read\tnil",
      );
      assert.equal(verdict, "not linearizable");
      assert.equal(
        words,
        "When the operation of line 3 (process 1, read nil) ended, the register could only have held 4.",
      );
      assert.deepEqual(
        contradiction.map(({ begin }) => begin),
        [1, 3],
      );
    });
  });
});
