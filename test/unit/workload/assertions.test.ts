import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Assertions } from "../../../workload/assertions/assertions.ts";
import { properties, workloadAssertions } from "../../../workload/assertions/catalog.ts";
import { type Catalog } from "../../../workload/assertions/kinds.ts";
import { assertionsFile } from "../../../workload/assertions/output.ts";
import { simulateTraffic, validatePuts, type KeyValueClient } from "../../../workload/generated-traffic.ts";
import { deviceRandom } from "../../../workload/random.ts";

const catalog = {
  "it holds": { kind: "Always", file: "a.ts" },
  "it holds if reached": { kind: "AlwaysOrUnreachable", file: "a.ts" },
  "it may hold": { kind: "Sometimes", file: "a.ts" },
  "it comes here": { kind: "Reachable", file: "a.ts" },
  "it never comes here": { kind: "Unreachable", file: "a.ts" },
} as const satisfies Catalog;

type Line = Record<string, Record<string, unknown>>;

function collected() {
  const lines: Line[] = [];
  return { lines, assertions: new Assertions(catalog, { append: (event) => void lines.push(event as Line) }) };
}

describe("assertions", () => {
  it("begin with the whole catalog, so that what is never reached shows", () => {
    const { lines } = collected();
    assert.deepEqual(
      lines.map(({ antithesis_assert: line }) => [line?.["id"], line?.["hit"], line?.["condition"], line?.["details"]]),
      Object.keys(catalog).map((message) => [message, false, false, null]),
    );
  });

  it("have the documented form, kind by kind", () => {
    const { lines, assertions } = collected();
    assertions.always("it holds", true, { key: "a" });
    assertions.alwaysOrUnreachable("it holds if reached", true);
    assertions.sometimes("it may hold", true);
    assertions.reachable("it comes here");
    assertions.unreachable("it never comes here");
    const hits = lines.slice(5).map(({ antithesis_assert: line }) => line);
    assert.deepEqual(hits[0], {
      id: "it holds",
      message: "it holds",
      condition: true,
      display_type: "Always",
      hit: true,
      must_hit: true,
      assert_type: "always",
      location: { file: "a.ts", function: "", class: "", begin_line: 0, begin_column: 0 },
      details: { key: "a" },
    });
    assert.deepEqual(
      hits.map((line) => [line?.["display_type"], line?.["assert_type"], line?.["must_hit"], line?.["condition"]]),
      [
        ["Always", "always", true, true],
        ["AlwaysOrUnreachable", "always", false, true],
        ["Sometimes", "sometimes", true, true],
        ["Reachable", "reachability", true, true],
        ["Unreachable", "reachability", false, false],
      ],
    );
  });

  it("are written the first time they hold and the first time they fail", () => {
    const { lines, assertions } = collected();
    for (const condition of [true, true, false, true, false]) assertions.always("it holds", condition);
    assert.deepEqual(
      lines.slice(5).map(({ antithesis_assert: line }) => line?.["condition"]),
      [true, false],
    );
  });

  it("say that the setup is complete as an object with a status", () => {
    const { lines, assertions } = collected();
    assertions.setupComplete({ members: 3 });
    assert.deepEqual(lines.at(-1), { antithesis_setup: { status: "complete", details: { members: 3 } } });
  });

  it("go to sdk.jsonl in Antithesis's folder, else in one of the machine's", () => {
    assert.equal(assertionsFile({ ANTITHESIS_OUTPUT_DIR: "/out" }), "/out/sdk.jsonl");
    assert.equal(assertionsFile({}), join(tmpdir(), "antithesis/sdk.jsonl"));
  });

  it("never mix their lines when several processes write at once", async () => {
    const folder = mkdtempSync(join(tmpdir(), "assertions-"));
    const write = `import { AppendedFile } from "./workload/assertions/output.ts";
      const file = new AppendedFile(${JSON.stringify(join(folder, "sdk.jsonl"))});
      for (let n = 0; n < 300; n++) file.append({ process: process.pid, n, text: "x".repeat(n * 50) });`;
    const running = Array.from({ length: 4 }, () => {
      const child = spawn(process.execPath, ["--input-type=module", "-e", write], { stdio: "inherit" });
      return new Promise((resolve) => child.once("exit", resolve));
    });
    assert.deepEqual(await Promise.all(running), [0, 0, 0, 0]);
    const lines = readFileSync(join(folder, "sdk.jsonl"), "utf8").trimEnd().split("\n");
    const parsed = lines.map((line) => JSON.parse(line) as { process: number; n: number; text: string });
    assert.equal(parsed.length, 1200);
    for (const { n, text } of parsed) assert.equal(text.length, n * 50);
    assert.equal(new Set(parsed.map(({ process, n }) => `${process} ${n}`)).size, 1200);
    rmSync(folder, { recursive: true });
  });
});

describe("the workload's assertions", () => {
  it("have the five of Antithesis's example, word for word", () => {
    const { "Database key values stay consistent": last, ...others } = properties;
    assert.equal(last.kind, "Always");
    for (const message of [
      "Client can make successful put requests",
      "Client put requests can fail",
      "Client can make successful get requests",
      "Client get requests can fail",
    ] as const) {
      assert.equal(others[message].kind, "Sometimes");
    }
  });

  it("tell what generated traffic saw", async () => {
    const folder = mkdtempSync(join(tmpdir(), "assertions-"));
    const assertions = workloadAssertions({ ANTITHESIS_OUTPUT_DIR: folder });
    const lying: KeyValueClient = {
      member: "etcd-0",
      put: () => Promise.resolve({ kind: "ok", value: { revision: "2" } }),
      get: () => Promise.resolve({ kind: "ok", value: { revision: "2", kv: null } }),
    };
    const random = deviceRandom();
    const forgotten = () => Promise.resolve();
    const { acknowledged } = await simulateTraffic(random, [lying], assertions, () => undefined, forgotten);
    await validatePuts(random, [lying], acknowledged, assertions, () => undefined);
    random.close();
    const lines = readFileSync(join(folder, "sdk.jsonl"), "utf8").trimEnd().split("\n");
    const hits = lines
      .map((line) => (JSON.parse(line) as Line)["antithesis_assert"])
      .filter((line) => line?.["hit"] === true);
    assert.deepEqual(
      hits.map((line) => [line?.["message"], line?.["condition"]]),
      [
        ["Client can make successful put requests", true],
        ["Client put requests can fail", false],
        ["Client can make successful get requests", true],
        ["Client get requests can fail", false],
        ["Database key values stay consistent", false],
      ],
    );
    assert.match(JSON.stringify(hits.at(-1)?.["details"]), /found no such key/);
    rmSync(folder, { recursive: true });
  });

  it("say in one place only that the setup is complete, which no test command comes to", () => {
    const sources = globSync("workload/**/*.ts");
    const using = (text: RegExp) => sources.filter((source) => text.test(readFileSync(source, "utf8"))).sort();
    assert.deepEqual(using(/\.setupComplete\(/), ["workload/commands/setup-complete.ts"]);
    assert.deepEqual(using(/setup-complete\.ts"/), ["workload/commands/main.ts"]);
  });

  it("are where all randomness of the workload comes from: no other source is in it", () => {
    const other = /Math\.random|randomBytes|randomUUID|randomInt|getRandomValues|webcrypto/;
    const sources = globSync("workload/**/*.ts");
    assert.ok(sources.length > 50);
    assert.deepEqual(
      sources.filter((source) => other.test(readFileSync(source, "utf8"))),
      [],
    );
  });
});
