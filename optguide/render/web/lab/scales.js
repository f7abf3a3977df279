// @ts-check
// From the place of a slider to a value and back, and in words why a value is refused.

import { clamp } from "../numbers.js";

/** @typedef {number | boolean} Value */
/** @typedef {{ meaning?: string, low?: number | null, high?: number | null, includes_low?: boolean,
 *   includes_high?: boolean, integer?: boolean, increasing?: boolean, range?: string, words?: string }} Limits
 *   what a number may be, as the catalogue says it; `words` stand for the range where it says more */
/** @typedef {{ most: number, low: number, high: number, at: (place: number) => number,
 *   place: (value: number) => number }} Scale  places are 0, 1, … most; low and high the values at the ends */

/** Places of a slider: an arrow key moves by one, a page key by ten. */
const PLACES = 200;

/** So many digits, without noise in the last one.
 * @param {number} x @param {number} digits */
const toDigits = (x, digits) => +x.toPrecision(digits);

/** Equal steps. @param {number} low @param {number} high @param {number} step @returns {Scale} */
export function linear(low, high, step = (high - low) / PLACES) {
  const most = Math.round((high - low) / step);
  return {
    most, low, high,
    at: (place) => toDigits(low + place * step, 12),
    place: (value) => clamp(Math.round((value - low) / step), 0, most),
  };
}

/** Equal ratios; with `zero` the left end is 0. @param {number} low @param {number} high @returns {Scale} */
export function logarithmic(low, high, zero = false) {
  const first = zero ? 1 : 0;
  const ratio = Math.log(high / low) / (PLACES - first);
  return {
    most: PLACES, low: zero ? 0 : Math.min(low, toDigits(low, 3)), high: Math.max(high, toDigits(high, 3)),
    at: (place) => place < first ? 0 : toDigits(low * Math.exp((place - first) * ratio), 3),
    place: (value) => value > 0 ? clamp(first + Math.round(Math.log(value / low) / ratio), first, PLACES) : 0,
  };
}

/** What an EMA does not keep, where 0, 0.5, 0.9 … are kept: so long is its memory. */
const FORGOTTEN = [1, 0.5, 0.1, 0.01, 0.001, 0.0001];
const PART = PLACES / (FORGOTTEN.length - 1);

/** Decay rates: 0, 0.5, 0.9, 0.99, 0.999 and 0.9999 are evenly spread. @returns {Scale} */
export function decaying() {
  return {
    most: PLACES, low: 0, high: 0.9999,
    at(place) {
      const i = Math.min(Math.floor(place / PART), FORGOTTEN.length - 2);
      const rest = FORGOTTEN[i] * (FORGOTTEN[i + 1] / FORGOTTEN[i]) ** (place / PART - i);
      return toDigits(1 - toDigits(rest, 3), 8);
    },
    place(value) {
      const rest = 1 - value;
      const i = FORGOTTEN.findIndex((least) => rest >= least);
      if (i <= 0) return i ? PLACES : 0;
      return Math.round(PART * (i - 1 + Math.log(FORGOTTEN[i - 1] / rest) / Math.log(FORGOTTEN[i - 1] / FORGOTTEN[i])));
    },
  };
}

/** The scale for a hyperparameter, wide enough for a value.
 * @param {string} name @param {Limits} limits @param {number} usual  its default @param {number} value */
export function scaleFor(name, { low, high, includes_low, includes_high, integer }, usual, value = usual) {
  const wide = (/** @type {number} */ least, /** @type {number} */ most, zero = false) =>
    logarithmic(value > 0 ? Math.min(least, value) : least, Math.max(most, value), zero);
  if (name === "lr") return wide(1e-5, 10);
  if (integer) return linear(low ?? 0, Math.max(high ?? 4 * usual, 10, value), 1);
  if (low === 0 && high === 1) {
    if (includes_low) return decaying();
    return includes_high ? linear(0.005, 1) : wide(1e-5, 0.99);
  }
  if (low === 0) {
    const middle = usual || 0.01;
    return wide(middle / 1e4, Math.max(1, middle * 100), includes_low);
  }
  const reach = 5 * Math.max(Math.abs(usual), 1);
  return linear(low ?? Math.min(usual - reach, value), high ?? Math.max(usual + reach, value));
}

/** The scale for a parameter of a landscape. @param {number} usual @param {number} value */
export function scaleForParameter(usual, value = usual) {
  if (usual <= 0) return linear(Math.min(usual - 5, value), Math.max(usual + 5, value));
  return logarithmic(value > 0 ? Math.min(usual / 30, value) : usual / 30, Math.max(usual * 30, value));
}

/** The number that a text says, NaN if it says none. @param {string} text */
export function numberIn(text) {
  const plain = text.trim().replace("−", "-");
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(plain) ? Number(plain) : NaN;
}

/** Why a text is no value here, as Python says it; nothing if it is one.
 * @param {string} name @param {string} text @param {Limits} limits */
export function refusal(name, text, { low, high, includes_low, includes_high, integer, range, words }) {
  const value = numberIn(text);
  const got = `got ${text.trim().slice(0, 24) || "nothing"}`;
  if (Number.isNaN(value)) return `${name} must be a number, ${got}`;
  if (!Number.isFinite(value)) return `${name} must be finite, ${got}`;
  if (integer && !Number.isInteger(value)) return `${name} must be a whole number, ${got}`;
  const above = low == null || value > low || Boolean(includes_low) && value === low;
  const below = high == null || value < high || Boolean(includes_high) && value === high;
  return above && below ? "" : `${name} must be ${words ?? range}, ${got}`;
}
