import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { UserError } from "../errors.ts";
import type { Listener } from "./addresses.ts";
import { failedWith, readIfThere } from "./file.ts";

/** A listening TCP socket, as /proc/net/tcp names it. */
export interface ListeningSocket extends Listener {
  /** Its inode: what `/proc/PID/fd` links to. */
  inode: string;
}

const listenState = "0A"; // TCP_LISTEN, include/net/tcp_states.h

/** Listening sockets of a table as in proc_pid_net(5): addresses are little-endian words in hexadecimal. */
export function listeningSockets(table: string): ListeningSocket[] {
  return table
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === listenState)
    .map((fields) => {
      const [address = "", port = ""] = (fields[1] ?? "").split(":");
      return { address: readableAddress(address), port: parseInt(port, 16), inode: fields[9] ?? "" };
    });
}

function readableAddress(hexadecimal: string): string {
  const bytes = Buffer.from(hexadecimal, "hex");
  if (bytes.length === 4) {
    return bytes.reverse().join(".");
  }
  const mapped = hexadecimal.startsWith("0000000000000000FFFF0000");
  return mapped ? bytes.subarray(12).reverse().join(".") : bytes.every((byte) => byte === 0) ? "::" : "other";
}

/** Whether a socket keeps one from listening on an address. */
export function isInTheWay(socket: Listener, wanted: Listener): boolean {
  return socket.port === wanted.port && [wanted.address, "0.0.0.0", "::"].includes(socket.address);
}

/** @throws UserError naming the port and its holder when something else listens where a component has to */
export function requireFreePorts(name: string, wanted: readonly Listener[]): void {
  if (wanted.length === 0) {
    return;
  }
  const sockets = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((file) => listeningSockets(readIfThere(file) ?? ""));
  for (const listener of wanted) {
    const taken = sockets.find((socket) => isInTheWay(socket, listener));
    if (taken !== undefined) {
      const holder = holderOf(taken.inode);
      throw new UserError(
        `port ${listener.port} on ${listener.address} is taken by ${holder ?? "a process that can't be told"}, and the ` +
          `local cluster's ${name} needs it: stop that process and run the command again`,
      );
    }
  }
}

/** Program and pid of the process that holds a socket; undefined when it is out of our sight. */
function holderOf(inode: string): string | undefined {
  const pid = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .find((name) => openFiles(name).includes(`socket:[${inode}]`));
  return pid === undefined ? undefined : `${readFileSync(`/proc/${pid}/comm`, "utf8").trim()} (process ${pid})`;
}

function openFiles(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => linkTarget(`/proc/${pid}/fd/${fd}`));
  } catch (error) {
    if (failedWith(error, "ENOENT", "ESRCH", "EACCES")) {
      return [];
    }
    throw error;
  }
}

function linkTarget(link: string): string {
  try {
    return readlinkSync(link);
  } catch (error) {
    if (failedWith(error, "ENOENT", "ESRCH", "EACCES")) {
      return "";
    }
    throw error;
  }
}
