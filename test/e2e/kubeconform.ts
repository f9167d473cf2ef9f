import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { kubectl } from "./world.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Definitions = Record<string, { [key: string]: Json }>;

/** Builds kubeconform from the pinned module of test/kubeconform; Go's cache makes the second time quick. */
export async function buildKubeconform(folder: string): Promise<string> {
  const program = join(folder, "kubeconform");
  const source = "github.com/yannh/kubeconform/cmd/kubeconform";
  const env = { CGO_ENABLED: "0", PATH: `${process.env["PATH"] ?? ""}:/usr/local/go/bin` };
  await execa("go", ["build", "-trimpath", "-o", program, source], { cwd: "test/kubeconform", env });
  return program;
}

/** A definition as a strict JSON schema: no field that Kubernetes does not know. */
function strict(value: Json): Json {
  if (Array.isArray(value)) return value.map(strict);
  if (typeof value !== "object" || value === null) return value;
  // OpenAPI v2 has no type for what may be either (apimachinery, intstr.IntOrString).
  if (value["format"] === "int-or-string") return { type: ["string", "integer"] };
  const inner = Object.fromEntries(Object.entries(value).map(([key, field]) => [key, strict(field)]));
  return "properties" in value && !("additionalProperties" in value)
    ? { ...inner, additionalProperties: false }
    : inner;
}

/**
 * Writes the cluster's own schemas as kubeconform reads them, one file for each kind.
 * @returns kubeconform's -schema-location
 */
export async function writeSchemas(folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const { definitions } = JSON.parse((await kubectl("get", "--raw", "/openapi/v2")).stdout) as {
    definitions: Definitions;
  };
  const all = strict(definitions);
  for (const [name, definition] of Object.entries(definitions)) {
    for (const kind of (definition["x-kubernetes-group-version-kind"] ?? []) as Record<string, string>[]) {
      const group = kind["group"] === "" ? "" : `${kind["group"]?.split(".")[0] ?? ""}-`;
      const file = `${kind["kind"] ?? ""}-${group}${kind["version"] ?? ""}.json`.toLowerCase();
      // Of list and delete options, every group has one of the same name: nothing of that is in a manifest.
      const schema = { $ref: `#/definitions/${name}`, definitions: all };
      if (!/Options|Event|List$/.test(kind["kind"] ?? "")) writeFileSync(join(folder, file), JSON.stringify(schema));
    }
  }
  return `${folder}/{{.ResourceKind}}{{.KindSuffix}}.json`;
}
