import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";

const source = path.resolve(import.meta.dirname, "../../../local/cluster/lock.ts");

/** A process with a state folder of the test's own: takes the lock, says so, and ends as the script does. */
function contender(stateHome: string, purpose: string, work: string, patience = 60_000) {
  const script = `
    import { setTimeout as sleep } from "node:timers/promises";
    import { withClusterLock } from ${JSON.stringify(source)};
    const say = (line) => process.stdout.write(line + "\\n");
    await withClusterLock(${JSON.stringify(purpose)}, say, async () => { say("working"); ${work} }, ${patience});
    say("done");`;
  const child = spawn(process.execPath, ["--input-type=module-typescript", "--eval", script], {
    env: { ...process.env, XDG_STATE_HOME: stateHome },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (said += chunk));
  let complaints = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (complaints += chunk));
  const saying = async (text: string): Promise<void> => {
    while (!said.includes(text)) {
      await once(child.stdout, "data");
    }
  };
  return { child, saying, said: () => said, complaints: () => complaints, ended: once(child, "close") };
}

describe("the lock of the local cluster", () => {
  let stateHome = "";
  beforeEach(() => (stateHome = mkdtempSync(path.join(tmpdir(), "lock-"))));
  afterEach(() => rmSync(stateHome, { recursive: true }));

  it("lets a second command wait for the first and say whom it waits for", async () => {
    const first = contender(stateHome, "cluster up", "await sleep(400);");
    await first.saying("working");
    const second = contender(stateHome, "cluster down", "");
    await second.saying("waiting for");
    assert.match(second.said(), new RegExp(`^waiting for cluster up \\(process ${first.child.pid ?? 0}\\) to finish`));
    assert.equal(second.said().includes("working"), false);
    await Promise.all([first.ended, second.ended]);
    assert.match(second.said(), /working\ndone\n$/);
  });

  it("is free at once when its holder is killed", async () => {
    const first = contender(stateHome, "cluster up", "await sleep(60_000);");
    await first.saying("working");
    const second = contender(stateHome, "cluster up", "");
    await second.saying("waiting for");
    first.child.kill("SIGKILL");
    await second.ended;
    assert.match(second.said(), /done\n$/);
  });

  it("is waited for no longer than told, and then its holder is named", async () => {
    const first = contender(stateHome, "cluster up", "await sleep(60_000);");
    await first.saying("working");
    const second = contender(stateHome, "cluster up", "", 200);
    const [code] = (await second.ended) as [number];
    first.child.kill("SIGKILL");
    assert.equal(code, 1);
    assert.match(second.complaints(), new RegExp(`cluster up \\(process ${first.child.pid ?? 0}\\) has been changing`));
  });
});
