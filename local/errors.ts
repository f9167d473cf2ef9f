import process from "node:process";

/** A mistake or circumstance the user can act on: one sentence, shown without a stack. */
export class UserError extends Error {
  readonly exitCode: 1 | 2;

  /**
   * @param message one sentence: the full name of the key or object, what was expected, what to do
   * @param exitCode 2 for wrong use (arguments, settings), 1 (the default) for a failure
   */
  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message);
    this.name = "UserError";
    this.exitCode = exitCode;
  }
}

/** Ends the process: `error: <message>` for a UserError and its exit code, message and stack and 1 for anything else. */
export function exitWith(error: unknown): never {
  if (error instanceof UserError) {
    process.stderr.write(`error: ${error.message}\n`);
    process.exit(error.exitCode);
  }
  process.stderr.write(`error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
}
