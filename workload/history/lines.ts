import { closeSync, openSync, readSync } from "node:fs";

const chunkBytes = 4 * 1024 * 1024;
const newline = 0x0a;

export interface Line {
  readonly text: string;
  /** From 1. */
  readonly number: number;
  /** Whether a line break ends it: a process that was killed while writing leaves a last line without one. */
  readonly complete: boolean;
}

/** The lines of a file, read in pieces. */
export function* linesOf(path: string): Generator<Line> {
  const file = openSync(path, "r");
  try {
    let rest: Buffer = Buffer.alloc(0);
    let number = 0;
    for (;;) {
      const chunk = Buffer.allocUnsafe(chunkBytes);
      const read = readSync(file, chunk, 0, chunkBytes, null);
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
