import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "puppeteer-core";
import { writeReportHtml } from "../../drill/report/write.ts";
import type { Report } from "../../drill/report-format.ts";
import { exampleReport, withEveryString } from "../unit/drill-report/example-report.ts";
import { openFile, startBrowser } from "./web-page.ts";

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** What a script in the page gives. The scripts are strings because they are not of this program. */
async function ask<T>(page: Page, script: string): Promise<T> {
  return (await page.evaluate(script)) as T;
}

function box(page: Page, selector: string): Promise<Box> {
  return ask<Box>(page, `document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect().toJSON()`);
}

function textOf(page: Page, selector: string): Promise<string> {
  return ask<string>(page, `document.querySelector(${JSON.stringify(selector)}).innerText.replace(/\\s+/g, " ")`);
}

/** Where a moment is on the plots when this stretch is shown. */
async function xOf(page: Page, ms: number, from: number, to: number): Promise<number> {
  const { left, right } = await box(page, "#latency .u-over");
  return left + ((ms - from) / (to - from)) * (right - left);
}

/** The stretch that the page says it shows, in ms. */
async function shown(page: Page): Promise<number[]> {
  const times = (await textOf(page, "#range")).split(" – ");
  return times.map((time) => time.split(":").reduce((sum, part) => sum * 60 + Number(part) * 1000, 0));
}

/** Red, green and blue of the latency plot near its foot, where no line is, at a moment when the whole run is shown. */
function pixel(page: Page, ms: number, whole: number): Promise<number[]> {
  return ask<number[]>(
    page,
    `(() => {
      const canvas = document.querySelector("#latency canvas");
      const [plot, own] = [document.querySelector("#latency .u-over"), canvas].map((e) => e.getBoundingClientRect());
      const x = (plot.left - own.left + (plot.width * ${ms}) / ${whole}) * devicePixelRatio;
      const y = (plot.bottom - own.top - 6) * devicePixelRatio;
      return [...canvas.getContext("2d").getImageData(Math.round(x), Math.round(y), 1, 1).data].slice(0, 3);
    })()`,
  );
}

describe("a drill's report in a browser", function () {
  this.timeout(300_000);
  const folder = mkdtempSync(join(tmpdir(), "drill-report-"));
  const report = exampleReport();
  // The last bucket ends after the run.
  const whole = report.series.writes.length * report.series.bucketMs;
  let browser: Browser;

  async function written(name: string, content: Report): Promise<string> {
    const file = join(folder, `${name}.html`);
    await writeReportHtml(content, file);
    return file;
  }

  before(async () => {
    browser = await startBrowser();
    await written("example", report);
  });

  after(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  const example = join(folder, "example.html");

  it("shows the verdict and why before anything else, complains of nothing and asks for nothing", async () => {
    const { page, complaints, requests } = await openFile(browser, example);
    const verdict = await textOf(page, "#verdict");
    assert.match(verdict, /✘ Failed 2 of 14 properties failed: no-stale-read, recovered-in-time/);
    assert.equal((await box(page, "#verdict")).top < 50, true);
    assert.match(await textOf(page, "#properties"), /put k17 = c3-981 → revision 5188 .*get k17 → c1-204/);
    assert.match(await textOf(page, "#again"), /npm run drill -- --stack dev --plan smoke --seed 4711/);
    assert.deepEqual({ complaints, requests }, { complaints: [], requests: [] });
    await page.close();
  });

  it("draws each fault over its time, as a band in its target's lane and behind the lines", async () => {
    const { page } = await openFile(browser, example);
    for (const { number, targets, startMs, endMs } of report.faults) {
      const bands = await ask<Box[]>(
        page,
        `[...document.querySelectorAll('.band[data-number="${number}"]')].map((e) => e.getBoundingClientRect().toJSON())`,
      );
      assert.equal(bands.length, targets.length);
      for (const { left, right } of bands) {
        assert(Math.abs(left - (await xOf(page, startMs, 0, whole))) < 1.5, `fault ${number} begins at ${left}`);
        const end = Math.max(await xOf(page, endMs, 0, whole), left + 4);
        assert(Math.abs(right - end) < 1.5, `fault ${number} ends at ${right}, not at ${end}`);
      }
    }
    const [quiet, partition, majority] = await Promise.all(
      [28_300, 37_300, 51_000].map((ms) => pixel(page, ms, whole)),
    );
    assert.deepEqual(
      quiet?.every((value) => value === 0),
      true,
      "nothing is drawn where no fault is",
    );
    assert.notDeepEqual(partition, quiet);
    assert.notDeepEqual(majority, quiet);
    assert.notDeepEqual(majority, partition);
    await page.close();
  });

  it("says what was at the moment pointed at: the fault, its target, the pause, the traffic", async () => {
    const { page } = await openFile(browser, example);
    await ask(page, `document.querySelector("#latency").scrollIntoView({ block: "center" })`);
    const { top } = await box(page, "#latency .u-over");
    await page.mouse.move(await xOf(page, 53_000, 0, whole), top + 40);
    const words = await textOf(page, "#readout");
    assert.match(words, /^0:(52\.[5-9]|53\.[0-5])\d* 09:15:5\d/);
    assert.match(words, /4 SIGSTOP of a majority etcd-0, etcd-1/);
    assert.match(words, /no writes for 8\.29 s/);
    assert.match(words, /writes \d+\/s/);
    await page.mouse.move(await xOf(page, 28_000, 0, whole), top + 40);
    assert.doesNotMatch(await textOf(page, "#readout"), /SIGSTOP|no writes/);
    await page.mouse.move(5, top);
    assert.equal(await ask(page, `document.querySelector("#readout").hidden`), true);
    await page.close();
  });

  it("zooms to what is dragged over, to a fault of the table, with buttons, and back", async () => {
    const { page } = await openFile(browser, example);
    await ask(page, `document.querySelector("#throughput").scrollIntoView({ block: "center" })`);
    const { top } = await box(page, "#throughput .u-over");
    await page.mouse.move(await xOf(page, 20_000, 0, whole), top + 60);
    await page.mouse.down();
    await page.mouse.move(await xOf(page, 30_000, 0, whole), top + 60, { steps: 5 });
    await page.mouse.up();
    const [from = 0, to = 0] = await shown(page);
    assert(Math.abs(from - 20_000) < 200 && Math.abs(to - 30_000) < 200, `${from} – ${to}`);
    const { left } = await box(page, '.band[data-number="2"]');
    assert(Math.abs(left - (await xOf(page, 21_003, from, to))) < 8);
    assert.equal(await ask(page, `document.querySelector('.band[data-number="4"]').hidden`), true);
    await page.locator('[data-zoom="out"]').click();
    const [, later = 0] = await shown(page);
    assert(later > to + 4000);
    await page.locator('#fault-6 a[href="#timeline"]').click();
    const [start = 0, end = 0] = await shown(page);
    assert(start < 70_002 && end > 72_962 && end - start < 15_000, `${start} – ${end}`);
    const { top: newTop } = await box(page, "#throughput .u-over");
    await page.mouse.click(await xOf(page, start + 1000, start, end), newTop + 60, { count: 2 });
    assert.deepEqual(await shown(page), [0, whole]);
    await page.close();
  });

  it("can be used by keyboard: the arrow keys go from fault to fault, enter to its row", async () => {
    const { page } = await openFile(browser, example);
    await page.focus(".band[tabindex='0']");
    assert.match(await textOf(page, "#readout"), /1 SIGKILL of a member etcd-2/);
    await page.keyboard.press("ArrowRight");
    assert.match(await textOf(page, "#readout"), /2 SIGKILL of the leader/);
    await page.keyboard.press("Enter");
    assert.equal(await ask(page, "location.hash"), "#fault-2");
    await page.close();
  });

  for (const dark of [false, true]) {
    it(`fits a phone of 360 pixels, ${dark ? "dark" : "light"}, and a tap says what was then`, async () => {
      const { page, complaints } = await openFile(browser, example, { phone: true, dark });
      assert.deepEqual(await ask(page, "[document.documentElement.scrollWidth, visualViewport.scale]"), [360, 1]);
      const wide = await ask<string[]>(
        page,
        `[...document.querySelectorAll("main *")].filter((e) => e.getBoundingClientRect().right > 360.5).map((e) => e.outerHTML.slice(0, 99))`,
      );
      assert.deepEqual(wide, []);
      await ask(page, `document.querySelector("#latency").scrollIntoView({ block: "center" })`);
      await page.touchscreen.tap(await xOf(page, 54_000, 0, whole), (await box(page, "#latency .u-over")).top + 40);
      assert.match(await textOf(page, "#readout"), /SIGSTOP of a majority/);
      const readout = await box(page, "#readout");
      assert(readout.left >= 0 && readout.right <= 360 && readout.bottom <= 740);
      assert.deepEqual(complaints, []);
      await page.close();
    });
  }

  it("is readable in the dark, and printed on white with the timeline redrawn", async () => {
    const { page } = await openFile(browser, example, { dark: true });
    const background = `getComputedStyle(document.body).backgroundColor`;
    assert.equal(await ask(page, background), "rgb(15, 19, 24)");
    const colour = `getComputedStyle(document.documentElement).getPropertyValue("--writes")`;
    const onScreen = await ask<string>(page, colour);
    await ask(
      page,
      `addEventListener("beforeprint", () => {
        const widths = ["#latency canvas", "#lanes"].map((id) => document.querySelector(id).getBoundingClientRect().width);
        globalThis.printed = [${colour}, Math.max(...widths)];
      })`,
    );
    const pdf = await page.pdf({ preferCSSPageSize: true });
    assert.equal(Buffer.from(pdf.subarray(0, 5)).toString(), "%PDF-");
    const [printed, width] = await ask<[string, number]>(page, "globalThis.printed");
    assert.notEqual(printed, onScreen);
    assert(width <= 700, `the timeline is ${width} pixels wide on paper`);
    assert.equal(await ask<string>(page, colour), onScreen);
    await page.emulateMediaType("print");
    assert.equal(await ask(page, background), "rgb(255, 255, 255)");
    await page.close();
  });

  it("shows hostile strings as they are, and runs none of them", async () => {
    const attack = `</script><script>console.log("ran")</script><img src=x onerror=console.log("ran")><!--`;
    const file = await written(
      "hostile",
      withEveryString(report, (text) => `${text}${attack}`),
    );
    const { page, complaints, requests } = await openFile(browser, file, { phone: true });
    assert((await textOf(page, "#verdict")).includes(attack));
    assert((await textOf(page, "#lanes")).includes("<img src=x"));
    await ask(page, `document.querySelector("#latency").scrollIntoView({ block: "center" })`);
    await page.touchscreen.tap(await xOf(page, 54_000, 0, whole), (await box(page, "#latency .u-over")).top + 40);
    assert((await textOf(page, "#readout")).includes(`SIGSTOP of a majority${attack}`));
    assert.equal(await ask(page, `document.querySelectorAll("main img, main script").length`), 0);
    assert.deepEqual({ complaints, requests }, { complaints: [], requests: [] });
    assert.equal(await ask(page, "document.documentElement.scrollWidth"), 360);
    await page.close();
  });

  it("gives report.json back as it was", async () => {
    const { page } = await openFile(browser, example);
    const session = await page.createCDPSession();
    await session.send("Browser.setDownloadBehavior", { behavior: "allow", downloadPath: folder, eventsEnabled: true });
    const done = new Promise<void>((resolve) => {
      session.on("Browser.downloadProgress", ({ state }) => {
        if (state === "completed") resolve();
      });
    });
    await page.locator("#save").click();
    await done;
    assert.deepEqual(JSON.parse(readFileSync(join(folder, "report.json"), "utf8")), report);
    await page.close();
  });
});
