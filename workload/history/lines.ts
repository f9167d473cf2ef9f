import { closeSync, openSync, readSync } from "node:fs";

/** A history that can't be judged: what is wrong, and where. Its message is a sentence for the one who asked. */
export class UnreadableHistory extends Error {}

const chunkBytes = 4 * 1024 * 1024;
const newline = 0x0a;

export interface Line {
  readonly text: string;
  /** From 1. */
  readonly number: number;
  /** Whether a line break ends it: a process that was killed while writing leaves a last line without one. */
  readonly complete: boolean;
}

/**
 * The lines of a file, read in pieces and once: it may be a pipe.
 * @throws UnreadableHistory
 */
export function* linesOf(path: string): Generator<Line, void> {
  const file = told(path, () => openSync(path, "r"));
  try {
    let rest: Buffer = Buffer.alloc(0);
    let number = 0;
    for (;;) {
      const chunk = Buffer.allocUnsafe(chunkBytes);
      const read = told(path, () => readSync(file, chunk, 0, chunkBytes, null));
      if (read === 0) break;
      const bytes = rest.length === 0 ? chunk.subarray(0, read) : Buffer.concat([rest, chunk.subarray(0, read)]);
      let from = 0;
      for (let to = bytes.indexOf(newline); to !== -1; to = bytes.indexOf(newline, from)) {
        number += 1;
        yield { text: bytes.toString("utf8", from, to), number, complete: true };
        from = to + 1;
      }
      rest = bytes.subarray(from);
    }
    if (rest.length > 0) yield { text: rest.toString("utf8"), number: number + 1, complete: false };
  } finally {
    closeSync(file);
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a folder; give the files in it",
  EACCES: "it is not permitted",
};

function told<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    throw new UnreadableHistory(`${path} can't be read: ${reasons[String(error.code)] ?? error.message}`);
  }
}

/** What is no line of a history, as a message shows it. */
export function excerpt(text: string): string {
  return text === "" ? "an empty line" : JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
