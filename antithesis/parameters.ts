import { UserError } from "../local/errors.ts";

/** What a launch can be told; each is a text as it was given. */
export interface LaunchOptions {
  readonly duration?: string;
  readonly description?: string;
  readonly recipients?: string;
  readonly configImage?: string;
  readonly images?: string;
  readonly testName?: string;
  readonly source?: string;
  readonly ephemeral?: boolean;
  readonly filterLogsMatching?: string;
  /** Further parameters, as key=value. */
  readonly param?: readonly string[];
  /** Further parameters whose value is in a variable of the environment, as key=VARIABLE. */
  readonly paramFromEnv?: readonly string[];
}

type Check = (value: string) => boolean;

const reference = /^[a-zA-Z0-9][\w.-]*(:\d+)?(\/[\w.-]+)*(:\w[\w.-]{0,127}|@sha256:[0-9a-f]{64})$/;

function everyOf(list: string, check: Check): boolean {
  return list.split(";").every((one) => check(one.trim()));
}

/** Is this RE2 that doesn't match the empty text? Judged by JavaScript's engine: what RE2 has not is refused first. */
function filters(pattern: string): boolean {
  if (/\(\?<?[=!]|\\[1-9]/.test(pattern)) return false;
  const [, flags = ""] = /^\(\?([ims]+)\)/.exec(pattern) ?? [];
  const rest = (flags === "" ? pattern : pattern.slice(flags.length + 3)).replaceAll("(?P<", "(?<");
  try {
    return !new RegExp(rest, [...new Set(flags)].join("")).test("");
  } catch {
    return false;
  }
}

const oneLine: Check = (value) => value.trim() !== "" && !/\p{Cc}/u.test(value);

/** What each known parameter must be: the check and its words. */
const known: Readonly<Record<string, readonly [Check, string]>> = {
  "antithesis.config_image": [
    (value) => reference.test(value),
    "an image as REGISTRY/NAME:TAG or REGISTRY/NAME@sha256:…",
  ],
  "antithesis.images": [
    (value) => everyOf(value, (image) => reference.test(image)),
    "images as NAME:TAG or NAME@sha256:…, with ; between them",
  ],
  "antithesis.duration": [
    (value) => /^[0-9]+(\.[0-9]+)?$/.test(value) && Number(value) > 0,
    "minutes as a number above 0, such as 15 or 7.5",
  ],
  "antithesis.description": [oneLine, "one line of text"],
  "antithesis.test_name": [oneLine, "one line of text"],
  "antithesis.source": [oneLine, "one line of text"],
  "antithesis.is_ephemeral": [(value) => value === "true" || value === "false", "true or false"],
  "antithesis.report.recipients": [
    (value) => everyOf(value, (address) => /^[^\s@;,<>]+@[^\s@;,<>]+\.[^\s@;,<>]+$/.test(address)),
    "e-mail addresses with ; between them",
  ],
  "antithesis.filter_logs_matching": [filters, "a regular expression of RE2 that doesn't match the empty text"],
};

/** Does this parameter hold a secret, which has no place on a command line? */
export function isSecret(key: string): boolean {
  return /^antithesis\.integrations\.[^.]+\.(callback_url|token)$/.test(key);
}

function split(option: string, text: string): [string, string] {
  const [, key, value] = /^([^=\s]+)=(.+)$/s.exec(text) ?? [];
  // The text is not repeated: it may be a secret that was mistyped.
  if (key === undefined || value === undefined) throw new UserError(`${option} must be given as key=value`, 2);
  return [key, value];
}

function given(text: string): [string, string] {
  const [key, value] = split("--param", text);
  if (!isSecret(key)) return [key, value];
  throw new UserError(
    `${key} is a secret, which the process list would show: give --param-from-env ${key}=VARIABLE`,
    2,
  );
}

function fromEnvironment(text: string, env: Readonly<Record<string, string | undefined>>): [string, string] {
  const [key, variable] = split("--param-from-env", text);
  const value = env[variable] ?? "";
  if (value === "") throw new UserError(`the variable that --param-from-env names for ${key} is not set: export it`, 2);
  return [key, value];
}

/**
 * The parameters of a launch, each checked; those that Antithesis doesn't document pass as they are, which it allows.
 *
 * @throws UserError (2) that names the parameter and what it must be
 */
export function launchParameters(
  options: LaunchOptions,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const named: [string, string | undefined][] = [
    ["antithesis.config_image", options.configImage],
    ["antithesis.images", options.images],
    ["antithesis.duration", options.duration],
    ["antithesis.description", options.description],
    ["antithesis.test_name", options.testName],
    ["antithesis.source", options.source],
    ["antithesis.is_ephemeral", options.ephemeral === true ? "true" : undefined],
    ["antithesis.report.recipients", options.recipients],
    ["antithesis.filter_logs_matching", options.filterLogsMatching],
    ...(options.param ?? []).map(given),
    ...(options.paramFromEnv ?? []).map((text) => fromEnvironment(text, env)),
  ];
  const parameters = new Map<string, string>();
  for (const [key, value] of named) {
    if (value === undefined) continue;
    if (parameters.has(key)) throw new UserError(`${key} is given twice: give it once`, 2);
    const [check, words] = Object.hasOwn(known, key) ? (known[key] ?? []) : [];
    if (check?.(value) === false) throw new UserError(`${key} must be ${words ?? ""}`, 2);
    parameters.set(key, value);
  }
  return Object.fromEntries(parameters);
}
