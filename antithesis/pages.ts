import { UserError } from "../local/errors.ts";
import type { Value } from "./object.ts";
import { at, isMap, textAt } from "./object.ts";

/** The most pages that are read of one list. */
const mostPages = 100;

/** The entries of one page, or a UserError if it isn't as documented. */
function entriesOf(page: Value): Record<string, Value>[] {
  const data = at(page, "data");
  const entries = Array.isArray(data) ? data.filter((entry) => isMap(entry)) : [];
  if (Array.isArray(data) && entries.length === data.length) return entries;
  throw new UserError("the answer is no list as Antithesis documents it: check ANTITHESIS_BASE_URL");
}

/**
 * Reads a paginated list, page after page, until it ends or has `most` entries.
 *
 * @param read one page: the one after a cursor, or the first
 * @returns the entries and whether there are more
 * @throws UserError for a list that is not as documented, that leads in a circle or has more than 100 pages
 */
export async function allOf(
  read: (cursor: string | undefined) => Promise<Value>,
  most = Infinity,
): Promise<{ entries: Record<string, Value>[]; more: boolean }> {
  const entries: Record<string, Value>[] = [];
  const cursors = new Set<string>();
  let cursor: string | undefined;
  for (let pages = 0; pages < mostPages; pages++) {
    const page = await read(cursor);
    entries.push(...entriesOf(page));
    cursor = textAt(page, "next_cursor");
    if (cursor === "" || entries.length >= most) {
      return { entries: entries.slice(0, most), more: cursor !== "" || entries.length > most };
    }
    if (cursors.has(cursor)) throw new UserError("the list leads in a circle: tell Antithesis");
    cursors.add(cursor);
  }
  throw new UserError(`the list has more than ${mostPages} pages: it was not read to its end`);
}
