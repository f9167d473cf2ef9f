import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { Agent, request } from "node:https";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";

/** Where the API server is and as whom it is asked: PEM files. */
export interface ApiAccess {
  apiUrl: string;
  ca: string;
  certificate: string;
  key: string;
}

/** Of any object, what the controller looks at. */
export interface Item {
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    annotations?: Record<string, string>;
  };
  spec: {
    /** Of claims and volumes. */
    accessModes?: string[];
    storageClassName?: string;
    volumeMode?: string;
    /** Of claims. */
    volumeName?: string;
    resources?: { requests?: { storage?: string } };
    /** Of volumes. */
    persistentVolumeReclaimPolicy?: string;
  };
  status?: { phase?: string };
}

interface ItemList {
  metadata: { resourceVersion: string };
  items: Item[];
}

interface WatchEvent {
  type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  object: Item;
}

/** The API server as a controller uses it: calls, and following a collection. */
export class Api {
  readonly #url: string;
  readonly #agent: Agent;

  constructor({ apiUrl, ca, certificate, key }: ApiAccess) {
    this.#url = apiUrl;
    this.#agent = new Agent({
      keepAlive: true,
      ca: readFileSync(ca),
      cert: readFileSync(certificate),
      key: readFileSync(key),
    });
  }

  #send(method: string, target: string, body?: object): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const type = method === "PATCH" ? "application/merge-patch+json" : "application/json";
      const headers = body === undefined ? {} : { "content-type": type };
      request(new URL(target, this.#url), { method, headers, agent: this.#agent }, resolve)
        .on("error", reject)
        .end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  /** One call; an answer with another status than those expected is an error. */
  async call(expected: readonly number[], method: string, target: string, body?: object): Promise<string> {
    const answer = await this.#send(method, target, body);
    const content = await text(answer);
    if (!expected.includes(answer.statusCode ?? 0)) {
      throw new Error(`${method} ${target}: ${answer.statusCode ?? 0} ${content}`);
    }
    return content;
  }

  /**
   * Handles every object of a collection, then every change, until the watch ends or a step fails: then from the start
   * again, so that nothing is ever missed.
   * @param seen called after each time that all objects have been handled
   */
  async follow(collection: string, handle: (item: Item) => Promise<void>, seen: () => void): Promise<never> {
    for (;;) {
      try {
        const list = JSON.parse(await this.call([200], "GET", collection)) as ItemList;
        await Promise.all(list.items.map(handle));
        seen();
        await this.#watch(`${collection}?watch=1&resourceVersion=${list.metadata.resourceVersion}`, handle);
      } catch (error) {
        console.error(`${collection}: ${error instanceof Error ? error.message : String(error)}; listing it anew`);
        await sleep(200);
      }
    }
  }

  /** Returns when the watch ends; throws when the first of the handlers fails. */
  async #watch(target: string, handle: (item: Item) => Promise<void>): Promise<void> {
    const answer = await this.#send("GET", target);
    const pending = new Set<Promise<void>>();
    await new Promise<void>((resolve, reject) => {
      createInterface({ input: answer })
        .on("error", reject)
        .on("line", (line) => {
          const event = JSON.parse(line) as WatchEvent;
          if (event.type === "ERROR") {
            reject(new Error(line));
          } else if (event.type === "ADDED" || event.type === "MODIFIED") {
            const work = handle(event.object).catch(reject);
            pending.add(work);
            void work.then(() => pending.delete(work));
          }
        })
        .on("close", () => resolve());
    }).finally(() => answer.destroy());
    await Promise.all(pending);
  }
}
