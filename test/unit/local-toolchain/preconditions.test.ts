import assert from "node:assert/strict";
import { UserError } from "../../../local/errors.ts";
import { checkSpace, whyNotLocal } from "../../../local/toolchain/preconditions.ts";

const gigabyte = 1e9;

describe("what a machine needs for the local cluster", () => {
  it("is Linux on x86-64 and root", () => {
    assert.equal(whyNotLocal({ platform: "linux", arch: "x64", uid: 0 }), undefined);
    assert.match(whyNotLocal({ platform: "darwin", arch: "arm64", uid: 0 }) ?? "", /this is darwin on arm64/);
    assert.match(whyNotLocal({ platform: "linux", arch: "arm64", uid: 0 }) ?? "", /this is linux on arm64/);
    assert.match(whyNotLocal({ platform: "linux", arch: "x64", uid: 1000 }) ?? "", /needs root .* this is user 1000/);
  });

  it("is enough space on each file system for everything that goes there", () => {
    const look = (directory: string) =>
      directory.startsWith("/go") ? { device: 2, free: 5 * gigabyte } : { device: 1, free: gigabyte };
    const needs = (modules: number) => [
      { directory: "/cache", bytes: gigabyte },
      { directory: "/go/modules", bytes: modules * gigabyte },
      { directory: "/go/compiled", bytes: 2 * gigabyte },
    ];
    checkSpace(needs(3), look);
    assert.throws(
      () => checkSpace(needs(3.5), look),
      (error: unknown) =>
        error instanceof UserError &&
        error.message.startsWith("/go/modules and /go/compiled need 5.5 GB of free space") &&
        error.message.includes("have 5.0 GB"),
    );
  });

  it("is looked for on the file system a folder will be on, before it exists", () => {
    checkSpace([{ directory: "/tmp/not/there/yet", bytes: 0 }]);
    assert.throws(() => checkSpace([{ directory: "/tmp/not/there/yet", bytes: 1e18 }]), /\/tmp\/not\/there\/yet need/);
  });
});
