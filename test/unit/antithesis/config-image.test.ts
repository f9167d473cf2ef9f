import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { DocumentedServer, json } from "./documented-server.ts";

const tenants = "us-central1-docker.pkg.dev/molten-verve-216720";
const imageOf = (registry: string, letter: string) => `${registry}/etcd-config@sha256:${letter.repeat(64)}`;

describe("npm run antithesis -- launch, after package", function () {
  this.timeout(60_000);
  const state = mkdtempSync(join(tmpdir(), "packaged-"));
  const server = new DocumentedServer((_, response) => {
    json(response, 202, { statusCode: 202, runId: "r-1" });
  });
  const launch = (...flags: string[]) =>
    server.run(["launch", "--duration", "15", ...flags], { XDG_STATE_HOME: state });

  /** Notes a package as `package` does. Returns the file it is noted in. */
  async function packaged(registry: string, configImage: string): Promise<string> {
    const note = { configImage, stack: "antithesis", at: "2026-01-02T03:04:05.000Z" };
    const script = `import { notePackaged, packagedFile } from "./antithesis/packaged.ts";
      notePackaged(${JSON.stringify(registry)}, ${JSON.stringify(note)});
      process.stdout.write(packagedFile(${JSON.stringify(registry)}));`;
    const node = ["--input-type=module", "-e", script];
    return (await execa(process.execPath, node, { env: { XDG_STATE_HOME: state } })).stdout;
  }

  function sentImage(): unknown {
    const { params } = JSON.parse(server.seen.at(-1)?.body ?? "{}") as { params: Record<string, string> };
    return params["antithesis.config_image"];
  }

  before(async () => {
    await server.open();
    await packaged(`${tenants}/honey-pwhale-repository`, imageOf(tenants, "a"));
    await packaged("localhost:5000/team", imageOf("localhost:5000/team", "a"));
    await packaged("localhost:5000/team", imageOf("localhost:5000/team", "b"));
  });
  beforeEach(() => void server.seen.splice(0));
  after(async () => {
    await server.close();
    rmSync(state, { recursive: true });
  });

  it("takes the tenant's last config image, and says which and from when", async () => {
    const { code, error } = await launch("--tenant", "honey-whale");
    assert.equal(
      error,
      `config image ${imageOf(tenants, "a")}, packaged 2026-01-02T03:04:05.000Z of stack antithesis\n`,
    );
    assert.equal(code, 0);
    assert.equal(sentImage(), imageOf(tenants, "a"));
  });

  it("takes that of another registry, the last one of several", async () => {
    assert.equal((await launch("--registry", "localhost:5000/team")).code, 0);
    assert.equal(sentImage(), imageOf("localhost:5000/team", "b"));
  });

  it("takes what is given in its place, and says nothing then", async () => {
    const given = imageOf("elsewhere.test", "c");
    for (const flags of [
      ["--config-image", given],
      ["--param", `antithesis.config_image=${given}`],
    ]) {
      assert.deepEqual(await launch("--tenant", "honey-whale", ...flags), {
        code: 0,
        out: "✔ launched: run r-1\n  follow it with npm run antithesis -- runs r-1\n",
        error: "",
      });
      assert.equal(sentImage(), given);
    }
    assert.equal((await launch("--tenant", "honey-whale", "--images", "a:1;b:2")).code, 0);
    assert.equal(sentImage(), undefined);
  });

  it("launches nothing where nothing was packaged for that tenant, or the note is broken", async () => {
    const other = await launch("--tenant", "other");
    assert.match(
      other.error,
      /^error: no config image, because nothing was packaged for \S+\/other-repository from this/,
    );
    const nobody = await launch();
    assert.match(
      nobody.error,
      /^error: no config image, because no tenant is named: type npm run antithesis -- package/,
    );
    const file = await packaged("broken.test", "-");
    writeFileSync(file, "{");
    const broken = await launch("--registry", "broken.test");
    assert.match(broken.error, /^error: \S+broken\.test\.json is not what package writes: delete it/);
    assert.deepEqual([other.code, nobody.code, broken.code, server.seen.length], [2, 2, 1, 0]);
  });

  it("leaves another launcher what it has, and says so", async () => {
    const { code, error } = await launch("--launcher", "my_own");
    assert.equal(error, "no config image is sent: my_own takes what it has\n");
    assert.deepEqual([code, sentImage()], [0, undefined]);
  });
});
