import assert from "node:assert/strict";
import { DocumentedServer, json, key } from "./documented-server.ts";

const id = "9043254f65c9c65d63fe043a0abfc7fc-53-1";

function aRun(run: string, more: object = {}): object {
  return {
    run_id: run,
    status: "completed",
    created_at: "2026-04-28T13:49:49Z",
    launcher: "basic_k8s_test",
    creator: { name: "abc", type: "user" },
    parameters: {
      "antithesis.description": "on main",
      "antithesis.integrations.github.token": "gh-secret",
      own: "gh-secret",
    },
    links: { triage_report: "https://acme.antithesis.com/report/x.html?auth=v2.public.abc" },
    ...more,
  };
}

const property = { status: "Passing", is_event: true, is_group: false, example_count: 2, counterexample_count: 0 };
const failing = {
  ...property,
  name: "No acknowledged write is lost",
  status: "Failing",
  group: "Always",
  counterexample_count: 1,
  counterexamples: [{ details: { key: "k1" }, moment: { input_hash: "-36", vtime: "22.4" } }],
};

/** One entry a page, with a cursor to the next. */
function paged(entries: readonly object[], path: string): object {
  const after = Number(new URL(path, "http://x").searchParams.get("after") ?? "0");
  return { data: entries.slice(after, after + 1), next_cursor: after + 1 < entries.length ? `${after + 1}` : null };
}

describe("npm run antithesis -- runs and report", function () {
  this.timeout(60_000);
  const server = new DocumentedServer(() => undefined);

  before(() => server.open());
  beforeEach(() => {
    server.seen.length = 0;
  });
  after(() => server.close());

  it("lists the runs of all pages, as many as are wanted", async () => {
    const runs = [aRun("r-1"), aRun("r-2", { status: "in_progress" }), aRun("r-3")];
    server.answers(({ path }, response) => json(response, 200, paged(runs, path)));
    const all = await server.run(["runs", "--status", "completed"]);
    assert.equal(all.error, "");
    assert.equal(all.code, 0);
    assert.match(
      all.out,
      /^RUN +STATUS +CREATED +LAUNCHER +DESCRIPTION\nr-1 +completed +2026-04-28T13:49:49Z +basic_k8s_test +on main\nr-2 +in_progress .*\nr-3 .*\n$/,
    );
    assert.deepEqual(
      server.seen.map(({ method, path, authorization }) => [method, path, authorization]),
      ["", "&after=1", "&after=2"].map((after) => [
        "GET",
        `/api/v0/runs?limit=20${after}&status=completed`,
        `Bearer ${key}`,
      ]),
    );
    const two = await server.run(["runs", "--limit", "2"]);
    assert.match(two.out, /r-2 .*\nthere are more: --limit\n$/);
  });

  it("shows one run without what opens other doors, and its report's address if that is wanted", async () => {
    const moment = { vtime: "398.4", input_hash: "-12" };
    server.answers((_, response) => json(response, 200, aRun(id, { failure_moment: moment })));
    const shown = await server.run(["runs", id]);
    assert.equal(shown.code, 0);
    assert.match(shown.out, new RegExp(`^run_id +${id}\nstatus +completed\n`));
    assert.match(shown.out, /failed at +vtime 398\.4, input hash -12\n/);
    assert.doesNotMatch(shown.out, /gh-secret|auth=/);
    assert.equal(server.seen[0]?.path, `/api/v0/runs/${id}`);
    const link = await server.run(["runs", id, "--link"]);
    assert.equal(link.out, "https://acme.antithesis.com/report/x.html?auth=v2.public.abc\n");
    server.answers((_, response) => json(response, 200, aRun(id, { links: { triage_report: "javascript:alert(1)" } })));
    assert.match((await server.run(["runs", id, "--link"])).error, /^error: the run has no report/);
  });

  it("reports the properties like a local report, failing ones first: exit code 1 if there is one", async () => {
    const group = { ...failing, name: "Always", is_group: true };
    const good = { ...property, name: "Members agree" };
    const value = { ...property, name: "Input count", is_event: false, example_count: null };
    server.answers(({ path }, response) => json(response, 200, paged([group, good, failing, value], path)));
    const { code, out } = await server.run(["report", id]);
    assert.equal(
      out,
      `✘ failing: No acknowledged write is lost (Always, held 2 times, failed 1 times)
    {"details":{"key":"k1"},"moment":{"input_hash":"-36","vtime":"22.4"}}
✔ passing: Members agree (held 2 times, failed 0 times)
✔ passing: Input count
3 properties: 2 as they must be, 1 not
`,
    );
    assert.equal(code, 1);
    assert.equal(server.seen[0]?.path, `/api/v0/runs/${id}/properties?limit=100`);
    server.answers((_, response) => json(response, 200, { data: [good] }));
    assert.equal((await server.run(["report", id])).code, 0);
  });

  it("counts a status that is not documented as no pass", async () => {
    server.answers((_, response) => json(response, 200, { data: [{ ...property, name: "p", status: "Skipped" }] }));
    const { code, out } = await server.run(["report", id]);
    assert.match(out, /^✘ skipped: p /);
    assert.equal(code, 1);
  });

  it("says what to do with each refusal", async () => {
    const refusals: [number, Record<string, string>, RegExp][] = [
      [401, {}, /^error: the key was not accepted.*the server says: in its words$/m],
      [404, {}, /^error: there are no results of run/],
      [429, { "retry-after": "30" }, /try again in 30 seconds/],
      [500, {}, /^error: Antithesis failed: try again later/],
    ];
    for (const [status, headers, message] of refusals) {
      server.answers((_, response) => json(response, status, { message: "in its words" }, headers));
      const { code, error } = await server.run(["report", id]);
      assert.match(error, message);
      assert.equal(code, 1);
    }
  });

  it("is neither held up nor misled by broken and hostile answers", async () => {
    const name = `\u001b[2J\u202eowned\n✔ passing: forged ${key}`;
    const answers: [Parameters<typeof server.answers>[0], RegExp][] = [
      [(_, response) => response.writeHead(200).write("{"), /no whole answer .* in 2 s \(--timeout\): try again/],
      [(_, response) => response.writeHead(200).end('{"data":['), /is not JSON: try again/],
      [(_, response) => response.writeHead(200).end(`"${"x".repeat(9 * 1024 * 1024)}"`), /larger than 8388608 bytes/],
      [(_, response) => json(response, 200, { data: "none" }), /no list as Antithesis documents it/],
      [(_, response) => json(response, 200, { data: [{ status: "Passing" }] }), /without name or status/],
      [(_, response) => json(response, 200, { data: [] }), /has no properties/],
      [(_, response) => json(response, 200, { data: [failing], next_cursor: "same" }), /leads in a circle/],
      [
        (_, response) => response.writeHead(302, { location: "https://example.com/" }).end(),
        /example\.com\), where the key was not sent/,
      ],
    ];
    for (const [answering, message] of answers) {
      server.answers(answering);
      const { code, error, out } = await server.run(["report", id, "--timeout", "2"]);
      assert.match(error, message);
      assert.equal(out, "");
      assert.equal(code, 1);
    }
    server.answers((_, response) =>
      json(response, 200, { data: [{ ...failing, name, counterexamples: [{ [name]: name }] }] }),
    );
    const { out } = await server.run(["report", id]);
    assert.match(out, /owned/);
    assert.equal(out.trimEnd().split("\n").length, 3);
  });

  it("asks nothing with a wrong id, or with user and password alone: exit code 2", async () => {
    const old = { ANTITHESIS_API_KEY: undefined, ANTITHESIS_USERNAME: "user", ANTITHESIS_PASSWORD: key };
    const wrong: [string[], Record<string, string | undefined>, RegExp][] = [
      [["report", "../x"], {}, /^error: a run's id has letters/],
      [["runs", ".."], {}, /^error: a run's id has letters/],
      [["runs", "--limit", "0"], {}, /^error: --limit must be/],
      [["runs", "--status", "odd"], {}, /Allowed choices are starting/],
      [["runs", "--link"], {}, /^error: --link is for one run/],
      [["runs"], old, /^error: ANTITHESIS_USERNAME and ANTITHESIS_PASSWORD can only launch/],
    ];
    for (const [args, env, message] of wrong) {
      const { code, error } = await server.run(args, env);
      assert.match(error, message);
      assert.equal(code, 2);
    }
    assert.deepEqual(server.seen, []);
  });
});
