/**
 * Kubernetes quantities: a decimal number with a binary (Ki, Mi, …) or decimal (m, k, M, …) suffix or exponent.
 * Source: k8s.io/apimachinery/pkg/api/resource/quantity.go, the grammar in the comment of type Quantity.
 */
const grammar = /^([+-]?(?:\d+\.?\d*|\.\d+))(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][+-]?\d+)?$/;

const binary = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const decimal = ["k", "M", "G", "T", "P", "E"];
const fractions = ["m", "u", "n"];

/** The quantity's value in its base unit (bytes, cores), or undefined when the text is no quantity. */
export function parseQuantity(text: string): number | undefined {
  const match = grammar.exec(text);
  if (match === null) return undefined;
  const [, digits = "", suffix = ""] = match;
  const number = Number(digits);
  if (suffix === "") return number;
  if (binary.includes(suffix)) return number * 1024 ** (binary.indexOf(suffix) + 1);
  if (decimal.includes(suffix)) return number * 1000 ** (decimal.indexOf(suffix) + 1);
  // Divided, not multiplied by 0.001: so that "700m" and "0.7" are the same number.
  if (fractions.includes(suffix)) return number / 1000 ** (fractions.indexOf(suffix) + 1);
  return Number(`${digits}${suffix}`);
}

/** What the writer of a near miss such as "1Gb", "1 GiB" or "512mb" probably meant; undefined when there is no guess. */
export function likelyQuantity(text: string): string | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([kmgtpe])i?b?\s*$/i.exec(text);
  if (match === null) return undefined;
  const [, digits = "", letter = ""] = match;
  return `${digits}${letter.toUpperCase()}i`;
}
