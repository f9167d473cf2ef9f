/** Text that is HTML already. Only `html` makes it, so whatever else comes into a page is escaped. */
export class Html {
  readonly text: string;

  /** @param text markup that holds nothing from outside, or is escaped */
  constructor(text: string) {
    this.text = text;
  }
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as it is to be read, in an element or in a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

type Value = Html | string | number | undefined | readonly Value[];

function render(value: Value): string {
  if (value === undefined) return "";
  if (value instanceof Html) return value.text;
  if (typeof value === "string") return escapeHtml(value);
  return typeof value === "number" ? String(value) : value.map(render).join("");
}

/** Markup with values in it: strings are escaped, lists joined, undefined left out. */
export function html(markup: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(markup.reduce((text, part, index) => text + render(values[index - 1]) + part));
}

/** JSON for a script element, which ends at the first `</script` and changes its rules at `<!--`, wherever they stand. */
export function jsonInScript(value: unknown): Html {
  return new Html(JSON.stringify(value).replaceAll("<", "\\u003c"));
}
