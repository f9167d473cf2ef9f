import assert from "node:assert/strict";
import { aptConfiguration } from "../../../local/toolchain/debian-packages.ts";

describe("apt's configuration", () => {
  const dump = [
    `APT::Architecture "amd64";`,
    `Acquire::http::Proxy "http://proxy.example:3128";`,
    `APT::Update::Post-Invoke:: "rm -f /var/cache/apt/*.bin";`,
    `DPkg::Post-Invoke:: "touch /somewhere";`,
    `Dir::State::lists "lists/";`,
  ].join("\n");
  const lines = aptConfiguration(dump, "/cache/apt").split("\n");

  it("keeps the machine's own proxy and sources", () => {
    assert.ok(lines.includes(`Acquire::http::Proxy "http://proxy.example:3128";`));
    assert.ok(!lines.some((line) => line.startsWith("Dir::Etc::source")));
  });

  it("has apt write below the cache only, and run none of the machine's hooks", () => {
    assert.ok(!lines.some((line) => line.includes("Invoke")));
    // apt takes the last value of a name.
    const last = new Map(lines.map((line) => [line.split(" ")[0], line]));
    for (const name of [
      "Dir::State",
      "Dir::State::lists",
      "Dir::State::status",
      "Dir::Cache",
      "Dir::Cache::archives",
    ]) {
      assert.match(last.get(name) ?? "", /"\/cache\/apt/);
    }
  });
});
