import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parse } from "yaml";

const readme = readFileSync("README.md", "utf8");

describe("the README", () => {
  it("has a row for every setting of Pulumi.yaml, and for no other", () => {
    const { config } = parse(readFileSync("Pulumi.yaml", "utf8")) as { config: Record<string, unknown> };
    const rows = [...readme.matchAll(/^\| `(etcd:\w+)`/gm)].map(([, key]) => key);
    assert.deepEqual(rows, Object.keys(config));
  });

  it("names only commands that package.json has", () => {
    const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };
    const named = [...readme.matchAll(/npm run (?:-s )?([\w:]+)/g)].map(([, name]) => name ?? "");
    assert(named.length > 5);
    assert.deepEqual(
      named.filter((name) => !(name in scripts)),
      [],
    );
  });
});
