import { UserError } from "../local/errors.ts";
import type { Environment } from "./address.ts";

/** How requests are authorised. */
export interface Credentials {
  /** The value of the Authorization header. */
  readonly authorization: string;
  /** The same for people, without the secret. */
  readonly shown: string;
  /** What must appear in no output. */
  readonly secrets: readonly string[];
  /** User and password, which only a launch takes, and which Antithesis calls deprecated. */
  readonly old: boolean;
}

/** The credentials of the environment, or undefined if it has none; ANTITHESIS_API_KEY goes before user and password. */
export function credentialsOf(env: Environment): Credentials | undefined {
  const key = env["ANTITHESIS_API_KEY"] ?? "";
  if (key !== "") {
    // Checked here because fetch names the whole header, key included, when it refuses one.
    if (!/^[\x21-\x7e]+$/.test(key)) {
      throw new UserError(
        "ANTITHESIS_API_KEY has characters that no key has (a space or a line end?): set it again",
        2,
      );
    }
    return { authorization: `Bearer ${key}`, shown: "Bearer *** (ANTITHESIS_API_KEY)", secrets: [key], old: false };
  }
  const [user, password] = [env["ANTITHESIS_USERNAME"] ?? "", env["ANTITHESIS_PASSWORD"] ?? ""];
  if (user === "" && password === "") return undefined;
  if (user === "" || password === "" || user.includes(":")) {
    throw new UserError(
      "ANTITHESIS_USERNAME (without a colon) and ANTITHESIS_PASSWORD must be set both, or neither",
      2,
    );
  }
  const token = Buffer.from(`${user}:${password}`).toString("base64");
  return {
    authorization: `Basic ${token}`,
    shown: "Basic *** (ANTITHESIS_USERNAME, ANTITHESIS_PASSWORD: old)",
    secrets: [token, password],
    old: true,
  };
}

/** The credentials for a request that is to be sent. What only reads takes a key and nothing else. */
export function neededCredentials(env: Environment, use: "launch" | "read"): Credentials {
  const credentials = credentialsOf(env);
  if (credentials === undefined) throw new UserError("no API key: set ANTITHESIS_API_KEY in the environment", 2);
  if (credentials.old && use === "read") {
    throw new UserError(
      "ANTITHESIS_USERNAME and ANTITHESIS_PASSWORD can only launch: set ANTITHESIS_API_KEY to read runs",
      2,
    );
  }
  return credentials;
}
