// @ts-check
// What a reader takes along as a file: the numbers of the runs, and the picture. Both are made here, of what is shown.

import { inkOf, make, penOf } from "../dom.js";
import { mark } from "../trails.js";
import { standing } from "../words.js";

/** @typedef {{ name: string, theta: Float64Array, loss: Float64Array, grad: Float64Array, divergedAt: number,
 *   states: { name: string, values: Float64Array }[] }} Computed */
/** @typedef {import("../player.js").Player} Player */

const RATIO = 2; // pixels of a picture to one of the page
const ROW = 26; // pixels between two lines of the legend
const COLUMN = 310; // and between two columns

/** A number with all digits that distinguish it; nothing where there is none. @param {number | undefined} x */
const cell = (x) => (x === undefined || Number.isNaN(x) ? "" : Object.is(x, -0) ? "-0" : String(x).replace("Infinity", "inf"));

/** A text that a spreadsheet takes for nothing but text. @param {string} text */
function quoted(text) {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

/**
 * The runs as CSV, a line for every step of every run, until it diverges.
 * @param {Computed[]} runs @param {string[]} axes
 */
export function asTable(runs, axes) {
  const states = [...new Set(runs.flatMap((run) => run.states.map(({ name }) => name)))];
  const spread = (/** @type {string} */ what) => axes.map((axis) => `${what} ${axis}`);
  const lines = [["run", "step", ...axes, "loss", ...spread("gradient"), ...states.flatMap(spread)].join(",")];
  for (const { name, theta, loss, grad, states: kept, divergedAt } of runs) {
    const columns = [theta, loss, grad, ...states.map((state) => kept.find((other) => other.name === state)?.values)];
    const widths = columns.map((_, i) => (i === 1 ? 1 : axes.length));
    const last = divergedAt < 0 ? loss.length - 1 : divergedAt;
    for (let step = 0; step <= last; step++) {
      const numbers = columns.flatMap((values, i) => Array.from({ length: widths[i] }, (_, j) => cell(values?.[step * widths[i] + j])));
      lines.push([quoted(name), step, ...numbers].join(","));
    }
  }
  return `${lines.join("\n")}\n`;
}

/** A file name that says what is inside. @param {string} land @param {string[]} runs @param {string} ending */
export function fileName(land, runs, ending) {
  const words = [land, ...runs].join(" ").normalize("NFKD").toLowerCase().match(/[a-z0-9]+/g) ?? ["race"];
  return `${words.join("-").slice(0, 80).replace(/-$/, "")}.${ending}`;
}

/** Where the canvases of a player stand in a picture: side by side as on the page, or one below the other.
 * @param {Player} player */
function placesOf({ stage, charts }) {
  const all = [...(stage ? [stage] : []), ...charts];
  const rects = all.map(({ canvas }) => canvas.getBoundingClientRect());
  const left = Math.min(...rects.map((rect) => rect.left));
  const top = Math.min(...rects.map((rect) => rect.top));
  const stacked = rects.every((rect) => rect.left === left);
  let below = 0;
  const places = rects.map((rect, i) => {
    const y = stacked ? below : rect.top - top;
    below = Math.max(below, y + rect.height);
    return { part: all[i], x: rect.left - left, y, right: rect.right - left, height: rect.height, width: rect.width };
  });
  return { places, width: Math.max(...places.map(({ right }) => right)), height: below };
}

/**
 * The picture of a player at its present step: title, landscape, charts and legend, as the page is coloured now.
 * @param {Player} player @param {string} title
 */
export function asPicture(player, title) {
  const { record, stage, charts, figure } = player;
  const ink = inkOf(figure);
  const step = Math.floor(player.step + 1e-9);
  stage?.layout(RATIO);
  for (const chart of charts) chart.layout(RATIO);
  player.draw();
  const { places, width, height } = placesOf(player);
  const shown = record.runs.filter((run) => run.shown);
  const columns = Math.max(1, Math.floor(width / COLUMN));
  const [pad, head] = [16, 34];
  const foot = Math.ceil(shown.length / columns) * ROW + 10;
  const canvas = make("canvas", { width: Math.round((width + 2 * pad) * RATIO), height: Math.round((height + head + foot + 2 * pad) * RATIO) });
  const pen = penOf(canvas);
  pen.scale(RATIO, RATIO);
  const light = parseInt(ink.slice(1, 3), 16) > 128; // light ink is written on a dark page
  pen.fillStyle = light ? "#12161d" : "#fff";
  pen.fillRect(0, 0, width + 2 * pad, height + head + foot + 2 * pad);
  pen.translate(pad, pad);
  Object.assign(pen, { fillStyle: ink, textBaseline: "middle", font: "600 16px system-ui, sans-serif" });
  pen.fillText(title, 0, 10, width - 120);
  Object.assign(pen, { font: "14px system-ui, sans-serif", textAlign: "right" });
  pen.fillText(`step ${step} of ${record.steps}`, width, 10);
  pen.textAlign = "left";
  for (const { part, x, y, width: wide, height: high } of places) {
    pen.drawImage(part.canvas, x, y + head, wide, high);
    if (!("heading" in part)) continue;
    Object.assign(pen, { fillStyle: ink, font: "600 14px system-ui, sans-serif" });
    pen.fillText(part.heading.textContent ?? "", x + 49, y + head + 13);
  }
  shown.forEach((run, i) => {
    const x = (i % columns) * (width / columns);
    const y = height + head + 22 + Math.floor(i / columns) * ROW;
    pen.fillStyle = record.style.ground;
    pen.fillRect(x, y - 10, 20, 20);
    mark(pen, new Path2D(run.shape), [x + 10, y], run.color);
    const { text, gone } = standing(run, step);
    const told = [run.name, /** @type {any} */ (run).settings, gone ? text : `loss ${text}`].filter(Boolean).join(" · ");
    Object.assign(pen, { fillStyle: ink, font: "14px system-ui, sans-serif" });
    pen.fillText(told, x + 28, y, width / columns - 36);
  });
  player.layout(); // as many pixels as the screen has
  return canvas;
}

/** Hands a file over, without asking any server. @param {Blob} blob @param {string} name */
export function download(blob, name) {
  const link = make("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
