import pc from "picocolors";
import { type View } from "../cluster/world.ts";

/** How many of the last lines the live view shows at most, and at least, on a terminal that has no room for more. */
const linesShown = { most: 14, least: 3 };

/** Where the screen is shown; live only on a terminal. */
export interface ScreenOutput {
  readonly isTTY: boolean;
  /** Characters in a line of the terminal. */
  readonly columns: number;
  /** Lines of the terminal. */
  readonly rows: number;
  readonly write: (text: string) => unknown;
}

/** What a person sees while the drill runs: one screen on a terminal, plain lines elsewhere. */
export class Screen {
  readonly #live: boolean;
  readonly #out: ScreenOutput;
  readonly #lines: string[] = [];
  #began = Date.now();
  #durationMs = 0;
  #view: View | undefined;
  #writesPerSecond = 0;
  #drawn = 0;

  constructor(out: ScreenOutput = process.stdout) {
    this.#out = out;
    this.#live = out.isTTY;
  }

  begin(began: number, durationMs: number): void {
    this.#began = began;
    this.#durationMs = durationMs;
  }

  /** Something happened. */
  readonly say = (line: string): void => {
    const timed = `${seconds(Date.now() - this.#began).padStart(7)}  ${line}`;
    this.#lines.push(timed);
    if (this.#live) this.#draw();
    else this.#out.write(`${timed}\n`);
  };

  view(view: View): void {
    const before = this.#view;
    if (before !== undefined && view.revision >= before.revision && view.atMs > before.atMs) {
      this.#writesPerSecond = Math.round(((view.revision - before.revision) * 1000) / (view.atMs - before.atMs));
    }
    this.#view = view;
    if (this.#live) this.#draw();
  }

  /** Leaves the last screen where it is: what is said next comes below. */
  end(): void {
    this.#drawn = 0;
  }

  /**
   * Writes over what is there, each line to its end, in one go: nothing is blank in between. No line is longer and there are no
   * more lines than the terminal has, or the way back up would be another one.
   */
  #draw(): void {
    const { columns, rows } = this.#out;
    const head = [
      plain(`${seconds(Date.now() - this.#began)} of ${seconds(this.#durationMs)}   ${this.#writesPerSecond} writes/s`),
      ...(this.#view?.members.map((member) => memberLine(member, this.#view?.leader)) ?? []),
      plain(""),
    ];
    const room = Math.max(linesShown.least, rows - head.length - 2);
    const shown = [...head, ...this.#lines.slice(-Math.min(linesShown.most, room)).map(plain)];
    const up = this.#drawn === 0 ? "" : `\x1b[${this.#drawn}A\r`;
    const lines = shown.map(({ text, paint }) => `${paint(cut(text, columns - 1))}\x1b[K\n`);
    this.#out.write(`${up}${lines.join("")}\x1b[J`);
    this.#drawn = shown.length;
  }
}

/** A line, and its colour, which takes no room. */
interface Row {
  readonly text: string;
  readonly paint: (text: string) => string;
}

function plain(text: string): Row {
  return { text, paint: (same) => same };
}

function memberLine({ pod, ready, status }: View["members"][number], leader: string | undefined): Row {
  const [state, paint] = ready
    ? ["healthy", pc.green]
    : status === undefined
      ? ["silent", pc.red]
      : ["unready", pc.yellow];
  const role = pod === leader ? "leader" : status?.isLearner === true ? "learner" : "";
  return { text: `  ${pod.padEnd(12)} ${state.padEnd(8)} ${role}`, paint };
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, Math.max(0, length - 1))}…`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
