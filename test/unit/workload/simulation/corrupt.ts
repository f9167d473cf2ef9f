import { type Chance } from "./chance.ts";
import { type LineObject } from "./simulate.ts";

/** What one line says otherwise than it was; undefined where this change does not apply to it. */
type Change = (line: LineObject, chance: Chance) => LineObject | undefined;

const changes: readonly Change[] = [
  // Another value, revision, version or creation, of any key that is shown anywhere in an answer.
  (line, chance) => inOneOf(line, chance, "value", () => `w${chance.between(0, 99)}`),
  (line, chance) => inOneOf(line, chance, "mod", (mod) => String(Number(mod) + chance.one([-1, 1]))),
  (line, chance) => inOneOf(line, chance, "version", (version) => String(Number(version) + chance.one([-1, 1]))),
  (line, chance) => inOneOf(line, chance, "create", (create) => String(Number(create) + chance.one([-1, 1]))),
  (line, chance) => inOneOf(line, chance, "kvs", (kvs) => (Array.isArray(kvs) ? kvs.slice(1) : kvs)),
  (line, chance) => inOneOf(line, chance, "events", (events) => (Array.isArray(events) ? events.slice(1) : events)),
  (line, chance) => inOneOf(line, chance, "deleted", (deleted) => (deleted === 0 ? 1 : Number(deleted) - 1)),
  (line, chance) => inOneOf(line, chance, "kv", () => null),
];

/** The same history with one answer changed, as a cluster may that has a bug; undefined when the draw fits no line. */
export function corrupted(lines: readonly LineObject[], chance: Chance): readonly LineObject[] | undefined {
  const change = chance.one(changes);
  const fitting = lines.flatMap((line, index) => {
    const changed = "ok" in line || "seen" in line ? change(line, chance) : undefined;
    return changed === undefined || JSON.stringify(changed) === JSON.stringify(line) ? [] : [{ index, changed }];
  });
  if (fitting.length === 0) return undefined;
  const { index, changed } = chance.one(fitting);
  return lines.with(index, changed);
}

/** Changes one of the fields of this name, wherever it is inside. */
function inOneOf(
  line: LineObject,
  chance: Chance,
  name: string,
  to: (value: unknown) => unknown,
): LineObject | undefined {
  const places = JSON.stringify(line).split(`"${name}":`).length - 1;
  if (places === 0) return undefined;
  let left = chance.between(1, places);
  const text = JSON.stringify(line, (field, value: unknown) => {
    if (field !== name) return value;
    left -= 1;
    return left === 0 ? to(value) : value;
  });
  return JSON.parse(text) as LineObject;
}
