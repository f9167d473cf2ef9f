/** A full image name, taken apart. */
export interface ImageName {
  /** Host, with port if it has one. */
  registry: string;
  repository: string;
  /** `latest` if the name has none. */
  tag: string;
  digest: string | undefined;
}

/** `docker.io` is only a name: images of it are asked for elsewhere. */
const dockerHub = "registry-1.docker.io";

/** Takes `localhost:5000/base/node:24` apart; a name with no registry is one of Docker Hub. */
export function parseImageName(name: string): ImageName {
  const [named = "", digest] = name.split("@");
  const parts = named.split("/");
  const first = parts[0] ?? "";
  // Docker's own rule (distribution/reference): a first part with a dot or a port, or `localhost`, is a registry.
  const hasRegistry = parts.length > 1 && (/[.:]/.test(first) || first === "localhost");
  const rest = hasRegistry ? parts.slice(1).join("/") : named;
  const colon = rest.lastIndexOf(":");
  const repository = colon === -1 ? rest : rest.slice(0, colon);
  const registry = !hasRegistry || first === "docker.io" ? dockerHub : first;
  return {
    registry,
    repository: registry === dockerHub && !repository.includes("/") ? `library/${repository}` : repository,
    tag: colon === -1 ? "latest" : rest.slice(colon + 1),
    digest,
  };
}

/** True when a name says which registry it belongs to, as a name to push to must. */
export function isFullyQualified(name: string): boolean {
  const [first = "", ...rest] = name.split("/");
  return rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
}

/** `localhost:5000/etcd/member`: the name without tag and digest. */
export function withoutTag(name: string): string {
  const [named = ""] = name.split("@");
  const slash = named.lastIndexOf("/");
  const colon = named.lastIndexOf(":");
  return colon > slash ? named.slice(0, colon) : named;
}
