import { setTimeout as sleep } from "node:timers/promises";
import { Unreachable } from "../../desk/connection.ts";
import { type View, type World } from "../cluster/world.ts";

/** How often the members are asked how they are, in milliseconds. */
const everyMs = 500;

/** Looks at the cluster again and again and remembers what it saw. */
export class Monitor {
  readonly views: View[] = [];
  readonly #world: World;
  readonly #seen: (view: View) => void;
  #ended = false;
  #loop: Promise<void> = Promise.resolve();

  /** @param seen told of every view */
  constructor(world: World, seen: (view: View) => void) {
    this.#world = world;
    this.#seen = seen;
  }

  get latest(): View | undefined {
    return this.views.at(-1);
  }

  start(): void {
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#ended = true;
    await this.#loop;
  }

  /** @returns whether all members were healthy in a look that began after now, within the time */
  async healthyWithin(withinMs: number): Promise<boolean> {
    const from = Date.now();
    const seen = await this.#world.until(withinMs, () =>
      Promise.resolve(this.views.some(({ atMs, healthy }) => healthy && atMs > from)),
    );
    return seen === true;
  }

  async #run(): Promise<void> {
    while (!this.#ended) {
      const began = Date.now();
      try {
        const view = { ...(await this.#world.look()), atMs: began };
        this.views.push(view);
        this.#seen(view);
      } catch (error) {
        // Without the API server nothing is seen: neither good nor bad.
        if (!(error instanceof Unreachable)) throw error;
      }
      await sleep(Math.max(50, everyMs - (Date.now() - began)));
    }
  }
}
