import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

function required(build: string): Map<string, string> {
  const file = new URL(`../../../local/toolchain/${build}/go.mod`, import.meta.url);
  const lines = readFileSync(file, "utf8").matchAll(/^\t(\S+) (v\S+)(?: \/\/ indirect)?$/gm);
  return new Map([...lines].map(([, name = "", version = ""]) => [name, version]));
}

describe("the modules Kubernetes and CoreDNS are built from", () => {
  it("stand at one version where both need them: what one has compiled, the other need not", () => {
    const [kubernetes, coredns] = [required("kubernetes"), required("coredns")];
    const shared = [...coredns.keys()].filter((name) => kubernetes.has(name));
    assert.ok(shared.includes("k8s.io/client-go") && shared.includes("google.golang.org/grpc"), shared.join(", "));
    for (const name of shared) assert.equal(coredns.get(name), kubernetes.get(name), name);
  });
});
