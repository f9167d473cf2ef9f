import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { makeOnce } from "../../../local/toolchain/make-once.ts";

const source = path.resolve(import.meta.dirname, "../../../local/toolchain/make-once.ts");

function later<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  return Promise.withResolvers<T>();
}

describe("a folder made once", () => {
  let root = "";
  let wanted = "";
  const silent = () => undefined;
  const greet = (partial: string) => writeFile(path.join(partial, "greeting"), "hello");
  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), "make-once-"));
    wanted = path.join(root, "wanted");
  });
  afterEach(() => rm(root, { recursive: true }));

  it("is made the first time and left alone the second", async () => {
    assert.equal(await makeOnce(wanted, silent, greet), true);
    assert.equal(await makeOnce(wanted, silent, () => Promise.reject(new Error("must not run"))), false);
    assert.equal(await readFile(path.join(wanted, "greeting"), "utf8"), "hello");
  });

  it("is not there while it is being made, nor after making it failed, and nothing else is left", async () => {
    const fail = async (partial: string) => {
      await greet(partial);
      assert.equal(existsSync(wanted), false);
      throw new Error("no luck");
    };
    await assert.rejects(makeOnce(wanted, silent, fail), /no luck/);
    assert.deepEqual(await readdir(root), []);
  });

  it("is made by one of two runs, and the other one says that it waits", async () => {
    const started = later<undefined>();
    const finish = later<undefined>();
    const first = makeOnce(wanted, silent, async (partial) => {
      started.resolve(undefined);
      await finish.promise;
      await greet(partial);
    });
    await started.promise;
    const said = later<string>();
    const second = makeOnce(wanted, said.resolve, () => Promise.reject(new Error("must not run")));
    assert.match(await said.promise, /another run is making it/);
    finish.resolve(undefined);
    assert.deepEqual([await first, await second], [true, false]);
  });

  it("is made after a run that was killed meanwhile, whose leftovers go", async () => {
    const script = `
      const { makeOnce } = await import(${JSON.stringify(source)});
      await makeOnce(${JSON.stringify(wanted)}, () => undefined, () => {
        console.log("at it");
        return new Promise((resolve) => setTimeout(resolve, 60_000));
      });`;
    const killed = spawn(process.execPath, ["--input-type=module", "--eval", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(killed.stdout, "data");
    killed.kill("SIGKILL");
    await once(killed, "exit");
    assert.equal((await readdir(root)).length, 2, "a lock and a half-made folder are left");
    // As if the time had passed after which a lock that nobody renews is void.
    const past = new Date(Date.now() - 60_000);
    await utimes(`${wanted}.lock`, past, past);
    assert.equal(await makeOnce(wanted, silent, greet), true);
    assert.deepEqual(await readdir(root), ["wanted"]);
  });

  it("does not take folders of other names for its leftovers", async () => {
    await mkdir(path.join(root, "wanted-too.partial-1"));
    await makeOnce(wanted, silent, greet);
    assert.deepEqual((await readdir(root)).sort(), ["wanted", "wanted-too.partial-1"]);
  });
});
