import type { Context, RootHookObject } from "mocha";
import { listUnderWay } from "./under-way.ts";

/** An output in a template literal would print its source instead of its value; this makes it an error (Pulumi's own switch). */
process.env["PULUMI_ERROR_OUTPUT_STRING"] = "true";

/**
 * mocha reports nothing of a promise that Pulumi lets reject on its own, such as a failing `apply` or a resource that could not be
 * registered: the test would pass. Each such rejection is kept and thrown after the test in which it happened.
 */
const rejections: unknown[] = [];
process.removeAllListeners("unhandledRejection");
process.on("unhandledRejection", (reason) => rejections.push(reason));

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function throwRejections(): void {
  const [first] = rejections.splice(0);
  if (first instanceof Error) throw first;
  if (first !== undefined) throw new Error("a promise was rejected and nobody looked", { cause: first });
}

/** mocha says of a test that ran out of time how long it had, and nothing of what it waited for. */
function sayWhereItStood({ currentTest }: Context): void {
  const error = currentTest?.state === "failed" ? currentTest.err : undefined;
  if (error === undefined) return;
  const { message } = error;
  error.message = [message, ...listUnderWay()].join("\n");
  if (error.stack !== undefined) error.stack = error.stack.replace(message, () => error.message);
}

export const mochaHooks: RootHookObject = {
  async afterEach(this: Context) {
    sayWhereItStood(this);
    await nextTurn();
    throwRejections();
  },
  async afterAll() {
    await nextTurn();
    throwRejections();
  },
};
