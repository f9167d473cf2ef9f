import { type AnswerOf, type Call, type MemberClient } from "../etcd/member-client.ts";
import { type Outcome } from "../etcd/outcome.ts";
import { type WatchedRange, type Watching } from "../etcd/watching.ts";
import { type HistoryWriter } from "./writer.ts";

/** A logical client, whose operations go one after the other through any member and into the history. */
export class RecordedClient {
  readonly #process: number;
  readonly #writer: HistoryWriter;

  /** @param process number of the logical client in the history */
  constructor(process: number, writer: HistoryWriter) {
    this.#process = process;
    this.#writer = writer;
  }

  async call<C extends Call>(client: MemberClient, call: C): Promise<Outcome<AnswerOf<C>>> {
    this.#writer.begin(this.#process, client.member, call);
    const outcome = await client.call(call);
    this.#end(outcome);
    return outcome;
  }

  /**
   * Opens a watch; what it delivers is recorded until it has ended. Until then this client must do nothing else.
   */
  watch(client: MemberClient, range: WatchedRange): Watching {
    this.#writer.begin(this.#process, client.member, { op: "watch", ...range });
    const watching = client.watch(range, (seen) => this.#writer.seen(this.#process, seen));
    void watching.ended.then((outcome) => this.#end(outcome));
    return watching;
  }

  #end(outcome: Outcome<object>): void {
    if (outcome.kind === "ok") this.#writer.end(this.#process, { ok: outcome.value as never });
    else if (outcome.kind === "failed") this.#writer.end(this.#process, { failed: outcome.error.message });
    else this.#writer.end(this.#process, { unknown: outcome.error.message });
  }
}
