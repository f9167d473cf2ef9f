import pc from "picocolors";
import { type View } from "../cluster/world.ts";

/** How many of the last lines the live view shows. */
const linesShown = 14;

/** Where the screen is shown; live only on a terminal. */
export interface ScreenOutput {
  readonly isTTY: boolean;
  /** Characters in a line of the terminal. */
  readonly columns: number;
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

  #draw(): void {
    const width = this.#out.columns;
    const rows = [
      `${seconds(Date.now() - this.#began)} of ${seconds(this.#durationMs)}   ${this.#writesPerSecond} writes/s`,
      ...(this.#view?.members.map((member) => memberLine(member, this.#view?.leader)) ?? []),
      "",
      ...this.#lines.slice(-linesShown),
    ].map((row) => row.slice(0, width - 1));
    const up = this.#drawn === 0 ? "" : `\x1b[${this.#drawn}A`;
    this.#out.write(`${up}${rows.map((row) => `\x1b[2K${row}\n`).join("")}\x1b[0J`);
    this.#drawn = rows.length;
  }
}

function memberLine({ pod, ready, status }: View["members"][number], leader: string | undefined): string {
  const state = ready ? pc.green("healthy") : status === undefined ? pc.red("silent ") : pc.yellow("unready");
  return `  ${pod.padEnd(12)} ${state}  ${pod === leader ? "leader" : status?.isLearner === true ? "learner" : ""}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
