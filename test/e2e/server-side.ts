import { kubectl } from "./world.ts";

type Fields = Record<string, unknown>;

interface Stored extends Fields {
  readonly kind: string;
  metadata: Fields & { name: string; annotations?: Fields };
  spec?: Fields;
}

const kinds = [
  "serviceaccount",
  "role",
  "rolebinding",
  "service",
  "poddisruptionbudget",
  "networkpolicy",
  "statefulset",
  "deployment",
];

/** What is of one object's life, not of what was declared. */
const ofThisLife = ["uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"];
/** What kubectl and the controllers note for themselves. */
const notes = ["kubectl.kubernetes.io/last-applied-configuration", "deployment.kubernetes.io/revision"];
/** Addresses that the API server gives. */
const given = ["clusterIP", "clusterIPs"];

function without(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}

function declared(object: Stored): Fields {
  const rest = without(object, ["status"]);
  const annotations = without(object.metadata.annotations ?? {}, notes);
  const spec =
    object.kind === "Service" && object.spec?.["clusterIP"] !== "None"
      ? { spec: without(object.spec ?? {}, given) }
      : {};
  const metadata = { ...without(object.metadata, [...ofThisLife, "annotations"]), annotations };
  return { ...rest, metadata, ...spec };
}

/** All objects of a stack as the API server keeps them, by kind and name, without what differs from one life to the next. */
export async function serverSide(namespace: string): Promise<Record<string, unknown>> {
  const [inside, home] = await Promise.all([
    kubectl("-n", namespace, "get", kinds.join(","), "-o", "json"),
    kubectl("get", "namespace", namespace, "-o", "json"),
  ]);
  const { items } = JSON.parse(inside.stdout) as { items: Stored[] };
  const ours = [...items, JSON.parse(home.stdout) as Stored].filter(
    ({ kind, metadata }) => !(kind === "ServiceAccount" && metadata.name === "default"),
  );
  return Object.fromEntries(ours.map((object) => [`${object.kind} ${object.metadata.name}`, declared(object)]));
}
