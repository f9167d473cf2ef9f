import { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { bundle } from "./components/bundle.ts";
import { ContainerImage, type ContainerImageArgs } from "./components/ContainerImage.ts";
import { EtcdClients } from "./components/EtcdClients.ts";
import { EtcdCluster } from "./components/EtcdCluster.ts";
import { builtImage, identityOf, identityProblems, lastDeclaredReplicas } from "./components/identity.ts";
import type { ImageBuild } from "./components/image-builds.ts";
import { clientBuild, contextFolder, imageName, memberBuild } from "./components/image-builds.ts";
import { contextProblem, kubeconfigFiles } from "./components/kubeconfig.ts";
import { declaredTemplate } from "./components/manifests/members.ts";
import { registryProblem } from "./components/registry.ts";
import type { ImageSource, ParsedSettings, Settings } from "./components/settings.ts";
import { parseSettings, SettingsError } from "./components/settings.ts";
import { templateChanges } from "./components/template-changes.ts";
import type { MembershipWord } from "./desk/plan-text.ts";

function readSettings(): ParsedSettings {
  try {
    return parseSettings(pulumi.runtime.allConfig());
  } catch (error) {
    // A RunError is shown without a stack: what is wrong is in the settings, not in the program.
    if (error instanceof SettingsError) throw new pulumi.RunError(error.message);
    throw error;
  }
}

/** What the stack has, as the last update left it: the engine's word, which identity.ts reads. */
async function stackState(): Promise<unknown> {
  const stackName = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
  return await pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", { stackName });
}

const silence: MembershipWord = { remarks: [], warnings: [], problems: [] };

/** The member image by digest; undefined while it is still to be built. */
function knownImage(state: unknown, args: ContainerImageArgs): string | undefined {
  if ("prebuilt" in args) return args.prebuilt;
  return builtImage(state, imageName(args.registry, args.build, args.context));
}

/** What the update would do to the members of the cluster that the stack has, and whether that is safe now. */
async function membership(
  state: unknown,
  settings: Settings,
  image: Promise<ContainerImageArgs>,
): Promise<MembershipWord> {
  const { context, kubeconfig, namespace, name, overrule } = settings;
  const has = identityOf(state);
  // What a name that must stay would do is said by identityProblems.
  if (has.name !== name || has.namespace !== namespace) return silence;
  const [{ foresee }, say] = await Promise.all([import("./desk/membership-check.ts"), import("./desk/plan-text.ts")]);
  const file = kubeconfig === undefined ? undefined : kubeconfigFiles(kubeconfig, process.env)[0];
  const template = declaredTemplate(settings, knownImage(state, await image) ?? "to be built");
  const foreseen = await foresee({ context, kubeconfig: file, namespace }, name, {
    replicas: settings.hibernate ? 0 : settings.replicas,
    templateChanges: (live) => templateChanges(template, live.template),
  });
  if (foreseen.kind === "unchanged") return silence;
  if (foreseen.kind === "unknown") {
    return { ...silence, remarks: [`The members can't be asked yet: ${foreseen.why}.`] };
  }
  return say.foreseenWords(foreseen, name, lastDeclaredReplicas(state), overrule);
}

/** What the settings name must be there, and what the stack has must not be given up, before anything is changed. */
async function checkSurroundings(settings: Settings, image: Promise<ContainerImageArgs>): Promise<void> {
  const registries = [settings.memberImage, settings.clientImage].flatMap((image) =>
    "registry" in image ? [image.registry] : [],
  );
  const [state, ...problems] = await Promise.all([
    stackState(),
    contextProblem(settings.context, kubeconfigFiles(settings.kubeconfig, process.env)),
    ...[...new Set(registries)].map((registry) => registryProblem(registry)),
  ]);
  const found = [
    ...identityProblems(identityOf(state), settings),
    ...problems.filter((problem) => problem !== undefined),
  ];
  if (found.length > 0) throw new pulumi.RunError(found.join("\n"));
  // Not beside the others: loading what asks the cluster keeps this process from hearing their answers in time.
  await checkMembership(state, settings, image);
}

/** Tells what the members will do, and stops before they do what is not safe now. */
async function checkMembership(state: unknown, settings: Settings, image: Promise<ContainerImageArgs>): Promise<void> {
  const { remarks, warnings, problems } = await membership(state, settings, image);
  await Promise.all([
    ...remarks.map((remark) => pulumi.log.info(remark)),
    ...warnings.map((warning) => pulumi.log.warn(warning)),
  ]);
  if (problems.length > 0) throw new pulumi.RunError(problems.join("\n"));
}

/** An image is built from its sources unless it exists already. */
async function imageArgs(build: ImageBuild, source: ImageSource): Promise<ContainerImageArgs> {
  if ("prebuilt" in source) return source;
  const context = await bundle(import.meta.dirname, build.folder, contextFolder(build));
  return { registry: source.registry, build, context };
}

// Node.js runs TypeScript without moving a line, so there are no source maps to look for: the SDK would, for the stack of
// each resource, in a tenth of this program's time.
Reflect.deleteProperty(Error, "prepareStackTrace");

const { settings, remarks } = readSettings();
const memberSources = memberBuild(settings);
const clientSources = clientBuild(settings);
// Another process bundles while this one looks around.
const member = imageArgs(memberSources, settings.memberImage);
const [memberArgs, clientArgs] = await Promise.all([
  member,
  imageArgs(clientSources, settings.clientImage),
  checkSurroundings(settings, member),
]);
await Promise.all(remarks.map((remark) => pulumi.log.warn(remark)));

const memberImage = new ContainerImage(memberSources.image, memberArgs);
const clientImage = new ContainerImage(clientSources.image, clientArgs);

const provider = new Provider("kubernetes", {
  context: settings.context,
  // Only another context means another cluster, whatever else changes in the kubeconfig.
  clusterIdentifier: settings.context,
  // What is declared wins over what was changed by hand, without a conflict over which tool may set a field.
  enablePatchForce: true,
  ...(settings.kubeconfig === undefined ? {} : { kubeconfig: settings.kubeconfig }),
});

// The images come first: a build that fails leaves the cluster untouched.
const cluster = new EtcdCluster(
  "etcd",
  { ...settings, image: memberImage.reference },
  { providers: [provider], dependsOn: [memberImage, clientImage] },
);

const clients = new EtcdClients(
  "etcd-client",
  {
    cluster: settings,
    home: cluster.home,
    ground: cluster.ground,
    members: settings.replicas,
    replicas: settings.clientReplicas,
    image: clientImage.reference,
  },
  { providers: [provider] },
);

export const namespace = cluster.namespace;
export const statefulSetName = cluster.statefulSetName;
export const replicas = cluster.replicas;
export const peerServiceName = cluster.peerServiceName;
export const clientServiceName = cluster.clientServiceName;
export const clientEndpoint = cluster.clientEndpoint;
export const memberPeerUrls = cluster.memberPeerUrls;
export const memberClientUrls = cluster.memberClientUrls;
export const clientSelector = clients.selector;
export const images = { member: memberImage.reference, client: clientImage.reference };
