import { UserError } from "../local/errors.ts";

/** What the environment says; a variable that is empty counts as not set. */
export type Environment = Readonly<Record<string, string | undefined>>;

const loopback = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * Where Antithesis' API is: ANTITHESIS_BASE_URL, or the tenant's host.
 * Only https, but to this machine itself: the key must not go over a network in clear.
 */
export function baseUrl(tenant: string | undefined, env: Environment): URL {
  const given = env["ANTITHESIS_BASE_URL"];
  if (given !== undefined && given !== "") return givenUrl(given);
  const name = tenant ?? env["ANTITHESIS_TENANT"] ?? "";
  if (name === "") throw new UserError("no tenant: give --tenant NAME or set ANTITHESIS_TENANT", 2);
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) {
    throw new UserError(
      `--tenant must be lower-case letters, digits and dashes, as in https://TENANT.antithesis.com, not ${JSON.stringify(name)}`,
      2,
    );
  }
  return new URL(`https://${name}.antithesis.com`);
}

function givenUrl(given: string): URL {
  const url = URL.parse(given);
  // Not repeated in the message: it may hold a password.
  if (url === null) throw new UserError("ANTITHESIS_BASE_URL must be a URL such as https://host", 2);
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new UserError("ANTITHESIS_BASE_URL must have no user, password, query or fragment", 2);
  }
  if (url.protocol !== "https:" && !(url.protocol === "http:" && loopback.has(url.hostname))) {
    throw new UserError("ANTITHESIS_BASE_URL must begin with https:// (http:// only for localhost)", 2);
  }
  return url;
}

/** The address of a path below a base, each part of it encoded. */
export function addressOf(base: URL, parts: readonly string[], query: Readonly<Record<string, string>> = {}): URL {
  const url = new URL(base);
  url.pathname = [url.pathname.replace(/\/+$/, ""), ...parts.map(encodeURIComponent)].join("/");
  url.search = new URLSearchParams(query).toString();
  return url;
}
