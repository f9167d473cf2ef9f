// Kubernetes' suffixes of quantities (k8s.io/apimachinery/pkg/api/resource).
const factors: Record<string, number> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** The number a quantity such as `250m` or `1Gi` stands for; undefined when it is none. */
export function quantityOf(text: string | number): number | undefined {
  const match = /^([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)([numkMGTPE]|[KMGTPE]i|)$/.exec(String(text));
  const factor = factors[match?.[2] ?? ""];
  const value = Number(match?.[1]);
  return match === null || factor === undefined || Number.isNaN(value) ? undefined : value * factor;
}

/** True when two quantities are the same amount: the API server writes `0.5` as `500m`. */
export function sameQuantity(a: string | number, b: string | number): boolean {
  const [first, second] = [quantityOf(a), quantityOf(b)];
  // Products of powers of ten are not exact: a billionth part is no change anybody asks for.
  return first !== undefined && second !== undefined && Math.abs(first - second) <= Math.abs(first) * 1e-9;
}
