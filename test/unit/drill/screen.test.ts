import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { Screen } from "../../../drill/run/screen.ts";
import { view } from "./recorded-run.ts";

/** A terminal of a size, as far as the screen uses one: text, line ends, the cursor up and to the left, erasing. */
class Terminal {
  readonly isTTY = true;
  readonly columns: number;
  readonly rows: number;
  lines: string[] = [];
  readonly #row = { at: 0 };

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
  }

  readonly write = (text: string): void => {
    const [, up = "0"] = /^\x1b\[(\d+)A\r/.exec(text) ?? [];
    assert(Number(up) < this.rows, "the cursor can't go up beyond the terminal");
    this.#row.at -= Number(up);
    const lines = stripVTControlCharacters(text).replace("\r", "").split("\n").slice(0, -1);
    for (const line of lines) {
      assert(line.length < this.columns, `"${line}" would wrap`);
      this.lines[this.#row.at] = line;
      this.#row.at += 1;
    }
    if (text.endsWith("\x1b[J")) this.lines.length = this.#row.at;
  };
}

describe("the live screen", () => {
  for (const [columns, rows] of [
    [80, 24],
    [40, 12],
    [200, 60],
  ] as const) {
    it(`stays in its place on a terminal of ${columns} × ${rows}, whatever is said`, () => {
      const terminal = new Terminal(columns, rows);
      const screen = new Screen(terminal);
      screen.begin(Date.now(), 90_000);
      for (let number = 1; number <= 40; number++) {
        screen.say(`fault ${number}: ${"SIGKILL of the leader ".repeat(number)}`);
        screen.view(view(Date.now() + number, number % 2 === 0));
      }
      assert(terminal.lines.length < rows);
      assert.match(terminal.lines[0] ?? "", /s of 90\.0 s/);
      assert.match(terminal.lines[1] ?? "", /^ {2}etcd-0 +healthy +leader/);
      assert.match(terminal.lines.at(-1) ?? "", /fault 40: SIGKILL/);
      assert(terminal.lines.every((line) => line.length < columns));
    });
  }

  it("leaves the last picture standing when it ends", () => {
    const terminal = new Terminal(80, 24);
    const screen = new Screen(terminal);
    screen.say("one");
    const before = [...terminal.lines];
    screen.end();
    screen.say("two");
    assert.deepEqual(terminal.lines.slice(0, before.length), before);
  });
});

describe("what is said where there is no terminal", () => {
  it("is plain lines", () => {
    let written = "";
    const screen = new Screen({ isTTY: false, columns: 0, rows: 0, write: (text) => (written += text) });
    screen.say("one");
    screen.view(view(0, true));
    screen.say("two");
    assert.match(written, /^ +\d+\.\d s {2}one\n +\d+\.\d s {2}two\n$/);
  });
});
