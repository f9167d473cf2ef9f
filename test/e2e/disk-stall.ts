import { existsSync, readFileSync, realpathSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { podProcess } from "./pod-process.ts";

const ROOT = "/sys/fs/cgroup";

/**
 * The disk of one pod's etcd hangs: what it writes to its volume is let through at a byte a second, by the control group of its
 * container, and so every sync of the WAL or the database waits. Reads, and the disk of everybody else, are as before.
 *
 * @param podUid `metadata.uid` of a pod on this very machine
 * @returns how to end that
 */
export function stallDisk(podUid: string): () => void {
  const pid = podProcess(podUid, "etcd");
  const disk = diskOf(`/proc/${pid}/root/var/lib/etcd`);
  const groups = readFileSync(`/proc/${pid}/cgroup`, "utf8").trim().split("\n");
  const group = (controllers: string): string | undefined =>
    groups.map((line) => line.split(":")).find(([, name]) => name === controllers)?.[2];
  const [first, second] = [group("blkio"), group("")];
  if (first !== undefined) {
    const file = join(ROOT, "blkio", first, "blkio.throttle.write_bps_device");
    writeFileSync(file, `${disk} 1`);
    return () => writeFileSync(file, `${disk} 0`);
  }
  const file = join(ROOT, second ?? "", "io.max");
  writeFileSync(file, `${disk} wbps=1`);
  return () => writeFileSync(file, `${disk} wbps=max`);
}

/** "major:minor" of the whole disk that a folder lies on: partitions are not throttled by themselves. */
function diskOf(folder: string): string {
  const { dev } = statSync(folder, { bigint: true });
  const [major, minor] = [(dev >> 8n) & 0xfffn, (dev & 0xffn) | ((dev >> 12n) & 0xfff00n)];
  const device = realpathSync(`/sys/dev/block/${major}:${minor}`);
  const disk = existsSync(join(device, "partition")) ? join(device, "..") : device;
  return readFileSync(join(disk, "dev"), "utf8").trim();
}
