import { clamp, type Range } from "../range.ts";

/** What is shown of the run and which moment is pointed at; whoever draws is told of changes. */
export class View {
  readonly whole: Range;
  readonly #least: number;
  readonly #onRange: ((range: Range) => void)[] = [];
  readonly #onPoint: ((ms: number | undefined) => void)[] = [];
  #range: Range;
  #point: number | undefined;

  /** @param least the shortest stretch that can be shown, in ms */
  constructor(whole: Range, least: number) {
    this.whole = whole;
    this.#range = whole;
    this.#least = least;
  }

  get range(): Range {
    return this.#range;
  }

  get point(): number | undefined {
    return this.#point;
  }

  /** Calls now and after every change of what is shown. */
  onRange(draw: (range: Range) => void): void {
    this.#onRange.push(draw);
    draw(this.#range);
  }

  /** Calls after every change of the moment pointed at. */
  onPoint(draw: (ms: number | undefined) => void): void {
    this.#onPoint.push(draw);
  }

  show(range: Range): void {
    this.#range = clamp(range, this.whole, this.#least);
    for (const draw of this.#onRange) draw(this.#range);
  }

  pointAt(ms: number | undefined): void {
    if (this.#point === ms) return;
    this.#point = ms;
    for (const draw of this.#onPoint) draw(ms);
  }
}
