import { type IDuplexStream, type IWatchRequest, type IWatchResponse } from "etcd3";
import { type Seen } from "../history/format.ts";
import { seenAnswer } from "./answers.ts";
import { callError, outcomeOfError, type Outcome } from "./outcome.ts";
import { watchRequest } from "./requests.ts";

export interface WatchedRange {
  readonly key: string;
  /** Default: the key alone. */
  readonly end?: string;
  /** The first revision whose events are wanted; "0": those to come. */
  readonly from: string;
}

export type WatchStream = IDuplexStream<IWatchRequest, IWatchResponse>;

/** How long the member has to say up to where it has delivered all, when the watcher leaves, in milliseconds. */
const farewellMs = 500;

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
  readonly #stream: WatchStream;
  #state: "watching" | "leaving" | "ended" = "watching";
  #farewell: NodeJS.Timeout | undefined;
  #end: (outcome: Outcome<Record<string, never>>) => void = () => undefined;

  constructor(stream: WatchStream, range: WatchedRange, onSeen: (seen: Seen) => void) {
    this.#stream = stream;
    this.ended = new Promise((resolve) => (this.#end = resolve));
    stream.on("data", (answer) => this.#take(answer, onSeen));
    stream.on("error", (error) => this.#fail(error));
    stream.on("end", () => this.#fail(new Error("14 UNAVAILABLE: the watch's stream ended")));
    stream.write({ create_request: watchRequest(range.key, range.end, range.from) });
  }

  /** Asks up to which revision all was delivered, then ends the watch. Stopping again does nothing. */
  stop(): void {
    if (this.#state !== "watching") return;
    this.#state = "leaving";
    this.#stream.write({ progress_request: {} });
    this.#farewell = setTimeout(() => this.#finish({ kind: "ok", value: {} }), farewellMs);
  }

  #take(answer: IWatchResponse, onSeen: (seen: Seen) => void): void {
    if (this.#state === "ended") return;
    if (answer.canceled) {
      this.#fail(new Error(`11 OUT_OF_RANGE: ${answer.cancel_reason} (compacted at ${answer.compact_revision})`));
      return;
    }
    if (answer.created) return;
    onSeen(seenAnswer(answer));
    if (this.#state === "leaving" && answer.events.length === 0) this.#finish({ kind: "ok", value: {} });
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
