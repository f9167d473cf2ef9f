import type { Check } from "./checked.ts";

/**
 * Names of images and registries, as in the grammar of github.com/distribution/reference (reference.go).
 */
const host = String.raw`(?:[A-Za-z0-9](?:[-A-Za-z0-9.]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::\d+)?`;
const component = String.raw`[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*`;
const repository = new RegExp(String.raw`^(?:${host}/)?${component}(?:/${component})*$`);
const tagged = new RegExp(String.raw`^(?:${host}/)?${component}(?:/${component})*:[\w][\w.-]{0,127}$`);
const digested = new RegExp(
  String.raw`^(?:${host}/)?${component}(?:/${component})*(?::[\w][\w.-]{0,127})?@sha256:[0-9a-f]{64}$`,
);
const registry = new RegExp(String.raw`^${host}(?:/${component})*$`);

/** An image's name without tag and digest, such as "gcr.io/etcd-development/etcd". */
export const repositoryName: Check<string> = (text) =>
  repository.test(text)
    ? { value: text }
    : {
        problem:
          "but must be an image's name without tag or digest, such as gcr.io/etcd-development/etcd: " +
          "the version has a setting of its own, etcd:etcdVersion",
      };

/** An image that says which of its versions is meant. */
export const taggedImage: Check<string> = (text) =>
  digested.test(text) || (tagged.test(text) && !text.endsWith(":latest"))
    ? { value: text }
    : {
        problem:
          "but must be an image with a tag other than latest, or with a digest, such as docker.io/library/node:24-bookworm-slim: " +
          "name the version that is to be built on",
      };

/** An image that needs no build. By digest, because a tag may mean another image when the next pod starts. */
export const prebuiltImage: Check<string> = (text) =>
  digested.test(text)
    ? { value: text }
    : {
        problem:
          "but must be an image with its digest, such as registry.example/etcd-member@sha256:…: " +
          "read the digest with `docker image inspect --format '{{.RepoDigests}}'` after a push, or leave the setting empty to have it built",
      };

/** Where images are pushed to: host, port and path, no scheme. */
export const registryName: Check<string> = (text, key) => {
  if (registry.test(text)) return { value: text };
  const bare = text.replace(/^[a-z]+:\/\//, "").replace(/\/+$/, "");
  const example = registry.test(bare) ? bare : "registry.example/team";
  return { problem: `but must be host[:port][/path] without a scheme: type \`pulumi config set ${key} ${example}\`` };
};

/** The host and port part of a registry's name. */
export function registryHost(name: string): string {
  return name.split("/")[0] ?? name;
}
