import type { Ports } from "./ports.ts";

/** One line for a person who reads `kubectl logs`; etcd's own lines stand between them as they come. */
export function log(line: string): void {
  process.stdout.write(`${new Date().toISOString()} member: ${line}\n`);
}

const SAY_AGAIN_AFTER_MS = 30_000;

/** Says a line when it is new, and again every half minute while it stays true. */
export class SaidOnce {
  readonly #ports: Pick<Ports, "clock" | "log">;
  #line = "";
  #at = 0;

  constructor(ports: Pick<Ports, "clock" | "log">) {
    this.#ports = ports;
  }

  say(line: string): void {
    const now = this.#ports.clock.now();
    if (line === this.#line && now - this.#at < SAY_AGAIN_AFTER_MS) return;
    this.#line = line;
    this.#at = now;
    this.#ports.log(line);
  }
}
