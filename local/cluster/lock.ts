import { createHash } from "node:crypto";
import { connect, createServer, type Socket } from "node:net";
import process from "node:process";
import { stateDir } from "../paths.ts";
import { UserError } from "../errors.ts";
import { failedWith } from "./file.ts";

// An abstract unix socket (unix(7)): the kernel frees the name when its holder ends, however it ends, so no stale lock
// can stay behind. One name per state folder.
const lockName = `\0etcd-on-kubernetes-${createHash("sha256").update(stateDir).digest("hex").slice(0, 16)}`;

/** Returns the release, or undefined when somebody else holds the lock. */
async function tryToHold(purpose: string): Promise<(() => void) | undefined> {
  const waiting = new Set<Socket>();
  const server = createServer((socket) => {
    waiting.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => waiting.delete(socket));
    socket.write(`${purpose} (process ${process.pid})`);
  });
  const release = (): void => {
    server.close();
    waiting.forEach((socket) => socket.destroy());
  };
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      if (failedWith(error, "EADDRINUSE")) {
        resolve(undefined);
      } else {
        reject(error);
      }
    });
    server.listen(lockName, () => resolve(release));
  });
}

/** Resolves when the holder lets go, its process ended, or the time is up; `onHolder` gets who it is. */
async function waitForRelease(milliseconds: number, onHolder: (holder: string) => void): Promise<void> {
  const socket = connect(lockName);
  const timer = setTimeout(() => socket.destroy(), milliseconds);
  await new Promise<void>((resolve, reject) => {
    socket.on("data", (holder) => onHolder(holder.toString()));
    socket.on("error", (error) => {
      if (!failedWith(error, "ECONNREFUSED", "ECONNRESET", "EPIPE")) {
        reject(error);
      }
    });
    socket.on("close", () => resolve());
  }).finally(() => clearTimeout(timer));
}

/**
 * Runs work that changes the cluster while no other command of this state folder does; waits for its turn.
 * @param purpose what others are told while they wait ("cluster up")
 * @param report told whom we wait for
 * @param patience how long to wait for the others (ms)
 */
export async function withClusterLock<Result>(
  purpose: string,
  report: (line: string) => void,
  work: () => Promise<Result>,
  patience = 300_000,
): Promise<Result> {
  const deadline = performance.now() + patience;
  let holder = "another command";
  for (;;) {
    const release = await tryToHold(purpose);
    if (release !== undefined) {
      try {
        return await work();
      } finally {
        release();
      }
    }
    const left = deadline - performance.now();
    if (left <= 0) {
      throw new UserError(
        `${holder} has been changing the local cluster for ${patience / 1000} s; wait for it or end it`,
      );
    }
    await waitForRelease(left, (name) => {
      holder = name;
      report(`waiting for ${name} to finish`);
    });
  }
}
