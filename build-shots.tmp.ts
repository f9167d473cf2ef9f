import { startBrowser, openFile } from "./test/e2e/web-page.ts";
const [, , file = "", out = ""] = process.argv;
const browser = await startBrowser();
for (const [name, look] of [["desktop", {}], ["phone", { phone: true }], ["print", {}]] as const) {
  const { page } = await openFile(browser, file, look);
  if (name === "print") { await page.setViewport({ width: 794, height: 1100 }); await page.emulateMediaType("print"); }
  await new Promise((r) => setTimeout(r, 500));
  for (const id of ["verdict", "properties", "timeline", "faults", "again"]) {
    const y = Number(await page.evaluate(`(document.getElementById("${id}")?.getBoundingClientRect().top ?? 0) + scrollY`));
    const size = name === "phone" ? { width: 360, height: 1100 } : name === "print" ? { width: 794, height: 1100 } : { width: 1280, height: 1000 };
    await page.screenshot({ path: `${out}/${name}-${id}.png`, captureBeyondViewport: true, clip: { x: 0, y, ...size, scale: name === "phone" ? 1 : 0.8 } });
  }
  await page.close();
}
await browser.close();
console.log("done");
