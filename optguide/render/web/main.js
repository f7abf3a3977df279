// @ts-check
// Takes over every <figure class="og-player"> of the page, each when it comes near.
// No dependency; needs nothing but the figure, its data and a canvas.

import { FORMAT, readLandscape, readRun } from "./data.js";
import { breath, make } from "./dom.js";
import { Player } from "./player.js";
import { surfaceRenderer } from "./relief.js";
import { Stage } from "./stage.js";

/** @typedef {import("./data.js").Land} Land */
/** @typedef {import("./data.js").PackedRecording} PackedRecording */

/** Landscapes that figures of this page share, by their address.
 * @type {Map<string, Promise<Land>>} */
const landscapes = new Map();

/** @param {string} url */
async function read(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url.split("/").pop()} could not be fetched (${answer.status})`);
  return answer.json();
}

/** @param {string} url */
function landscapeAt(url) {
  const known = landscapes.get(url) ?? read(url).then(readLandscape);
  landscapes.set(url, known);
  return known;
}

/** @param {HTMLElement} figure @returns {Promise<[PackedRecording, Land | null]>} */
async function load(figure) {
  const inline = figure.querySelector('script[type="application/json"]');
  const { recording, landscape } = figure.dataset;
  if (inline) {
    const { record, landscape: land, catalogue } = JSON.parse(inline.textContent ?? "");
    if (catalogue) figure.dataset.lab = "";
    return [record, land && (await readLandscape(land))];
  }
  return Promise.all([read(recording ?? ""), landscape ? landscapeAt(landscape) : null]);
}

/** @param {HTMLElement} figure */
async function mount(figure) {
  if (figure.dataset.mounted !== undefined) return;
  figure.dataset.mounted = "";
  try {
    const [record, land] = await load(figure);
    const { format, steps } = record;
    if (format !== FORMAT) throw new Error(`the recording has format ${format}, this player reads ${FORMAT}`);
    if (record.matrix && !Stage.matrix) await import(beside("matrix.js"));
    const runs = [];
    for (const run of record.runs) {
      runs.push(await readRun(run, steps));
      await breath();
    }
    if (land && "size" in land) surfaceRenderer(); // takes a moment of its own
    await breath();
    await new Player(figure, { ...record, runs }, land).open();
    if (record.scene && Object.hasOwn(figure.dataset, "lab")) offer(figure, record);
  } catch (error) {
    const problem = make("p", { class: "og-problem", role: "alert" });
    problem.textContent = `This picture cannot be played: ${/** @type {Error} */ (error).message}.`;
    (figure.querySelector(".og-view, .og-charts") ?? figure).append(problem);
    figure.dataset.broken = "";
  }
}

/** Offer the reader to take hold: the figure becomes a lab in its place.
 * @param {HTMLElement} figure @param {PackedRecording} record */
function offer(figure, { scene, own }) {
  const button = make("button", { type: "button", class: "og-try" }, "Try it");
  button.title = "move the start, turn the knobs, change the rule";
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      if (!customElements.get("og-lab")) await import(beside("lab.js"));
      const lab = Object.assign(document.createElement("og-lab"), { given: { scene, own } });
      figure.replaceWith(lab);
      lab.append(figure);
      button.remove();
    } catch (error) {
      button.disabled = false;
      button.textContent = `Try it (${/** @type {Error} */ (error).message})`;
    }
  });
  figure.querySelector(".og-title")?.append(" ", button);
}

/** Where a file lies that this script brings along. */
export function beside(/** @type {string} */ name) {
  const own = /** @type {HTMLScriptElement | null} */ (document.querySelector('script[src*="player.js"]'));
  return new URL(name, own?.src ?? document.baseURI).href;
}

function mountNear() {
  const near = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (isIntersecting) {
        near.unobserve(target);
        mount(/** @type {HTMLElement} */ (target));
      }
    }
  }, { rootMargin: "300px" });
  for (const figure of document.querySelectorAll(".og-player:not([data-mounted])")) near.observe(figure);
  if (document.querySelector("og-lab") && !customElements.get("og-lab")) import(beside("lab.js"));
}

if (globalThis.document) mountNear(); // without a page, as in tests, there is nothing to take over
