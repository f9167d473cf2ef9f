interface Event {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
  cancelled: boolean;
}

/** Simulated time: what is to happen happens one after the other, and no time passes in between. In milliseconds. */
export class Scheduler {
  #now = 0;
  #order = 0;
  readonly #heap: Event[] = [];

  get now(): number {
    return this.#now;
  }

  /** @returns how to call it off */
  after(ms: number, run: () => void): () => void {
    const event = { at: this.#now + ms, order: this.#order++, run, cancelled: false };
    this.#push(event);
    return () => {
      event.cancelled = true;
    };
  }

  /**
   * Lets the next thing happen, and everything that follows from it without time passing: the members' code runs on
   * promises, all of which have come to rest by the next turn of Node's loop.
   *
   * @returns false where nothing is left to happen
   */
  async step(): Promise<boolean> {
    const event = this.#next();
    if (event === undefined) return false;
    this.#now = event.at;
    event.run();
    await new Promise((resolve) => setImmediate(resolve));
    return true;
  }

  #next(): Event | undefined {
    for (;;) {
      const event = this.#pop();
      if (event?.cancelled !== true) return event;
    }
  }

  #push(event: Event): void {
    const heap = this.#heap;
    heap.push(event);
    for (let at = heap.length - 1; at > 0;) {
      const parent = (at - 1) >> 1;
      if (!this.#swapIfLater(parent, at)) return;
      at = parent;
    }
  }

  #pop(): Event | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || first === last) return first;
    heap[0] = last;
    for (let at = 0; ;) {
      const left = 2 * at + 1;
      const child = this.#isLater(left, left + 1) ? left + 1 : left;
      if (child >= heap.length || !this.#swapIfLater(at, child)) return first;
      at = child;
    }
  }

  #isLater(a: number, b: number): boolean {
    const [one, other] = [this.#heap[a], this.#heap[b]];
    if (one === undefined || other === undefined) return false;
    return one.at === other.at ? one.order > other.order : one.at > other.at;
  }

  #swapIfLater(a: number, b: number): boolean {
    const [one, other] = [this.#heap[a], this.#heap[b]];
    if (one === undefined || other === undefined || !this.#isLater(a, b)) return false;
    this.#heap[a] = other;
    this.#heap[b] = one;
    return true;
  }
}
