// @ts-check
// Arithmetic that every part needs.

/** @typedef {[number, number]} Pair Two ends of a range, or a place in CSS pixels. */

/** @param {number} x @param {number} low @param {number} high */
export const clamp = (x, low, high) => Math.min(high, Math.max(low, x));

/** @param {number} a @param {number} b @param {number} k */
export const mix = (a, b, k) => a + (b - a) * k;

/** The least and the greatest of many numbers.
 * @param {number[]} numbers @returns {Pair} */
export function range(numbers) {
  let [low, high] = [Infinity, -Infinity];
  for (const x of numbers) [low, high] = [Math.min(low, x), Math.max(high, x)];
  return [low, high];
}

/** The last of rising numbers that is not above a limit; the first where all are.
 * @param {ArrayLike<number>} at @param {number} limit */
export function before(at, limit) {
  let [low, high] = [0, at.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (at[middle] <= limit) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Round numbers that divide a range into about so many parts.
 * @param {number} low @param {number} high @param {number} count */
export function ticks(low, high, count) {
  const raw = (high - low) / count;
  const unit = 10 ** Math.floor(Math.log10(raw));
  const step = unit * ([1, 2, 2.5, 5].find((m) => m * unit >= raw * 0.999) ?? 10);
  const result = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) {
    result.push(+(i * step).toPrecision(12));
  }
  return result;
}

/** The part of a segment inside the box, as shares of its length, or null (Liang and Barsky's way).
 * @param {number[]} a @param {number[]} b @param {Pair[]} box @returns {Pair | null} */
export function clip(a, b, box) {
  let [from, to] = [0, 1];
  for (let j = 0; j < box.length; j++) {
    const d = b[j] - a[j];
    const [enter, leave] = [(box[j][0] - a[j]) / d, (box[j][1] - a[j]) / d];
    if (d === 0) {
      if (a[j] < box[j][0] || a[j] > box[j][1]) return null;
    } else {
      from = Math.max(from, Math.min(enter, leave));
      to = Math.min(to, Math.max(enter, leave));
    }
  }
  return from <= to ? [from, to] : null;
}

/** Whether a point lies in the box, its edge included.
 * @param {number[]} point @param {Pair[]} box */
export const inside = (point, box) => point.every((x, j) => x >= box[j][0] && x <= box[j][1]);
