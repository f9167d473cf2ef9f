import { type Evaluation, type Property } from "./evaluate.ts";

/** For people: a line a property, failing ones first and with what is known of them. */
export function evaluationInWords(
  { properties, setups }: Evaluation,
  torn: readonly string[],
  except: readonly string[],
): string {
  const order = [...properties].sort((a, b) => Number(a.good) - Number(b.good));
  const bad = properties.filter(({ good, message }) => !good && !except.includes(message)).length;
  const lines = order.flatMap((property) => propertyInWords(property, except.includes(property.message)));
  if (torn.length > 0) lines.push(`left out as torn: ${torn.join(", ")}`);
  lines.push(`setup was said to be complete ${setups === 1 ? "once" : `${setups} times`}`);
  lines.push(`${properties.length} properties: ${properties.length - bad} as they must be, ${bad} not`);
  return lines.join("\n");
}

function propertyInWords(property: Property, excepted: boolean): string[] {
  const { message, kind, verdict, good, passing, failing } = property;
  const sign = good ? "✔" : excepted ? "–" : "✘";
  const counts = verdict === "never reached" ? "" : `, held ${passing} times, failed ${failing} times`;
  const line = `${sign} ${verdict}: ${message} (${kind}${counts})${excepted ? ", not counted" : ""}`;
  const shown = good ? [] : property.counterexamples;
  return [line, ...shown.map((details) => `    ${JSON.stringify(details)}`)];
}
