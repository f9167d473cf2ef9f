import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { execa } from "execa";
import { check } from "../../../workload/checker/check.ts";
import { verdictInWords } from "../../../workload/checker/report.ts";
import { readHistory } from "../../../workload/history/reader.ts";
import { eventually, worldContext, worldEnvironment, type TestStack } from "../world.ts";
import { missingFrom, presentOf, recordedPuts, type AcknowledgedWrite, type Puts } from "./recording.ts";

export interface WriterOptions {
  /** A put is begun so often, in milliseconds. */
  readonly everyMs: number;
  /** How long one may take, in milliseconds; none is repeated. */
  readonly deadlineMs: number;
  /** Every so many puts, the key acknowledged last is read. Default: never. */
  readonly readEvery?: number;
  /** How long the first write may take to be acknowledged, in milliseconds. Default: 30,000. */
  readonly beginsWithinMs?: number;
  /** The peer Service by which members are found; default: the stack's own. */
  readonly peerService?: string;
}

/** etcd3 looks for its .proto files beside the folder it lies in. */
const FOLDER = "/tmp/writer";
const PROGRAM = `${FOLDER}/lib/writer.js`;

/** A writer in a client pod. It goes on whatever becomes of the API server, the kubelet or this process. */
export class RecordingWriter {
  readonly #stack: TestStack;
  readonly #pod: string;
  readonly #prefix: string;

  private constructor(stack: TestStack, pod: string, prefix: string) {
    this.#stack = stack;
    this.#pod = pod;
    this.#prefix = prefix;
  }

  /** Returns when the first write is acknowledged. */
  static async start(stack: TestStack, options: WriterOptions): Promise<RecordingWriter> {
    const { stdout } = await stack.kubectl(
      "get",
      "pods",
      "-l",
      "app=etcd-client",
      "-o",
      "jsonpath={.items[0].metadata.name}",
    );
    const prefix = `w-${Date.now().toString(36)}-`;
    const writer = new RecordingWriter(stack, stdout, prefix);
    await upload(stack, stdout);
    const flags = [
      `--every-ms=${options.everyMs}`,
      `--deadline-ms=${options.deadlineMs}`,
      `--read-every=${options.readEvery ?? 0}`,
      `--prefix=${prefix}`,
      `--history=${writer.#file("jsonl")}`,
      `--ready=${writer.#file("ready")}`,
    ];
    const service = options.peerService === undefined ? "" : `ETCD_PEER_SERVICE=${options.peerService} `;
    await writer.#shell(
      `${service}node ${PROGRAM} ${flags.join(" ")} >${writer.#file("log")} 2>&1 & echo $! >${writer.#file("pid")}`,
    );
    await eventually("the writer's first write is acknowledged", options.beginsWithinMs ?? 30_000, () =>
      writer.#shell(`test -e ${writer.#file("ready")}`),
    );
    return writer;
  }

  /** Ends the writing and returns what was acknowledged; the history is judged by the checker on the way. */
  async stop(): Promise<Recording> {
    await this.#shell(`kill -TERM $(cat ${this.#file("pid")})`);
    await eventually("the writer has ended", 30_000, async () => {
      const alive = await this.#shell(`kill -0 $(cat ${this.#file("pid")}) 2>/dev/null && echo alive || true`);
      return alive === "" ? true : undefined;
    });
    assert.equal(await this.#shell(`cat ${this.#file("log")}`), "");
    const history = await this.#shell(`cat ${this.#file("jsonl")}; rm ${FOLDER}/${this.#prefix}*`);
    return new Recording(this.#stack, this.#prefix, history);
  }

  #file(kind: string): string {
    return `${FOLDER}/${this.#prefix}.${kind}`;
  }

  async #shell(script: string): Promise<string> {
    return (await this.#stack.kubectl("exec", this.#pod, "--", "sh", "-c", script)).stdout;
  }
}

/** What a writer recorded. */
export class Recording {
  readonly puts: Puts;
  readonly #stack: TestStack;
  readonly #prefix: string;

  /** @throws AssertionError where the history contradicts a strictly serializable store */
  constructor(stack: TestStack, prefix: string, history: string) {
    this.#stack = stack;
    this.#prefix = prefix;
    const folder = mkdtempSync(join(tmpdir(), "recording-"));
    try {
      const file = join(folder, "history.jsonl");
      writeFileSync(file, `${history}\n`);
      this.puts = recordedPuts(file);
      const read = readHistory([file]);
      const verdict = check(read);
      assert.deepEqual(verdict.violations, [], verdictInWords(read, verdict));
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  get writes(): readonly AcknowledgedWrite[] {
    return this.puts.writes;
  }

  /**
   * Every acknowledged write is on each of these members, by the member's own word, as it was acknowledged.
   *
   * @param upTo a revision that was recovered from: what was acknowledged with a later one is given up, and must not be there
   */
  async isWholeOn(pods: readonly string[], upTo = Infinity): Promise<void> {
    const kept = this.writes.filter(({ revision }) => Number(revision) <= upTo);
    const givenUp = this.writes.filter(({ revision }) => Number(revision) > upTo);
    const dump = ["get", this.#prefix, "--prefix", "-w", "json", "--consistency=s", "--command-timeout=20s"];
    for (const pod of pods) {
      let missing: string[] = [];
      const whole = eventually(`${pod} has all writes`, 20_000, async () => {
        const stored = await this.#stack.etcdctl(pod, ...dump);
        assert.deepEqual(presentOf(stored, givenUp), [], pod);
        missing = missingFrom(stored, kept);
        return missing.length === 0 ? true : undefined;
      });
      await whole.catch((error: unknown) => {
        throw new Error(`${pod}: ${missing.slice(0, 5).join("; ")} (${missing.length} of ${kept.length})`, {
          cause: error,
        });
      });
    }
  }
}

async function upload(stack: TestStack, pod: string): Promise<void> {
  const bundled = await build({
    entryPoints: [join(import.meta.dirname, "program.ts")],
    bundle: true,
    write: false,
    platform: "node",
    target: "node24",
    format: "cjs",
    logLevel: "error",
  });
  const script = `mkdir -p ${FOLDER}/lib && ln -sfn /opt/antithesis/proto ${FOLDER}/proto && cat >${PROGRAM}`;
  await execa(
    "kubectl",
    ["--context", worldContext, "-n", stack.namespace, "exec", "-i", pod, "--", "sh", "-c", script],
    { env: await worldEnvironment(), input: bundled.outputFiles[0]?.text ?? "" },
  );
}
