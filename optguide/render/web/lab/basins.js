// @ts-check
// The plane of starts, each in the colour of the minimum that is reached from it, drawn as og.plot_basins draws it.

import { ticks } from "../numbers.js";
import { spaced } from "../live/land.js";
import { digits } from "../words.js";
import { Frame } from "./frame.js";

/** @typedef {import("../numbers.js").Pair} Pair */
/** @typedef {import("../live/planes.js").Basins} Basins */

/** Colours of minima; then of starts that reach none, and of those that diverge. As in render/figures/sweeps.py. */
export const MINIMA = ["#4fb0e8", "#f2d33c", "#d55fde", "#57b84a", "#e8703d", "#f5a3a5", "#8f7bea", "#c98f5e", "#00a58e"];
export const NOWHERE = "#4a5468";
export const LOST = "#000000";

const SIDE = 280;

/** Red, green and blue. @param {string} color @returns {number[]} */
const bytesOf = (color) => [1, 3, 5].map((i) => Number.parseInt(color.slice(i, i + 2), 16));

/** Red, green and blue of every start, row by row from the lowest y. The later a minimum is reached, the darker.
 * @param {Basins} found @param {number} steps */
export function colorsOf({ minimum, arrivedAt, divergedAt }, steps) {
  const colors = new Uint8ClampedArray(3 * minimum.length);
  const [none, lost, ...known] = [NOWHERE, LOST, ...MINIMA].map(bytesOf);
  minimum.forEach((number, n) => {
    const late = Math.min(1, Math.log1p(Math.max(arrivedAt[n], 0)) / Math.log1p(Math.max(steps, 1)));
    const light = number < 0 ? 1 : 1 - 0.55 * late ** 2;
    const color = divergedAt[n] >= 0 ? lost : number < 0 ? none : known[number % known.length];
    colors.set(color.map((part) => part * light), 3 * n);
  });
  return colors;
}

export class BasinMap {
  name = "where every start leads";

  /** @param {Basins} found @param {number[][]} minima @param {string[]} axes @param {number} steps
   * @param {boolean} equal  whether a unit of x is as long as a unit of y */
  constructor(found, minima, axes, steps, equal) {
    this.found = found;
    this.minima = minima;
    this.axes = axes;
    const { count, box } = found;
    this.size = /** @type {Pair} */ ([count, count]);
    this.home = /** @type {Pair} */ ([count >> 1, count >> 1]);
    this.places = box.map((edge) => spaced(edge, count));
    // A start is the middle of its cell.
    this.half = box.map(([low, high]) => (high - low) / (count - 1) / 2);
    this.edges = box.map(([low, high], j) => /** @type {Pair} */ ([low - this.half[j], high + this.half[j]]));
    const [wide, tall] = this.edges.map(([low, high]) => high - low);
    this.frame = equal
      ? new Frame(SIDE * Math.min(1, wide / tall), SIDE * Math.min(1, tall / wide))
      : new Frame(SIDE, SIDE);
    this.width = this.frame.width;
    this.height = this.frame.height;
    this.image = new ImageData(count, count);
    const colors = colorsOf(found, steps);
    for (let n = 0; n < count * count; n++) {
      const there = 4 * ((count - 1 - Math.floor(n / count)) * count + (n % count)); // the highest y comes first
      this.image.data.set([colors[3 * n], colors[3 * n + 1], colors[3 * n + 2], 255], there);
    }
    const { minimum, divergedAt } = found;
    this.legend = minima.flatMap((point, i) => /** @type {[string, string][]} */ (
      minimum.includes(i) ? [[MINIMA[i % MINIMA.length], `reaches (${point.map(digits).join(", ")})`]] : []));
    if (minimum.some((number, n) => number < 0 && divergedAt[n] < 0)) this.legend.push([NOWHERE, "none of them"]);
    if (divergedAt.some((at) => at >= 0)) this.legend.push([LOST, "diverged"]);
  }

  /** @param {Pair} place @returns {Pair | null} */
  at(place) {
    const shares = this.frame.shares(place);
    const cell = (/** @type {number} */ share) => Math.min(this.found.count - 1, Math.floor(share * this.found.count));
    return shares && [cell(shares[0]), cell(shares[1])];
  }

  /** @param {number} column @param {number} row */
  chosen(column, row) {
    return { start: [this.places[0][column], this.places[1][row]] };
  }

  /** @param {number} column @param {number} row */
  say(column, row) {
    const { count, minimum, arrivedAt, divergedAt, theta, loss } = this.found;
    const n = row * count + column;
    const text = (/** @type {number[]} */ point) => `(${point.map(digits).join(", ")})`;
    const at = `Start ${text(this.chosen(column, row).start)}`;
    if (divergedAt[n] >= 0) return `${at}: diverged at step ${divergedAt[n]}.`;
    const end = text([theta[n], theta[count * count + n]]);
    return minimum[n] < 0
      ? `${at}: reaches none of the minima; it ends at ${end} with loss ${digits(loss[n])}.`
      : `${at}: reaches ${text(this.minima[minimum[n]])}, first near it at step ${arrivedAt[n]}.`;
  }

  /** @param {number[]} point @returns {Pair} */
  shares(point) {
    return /** @type {Pair} */ (point.map((x, j) => (x - this.edges[j][0]) / (this.edges[j][1] - this.edges[j][0])));
  }

  /** @param {CanvasRenderingContext2D} pen @param {string} ink @param {Pair} cursor @param {{ start: number[] }} now */
  draw(pen, ink, [column, row], { start }) {
    const { frame, edges } = this;
    frame.inside(pen, NOWHERE, () => {
      const small = new OffscreenCanvas(this.image.width, this.image.height);
      /** @type {any} */ (small.getContext("2d")).putImageData(this.image, 0, 0);
      pen.imageSmoothingEnabled = false;
      pen.drawImage(small, frame.x(0), frame.y(1), frame.across, frame.up);
      frame.cross(pen, this.shares(this.chosen(column, row).start));
      Object.assign(pen, { strokeStyle: "#fff", lineWidth: 1.6 });
      for (const point of [...this.minima, start]) {
        const [x, y] = this.shares(point);
        pen.beginPath();
        pen.arc(frame.x(x), frame.y(y), point === start ? 2.5 : 4, 0, 7);
        if (point === start) pen.fillStyle = "#fff", pen.fill();
        pen.stroke();
      }
    });
    const marks = edges.map(([low, high]) => ticks(low, high, 5).map((value) =>
      ({ at: (value - low) / (high - low), text: digits(value) })));
    frame.write(pen, ink, marks, this.axes.map((axis) => `start, ${axis}`));
  }
}
