import process from "node:process";
import { pathToFileURL } from "node:url";
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { headlessBrowser } from "../../local/toolchain/browser.ts";

/** Starts a headless Chromium, unpacked into the cache at the first time. The caller closes it. */
export async function startBrowser(report?: (line: string) => void): Promise<Browser> {
  const { program, environment } = await headlessBrowser(report);
  return puppeteer.launch({
    executablePath: program,
    env: { ...process.env, ...environment },
    // Root has no sandbox, and the pages are our own.
    args: ["--no-sandbox", "--disable-gpu"],
  });
}

/** How a page is looked at. Default: a desktop, 1280 pixels wide, light. */
export interface Look {
  readonly phone?: boolean;
  readonly dark?: boolean;
}

/** A page with all that it complained of, and all that it asked for besides itself. */
export interface OpenedPage {
  readonly page: Page;
  /** What it wrote to its console, and errors nobody caught. */
  readonly complaints: readonly string[];
  readonly requests: readonly string[];
}

/** Opens a file as a person would. */
export async function openFile(browser: Browser, file: string, { phone, dark }: Look = {}): Promise<OpenedPage> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  const url = pathToFileURL(file).href;
  page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    if (request.url() !== url && !request.url().startsWith("data:")) requests.push(request.url());
  });
  await page.setViewport(
    phone === true
      ? { width: 360, height: 740, deviceScaleFactor: 2, isMobile: true, hasTouch: true }
      : { width: 1280, height: 900 },
  );
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: dark === true ? "dark" : "light" }]);
  await page.goto(url);
  return { page, complaints, requests };
}
