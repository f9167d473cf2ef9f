import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { blocks, callsOf, runBlock, titleOf, unknownOptions } from "../guides.ts";

const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };
const programs = ["npm", "pulumi", "docker", "kubectl"];

/** What `npm run` tells of a script, and of its first word where that is a command of it. */
async function helpOf(script: string, args: readonly string[]): Promise<string> {
  const [, ...line] = (scripts[script] ?? assert.fail(`there is no script ${script}`)).split(" ");
  const [first = ""] = args;
  const command = /^[a-z]+$/.test(first) ? [first] : [];
  const { stdout } = await execa(process.execPath, [...line, ...command, "--help"]);
  const [usage = ""] = stdout.split("\n");
  for (const word of command) assert.ok(usage.includes(` ${word} `), `${script} has no command ${word}: ${usage}`);
  return stdout;
}

/** The mistakes in a call of npm. */
async function mistakesIn([, run, script = "", separator, ...args]: readonly string[]): Promise<string[]> {
  assert.equal(run, "run");
  assert.ok(separator === undefined || separator === "--", `npm takes what comes before -- for itself: ${script}`);
  return unknownOptions(args, await helpOf(script, args)).map((option) => `npm run ${script} knows no ${option}`);
}

describe("the guides", function () {
  this.timeout(240_000);

  it("say of every block of shell how it is tested, and of those that need a place of one's own, what they need", () => {
    assert.ok(blocks.length > 10);
    const kinds = new Set(blocks.map(({ where }) => where));
    assert.deepEqual([...kinds].sort(), ["contract", "elsewhere", "local", "offline"]);
    for (const block of blocks.filter(({ where }) => ["contract", "elsewhere"].includes(where))) {
      const all = readFileSync(join("docs", block.guide), "utf8");
      const section = all.split(/^#+ /m).find((text) => text.includes(block.text)) ?? "";
      assert.match(
        section,
        /\bneeds?\s+your\s+(tenant|cluster)|stacks\s+and\s+namespaces\s+of\s+their\s+own/i,
        titleOf(block),
      );
    }
  });

  it("link to files that are there, and the README links to them", () => {
    const readme = readFileSync("README.md", "utf8");
    for (const guide of globSync("docs/guide-*.md")) {
      assert.ok(readme.includes(`(${guide})`), guide);
      const text = readFileSync(guide, "utf8");
      const links = [...text.matchAll(/\]\(([^)#:]+)\)/g)].map(([, link]) => join(dirname(guide), link ?? ""));
      const named = [...text.matchAll(/`((?:test|docs|local)\/[\w./-]+)`/g)].map(([, name]) => name ?? "");
      for (const file of [...links, ...named]) assert.ok(existsSync(file), `${guide} names ${file}`);
    }
  });

  for (const block of blocks.filter(({ where }) => where === "offline")) {
    it(`${titleOf(block)}: runs as it stands, with no way to a registry elsewhere`, async () => {
      const all = await runBlock(block, { env: { HTTPS_PROXY: "http://127.0.0.1:1" } });
      assert.doesNotMatch(all, /✘/);
    });
  }

  for (const block of blocks.filter(({ where }) => where === "elsewhere")) {
    it(`${titleOf(block)}: names commands of this project that exist, with options that they know`, async () => {
      const calls = await callsOf(block, programs);
      assert.ok(calls.length > 0);
      const mistakes = await Promise.all(calls.filter(([program]) => program === "npm").map(mistakesIn));
      assert.deepEqual(mistakes.flat(), []);
    });
  }

  it("would be found wrong: a command, an option or a script that there is not", async () => {
    const wrong = async (text: string) => (await callsOf({ text }, programs)).map(mistakesIn);
    const [option] = await wrong("npm run plan -- --replicsa 5\n");
    assert.deepEqual(await option, ["npm run plan knows no --replicsa"]);
    for (const text of ["npm run antithesis -- lanch\n", "npm run nothing\n", "npm run plan --replicas 5\n"]) {
      const [mistake] = await wrong(text);
      await assert.rejects(mistake ?? Promise.resolve(), assert.AssertionError, text);
    }
    await assert.rejects(callsOf({ text: "helm install x\n" }, programs), /helm: command not found/);
    await assert.rejects(runBlock({ text: "false\ntrue\n" }), /ended with 1/);
    await assert.rejects(runBlock({ text: "true # refused\n" }), /ended with 0/);
  });
});
