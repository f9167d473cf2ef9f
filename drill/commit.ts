import path from "node:path";
import { execa } from "execa";

/**
 * The commit this program is of; `-dirty` at its end: with changes that are not committed. "" outside a repository.
 * @param except a file whose changes do not count: one the drill itself writes
 */
export async function commit(except: string): Promise<string> {
  const git = async (...args: string[]): Promise<string> =>
    (await execa("git", args, { cwd: import.meta.dirname, reject: false })).stdout.trim();
  const head = await git("rev-parse", "--short=12", "HEAD");
  const top = await git("rev-parse", "--show-toplevel");
  const written = path.relative(top, except);
  const not = written.startsWith("..") ? [] : [`:(top,exclude)${written}`];
  const changes = await git("status", "--porcelain", "--", ":(top)", ...not);
  return head === "" || changes === "" ? head : `${head}-dirty`;
}
