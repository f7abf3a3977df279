// @ts-check
// Computes planes beside the page. One request: the name of what is wanted and its arguments. Answers: shares that are
// done, and in the end what was found or why nothing was. Who has asked ends it when the answer is wanted no more.

import { basins, rates } from "./planes.js";

/** @typedef {import("./planes.js").Rates | import("./planes.js").Basins} Found */
/** @typedef {{ share?: number, found?: Found, why?: string }} Report */
/** @typedef {(report: Report, transfer?: Transferable[]) => void} Tell */

/** How long nothing is told, in milliseconds. */
const SILENCE = 100;

/** What can be asked for. @type {Map<string, (...args: any[]) => Generator<number, any>>} */
export const PLANES = new Map(Object.entries({ basins, rates }));

/** @param {[string, ...any[]]} request @param {Tell} tell */
export function attend([name, ...args], tell) {
  try {
    const work = /** @type {(...args: any[]) => Generator<number, any>} */ (PLANES.get(name))(...args);
    let told = Date.now();
    let next = work.next();
    for (; !next.done; next = work.next()) {
      if (Date.now() < told + SILENCE) continue;
      told = Date.now();
      tell({ share: next.value });
    }
    const found = next.value;
    tell({ found }, Object.values(found).filter(ArrayBuffer.isView).map(({ buffer }) => buffer));
  } catch (error) {
    tell({ why: /** @type {Error} */ (error).message });
  }
}

/** In a worker, which has no page. */
function serve() {
  const here = /** @type {any} */ (globalThis);
  here.onmessage = (/** @type {MessageEvent} */ { data }) => {
    attend(data, (report, transfer = []) => here.postMessage(report, transfer));
  };
}

if ("WorkerGlobalScope" in globalThis) serve();
