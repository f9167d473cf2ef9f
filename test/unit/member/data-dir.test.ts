import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { forgetFirstStart, lookAt, noteFirstStart, sweepDiscarded, wipe } from "../../../member/data-dir.ts";

describe("the data dir", () => {
  let volume: string;
  let dataDir: string;
  beforeEach(() => {
    volume = mkdtempSync(join(tmpdir(), "volume-"));
    dataDir = join(volume, "data");
  });
  afterEach(() => rmSync(volume, { recursive: true }));

  it("is empty before anything was written", () => {
    assert.deepEqual(lookAt(dataDir), { kind: "empty", firstStart: undefined });
  });

  it("keeps the note of a first start until it is forgotten", () => {
    noteFirstStart(dataDir, { kind: "founding", claim: "w" });
    assert.deepEqual(lookAt(dataDir), { kind: "empty", firstStart: { kind: "founding", claim: "w" } });
    forgetFirstStart(dataDir);
    assert.deepEqual(lookAt(dataDir), { kind: "empty", firstStart: undefined });
  });

  it("loses the note with the data: whoever wipes the one wipes the other", () => {
    noteFirstStart(dataDir, { kind: "joining", memberId: "b1" });
    wipe(dataDir);
    assert.deepEqual(lookAt(dataDir), { kind: "empty", firstStart: undefined });
    assert.deepEqual(readdirSync(volume), []);
  });

  it("drops what a first start left that was cut off before its WAL", () => {
    mkdirSync(join(dataDir, "member", "snap"), { recursive: true });
    noteFirstStart(dataDir, { kind: "founding", claim: "w" });
    assert(!existsSync(join(dataDir, "member")));
  });

  it("finishes a wipe that was cut off", () => {
    mkdirSync(join(volume, "discarded-1-1", "member"), { recursive: true });
    sweepDiscarded(dataDir);
    assert.deepEqual(readdirSync(volume), []);
  });

  it("is unreadable, and not empty, where a WAL segment makes no sense", () => {
    mkdirSync(join(dataDir, "member", "wal"), { recursive: true });
    writeFileSync(join(dataDir, "member", "wal", "0000000000000000-0000000000000000.wal"), Buffer.alloc(512, 7));
    const seen = lookAt(dataDir);
    assert(seen.kind === "unreadable");
    assert.match(seen.why, /0000000000000000-0000000000000000\.wal/);
  });
});
