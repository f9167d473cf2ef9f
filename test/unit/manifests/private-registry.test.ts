import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";

const digest = `sha256:${"a".repeat(64)}`;
const known = `Basic ${Buffer.from("ann:s3cret").toString("base64")}`;

describe("npm run manifests, by what the registry says", function () {
  this.timeout(30_000);
  const folder = mkdtempSync(join(tmpdir(), "private-"));
  let has = true;
  const server = http.createServer((request, response) => {
    if (request.headers.authorization !== known) response.writeHead(401).end();
    else if (has) response.writeHead(200, { "docker-content-digest": digest }).end();
    else response.writeHead(404).end();
  });
  let registry = "";

  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    registry = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    has = true;
    loggedIn("ann:s3cret");
  });
  after(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  function loggedIn(user: string | undefined): void {
    const auths = user === undefined ? {} : { [registry]: { auth: Buffer.from(user).toString("base64") } };
    writeFileSync(join(folder, "config.json"), JSON.stringify({ auths }));
  }

  /** Runs the command. Returns what it noted, and the images in what it wrote. */
  async function written(at = `${registry}/team`): Promise<{ notes: string[]; images: string[] }> {
    const file = join(folder, "Pulumi.x.yaml");
    writeFileSync(file, JSON.stringify({ config: { "etcd:context": "c", "etcd:registry": at } }));
    const out = join(folder, "out");
    const line = ["manifests/command.ts", "--stack", "x", "--config-file", file, "--out", out];
    const { stdout, stderr, all } = await execa(process.execPath, line, { env: { DOCKER_CONFIG: folder }, all: true });
    assert.ok(!all.includes("s3cret") && !all.includes(known), "a secret is shown");
    const texts = stdout.split("\n").map((name) => readFileSync(name, "utf8"));
    const images = texts.flatMap((text) => [...text.matchAll(/ image: (\S+)/g)].map(([, image]) => image ?? ""));
    return { notes: stderr.split("\n").filter(Boolean), images };
  }

  it("names images by digest where docker's credentials open it", async () => {
    const { notes, images } = await written();
    assert.deepEqual(
      images.sort(),
      ["client", "member"].map((name) => `${registry}/team/etcd-${name}@${digest}`),
    );
    assert.deepEqual(notes, []);
  });

  const tag = (name: string) => `\\S+/etcd-${name}:[0-9a-f]+`;
  const cases: [string, () => string | undefined, string][] = [
    [
      "has not been pushed to",
      () => {
        has = false;
        return undefined;
      },
      "the registry does not have it yet: `pulumi up` and `npm run antithesis -- package` push it and name it by digest\\.",
    ],
    [
      "takes no credentials that docker has",
      () => {
        loggedIn("ann:wrong");
        return undefined;
      },
      "the registry \\S+ answered with status 401: type `docker login 127\\.0\\.0\\.1:\\d+` and write again, or set etcd:memberImage to an image with its digest\\.",
    ],
    [
      "asks for credentials, and docker has none",
      () => {
        loggedIn(undefined);
        return undefined;
      },
      "the registry \\S+ answered with status 401: type `docker login 127\\.0\\.0\\.1:\\d+` and write again, or set etcd:memberImage to an image with its digest\\.",
    ],
    [
      "can't be reached (offline)",
      () => "127.0.0.1:1/team",
      "the registry 127\\.0\\.0\\.1:1 could not be reached: .*: write again where it can be reached, or set etcd:memberImage to an image with its digest\\.",
    ],
  ];
  for (const [title, arrange, why] of cases) {
    it(`names images by tag, and says why in one sentence, where the registry ${title}`, async () => {
      const { notes, images } = await written(arrange());
      assert.equal(notes.length, 2);
      assert.match(notes[0] ?? "", new RegExp(`^note: ${tag("member")} is named by its tag, because ${why}$`));
      for (const image of images) assert.match(image, /:[0-9a-f]+$/);
    });
  }
});
