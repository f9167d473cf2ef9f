import assert from "node:assert/strict";
import { machineDuring, parseCounters } from "../../../bench/machine-trace.ts";

describe("what the machine did during a write gap", () => {
  const stat = (busy: number, idle: number): string => `cpu  ${busy} 0 0 ${idle} 0 0 0 0 0 0\ncpu0 1 2 3 4\n`;
  const pressure = (us: number): string => `some avg10=0.00 avg60=0.00 total=${us}\nfull avg10=0.00 total=7\n`;
  const samples = [
    parseCounters(0, stat(100, 100), pressure(0)),
    parseCounters(100, stat(110, 110), pressure(1_000)),
    parseCounters(200, stat(129, 111), pressure(4_000)),
    parseCounters(300, stat(129, 131), pressure(4_000)),
  ];

  it("is told from the samples that enclose it", () => {
    assert.equal(
      machineDuring(samples, 105, 195),
      "the cores were busy for 95 % of 100 ms, and something waited for the disk for 3 ms",
    );
    assert.match(machineDuring(samples, 105, 1_000), /^the cores were busy for 48 % of 200 ms/);
  });

  it("is not told where nobody looked", () => {
    assert.equal(machineDuring([], 0, 100), "the machine was not looked at");
  });
});
