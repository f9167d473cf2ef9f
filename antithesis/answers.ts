/** An answer of Antithesis' API, its texts clean. */
export interface Answer {
  readonly status: number;
  /** What the server says of it in its own words; empty if nothing. */
  readonly said?: string;
  /** Retry-After, if it has one. */
  readonly retryAfter?: string;
  /** The host that a redirect leads to. */
  readonly redirect?: string;
}

/** What was asked: it decides what 400, 404 and 500 mean. */
export type Asked =
  { readonly launch: string } | { readonly run: string; readonly results?: boolean } | { readonly list: true };

function missing(asked: Asked): string {
  if ("launch" in asked) return `there is no launcher ${asked.launch} for this tenant: check --launcher and --tenant`;
  if ("list" in asked) return "this tenant has no runs API there: check --tenant and ANTITHESIS_BASE_URL";
  if (asked.results !== true) return `there is no run ${asked.run}: see npm run antithesis -- runs`;
  return `there are no results of run ${asked.run}: it doesn't exist, isn't done, or is older than Antithesis 54.5`;
}

/**
 * Why a request was refused, as one sentence with what to do. Every status that Antithesis documents has its own; the
 * server's own words follow if it gave any.
 */
export function refusal(answer: Answer, asked: Asked): string {
  const { status, said = "" } = answer;
  return `${reason(answer, asked)} (HTTP ${status})${said === "" ? "" : `; the server says: ${said}`}`;
}

function reason({ status, retryAfter, redirect }: Answer, asked: Asked): string {
  if (status >= 300 && status < 400) {
    return `the server leads elsewhere${redirect === undefined ? "" : ` (${redirect})`}, where the key was not sent: check --tenant and ANTITHESIS_BASE_URL`;
  }
  switch (status) {
    case 400:
      return "launch" in asked ? "a parameter was refused: correct it" : "the request was refused: check the run's id";
    case 401:
      return "the key was not accepted: set ANTITHESIS_API_KEY to a valid one";
    case 403:
      return "the key may not do this: ask Antithesis for the right, or for a key of this tenant";
    case 404:
      return missing(asked);
    case 405:
      return "the address doesn't take this kind of request: check ANTITHESIS_BASE_URL and --launcher";
    case 406:
      return "the server has no answer in JSON: check ANTITHESIS_BASE_URL";
    case 429: {
      const wait = /^\d{1,6}$/.test(retryAfter ?? "") ? `in ${retryAfter ?? ""} seconds` : "later";
      return `too many requests: try again ${wait}`;
    }
    case 500:
      return "launch" in asked
        ? "Antithesis failed, and the run may have begun: look with npm run antithesis -- runs before launching again"
        : "Antithesis failed: try again later";
    default:
      return "the answer is none that Antithesis documents: check ANTITHESIS_BASE_URL";
  }
}
