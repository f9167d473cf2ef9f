import assert from "node:assert/strict";
import { mountsBelow } from "../../../local/cluster/mount.ts";

describe("mounts to remove", () => {
  it("are those below the given folders, the last made first, with blanks read", () => {
    const mountinfo = [
      "22 1 254:0 / / rw,relatime - ext4 /dev/vda rw",
      "40 22 0:40 / /state/cluster/kubelet/pods/a/volumes/token rw - tmpfs tmpfs rw",
      "41 22 0:41 / /state/cluster/my\\040folder rw - tmpfs tmpfs rw",
      "42 41 0:42 / /state/cluster/my\\040folder/inner rw - tmpfs tmpfs rw",
      "43 22 0:43 / /state/cluster-of-another rw - tmpfs tmpfs rw",
      "44 22 0:44 / /run/etcd-local rw - tmpfs tmpfs rw",
    ].join("\n");
    assert.deepEqual(mountsBelow(["/state/cluster", "/run/etcd-local"], mountinfo), [
      "/run/etcd-local",
      "/state/cluster/my folder/inner",
      "/state/cluster/my folder",
      "/state/cluster/kubelet/pods/a/volumes/token",
    ]);
  });
});
