import assert from "node:assert/strict";
import { DocumentedServer, json, key } from "./documented-server.ts";

const run = "0e62aa320a60967967096401ce826bd5-54-1";
const basics = [
  "launch",
  "--duration",
  "15",
  "--description",
  "on main",
  "--recipients",
  "a@example.com;b@example.com",
];
const image = `registry.test/etcd-config@sha256:${"c".repeat(64)}`;
const named = [...basics, "--config-image", image];

describe("npm run antithesis -- launch", function () {
  this.timeout(60_000);
  const server = new DocumentedServer(() => undefined);

  before(() => server.open());
  beforeEach(() => {
    server.seen.length = 0;
    server.answers((_, response) => {
      json(response, 202, { statusCode: 202, runId: run });
    });
  });
  after(() => server.close());

  it("posts the parameters with the key and names the run", async () => {
    const { code, out, error } = await server.run(named);
    assert.equal(error, "");
    assert.equal(code, 0);
    assert.match(out, new RegExp(`launched: run ${run}`));
    assert.deepEqual(
      server.seen.map((seen) => ({ ...seen, body: JSON.parse(seen.body) as unknown })),
      [
        {
          method: "POST",
          path: "/api/v1/launch/basic_k8s_test",
          authorization: `Bearer ${key}`,
          body: {
            params: {
              "antithesis.config_image": image,
              "antithesis.duration": "15",
              "antithesis.description": "on main",
              "antithesis.report.recipients": "a@example.com;b@example.com",
            },
          },
        },
      ],
    );
  });

  it("takes another launcher, and user and password with a word that they are old", async () => {
    const old = { ANTITHESIS_API_KEY: undefined, ANTITHESIS_USERNAME: "user", ANTITHESIS_PASSWORD: key };
    const { code, error } = await server.run([...named, "--launcher", "basic_test"], old);
    assert.equal(code, 0);
    assert.match(error, /warning: user and password are the old way/);
    const [seen] = server.seen;
    assert.equal(seen?.path, "/api/v1/launch/basic_test");
    assert.equal(seen.authorization, `Basic ${Buffer.from(`user:${key}`).toString("base64")}`);
  });

  it("prints the request and sends nothing with --dry-run, secrets left out", async () => {
    const callback = "antithesis.integrations.github.token";
    const secret = "gh-secret";
    const { code, out } = await server.run(
      [...named, "--dry-run", "--tenant", "acme", "--param-from-env", `${callback}=GH`],
      { ANTITHESIS_BASE_URL: undefined, GH: secret },
    );
    assert.equal(code, 0);
    assert.match(
      out,
      /^POST https:\/\/acme\.antithesis\.com\/api\/v1\/launch\/basic_k8s_test\nauthorization: Bearer \*\*\*/,
    );
    assert.match(out, /"antithesis\.duration": "15"/);
    assert.match(out, new RegExp(`"${callback}": "\\*\\*\\*"`));
    assert(!out.includes(secret));
    assert.deepEqual(server.seen, []);
  });

  it("sends nothing where a parameter, the key or the address is wrong: exit code 2", async () => {
    const wrong: [string[], Record<string, string | undefined>, RegExp][] = [
      [["launch", "--duration", "soon"], {}, /^error: antithesis\.duration must be minutes/],
      [["launch"], {}, /--duration/],
      [named, { ANTITHESIS_API_KEY: undefined }, /^error: no API key: set ANTITHESIS_API_KEY/],
      [named, { ANTITHESIS_API_KEY: `${key}\n` }, /^error: ANTITHESIS_API_KEY has characters/],
      [named, { ANTITHESIS_BASE_URL: "http://example.com" }, /^error: ANTITHESIS_BASE_URL must begin with https/],
      [named, { ANTITHESIS_BASE_URL: undefined }, /^error: no tenant/],
      [[...named, "--tenant", "evil.com/x"], { ANTITHESIS_BASE_URL: undefined }, /^error: --tenant must be/],
      [[...named, "--launcher", "../runs"], {}, /^error: --launcher must be/],
      [[...named, "--timeout", "never"], {}, /^error: --timeout must be/],
    ];
    for (const [args, env, message] of wrong) {
      const { code, error } = await server.run(args, env);
      assert.match(error, message);
      assert.equal(code, 2, error);
    }
    assert.deepEqual(server.seen, []);
  });

  it("gives a late answer up, sends the launch once, and says that the run may have begun", async () => {
    server.answers((_, response) => {
      response.writeHead(202).write('{"statusCode":');
    });
    const begun = performance.now();
    const { code, error } = await server.run([...named, "--timeout", "0.5"]);
    assert(performance.now() - begun < 15_000);
    assert.match(error, /^error: no whole answer of 127\.0\.0\.1:\d+ in 0\.5 s \(--timeout\): the run may have begun/);
    assert.equal(code, 1);
    assert.equal(server.seen.length, 1);
  });

  it("tells an answer that is cut off, not JSON, without a run, nested or huge from a launch", async () => {
    const broken: [Parameters<typeof server.answers>[0], RegExp][] = [
      [
        (_, response) => {
          response.writeHead(202, { "content-length": "100" }).write('{"statusCode":202');
          setTimeout(() => response.destroy(), 50);
        },
        /failed or was cut off.*the run may have begun/,
      ],
      [(_, response) => response.writeHead(202).end("<html>"), /is not JSON: the run may have begun/],
      [(_, response) => json(response, 202, { statusCode: 202, runId: null }), /names no run: look with/],
      [(_, response) => response.writeHead(202).end("[".repeat(100_000) + "]".repeat(100_000)), /nested too deeply/],
      [(_, response) => response.writeHead(202).end(" ".repeat(9 * 1024 * 1024)), /larger than 8388608 bytes/],
    ];
    for (const [answering, message] of broken) {
      server.answers(answering);
      const { code, error, out } = await server.run(named);
      assert.match(error, message);
      assert.equal(out, "");
      assert.equal(code, 1);
    }
  });

  it("takes the key nowhere else: a redirect is an error", async () => {
    const other = new DocumentedServer((_, response) => {
      json(response, 202, { statusCode: 202, runId: run });
    });
    await other.open();
    try {
      for (const status of [301, 302, 303, 307, 308]) {
        server.answers((_, response) => response.writeHead(status, { location: `${other.url}/x` }).end());
        const { code, error } = await server.run(named);
        assert.match(error, /leads elsewhere \(127\.0\.0\.1:\d+\), where the key was not sent/);
        assert.equal(code, 1);
      }
      assert.deepEqual(other.seen, []);
    } finally {
      await other.close();
    }
  });

  it("shows neither escape sequences nor the key where the server sends them back", async () => {
    const hostile = `\u001b]0;owned\u0007\u001b[2J\u009b31m\u202e ${key} ${key.slice(0, 5)}\u001b${key.slice(5)}`;
    server.answers((_, response) => {
      json(response, 400, { message: hostile });
    });
    const refused = await server.run(named);
    assert.match(refused.error, /a parameter was refused: correct it \(HTTP 400\); the server says: .*owned.*\*\*\*/);
    server.answers((_, response) => {
      json(response, 202, { statusCode: 202, runId: hostile });
    });
    const launched = await server.run(named);
    assert.match(launched.out, /owned.*\*\*\*/);
  });

  it("says what is wrong where nothing listens", async () => {
    const { code, error } = await server.run(named, { ANTITHESIS_BASE_URL: "http://127.0.0.1:1" });
    assert.match(error, /^error: the connection to 127\.0\.0\.1:1 failed or was cut off/);
    assert.equal(code, 1);
  });
});
