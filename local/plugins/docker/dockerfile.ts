/**
 * The images a Dockerfile builds upon, build arguments filled in: what its FROM lines and `COPY --from=` name, but for
 * its own stages and `scratch`.
 */
export function baseImages(dockerfile: string, args: Readonly<Record<string, string>>): string[] {
  const values = new Map<string, string>();
  const stages = new Set<string>(["scratch"]);
  const images = new Set<string>();
  let stageCount = 0;
  const note = (reference: string): void => {
    const image = substitute(reference, values);
    if (!stages.has(image.toLowerCase()) && !/^\d+$/.test(image)) {
      images.add(image);
    }
  };
  for (const line of instructions(dockerfile)) {
    const [word = "", ...rest] = line.split(/\s+/);
    switch (word.toUpperCase()) {
      case "ARG":
        if (stageCount === 0) {
          declare(rest[0] ?? "", args, values);
        }
        break;
      case "FROM": {
        const [reference = "", as, stage] = rest.filter((part) => !part.startsWith("--"));
        note(reference);
        stageCount += 1;
        if (as?.toUpperCase() === "AS" && stage !== undefined) {
          stages.add(stage.toLowerCase());
        }
        break;
      }
      case "COPY": {
        const from = rest.find((part) => part.startsWith("--from="));
        if (from !== undefined) {
          note(from.slice("--from=".length));
        }
        break;
      }
    }
  }
  return [...images].sort();
}

/** The instructions, one a line: comments left out, continued lines joined. */
function instructions(dockerfile: string): string[] {
  return dockerfile
    .split("\n")
    .filter((line) => !line.trimStart().startsWith("#"))
    .join("\n")
    .replaceAll(/\\\s*\n/g, " ")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

function declare(declaration: string, args: Readonly<Record<string, string>>, values: Map<string, string>): void {
  const [name = "", ...fallback] = declaration.split("=");
  const value = args[name] ?? (fallback.length === 0 ? undefined : fallback.join("=").replaceAll(/^["']|["']$/g, ""));
  if (value !== undefined) {
    values.set(name, substitute(value, values));
  }
}

function substitute(text: string, values: ReadonlyMap<string, string>): string {
  return text.replaceAll(
    /\$(?:\{(\w+)(?::-([^}]*))?\}|(\w+))/g,
    (_whole: string, braced: string | undefined, fallback: string | undefined, bare: string | undefined) =>
      values.get(braced ?? bare ?? "") ?? fallback ?? "",
  );
}
