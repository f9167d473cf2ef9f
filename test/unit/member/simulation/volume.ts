import type { DataDir as Seen, FirstStart } from "../../../../member/decision.ts";
import type { DataDir } from "./etcd-data.ts";

/** What is on one volume: it outlives programs and pods, not its claim. */
export class Volume {
  dir: DataDir | undefined;
  note: FirstStart | undefined;

  seen(): Seen {
    if (this.dir !== undefined) return { kind: "wal", identity: this.dir.identity };
    return { kind: "empty", firstStart: this.note };
  }
}
