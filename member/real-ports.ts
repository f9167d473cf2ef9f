import { randomBytes } from "node:crypto";
import { lookup } from "node:dns/promises";
import { volumeOf } from "./data-dir.ts";
import { EtcdProcess } from "./etcd-process.ts";
import { JsonGateway } from "./gateway.ts";
import { call } from "./http.ts";
import { ApiServer } from "./kubernetes.ts";
import { log } from "./log.ts";
import { pause } from "./pause.ts";
import type { Ports } from "./ports.ts";
import type { Settings } from "./settings.ts";

/** It answers in milliseconds, or it is away, and then a restart must not wait for it. */
const API_SERVER_ANSWERS_WITHIN_MS = 1_000;

/** What a member sees and touches in a pod. */
export function realPorts(settings: Settings): Ports {
  return {
    settings,
    clock: { now: () => Date.now(), pause },
    volume: volumeOf(settings.dataDir),
    kubernetes: new ApiServer(settings.namespace, API_SERVER_ANSWERS_WITHIN_MS),
    gateway: (clientUrl, withinMs) => new JsonGateway(clientUrl, withinMs),
    startEtcd: (first) => new EtcdProcess(settings, first),
    resolves: (host) =>
      lookup(host).then(
        () => true,
        () => false,
      ),
    servesPeers: (peerUrl, withinMs) =>
      call({ url: `${peerUrl}/members`, withinMs }).then(
        () => true,
        () => false,
      ),
    randomWord: () => randomBytes(8).toString("hex"),
    log,
    reached: () => Promise.resolve(),
  };
}
