// @ts-check
// Work that takes a while: in a worker where the browser lets one begin, else on the page, a little at a time.

import { beside } from "../main.js";
import { PLANES } from "../live/worker.js";

/** @typedef {{ progress(share: number): void, found(found: any): void, failed(why: string): void }} Told */

/** So long the page is held up, in milliseconds; a long step of the work may add to it. */
const SLICE = 25;

/** Where a worker's script is: on a site in a file; on a page that has no other files it is part of the page's own.
 * @returns {string} */
function workerAddress() {
  const own = [...document.scripts].find(({ src, textContent }) => !src && textContent?.includes("function attend("));
  return own ? URL.createObjectURL(new Blob([own.textContent ?? ""], { type: "text/javascript" })) : beside("lab-worker.js");
}

export class Task {
  /**
   * @param {[string, ...any[]]} request  what is wanted, and its arguments
   * @param {Told} told
   * @param {{ limit: number, address?: string }} options  how many seconds it may take; where a worker's script is
   */
  constructor(request, told, { limit, address = workerAddress() }) {
    this.told = told;
    this.ended = false;
    this.timer = setTimeout(() => {
      this.stop();
      told.failed(`ended after ${limit} s; with fewer steps it takes less`);
    }, limit * 1000);
    /** @type {Worker | null} */
    this.worker = null;
    try {
      this.begin(new Worker(address), request);
    } catch {
      this.slices(request);
    }
    if (address.startsWith("blob:")) setTimeout(() => URL.revokeObjectURL(address), 1000);
  }

  /** @param {Worker} worker @param {[string, ...any[]]} request */
  begin(worker, request) {
    this.worker = worker;
    worker.onmessage = ({ data }) => this.hear(data);
    worker.onerror = () => { // no such file, or the page's policy forbids it: what goes wrong later comes as a message
      worker.terminate();
      this.worker = null;
      if (!this.ended) this.slices(request);
    };
    worker.postMessage(request);
  }

  /** @param {import("../live/worker.js").Report} report */
  hear({ share, found, why }) {
    if (this.ended) return;
    if (share !== undefined) return this.told.progress(share);
    this.stop();
    if (why !== undefined) this.told.failed(why);
    else this.told.found(found);
  }

  /** On the page, with pauses in which it answers. @param {[string, ...any[]]} request */
  async slices([name, ...args]) {
    try {
      const work = /** @type {(...args: any[]) => Generator<number, any>} */ (PLANES.get(name))(...args);
      let next = work.next();
      while (!this.ended) {
        const until = performance.now() + SLICE;
        while (!next.done && performance.now() < until) next = work.next();
        if (next.done) return this.hear({ found: next.value });
        this.told.progress(next.value);
        await new Promise((resolve) => setTimeout(resolve));
      }
    } catch (error) {
      this.hear({ why: /** @type {Error} */ (error).message });
    }
  }

  /** End it, whatever it has done so far. */
  stop() {
    this.ended = true;
    clearTimeout(this.timer);
    this.worker?.terminate();
    this.worker = null;
  }
}
