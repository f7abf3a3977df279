// @ts-check
// Many descents of one rule at once, of which only the ends are kept: over learning rates, over a plane of starts.
// What they find is what og.sweep finds. They hand control back after every step of a block, with the share that is
// done, so that a page can draw meanwhile and nothing needs to be finished.

import { DIVERGED, Field, Walk, lowestOf } from "./descent.js";
import { spaced } from "./land.js";

/** @typedef {import("./descent.js").Rule} Rule */
/** @typedef {import("./descent.js").Disturbance} Disturbance */
/** @typedef {import("./descent.js").Surface & { minima: number[][] }} Known  a surface and its lowest points */
/** @typedef {Record<string, any>} Settings */
/** @typedef {import("../numbers.js").Pair} Pair */
/**
 * @typedef {object} Ends  For each descent, as the arrays of og.sweep are called; NaN where it diverged.
 * @property {Float64Array} loss
 * @property {Float64Array} theta  coordinates one after the other
 * @property {Int32Array} divergedAt  -1: never
 * @property {Int32Array} arrivedAt  the first step with a loss within the tolerance of the lowest known height; or -1
 * @property {Int32Array} minimum  the known minimum nearest to the end, if the loss there is within it; or -1
 * @property {Float64Array} distance  from the end to the nearest known minimum
 */
/** @typedef {Ends & { lrs: Float64Array }} Rates */
/** @typedef {Ends & { count: number, box: Pair[] }} Basins  descents row by row, from the lowest y */

/** So many numbers a line of a program holds at most: the lines of a block stay in the processor's cache. */
const BLOCK = 4096;
const MOST_DESCENTS = 2 ** 16;
/** So many digits a learning rate has, so that it can be read and typed. */
const DIGITS = 4;
const MOST_STEPS = 10000;

/**
 * One start, learning rates at equal distances on a logarithmic axis.
 * @param {Rule} rule @param {Known} surface @param {number[]} start @param {number} steps @param {Settings} settings
 * @param {{ low: number, high: number, count: number, tol?: number } & Disturbance} axis
 * @returns {Generator<number, Rates>}
 */
export function* rates(rule, surface, start, steps, settings, { low, high, count, ...options }) {
  if (!Object.hasOwn(rule.settings, "lr")) throw new RangeError(`${rule.name} has no learning rate`);
  if (!(low > 0 && low < high && high < Infinity)) {
    throw new RangeError(`learning rates must go from one above 0 to a larger one, got ${low} to ${high}`);
  }
  const lrs = new Float64Array(bounded(count, 2, MOST_DESCENTS, "learning rates"));
  lrs.forEach((_, i) => { lrs[i] = Number((low * (high / low) ** (i / (count - 1))).toPrecision(DIGITS)); });
  const starts = new Float64Array(count * surface.dim).map((_, i) => start[Math.floor(i / count)]);
  return { lrs, ...(yield* ends(rule, surface, starts, steps, { ...settings, lr: lrs }, options)) };
}

/**
 * A grid of starts, its edges on those of the box.
 * @param {Rule} rule @param {Known} surface @param {Pair[]} box @param {number} count  along each axis
 * @param {number} steps @param {Settings} settings @param {{ tol?: number } & Disturbance} options
 * @returns {Generator<number, Basins>}
 */
export function* basins(rule, surface, box, count, steps, settings, options = {}) {
  if (surface.dim !== 2) throw new RangeError("basins are drawn of a landscape of two coordinates");
  bounded(count, 2, Math.sqrt(MOST_DESCENTS), "starts along an axis");
  const [xs, ys] = box.map((edge) => spaced(edge, count));
  const starts = new Float64Array(2 * count * count);
  for (let k = 0; k < count * count; k++) {
    starts[k] = xs[k % count];
    starts[count * count + k] = ys[Math.floor(k / count)];
  }
  return { count, box, ...(yield* ends(rule, surface, starts, steps, settings, options)) };
}

/** @param {number} value @param {number} low @param {number} high @param {string} what */
function bounded(value, low, high, what) {
  if (Number.isInteger(value) && value >= low && value <= high) return value;
  throw new RangeError(`there must be ${low} to ${high} ${what}, got ${value}`);
}

/**
 * Where descents end. A setting may have one value for each of them.
 * @param {Rule} rule @param {Known} surface @param {Float64Array} starts @param {number} steps
 * @param {Settings} settings @param {{ tol?: number } & Disturbance} options
 * @returns {Generator<number, Ends>}
 */
function* ends(rule, surface, starts, steps, settings, { tol = 1e-3, ...disturbance }) {
  bounded(steps, 1, MOST_STEPS, "steps");
  const { dim } = surface;
  const count = starts.length / dim;
  const found = {
    loss: new Float64Array(count),
    theta: new Float64Array(count * dim),
    divergedAt: new Int32Array(count).fill(-1),
    arrivedAt: new Int32Array(count).fill(-1),
    minimum: new Int32Array(count).fill(-1),
    distance: new Float64Array(count).fill(NaN),
  };
  const target = lowestOf(surface, surface.minima) + tol;
  const most = Math.max(1, Math.floor(BLOCK / dim));
  for (let from = 0; from < count; from += most) {
    const size = Math.min(most, count - from);
    /** @param {Float64Array} values @param {number} i */
    const part = (values, i = 0) => values.subarray(i * count + from, i * count + from + size);
    /** @param {any} value */
    const cut = (value) => value instanceof Float64Array ? part(value) : value;
    /** @type {Settings} */
    const own = {};
    for (const [name, value] of Object.entries(settings)) {
      own[name] = Array.isArray(value) ? value.map(cut) : cut(value);
    }
    const here = new Float64Array(size * dim);
    for (let i = 0; i < dim; i++) here.set(part(starts, i), i * size);
    const walk = new Walk(rule, surface, here, own, disturbance);
    const field = new Field(surface, size);
    const [divergedAt, arrivedAt] = [found.divergedAt, found.arrivedAt].map((all) => all.subarray(from, from + size));
    let loss = field.height;
    let left = size;
    for (let step = 0; step <= steps && left; step++) {
      here.set(walk.answer);
      if (step < steps) walk.step(); // which finds the losses where it begins, if the rule asks there
      loss = step < steps && walk.knows ? walk.loss : field.height;
      if (loss === field.height) field.look(here);
      left -= watch(step, here, loss, target, divergedAt, arrivedAt);
      yield (from + size * (step / steps)) / count;
    }
    for (let i = 0; i < dim; i++) part(found.theta, i).set(here.subarray(i * size, (i + 1) * size));
    part(found.loss).set(loss);
  }
  settle(found, surface, target);
  return found;
}

/** Notes which descents have diverged at a step, and which have come near the lowest height; returns how many of the
 * first are new.
 * @param {number} step @param {Float64Array} theta @param {Float64Array} loss @param {number} target
 * @param {Int32Array} divergedAt @param {Int32Array} arrivedAt */
function watch(step, theta, loss, target, divergedAt, arrivedAt) {
  const count = loss.length;
  let gone = 0;
  for (let n = 0; n < count; n++) {
    if (divergedAt[n] >= 0) continue;
    let largest = Math.abs(loss[n]);
    for (let k = n; k < theta.length; k += count) largest = Math.max(largest, Math.abs(theta[k])); // NaN if one is
    if (!(largest <= DIVERGED)) {
      divergedAt[n] = step;
      gone++;
    } else if (arrivedAt[n] < 0 && loss[n] <= target) arrivedAt[n] = step;
  }
  return gone;
}

/** What follows from where descents ended.
 * @param {Ends} found @param {Known} surface @param {number} target */
function settle({ loss, theta, divergedAt, minimum, distance }, { minima }, target) {
  const count = loss.length;
  for (let n = 0; n < count; n++) {
    if (divergedAt[n] >= 0) {
      loss[n] = NaN;
      for (let k = n; k < theta.length; k += count) theta[k] = NaN;
      continue;
    }
    const apart = minima.map((point) => Math.hypot(...point.map((x, i) => theta[i * count + n] - x)));
    const least = Math.min(...apart);
    if (!apart.length) continue;
    distance[n] = least;
    if (loss[n] <= target) minimum[n] = apart.indexOf(least);
  }
}
