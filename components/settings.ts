import type { Check, Checked } from "./checked.ts";
import {
  bytes,
  dnsLabel,
  dnsSubdomain,
  etcdRelease,
  labelKey,
  listOf,
  notSystemNamespace,
  oneOf,
  optional,
  required,
  someOf,
  wholeNumber,
  yesOrNo,
} from "./checked.ts";
import { prebuiltImage, registryName, repositoryName, taggedImage } from "./image-name.ts";
import { maxMembers } from "./names.ts";
import { editDistance, nearest } from "./nearest.ts";
import { toleratedFailures } from "./quorum.ts";
import type { Resources } from "./resources.ts";
import { containerResources } from "./resources.ts";

/** When a node pulls an image, in Kubernetes' words. */
export type PullPolicy = "IfNotPresent" | "Always" | "Never";

/** What defines the etcd cluster itself. */
export interface ClusterSettings {
  /** Name of the StatefulSet, and so of its pods: etcd-0, etcd-1, … Stays as long as the cluster exists. Default "etcd". */
  readonly name: string;
  /** Namespace the cluster lives in. Stays as long as the cluster exists. Default "etcd". */
  readonly namespace: string;
  /**
   * Whether the stack makes the namespace and, on destroy, takes it away with all that is in it. Otherwise it must exist, it
   * stays, and the volumes go with the StatefulSet. Stays as long as the cluster exists. Default true.
   */
  readonly createNamespace: boolean;
  /** Headless Service through which members are found: etcd-0.etcd. Stays as long as the cluster exists. Default "etcd". */
  readonly peerServiceName: string;
  /** Service for clients that do not care which member answers. Default "etcd-client". */
  readonly clientServiceName: string;
  /** The cluster's DNS domain. Default "cluster.local". */
  readonly clusterDomain: string;
  /** Number of members, 1 to 9; odd numbers are better. Changing it scales the cluster without restarting a member. Default 3. */
  readonly replicas: number;
  /** Whether the cluster rests: no member runs, and volumes and membership are kept until it is false again. Default false. */
  readonly hibernate: boolean;
  /**
   * Size of each member's volume, a Kubernetes quantity of at least 256Mi. A change recreates the StatefulSet and leaves
   * existing volumes as large as they are. Default "1Gi".
   */
  readonly storageSize: string;
  /** StorageClass of the volumes; the Kubernetes cluster's default class when absent. A change recreates the StatefulSet. */
  readonly storageClass: string | undefined;
  /** Requests and limits of each member; what is given replaces the default as a whole. Default: 250m and 256Mi, at most 375m and 384Mi. */
  readonly resources: Resources;
  /** When nodes pull the images: IfNotPresent, Always, or Never where the images are brought to the nodes beforehand. Default "IfNotPresent". */
  readonly imagePullPolicy: PullPolicy;
  /**
   * Names of Secrets in the cluster's namespace with which nodes pull the images. The stack does not make them, and Kubernetes
   * goes on without one that is missing. A change restarts the members. Default none.
   */
  readonly imagePullSecrets: readonly string[];
  /**
   * Whether `pulumi destroy`, and any update that would recreate the namespace or the StatefulSet, is refused until this is
   * false and an update was made: the data of such a stack can't be lost by one command. Default false.
   */
  readonly protect: boolean;
  /** Whether only members may reach the peer port and only labelled pods the client port. Default true. */
  readonly networkPolicy: boolean;
  /** Key of the node label over whose values members are spread evenly where possible, such as a zone; absent means only hosts count. */
  readonly topologySpread: string | undefined;
}

/** Where an image comes from: it exists already and is named by digest, or it is built and pushed to a registry. */
export type ImageSource = { readonly prebuilt: string } | { readonly registry: string };

/** What the stack is made of, and where it goes. */
export interface StackSettings {
  /** Image that holds /usr/local/bin/etcd, etcdctl and etcdutl, without tag. Default "gcr.io/etcd-development/etcd". */
  readonly etcdImage: string;
  /** Tag of that image: an exact etcd release. Default "v3.6.14". */
  readonly etcdVersion: string;
  /** Image with Node.js 24 that both images are built on. Default "docker.io/library/node:24-bookworm-slim". */
  readonly nodeImage: string;
  /** Number of client pods, 0 to 100. Default 2. */
  readonly clientReplicas: number;
  /** kubeconfig context of the Kubernetes cluster. No default: nothing ever goes to whichever context happens to be current. */
  readonly context: string;
  /** kubeconfig file; absent means KUBECONFIG or ~/.kube/config. */
  readonly kubeconfig: string | undefined;
  /** Reasons for which a change of the membership would be refused, and is not to be. Default none. */
  readonly overrule: readonly RefusalReason[];
}

/** Why a change of the membership may be refused (desk/plan.ts finds out). */
export const refusalReasons = ["no-quorum", "member-down", "alarm"] as const;
export type RefusalReason = (typeof refusalReasons)[number];

/** The keys that together say where the two images come from. */
interface ImageKeys {
  /** Registry the images are pushed to, as the nodes reach it; needed unless both images are prebuilt. */
  readonly registry: string | undefined;
  /** Member image by digest; absent means that it is built. */
  readonly memberImage: string | undefined;
  /** Client image by digest; absent means that it is built. */
  readonly clientImage: string | undefined;
}

/** Every key of the project, each with its own value. */
type Keys = ClusterSettings & StackSettings & ImageKeys;

/** Everything a stack can set, checked. */
export interface Settings extends ClusterSettings, StackSettings {
  readonly memberImage: ImageSource;
  readonly clientImage: ImageSource;
}

/** The defaults, as they stand in Pulumi.yaml too (a test compares them). "" means absent. */
export const defaults = {
  name: "etcd",
  namespace: "etcd",
  createNamespace: true,
  peerServiceName: "etcd",
  clientServiceName: "etcd-client",
  clusterDomain: "cluster.local",
  replicas: 3,
  hibernate: false,
  storageSize: "1Gi",
  storageClass: "",
  resources: {
    requests: { cpu: "250m", memory: "256Mi", "ephemeral-storage": "50Mi" },
    limits: { cpu: "375m", memory: "384Mi", "ephemeral-storage": "2Gi" },
  },
  imagePullPolicy: "IfNotPresent",
  imagePullSecrets: [],
  protect: false,
  networkPolicy: true,
  topologySpread: "",
  etcdImage: "gcr.io/etcd-development/etcd",
  etcdVersion: "v3.6.14",
  nodeImage: "docker.io/library/node:24-bookworm-slim",
  registry: "",
  memberImage: "",
  clientImage: "",
  clientReplicas: 2,
  kubeconfig: "",
  overrule: "",
} as const satisfies Record<Exclude<keyof Keys, "context">, unknown>;

/** A StatefulSet's name is part of the label controller-revision-hash, which leaves it 52 characters. */
const longestName = 52;

const noMembers =
  "`pulumi config set etcd:hibernate true` lets the cluster rest with its data kept, `pulumi destroy` takes it away";

const checks: { readonly [K in keyof Keys]: Check<Keys[K]> } = {
  name: dnsLabel(longestName),
  namespace: notSystemNamespace,
  createNamespace: yesOrNo,
  peerServiceName: dnsLabel(63),
  clientServiceName: dnsLabel(63),
  clusterDomain: dnsSubdomain("cluster.local"),
  replicas: wholeNumber(1, maxMembers, 3, noMembers),
  hibernate: yesOrNo,
  storageSize: bytes("256Mi"),
  storageClass: optional(dnsSubdomain("local-path")),
  resources: containerResources,
  imagePullPolicy: oneOf("IfNotPresent", "Always", "Never"),
  imagePullSecrets: listOf(dnsSubdomain("registry-key"), "registry-key"),
  protect: yesOrNo,
  networkPolicy: yesOrNo,
  topologySpread: optional(labelKey),
  etcdImage: repositoryName,
  etcdVersion: etcdRelease,
  nodeImage: taggedImage,
  registry: optional(registryName),
  memberImage: optional(prebuiltImage),
  clientImage: optional(prebuiltImage),
  clientReplicas: wholeNumber(0, 100, 2),
  context: required("a context of your kubeconfig (`kubectl config get-contexts -o name` lists them)"),
  kubeconfig: optional(required("a file's path")),
  overrule: someOf(refusalReasons),
};

/** One or more settings are wrong; the message has one sentence a line. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

export interface ParsedSettings {
  readonly settings: Settings;
  /** Sentences about settings that are allowed but not advised. */
  readonly remarks: readonly string[];
}

/** The key as a person types it. */
function fullKey(key: string): string {
  return `etcd:${key}`;
}

/** What was given, in quotes unless it speaks for itself. */
function shown(text: string): string {
  return /^(-?\d+(\.\d+)?|\{.*\}|\[.*\])$/.test(text) ? text : JSON.stringify(text);
}

function isSetting(key: string): key is keyof Keys {
  return Object.hasOwn(checks, key);
}

function givenOrDefault(key: keyof Keys, given: Readonly<Record<string, string>>): string {
  const own = given[fullKey(key)];
  if (own !== undefined) return own;
  const value = key === "context" ? "" : defaults[key];
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Keys of this project that no part of it reads: most likely mistyped, and without an effect they must not pass. */
function unknownKeys(given: Readonly<Record<string, string>>): string[] {
  return Object.keys(given)
    .filter((key) => key.startsWith(fullKey("")) && !isSetting(key.slice(fullKey("").length)))
    .map((key) => {
      const meant = fullKey(nearest(key.slice(fullKey("").length), Object.keys(checks)));
      return `${key} is not a setting of this project, but every key must be one: did you mean ${meant}? \`pulumi config rm ${key}\` takes it away.`;
    });
}

/** Keys of a project that nobody has: most likely this one's, and read by nobody. */
function strayProjects(given: Readonly<Record<string, string>>): string[] {
  return Object.keys(given).flatMap((key) => {
    const [project = "", ...rest] = key.split(":");
    if (project === "etcd" || editDistance(project.toLowerCase(), "etcd") > 2) return [];
    const meant = fullKey(nearest(rest.join(":"), Object.keys(checks)));
    return [
      `${key} is not a setting of this project, whose settings begin with "etcd:": did you mean ${meant}? \`pulumi config rm ${key}\` takes it away.`,
    ];
  });
}

function sameServiceProblem(keys: Keys): string[] {
  if (keys.peerServiceName !== keys.clientServiceName) return [];
  return [
    `etcd:clientServiceName is "${keys.clientServiceName}", but must differ from etcd:peerServiceName: ` +
      `type \`pulumi config set etcd:clientServiceName ${keys.peerServiceName}-client\`.`,
  ];
}

/** The namespace that exists in every Kubernetes cluster is not the stack's to take away. */
function sharedNamespaceProblem(keys: Keys): string[] {
  if (keys.namespace !== "default" || !keys.createNamespace) return [];
  return [
    'etcd:namespace is "default", but must be a namespace of the stack\'s own, because `pulumi destroy` takes it away with all that is in it: ' +
      "type `pulumi config set etcd:namespace etcd`, or `pulumi config set etcd:createNamespace false` for one that stays.",
  ];
}

function imageSource(prebuilt: string | undefined, registry: string | undefined): ImageSource | undefined {
  if (prebuilt !== undefined) return { prebuilt };
  return registry === undefined ? undefined : { registry };
}

/** What no key is wrong about alone. */
function join(keys: Keys): Settings {
  const memberImage = imageSource(keys.memberImage, keys.registry);
  const clientImage = imageSource(keys.clientImage, keys.registry);
  const problems = [...sharedNamespaceProblem(keys), ...sameServiceProblem(keys)];
  if (memberImage !== undefined && clientImage !== undefined && problems.length === 0) {
    return { ...keys, memberImage, clientImage };
  }
  if (memberImage === undefined || clientImage === undefined) {
    problems.push(
      'etcd:registry is "", but must name the registry to push the images to: type `pulumi config set etcd:registry HOST[:PORT][/PATH]`, ' +
        "or set etcd:memberImage and etcd:clientImage to images that exist.",
    );
  }
  throw new SettingsError(problems);
}

function remarksTogether(settings: Settings): string[] {
  const { replicas } = settings;
  if (toleratedFailures(replicas) > toleratedFailures(replicas - 1)) return [];
  return [
    `etcd:replicas is ${replicas}, which survives no more failed members than ${replicas - 1} do: ` +
      "an odd number is better.",
  ];
}

/**
 * Reads a stack's settings.
 * @param given all of the stack's configuration by full key ("etcd:replicas"), each value as text, objects as JSON; keys of
 *   other projects and packages are ignored
 * @throws SettingsError that names everything that is wrong, not only the first thing
 */
export function parseSettings(given: Readonly<Record<string, string>>): ParsedSettings {
  const problems = [...unknownKeys(given), ...strayProjects(given)];
  const remarks: string[] = [];
  const read = <K extends keyof Keys>(key: K): Checked<Keys[K]> => {
    const text = givenOrDefault(key, given);
    const sentence = (rest: string) => `${fullKey(key)} is ${shown(text)}, ${rest}.`;
    const checked: Checked<Keys[K]> = checks[key](text, fullKey(key));
    if ("problem" in checked) problems.push(sentence(checked.problem));
    else if (checked.remark !== undefined) remarks.push(sentence(checked.remark));
    return checked;
  };
  const values = Object.keys(checks)
    .filter(isSetting)
    .map((key) => [key, read(key)] as const)
    .flatMap(([key, checked]) => ("value" in checked ? [[key, checked.value] as const] : []));
  if (problems.length > 0) throw new SettingsError(problems);
  // Every check above gave the value of its own key, or this line is not reached.
  const settings = join(Object.fromEntries(values) as unknown as Keys);
  return { settings, remarks: [...remarks, ...remarksTogether(settings)] };
}
