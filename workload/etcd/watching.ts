import { type Channel, type Stream } from "../grpc/channel.ts";
import { codes, GrpcError } from "../grpc/status.ts";
import { type Seen } from "../history/format.ts";
import { watchAnswer } from "./answers.ts";
import { callError, outcomeOfError, type Outcome } from "./outcome.ts";
import { progressRequest, watchRequest } from "./requests.ts";

export interface WatchedRange {
  readonly key: string;
  /** Default: the key alone. */
  readonly end?: string;
  /** The first revision whose events are wanted; "0": those to come. */
  readonly from: string;
}

/** How long the member has to say up to where it has delivered all, when the watcher leaves, in milliseconds. */
const farewellMs = 500;
const outOfRange = 11;

/**
 * One watch on one stream, as etcd delivers it: nothing is repeated, resumed or filled in, because a watch that mends itself
 * would hide what the checker looks for. What follows a broken watch is another watch.
 *
 * Only answers that carry events, and progress notices, are passed on. The revision of the answer that says the watch was
 * created is the store's at that moment: events up to it may still be to come.
 */
export class Watching {
  /** How it ended: ok when its watcher ended it. */
  readonly ended: Promise<Outcome<Record<string, never>>>;
  readonly #stream: Stream;
  readonly #onSeen: (seen: Seen) => void;
  #state: "watching" | "leaving" | "ended" = "watching";
  #farewell: NodeJS.Timeout | undefined;
  #end: (outcome: Outcome<Record<string, never>>) => void = () => undefined;

  constructor(channel: Channel, { key, end, from }: WatchedRange, onSeen: (seen: Seen) => void) {
    this.#onSeen = onSeen;
    this.ended = new Promise((resolve) => (this.#end = resolve));
    this.#stream = channel.stream("/etcdserverpb.Watch/Watch", watchRequest(key, end, from), {
      message: (bytes) => this.#take(bytes),
      end: (error) => this.#fail(error ?? new GrpcError(codes.unavailable, "the watch's stream ended")),
    });
  }

  /** Asks up to which revision all was delivered, then ends the watch. Stopping again does nothing. */
  stop(): void {
    if (this.#state !== "watching") return;
    this.#state = "leaving";
    this.#stream.send(progressRequest());
    this.#farewell = setTimeout(() => this.#finish({ kind: "ok", value: {} }), farewellMs);
  }

  #take(bytes: Buffer): void {
    if (this.#state === "ended") return;
    const { created, cancelled, seen } = watchAnswer(bytes);
    if (cancelled !== undefined) {
      this.#fail(new GrpcError(outOfRange, cancelled));
      return;
    }
    if (created) return;
    this.#onSeen(seen);
    if (this.#state === "leaving" && seen.events.length === 0) this.#finish({ kind: "ok", value: {} });
  }

  #fail(error: Error): void {
    this.#finish(outcomeOfError(callError(error), "reads"));
  }

  #finish(outcome: Outcome<Record<string, never>>): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    clearTimeout(this.#farewell);
    this.#end(outcome);
    this.#stream.cancel();
  }
}
