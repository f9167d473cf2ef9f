import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { projectDir } from "../../../local/paths.ts";
import { nodeFlags } from "../../../local/plugins/beside-engine.ts";

/** V8's flags on the line that starts Node.js. */
function flagsOf(launcher: string): string[] {
  const line = /^exec .*node" (.*) "\$here\/main\.ts"/m.exec(readFileSync(launcher, "utf8"))?.[1];
  assert.ok(line !== undefined, `${launcher} does not start main.ts`);
  return line.split(" ");
}

describe("the launchers of the plugins", () => {
  it("run Node.js under the flags of the program, whose compiled code they share: V8 refuses that of other flags", () => {
    const project = parse(readFileSync(join(projectDir, "Pulumi.yaml"), "utf8")) as {
      runtime: { options: { nodeargs: string } };
    };
    const launchers = globSync(join(projectDir, "local/plugins/*/pulumi-*"));
    assert.equal(launchers.length, 3);
    assert.deepEqual(nodeFlags, project.runtime.options.nodeargs.split(" "));
    for (const launcher of launchers) {
      assert.deepEqual(flagsOf(launcher), project.runtime.options.nodeargs.split(" "), launcher);
    }
  });
});
