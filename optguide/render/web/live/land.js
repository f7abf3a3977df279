// @ts-check
// A landscape as a player draws it, made in the page: the twin of landscape() in render/player.py.

import { Program } from "./program.js";

/** @typedef {import("./program.js").Table} Table */
/** @typedef {import("../numbers.js").Pair} Pair */
/** @typedef {import("../data.js").Land} Land */
/**
 * @typedef {object} Landscape A landscape of the catalogue, or one made of a reader's formula.
 * @property {string} name
 * @property {string[]} axes
 * @property {Table} program  of its height
 * @property {Pair[]} box
 * @property {Record<string, number>} [parameters]
 * @property {number[][] | { program: Table }} [minima]  points, or their coordinates as a table over the parameters
 * @property {string} [shading]  "linear", "sqrt" or "log"; chosen from the heights if it is missing
 * @property {number[]} [levels]
 */

/** The number of heights along an edge: the first with which straight lines between them miss little. */
const GRIDS = [129, 193, 257];
const MISSED = 0.005;
/** Heights along an edge by which colours are spread; also every height and all between them on the first grid. */
const FINE = 2 * GRIDS[0] - 1;
const ALONG_CURVE = 501;
const LOG_FLOOR = 1e-2;
const CONTOURS = 16;

/** Numbers at equal distances, as NumPy has them.
 * @param {Pair} edge @param {number} count */
export function spaced([low, high], count) {
  const step = (high - low) / (count - 1);
  const numbers = Float64Array.from({ length: count }, (_, i) => i * step + low);
  numbers[count - 1] = high;
  return numbers;
}

/** Heights row by row, NaN where there is none.
 * @param {Table} table @param {Record<string, number>} settings @param {Pair[]} box @param {number} count */
function sampled(table, settings, box, count) {
  const [along, rows = [0]] = box.map((edge) => spaced(edge, count));
  const [x, y] = table.inputs;
  const row = new Program(table, count, { many: [x], settings });
  row.input(x).set(along);
  const heights = new Float64Array(count * rows.length);
  rows.forEach((at, i) => {
    if (y) row.input(y)[0] = at;
    row.run();
    row.output(0, heights.subarray(i * count, (i + 1) * count));
  });
  for (let k = 0; k < heights.length; k++) if (!Number.isFinite(heights[k])) heights[k] = NaN;
  return heights;
}

/** Known minima, each with its height after its coordinates. One that another setting has raised is none any more.
 * @param {Landscape} surface @param {Record<string, number>} settings @param {Pair} range  of the heights in the box */
function lowest({ minima = [], program, box }, settings, [low, high]) {
  const dim = box.length;
  let points = minima;
  if (!Array.isArray(points)) {
    const coordinates = new Program(points.program, 1, { many: [], settings });
    coordinates.run();
    const numbers = coordinates.outputs.map(({ values }) => values[0]);
    points = numbers.flatMap((_, i) => i % dim ? [] : [numbers.slice(i, i + dim)]);
  }
  const all = new Program(program, points.length, { many: program.inputs, settings });
  program.inputs.forEach((name, i) => all.input(name).set(points.map((point) => point[i])));
  all.run();
  const heights = new Float64Array(points.length);
  all.output(0, heights);
  const highest = low + 1e-6 * Math.min(1, high - low);
  return points.map((point, i) => [...point, heights[i]]).filter((point) => point[dim] <= highest);
}

/** The least and the greatest of the numbers among these. @param {ArrayLike<number>} values @returns {Pair} */
function extent(values) {
  let [low, high] = [Infinity, -Infinity];
  for (let k = 0; k < values.length; k++) {
    if (values[k] < low) low = values[k];
    if (values[k] > high) high = values[k];
  }
  return [low, high];
}

/** How to spread colours over heights: where half of them lie in the lowest part of the range, that part gets more.
 * @param {Float64Array} heights @param {Pair} range */
function shadingFor(heights, [low, high]) {
  const some = heights.filter((z, k) => k % 61 === 0 && z === z).sort();
  const ratio = (high - low) / (some[some.length >> 1] - low);
  return ratio > 12 ? "log" : ratio > 6 ? "sqrt" : "linear";
}

/** Spreads heights over [0, 1]: evenly, by the square root, or by the logarithm from a floor upwards. */
class Shade {
  constructor(/** @type {number} */ low, /** @type {number} */ high, /** @type {string} */ kind) {
    this.low = low;
    this.range = high > low ? high - low : 1;
    this.kind = kind;
  }

  share(/** @type {number} */ height) {
    const share = Math.max((height - this.low) / this.range, 0);
    if (this.kind === "log") return Math.log1p(share / LOG_FLOOR) / Math.log1p(1 / LOG_FLOOR);
    return this.kind === "sqrt" ? Math.sqrt(share) : share;
  }

  height(/** @type {number} */ share) {
    const part = this.kind === "log" ? Math.expm1(share * Math.log1p(1 / LOG_FLOOR)) * LOG_FLOOR
      : this.kind === "sqrt" ? share * share : share;
    return this.low + part * this.range;
  }
}

/** Whether straight lines between every other one of these miss more than little in more than one place of a hundred.
 * @param {Float64Array} shares @param {number} edge */
function missesMuch(shares, edge) {
  let [count, missed] = [0, 0];
  const look = (/** @type {number} */ k, /** @type {number} */ apart) => {
    const off = Math.abs(shares[k] - (shares[k - apart] + shares[k + apart]) / 2);
    if (off === off) count++;
    if (off >= MISSED) missed++;
  };
  for (let j = 0; j < edge; j += 2) {
    for (let i = 1; i < edge; i += 2) {
      look(j * edge + i, 1);
      look(i * edge + j, edge);
    }
  }
  return missed > count / 100;
}

/** A number as Python's "%.3g" writes it. */
function threeDigits(/** @type {number} */ x) {
  const [digits, exponent] = x.toExponential(2).split("e");
  const size = Math.abs(+exponent);
  if (+exponent > -5 && +exponent < 3) return String(+x.toPrecision(3));
  return `${+digits}e${exponent[0]}${size < 10 ? "0" : ""}${size}`;
}

/**
 * What a player must know of a landscape: its heights and contour levels in its box, its minima.
 * @param {Landscape} surface @param {Record<string, number>} parameters  those that differ from its own
 * @param {{ colors: string[] }} style  from low to high
 * @returns {Land}
 */
export function landOf(surface, parameters, { colors }) {
  const { name, axes, box, program } = surface;
  const settings = { ...surface.parameters, ...parameters };
  const fine = sampled(program, settings, box, box.length === 1 ? ALONG_CURVE : FINE);
  const [low, high] = extent(fine);
  if (low > high) throw new RangeError(`${name} has no finite height in this box`);
  const known = lowest(surface, settings, [low, high]);
  const place = { name, axes, box };
  if (box.length === 1) {
    const minima = known.map(([x, height]) => /** @type {Pair} */ ([x, height]));
    return { ...place, range: [low, high], heights: Float32Array.from(fine), minima };
  }
  const least = Math.min(low, ...known.map((point) => point[2]));
  const shade = new Shade(least, high, surface.shading || shadingFor(fine, [low, high]));
  let [size, shares] = [0, fine];
  for (size of GRIDS) {
    const edge = 2 * size - 1;
    shares = edge === FINE ? fine : sampled(program, settings, box, edge);
    for (let k = 0; k < shares.length; k++) shares[k] = shade.share(shares[k]);
    if (!missesMuch(shares, edge)) break;
  }
  const coarse = new Float64Array(size * size);
  for (let k = 0; k < coarse.length; k++) coarse[k] = shares[2 * ((k / size | 0) * (2 * size - 1) + k % size)];
  const [lowestShown, highestShown] = extent(coarse).map((share) => shade.height(share));
  const evenly = Array.from({ length: CONTOURS }, (_, i) => shade.height((i + 1) / (CONTOURS + 1)));
  const levels = (surface.levels?.length ? surface.levels : evenly)
    .filter((level) => level > lowestShown && level < highestShown)
    .map((level) => /** @type {[number, string]} */ ([+shade.share(level).toFixed(5), threeDigits(level)]));
  const [width, depth] = box.map(([from, to]) => to - from);
  const minima = known.map(([x, y]) => /** @type {Pair} */ ([x, y]));
  const equal = width / depth > 1 / 2.5 && width / depth < 2.5;
  for (let k = 0; k < coarse.length; k++) coarse[k] = Math.min(coarse[k], 1);
  return { ...place, size, heights: new Float32Array(coarse), levels, colors, equal, minima };
}
