import assert from "node:assert/strict";
import { anchor } from "../../../drill/report/anchor.ts";
import { escapeHtml, html } from "../../../drill/report/html.ts";
import { count, counted, dateAndTime, duration, moment, timeOfDay } from "../../../drill/report/words.ts";

describe("times and numbers for people", () => {
  const cases: readonly (readonly [string, string])[] = [
    [duration(0), "0 ms"],
    [duration(0.404), "0.40 ms"],
    [duration(84), "84 ms"],
    [duration(999.6), "1.00 s"],
    [duration(1392), "1.39 s"],
    [duration(31200), "31.2 s"],
    [duration(59_960), "1 min"],
    [duration(94_800), "1 min 35 s"],
    [duration(3_600_000), "1 h"],
    [moment(0), "0:00.000"],
    [moment(58_360.4), "0:58.360"],
    [moment(59_999.6), "1:00.000"],
    [moment(3_661_000, 0), "1:01:01"],
    [moment(-1500, 1), "−0:01.5"],
    [count(999), "999"],
    [count(1_234_567), "1\u202f234\u202f567"],
    [counted(1, "fault"), "1 fault"],
    [counted(0, "fault"), "0 faults"],
    [timeOfDay("2026-11-21T09:15:21.003Z"), "09:15:21.003"],
    [timeOfDay("yesterday"), "yesterday"],
    [dateAndTime("2026-11-21T09:15:00.000Z"), "2026-11-21 09:15:00 UTC"],
  ];

  for (const [got, expected] of cases) {
    it(`reads ${expected}`, () => {
      assert.equal(got, expected);
    });
  }
});

describe("markup", () => {
  it("escapes strings, alone and in lists, and keeps what is markup already", () => {
    assert.equal(
      html`<b title="${'"'}">${"<i>"}${html`<hr />`}${["&", 1]}${undefined}</b>`.text,
      '<b title="&quot;">&lt;i&gt;<hr />&amp;1</b>',
    );
    assert.equal(escapeHtml("'"), "&#39;");
  });

  it("makes names that can be linked to of any text", () => {
    assert.equal(anchor('no "stale" read/1'), "no-stale-read-1");
  });
});
