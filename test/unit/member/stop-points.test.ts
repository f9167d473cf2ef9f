import assert from "node:assert/strict";
import { buildSync } from "esbuild";
import { stopPoints } from "../../../member/stop-points.ts";
import { runEpisode } from "./simulation/episode.ts";

function bundled(entry: string): string {
  const { outputFiles } = buildSync({
    entryPoints: [entry],
    bundle: true,
    platform: "node",
    format: "cjs",
    write: false,
  });
  return outputFiles.map(({ text }) => text).join("");
}

describe("stop points", () => {
  it("are all come by in the life of a cluster: none is a point that nobody ever reaches", async () => {
    const missing = new Set<string>(stopPoints);
    for (let seed = 1; seed <= 60 && missing.size > 0; seed++)
      for (const point of (await runEpisode(seed)).reached) missing.delete(point);
    assert.deepEqual([...missing], []);
  }).timeout(30_000);

  it("stop nothing in the program that goes into the image: only the tests' own program has what does", () => {
    const trap = /"stop-at"|process\.exit\(137\)/;
    assert.doesNotMatch(bundled("member/main.ts"), trap);
    assert.match(bundled("test/e2e/stop-points/main.ts"), trap);
  });
});
