import { judgeVersion } from "./etcd-version.ts";
import { parseJson } from "./json.ts";
import { nearest } from "./nearest.ts";
import { likelyQuantity, parseQuantity } from "./quantity.ts";

/**
 * What became of one setting's text: a value, or the rest of a sentence that begins with the setting's key and what was
 * given ("etcd:replicas is "three", ") and says what was expected and what to do.
 */
export type Checked<T> = { readonly value: T; readonly remark?: string } | { readonly problem: string };

/** A check of one setting. `key` is the setting's full name, for advice such as a command to type. */
export type Check<T> = (text: string, key: string) => Checked<T>;

/** Absent means the empty string: Pulumi.yaml can declare no optional setting but by an empty default. */
export function optional<T>(check: Check<T>): Check<T | undefined> {
  return (text, key) => (text === "" ? { value: undefined } : check(text, key));
}

/** A whole number, both ends included. `ofZero` replaces the advice when 0 is given. */
export function wholeNumber(least: number, most: number, example: number, ofZero?: string): Check<number> {
  return (text, key) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return { value };
    const advice = value === 0 && ofZero !== undefined ? ofZero : `type \`pulumi config set ${key} ${example}\``;
    return { problem: `but must be a whole number from ${least} to ${most}: ${advice}` };
  };
}

export const yesOrNo: Check<boolean> = (text, key) =>
  text === "true" || text === "false"
    ? { value: text === "true" }
    : { problem: `but must be true or false: type \`pulumi config set ${key} true\`` };

/** Some of these words with commas between them; none of them where the text is empty. */
export function someOf<Word extends string>(words: readonly Word[]): Check<readonly Word[]> {
  return (text, key) => {
    const given = text.split(",").flatMap((part) => (part.trim() === "" ? [] : [part.trim()]));
    const value = words.filter((word) => given.includes(word));
    if (value.length === new Set(given).size) return { value };
    return {
      problem: `but must be some of ${words.join(", ")} with commas between them: type \`pulumi config set ${key} ${words[0] ?? ""}\``,
    };
  };
}

/**
 * A DNS label that begins with a letter (RFC 1035), as Services need it.
 * @param most how many characters Kubernetes leaves for it
 */
export function dnsLabel(most: number): Check<string> {
  return (text) =>
    text.length <= most && /^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(text)
      ? { value: text }
      : {
          problem:
            `but must be 1 to ${most} lower-case letters, digits and "-", ` +
            "beginning with a letter and ending with a letter or digit: choose such a name",
        };
}

/** The name of a namespace that the stack may live in; whether it may also take it away is another question. */
export const notSystemNamespace: Check<string> = (text, key) =>
  text.startsWith("kube-")
    ? { problem: `but must not be one of Kubernetes' own namespaces: type \`pulumi config set ${key} etcd\`` }
    : dnsLabel(63)(text, key);

/** One of a few words. */
export function oneOf<T extends string>(...words: readonly [T, ...T[]]): Check<T> {
  return (text, key) => {
    const word = words.find((candidate) => candidate === text);
    if (word !== undefined) return { value: word };
    return {
      problem: `but must be ${words.slice(0, -1).join(", ")} or ${words.at(-1) ?? ""}: type \`pulumi config set ${key} ${nearest(text, words)}\``,
    };
  };
}

/** Dot-separated lower-case DNS labels (RFC 1123). */
export function dnsSubdomain(example: string): Check<string> {
  return (text) =>
    text.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(text)
      ? { value: text }
      : { problem: `but must be lower-case letters, digits, "-" and ".", such as "${example}": choose such a name` };
}

/**
 * A list as JSON, in its order.
 * @param check what each item must pass
 * @param example an item that does
 */
export function listOf(check: Check<string>, example: string): Check<readonly string[]> {
  return (text, key) => {
    const items = parseJson(text);
    if (!Array.isArray(items) || !items.every((item) => typeof item === "string")) {
      return { problem: `but must be a list: type \`pulumi config set --path '${key}[0]' ${example}\`` };
    }
    const twice = items.find((item, index) => items.indexOf(item) !== index);
    if (twice !== undefined)
      return { problem: `but must have ${JSON.stringify(twice)} only once: take the other away` };
    const wrong = items.flatMap((item) => {
      const checked = check(item, key);
      return "problem" in checked ? [checked.problem.replace(/^but/, `but ${JSON.stringify(item)}`)] : [];
    });
    return wrong[0] === undefined ? { value: items } : { problem: wrong[0] };
  };
}

/** A node label's key, with or without the prefix that stands before a slash. */
export const labelKey: Check<string> = (text) =>
  /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/.test(text)
    ? { value: text }
    : {
        problem:
          'but must be the key of a node label, such as "topology.kubernetes.io/zone": see `kubectl get nodes --show-labels`',
      };

/** A quantity of bytes that is large enough for etcd to start with. */
export function bytes(least: string): Check<string> {
  return (text, key) => {
    const value = parseQuantity(text);
    if (value === undefined) {
      return {
        problem: `but must be a Kubernetes quantity: type \`pulumi config set ${key} ${likelyQuantity(text) ?? "1Gi"}\``,
      };
    }
    if (value >= (parseQuantity(least) ?? 0)) return { value: text };
    return {
      problem: `but must be at least ${least}, because etcd sets aside 64 MiB for each log file: type \`pulumi config set ${key} 1Gi\``,
    };
  };
}

/** An exact etcd release that is not known to lose or hide acknowledged writes. */
export const etcdRelease: Check<string> = (text, key) => {
  const judged = judgeVersion(text);
  if (judged.verdict === "refused") {
    return {
      problem: `which ${judged.because}, but must be a release from v3.5.28 or v3.6.9 on: type \`pulumi config set ${key} v3.6.14\``,
    };
  }
  return judged.remark === undefined
    ? { value: text }
    : { value: text, remark: `which ${judged.remark}: type \`pulumi config set ${key} v3.6.14\` when you can` };
};

/** Any text but the empty one. */
export function required(what: string): Check<string> {
  return (text, key) =>
    text.trim() === "" ? { problem: `but must be ${what}: type \`pulumi config set ${key} NAME\`` } : { value: text };
}
