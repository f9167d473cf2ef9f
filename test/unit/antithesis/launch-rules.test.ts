import assert from "node:assert/strict";
import type { Answer, Asked } from "../../../antithesis/answers.ts";
import { refusal } from "../../../antithesis/answers.ts";
import type { LaunchOptions } from "../../../antithesis/parameters.ts";
import { launchParameters } from "../../../antithesis/parameters.ts";

const digest = `sha256:${"a".repeat(64)}`;

describe("the parameters of a launch", () => {
  const good: [LaunchOptions, Record<string, string>][] = [
    [{}, {}],
    [{ duration: "7.5" }, { "antithesis.duration": "7.5" }],
    [{ configImage: `host:5000/a/b_c@${digest}` }, { "antithesis.config_image": `host:5000/a/b_c@${digest}` }],
    [{ images: `a/b:1; c@${digest}` }, { "antithesis.images": `a/b:1; c@${digest}` }],
    [{ recipients: "a@x.io; b@y.io" }, { "antithesis.report.recipients": "a@x.io; b@y.io" }],
    [{ ephemeral: true }, { "antithesis.is_ephemeral": "true" }],
    [{ filterLogsMatching: "(?i)^debug: (?P<w>x)" }, { "antithesis.filter_logs_matching": "(?i)^debug: (?P<w>x)" }],
    [
      { testName: "t", source: "main" },
      { "antithesis.test_name": "t", "antithesis.source": "main" },
    ],
    [{ param: ["my.own=a=b"] }, { "my.own": "a=b" }],
    [{ param: ["constructor=x"] }, { constructor: "x" }],
    [
      { paramFromEnv: ["antithesis.integrations.slack.token=T"] },
      { "antithesis.integrations.slack.token": "from-the-environment" },
    ],
  ];
  for (const [options, parameters] of good) {
    it(`are good: ${JSON.stringify(options)}`, () => {
      assert.deepEqual(launchParameters(options, { T: "from-the-environment" }), parameters);
    });
  }

  const wrong: [LaunchOptions, RegExp][] = [
    ...["", "-1", "1e3", "15m", ".5", "0", "0.0"].map((duration): [LaunchOptions, RegExp] => [
      { duration },
      /^antithesis\.duration must be minutes as a number above 0/,
    ]),
    [{ description: " " }, /^antithesis\.description must be one line/],
    [{ description: "a\nb" }, /^antithesis\.description must be one line/],
    [{ configImage: "name" }, /^antithesis\.config_image must be an image/],
    [{ configImage: "a:1;b:1" }, /^antithesis\.config_image must be an image/],
    [{ images: "a:1;;b:1" }, /^antithesis\.images must be images/],
    [{ images: "a@sha256:12" }, /^antithesis\.images must be images/],
    [{ recipients: "a@x.io,b@y.io" }, /^antithesis\.report\.recipients must be e-mail addresses/],
    [{ recipients: "someone" }, /^antithesis\.report\.recipients must be e-mail addresses/],
    [{ filterLogsMatching: "a*" }, /^antithesis\.filter_logs_matching must be a regular expression of RE2/],
    [{ filterLogsMatching: "(" }, /^antithesis\.filter_logs_matching must be/],
    [{ filterLogsMatching: "(?=a)b" }, /^antithesis\.filter_logs_matching must be/],
    [{ param: ["antithesis.is_ephemeral=yes"] }, /^antithesis\.is_ephemeral must be true or false/],
    [{ param: ["antithesis.duration=x"] }, /^antithesis\.duration must be minutes/],
    [{ duration: "1", param: ["antithesis.duration=2"] }, /^antithesis\.duration is given twice/],
    [{ param: ["novalue"] }, /^--param must be given as key=value/],
    [{ param: ["antithesis.integrations.github.token=abc"] }, /^antithesis\.integrations\.github\.token is a secret/],
    [{ paramFromEnv: ["x=UNSET"] }, /^the variable that --param-from-env names for x is not set/],
  ];
  for (const [options, message] of wrong) {
    it(`are wrong: ${JSON.stringify(options)}`, () => {
      assert.throws(() => launchParameters(options, {}), { message, exitCode: 2 });
    });
  }
});

describe("a refusal in words", () => {
  const launch: Asked = { launch: "l" };
  const table: [Answer, Asked, string][] = [
    [{ status: 400 }, launch, "a parameter was refused: correct it (HTTP 400)"],
    [{ status: 400 }, { run: "r" }, "the request was refused: check the run's id (HTTP 400)"],
    [{ status: 401 }, launch, "the key was not accepted: set ANTITHESIS_API_KEY to a valid one (HTTP 401)"],
    [
      { status: 403, said: "no" },
      launch,
      "the key may not do this: ask Antithesis for the right, or for a key of this tenant (HTTP 403); the server says: no",
    ],
    [{ status: 404 }, launch, "there is no launcher l for this tenant: check --launcher and --tenant (HTTP 404)"],
    [{ status: 404 }, { run: "r" }, "there is no run r: see npm run antithesis -- runs (HTTP 404)"],
    [
      { status: 404 },
      { run: "r", results: true },
      "there are no results of run r: it doesn't exist, isn't done, or is older than Antithesis 54.5 (HTTP 404)",
    ],
    [
      { status: 404 },
      { list: true },
      "this tenant has no runs API there: check --tenant and ANTITHESIS_BASE_URL (HTTP 404)",
    ],
    [
      { status: 405 },
      launch,
      "the address doesn't take this kind of request: check ANTITHESIS_BASE_URL and --launcher (HTTP 405)",
    ],
    [{ status: 406 }, launch, "the server has no answer in JSON: check ANTITHESIS_BASE_URL (HTTP 406)"],
    [{ status: 429, retryAfter: "30" }, launch, "too many requests: try again in 30 seconds (HTTP 429)"],
    [{ status: 429, retryAfter: "\u001b[2J" }, launch, "too many requests: try again later (HTTP 429)"],
    [
      { status: 500 },
      launch,
      "Antithesis failed, and the run may have begun: look with npm run antithesis -- runs before launching again (HTTP 500)",
    ],
    [{ status: 500 }, { run: "r" }, "Antithesis failed: try again later (HTTP 500)"],
    [{ status: 418 }, launch, "the answer is none that Antithesis documents: check ANTITHESIS_BASE_URL (HTTP 418)"],
    [
      { status: 302, redirect: "other" },
      launch,
      "the server leads elsewhere (other), where the key was not sent: check --tenant and ANTITHESIS_BASE_URL (HTTP 302)",
    ],
  ];
  for (const [answer, asked, words] of table) {
    it(`${answer.status} to ${JSON.stringify(asked)}`, () => {
      assert.equal(refusal(answer, asked), words);
    });
  }

  it("is another one for every status that a launch documents", () => {
    const words = [400, 401, 403, 404, 405, 406, 429, 500].map((status) => refusal({ status }, launch).split(" (")[0]);
    assert.equal(new Set(words).size, words.length);
  });
});
