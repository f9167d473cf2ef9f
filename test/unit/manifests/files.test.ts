import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { objectGroups } from "../../../components/object-groups.ts";
import { manifestFiles, writeManifests } from "../../../manifests/files.ts";
import { settings } from "../../components/example.ts";
import { plain } from "../../components/value.ts";

const images = { member: "registry.test/m@sha256:0", client: "registry.test/c@sha256:0" };

describe("manifest files", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "files-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("are one for each group, the namespace first, and hold what the groups hold", () => {
    const groups = objectGroups(settings(), images);
    const files = manifestFiles(groups);
    assert.deepEqual(
      files.map(({ name }) => name),
      [
        "10-namespace.yaml",
        "20-access.yaml",
        "30-services.yaml",
        "40-protection.yaml",
        "50-members.yaml",
        "60-clients.yaml",
      ],
    );
    const read = files.map(({ text }) => parseAllDocuments(text).map((document) => document.toJS() as unknown));
    assert.deepEqual(
      read,
      groups.map(({ objects }) => objects.map(plain)),
    );
    assert.deepEqual(manifestFiles(objectGroups(settings(), images)), files);
  });

  it("replace those of another time, and nothing else is deleted", () => {
    writeManifests(folder, manifestFiles(objectGroups(settings(), images)));
    writeFileSync(join(folder, "notes.txt"), "mine");
    const fewer = manifestFiles(objectGroups(settings({ createNamespace: false }), images));
    writeManifests(folder, fewer);
    assert.deepEqual(readdirSync(folder).sort(), [...fewer.map(({ name }) => name), "notes.txt"]);
    assert.equal(readFileSync(join(folder, "notes.txt"), "utf8"), "mine");
  });

  it("are not put beside foreign ones, which would be applied with them", () => {
    writeFileSync(join(folder, "other.yml"), "");
    assert.throws(() => writeManifests(folder, []), /^UserError: --out .* holds other\.yml, /);
    assert.deepEqual(readdirSync(folder), ["other.yml"]);
  });
});
