import type { Gateway } from "../../../member/gateway.ts";
import type { Kubernetes } from "../../../member/kubernetes.ts";
import type { Ports } from "../../../member/ports.ts";
import { parseSettings, type Settings } from "../../../member/settings.ts";

/** Settings of a member whose data is nowhere. */
export function settingsOf(ordinal: number): Settings {
  return parseSettings({
    POD_NAME: `etcd-${ordinal}`,
    POD_NAMESPACE: "etcd",
    ETCD_CLUSTER_NAME: "etcd",
    ETCD_PEER_SERVICE: "etcd",
    ETCD_LATCH: "etcd-latch",
    ETCD_DATA_DIR: "/nowhere/data",
    ETCD_CLUSTER_TOKEN: "etcd/etcd",
  });
}

/**
 * Ports of etcd-0 behind which everything is answered by one function.
 *
 * @param answer gets the URL that was asked, or "kubernetes"
 */
export function portsWhere(answer: (asked: string) => Promise<unknown>): Ports {
  const unused = (): never => {
    throw new Error("not used by this test");
  };
  return {
    settings: settingsOf(0),
    clock: { now: () => 0, pause: () => Promise.resolve() },
    volume: {
      lookAt: () => ({ kind: "empty", firstStart: undefined }),
      noteFirstStart: unused,
      forgetFirstStart: unused,
      wipe: unused,
      sweepDiscarded: () => undefined,
    },
    kubernetes: kubernetesWhere(() => answer("kubernetes")),
    gateway: (url) => gatewayWhere(() => answer(url)),
    startEtcd: unused,
    resolves: () => Promise.resolve(true),
    servesPeers: () => Promise.resolve(true),
    randomWord: () => "word",
    log: () => undefined,
    reached: () => Promise.resolve(),
  };
}

/** @param given the calls that are answered in another way */
export function gatewayWhere(answer: () => Promise<unknown>, given: Partial<Gateway> = {}): Gateway {
  return everyMethod(answer, given) as Gateway;
}

/** @param given the calls that are answered in another way */
export function kubernetesWhere(answer: () => Promise<unknown>, given: Partial<Kubernetes> = {}): Kubernetes {
  return everyMethod(answer, given) as Kubernetes;
}

function everyMethod(answer: () => Promise<unknown>, given: object): object {
  return new Proxy(given, { get: (target, name): unknown => Reflect.get(target, name) ?? answer });
}
