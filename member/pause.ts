/** Whether the pod was told to stop, and a way to be woken by it. */
export class Stop {
  #asked = false;
  readonly #wake = new Set<() => void>();

  get asked(): boolean {
    return this.#asked;
  }

  ask(): void {
    this.#asked = true;
    for (const wake of this.#wake) wake();
  }

  /** Calls back when a stop is asked for from now on. Returns how to take that back. */
  onAsked(callback: () => void): () => void {
    this.#wake.add(callback);
    return () => this.#wake.delete(callback);
  }
}

/** Lets `ms` pass before a condition is looked at again; ends at once when a stop is asked for. */
export function pause(ms: number, stop: Stop | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (stop?.asked === true) {
      resolve();
      return;
    }
    const done = (): void => {
      clearTimeout(timer);
      takeBack?.();
      resolve();
    };
    const timer = setTimeout(done, ms);
    const takeBack = stop?.onAsked(done);
  });
}
