import { appendFileSync, readFileSync } from "node:fs";
import { deviceRandom, recordedRandom, replayedRandom, type RandomSource } from "./random.ts";

/**
 * The random source of a command with the flags `--record` and `--replay`.
 * @throws Error when the file of draws can't be read
 */
export function randomSource(files: {
  readonly record: string | undefined;
  readonly replay: string | undefined;
}): RandomSource {
  const { record, replay } = files;
  if (replay !== undefined) {
    return replayedRandom(readFileSync(replay, "utf8").split("\n").filter(Boolean).map(BigInt));
  }
  if (record !== undefined) return recordedRandom(deviceRandom(), (draw) => appendFileSync(record, `${draw}\n`));
  return deviceRandom();
}
