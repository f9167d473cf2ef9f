import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import type { Packaged } from "../../../antithesis/packaged.ts";
import { packagedFile } from "../../../antithesis/packaged.ts";
import { registryOf } from "../../../antithesis/tenant-registry.ts";
import { stateDir } from "../../../local/paths.ts";
import { blocks, runBlock, titleOf } from "../../guides.ts";
import { assertKeyless, DocumentedServer, json, key } from "./documented-server.ts";

const id = "0e62aa320a60967967096401ce826bd5-54-1";
const configImage = `registry.test/etcd-config@sha256:${"c".repeat(64)}`;
const report = "https://my-tenant.antithesis.com/report/x.html?auth=v2.public.abc";

/** A tenant that takes launches from who has the key, and whose runs are completed at once. */
function tenant(): DocumentedServer {
  const runs: object[] = [];
  return new DocumentedServer(({ method, path, authorization, body }, response) => {
    if (authorization !== `Bearer ${key}`) {
      json(response, 401, { statusCode: 401, runId: null });
      return;
    }
    switch (`${method} ${path.split("?")[0] ?? ""}`) {
      case "POST /api/v1/launch/basic_k8s_test": {
        const { params } = JSON.parse(body) as { params: object };
        const known = { run_id: id, status: "completed", launcher: "basic_k8s_test", parameters: params };
        runs.push({ ...known, created_at: "2026-04-28T13:49:49Z", links: { triage_report: report } });
        json(response, 202, { statusCode: 202, runId: id });
        return;
      }
      case "GET /api/v0/runs":
        json(response, 200, { data: runs, next_cursor: null });
        return;
      case `GET /api/v0/runs/${id}`:
        json(response, 200, runs[0] ?? {});
        return;
      case `GET /api/v0/runs/${id}/properties`:
        json(response, 200, { data: [{ name: "Members agree", status: "Passing" }], next_cursor: null });
        return;
      default:
        json(response, 404, { statusCode: 404, runId: null });
    }
  });
}

describe("what the guide lets one type at Antithesis", function () {
  this.timeout(120_000);
  const server = tenant();
  const state = mkdtempSync(join(tmpdir(), "state-"));
  before(() => server.open());
  after(async () => {
    await server.close();
    rmSync(state, { recursive: true });
  });

  /** As `package` leaves it on the machine of somebody else. */
  function packagedFor(name: string): void {
    const ours = packagedFile(registryOf({ tenant: name }));
    const file = join(state, basename(stateDir), ours.slice(stateDir.length));
    mkdirSync(dirname(file), { recursive: true });
    const note: Packaged = { configImage, stack: "antithesis", at: "2026-04-28T13:00:00Z" };
    writeFileSync(file, JSON.stringify(note));
  }

  const [block, ...others] = blocks.filter(({ where }) => where === "contract");

  it(`${block === undefined ? "nothing" : titleOf(block)}: launches what was packaged once, and reads what came of it`, async () => {
    assert.ok(block !== undefined && others.length === 0);
    packagedFor("my-tenant");
    const all = await runBlock(
      { text: block.text.replaceAll(/\bRUN\b/g, id) },
      { env: { ANTITHESIS_BASE_URL: server.url, ANTITHESIS_API_KEY: "", XDG_STATE_HOME: state }, input: `${key}\n` },
    );
    assertKeyless("output", all);
    assert.deepEqual(
      server.seen.map(({ method, path }) => `${method} ${path}`),
      [
        "POST /api/v1/launch/basic_k8s_test",
        "GET /api/v0/runs?limit=20",
        `GET /api/v0/runs/${id}`,
        `GET /api/v0/runs/${id}/properties?limit=100`,
      ],
    );
    assert.deepEqual(JSON.parse(server.seen[0]?.body ?? ""), {
      params: {
        "antithesis.config_image": configImage,
        "antithesis.duration": "15",
        "antithesis.description": "first run",
        "antithesis.report.recipients": "me@example.com",
      },
    });
    const dryRun = all.indexOf(`POST ${server.url}/api/v1/launch/basic_k8s_test`);
    const launched = all.indexOf(`launched: run ${id}`);
    assert.ok(dryRun >= 0 && launched > dryRun, all);
    assert.ok(all.includes(`${id}  completed`) && all.includes(`\n${report}\n`), all);
    assert.match(all, /✔ passing: Members agree\n1 properties: 1 as they must be, 0 not$/);
  });
});
