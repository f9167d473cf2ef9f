import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readHistory } from "../../../workload/history/reader.ts";
import { HistoryWriter } from "../../../workload/history/writer.ts";

const header = { history: 1, id: "1", process: "pod/1", clock: "c", wall: "2026-11-21T00:00:00.000Z", t: 100 };
const put = { t: 110, p: 0, member: "m", op: "put", key: "a", value: "1" };
const ok = { t: 120, p: 0, ok: { revision: "2" } };

describe("a history on disk", () => {
  let folder = "";
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "history-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  function file(name: string, lines: readonly unknown[], rest = ""): string {
    const path = join(folder, name);
    const text = lines.map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\n`).join("");
    writeFileSync(path, text + rest);
    return path;
  }

  it("comes back as it was written", () => {
    const path = join(folder, "h");
    const writer = new HistoryWriter(path, { since: "41", process: "pod/7" });
    writer.begin(0, "etcd-1", { op: "put", key: "a", value: "1" });
    writer.begin(1, "etcd-2", { op: "get", key: "a", serializable: true });
    writer.end<"put">(0, { ok: { revision: "42" } });
    writer.end<"get">(1, { ok: { revision: "42", kv: { value: "1", mod: "42", create: "42", version: "1" } } });
    writer.begin(0, "etcd-1", { op: "put", key: "b", value: "2", lease: "7587" });
    writer.end(0, { unknown: "4 DEADLINE_EXCEEDED" });
    writer.close();
    const { operations, keys, values, members, leases, since, warnings } = readHistory([path]);
    const [first, second, third] = operations;
    assert.ok(first && second && third && operations.length === 3);
    assert.deepEqual([since, warnings], [41, []]);
    assert.deepEqual([first.kind, first.outcome, first.revision, first.process.name], ["put", "ok", 42, "pod/7/0"]);
    assert.deepEqual(
      [keys.text(first.key), values.text(first.value), members.text(first.member)],
      ["a", "1", "etcd-1"],
    );
    assert.deepEqual([second.kind, second.serializable, second.mod, second.version], ["get", true, 42, 1]);
    assert.ok(first.start <= second.start && second.start <= first.end);
    assert.deepEqual([third.outcome, third.end, third.error], ["unknown", Infinity, "4 DEADLINE_EXCEEDED"]);
    assert.equal(leases.text(third.lease), "7587");
  });

  it("is never written over", () => {
    const path = file("h", [header]);
    assert.throws(() => new HistoryWriter(path), /EEXIST/);
  });

  it("still knows of a write that was running when its process was killed", async () => {
    const path = join(folder, "h");
    const program = `
      import { HistoryWriter } from ${JSON.stringify(join(import.meta.dirname, "../../../workload/history/writer.ts"))};
      const writer = new HistoryWriter(${JSON.stringify(path)});
      writer.begin(0, "m", { op: "put", key: "a", value: "1" });
      console.log("begun");
      setInterval(() => undefined, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    child.kill("SIGKILL");
    await once(child, "exit");
    const { operations, warnings } = readHistory([path]);
    assert.deepEqual(
      operations.map(({ kind, outcome, end }) => [kind, outcome, end]),
      [["put", "unknown", Infinity]],
    );
    assert.match(warnings.join(), /1 operation was still running when it ends/);
  }).timeout(20_000);

  it("is merged from many files, times of one clock counted from the same moment", () => {
    const one = file("1", [header, put, ok]);
    const later = { ...header, id: "2", process: "pod/2", t: 50 };
    const two = file("2", [later, { ...put, t: 60, key: "b" }, { ...ok, t: 70, ok: { revision: "1" } }]);
    const { operations } = readHistory([one, two]);
    assert.deepEqual(
      operations.map(({ start, end, process }) => [process.name, start, end]),
      [
        ["pod/1/0", 60, 70],
        ["pod/2/0", 10, 20],
      ],
    );
  });

  it("says so when nothing in it was answered", () => {
    const { warnings } = readHistory([file("h", [header, put])]);
    assert.deepEqual(warnings.slice(1), ["no operation was answered, so nothing could contradict anything"]);
  });

  it("may have lost the end of its last line, which is counted as a warning", () => {
    const path = file("h", [header, put, ok], '{"t":130,"p":0,"op":"pu');
    const { operations, warnings } = readHistory([path]);
    assert.equal(operations.length, 1);
    assert.deepEqual(warnings, [`${path}:4: the last line is torn and was left out`]);
  });

  const bad: [string, readonly unknown[], RegExp][] = [
    ["a broken line", [header, put, '{"t":', ok], /:3: not JSON: "{\\"t\\":"$/],
    ["an empty line", [header, put, "", ok], /:3: not JSON: an empty line$/],
    ["a line that says two things", [header, put, { ...ok, failed: "x" }], /:3: both "ok" and "failed": a line is one/],
    ["a line that is no object", [header, "[1]"], /:2: "the line" is \[1\]: expected an object/],
    ["no header", [put, ok], /:1: expected the header of a history, with "history":1/],
    ["another version", [{ ...header, history: 2 }], /:1: expected the header/],
    ["a header without a time", [{ ...header, t: "0" }, put, ok], /:1: "t" is "0": expected a whole number from 0/],
    ["a register log", ["INFO  jepsen.util - 0"], /:1: expected .*, not a register log, which takes --format jepsen$/],
    ["a compressed file", ["\u001f\u008b"], /:1: expected .*, not a compressed file; uncompress it first$/],
    ["what is no history", ["hello"], /:1: expected the header of a history, with "history":1, not "hello"$/],
    ["a clock that is behind the header's", [header, { ...put, t: 99 }], /:2: the clock goes back: 99 after 100/],
    ["a lease for no time", [header, { t: 101, p: 0, op: "grant" }], /:2: "ttl" is missing: expected a whole number/],
    [
      "a write at no revision",
      [header, put, { ...ok, ok: { revision: "0" } }],
      /:3: "revision" is "0": expected a revision, which is at least 1/,
    ],
    [
      "a transaction that does not say which branch it took",
      [header, { t: 101, p: 0, op: "txn", if: [], then: [], else: [] }, { ...ok, ok: { revision: "1", results: [] } }],
      /:3: "succeeded" is missing: expected true or false/,
    ],
    [
      "a transaction whose put answers as a delete does",
      [
        header,
        { t: 101, p: 0, op: "txn", if: [], then: [{ op: "put", key: "a", value: "1" }], else: [] },
        { ...ok, ok: { revision: "2", succeeded: true, results: [{ deleted: 1 }] } },
      ],
      /:3: "put" is missing: expected true or false/,
    ],
    ["a clock that goes back", [header, put, { ...ok, t: 105 }], /:3: the clock goes back: 105 after 110/],
    ["an unknown operation", [header, { ...put, op: "defragment" }], /:2: "op" is "defragment": an operation this/],
    ["an unknown line", [header, { t: 101, p: 0, done: true }], /:2: neither "op" nor "ok"/],
    ["an end without a begin", [header, ok], /:2: client 0 ends an operation it has not begun/],
    [
      "two operations of one client at once",
      [header, put, put],
      /:3: client 0 begins .* while that of line 2 is still/,
    ],
    ["a missing key", [header, { ...put, key: undefined }], /:2: "key" is missing: expected a text/],
    ["a missing revision", [header, put, { ...ok, ok: {} }], /:3: "revision" is missing/],
    [
      "a revision as a number",
      [header, put, { ...ok, ok: { revision: 2 } }],
      /:3: "revision" is 2: expected a whole number/,
    ],
    [
      "a revision that is not exact",
      [header, put, { ...ok, ok: { revision: "9223372036854775807" } }],
      /:3: "revision" is "9223372036854775807": expected a number below 2\^53/,
    ],
    ["a time that is none", [header, { ...put, t: -1 }], /:2: "t" is -1: expected a whole number from 0/],
    [
      "events without a watch",
      [header, { t: 101, p: 0, seen: { revision: "1", events: [] } }],
      /:2: client 0 sees events but/,
    ],
    ["no operation", [header], /no operation in it, so nothing to judge/],
    [
      "a transaction with too few answers",
      [
        header,
        { t: 101, p: 0, op: "txn", if: [], then: [{ op: "get", key: "a" }], else: [] },
        { t: 102, p: 0, ok: { revision: "1", succeeded: true, results: [] } },
      ],
      /:3: "results" has 0 items for 1 parts/,
    ],
  ];
  for (const [name, lines, expected] of bad) {
    it(`is refused, with file and line: ${name}`, () => {
      const path = file("h", lines);
      assert.throws(() => readHistory([path]), { message: expected, name: "Error" });
      assert.throws(
        () => readHistory([path]),
        (error: Error) => error.message.startsWith(path),
      );
    });
  }

  it("is refused when empty, missing, or given twice", () => {
    const empty = file("empty", []);
    assert.throws(() => readHistory([empty]), /empty is empty: not a history/);
    assert.throws(() => readHistory([join(folder, "none")]), /none can't be read: there is no such file$/);
    assert.throws(() => readHistory([folder]), /can't be read: it is a folder; give the files in it$/);
    const killed = file("killed", [], '{"history":1,"id');
    assert.throws(() => readHistory([killed]), /killed:1: the header of the history is torn: its writer was killed/);
    const path = file("h", [header, put, ok]);
    const copy = file("copy", [header, put, ok]);
    assert.throws(() => readHistory([path, empty]), /empty is empty: not a history/);
    assert.throws(() => readHistory([path, copy]), /both have id 1: give each file of a history once/);
  });

  it("flushes by itself when much is waiting, and keeps the order of lines", () => {
    const path = join(folder, "h");
    const writer = new HistoryWriter(path);
    for (let count = 0; count < 2000; count++) {
      writer.begin(0, "m", { op: "get", key: `k${count}` });
      writer.end(0, { failed: "x".repeat(50) });
    }
    assert.ok(readFileSync(path).length > 100_000);
    writer.close();
    assert.equal(readHistory([path]).operations.length, 2000);
  });
});
