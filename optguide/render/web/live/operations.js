// @ts-check
// What each function of the vocabulary does to many numbers at once. An argument is an array and a stride: 1 for one
// number each, 0 for one number that stands for all.

/**
 * @callback Operation
 * @param {Float64Array} out
 * @param {Float64Array} a
 * @param {number} i  stride of a
 * @param {Float64Array} b
 * @param {number} j  stride of b
 * @param {Float64Array} c
 * @param {number} k  stride of c
 */

/** torch's power: products where they are exact, a root or a quotient where it takes one. */
function torchPower(/** @type {number} */ x, /** @type {number} */ y) {
  if (y === 2) return x * x;
  if (y === 3) return x * x * x;
  if (y === 0.5) return Math.sqrt(x);
  if (y === -0.5) return 1 / Math.sqrt(x);
  if (y === -1) return 1 / x;
  if (y === -2) return 1 / (x * x);
  return x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : x ** y; // IEEE's power; JavaScript's is NaN
}

/** Python's remainder: it has the sign of the divisor. */
function remainder(/** @type {number} */ x, /** @type {number} */ y) {
  const r = x % y;
  return r !== 0 && r < 0 !== y < 0 ? r + y : r;
}

// A loop for each function: one loop that called a function for every number would be several times as slow.
/** @type {Record<string, Operation>} */
export const OPERATIONS = {
  // @ts-ignore: no prototype, so that a name from outside finds nothing but these
  __proto__: null,
  add(out, a, i, b, j) { for (let n = 0; n < out.length; n++) out[n] = a[n * i] + b[n * j]; },
  sub(out, a, i, b, j) { for (let n = 0; n < out.length; n++) out[n] = a[n * i] - b[n * j]; },
  mul(out, a, i, b, j) { for (let n = 0; n < out.length; n++) out[n] = a[n * i] * b[n * j]; },
  truediv(out, a, i, b, j) { for (let n = 0; n < out.length; n++) out[n] = a[n * i] / b[n * j]; },
  pow(out, a, i, b, j) {
    if (!j && b[0] === 2) for (let n = 0; n < out.length; n++) out[n] = a[n * i] * a[n * i];
    else for (let n = 0; n < out.length; n++) out[n] = torchPower(a[n * i], b[n * j]);
  },
  mod(out, a, i, b, j) { for (let n = 0; n < out.length; n++) out[n] = remainder(a[n * i], b[n * j]); },
  neg(out, a, i) { for (let n = 0; n < out.length; n++) out[n] = -a[n * i]; },
  lt(out, a, i, b, j) { for (let n = 0; n < out.length; n++) out[n] = a[n * i] < b[n * j] ? 1 : 0; },
  le(out, a, i, b, j) { for (let n = 0; n < out.length; n++) out[n] = a[n * i] <= b[n * j] ? 1 : 0; },
  gt(out, a, i, b, j) { for (let n = 0; n < out.length; n++) out[n] = a[n * i] > b[n * j] ? 1 : 0; },
  ge(out, a, i, b, j) { for (let n = 0; n < out.length; n++) out[n] = a[n * i] >= b[n * j] ? 1 : 0; },
  eq(out, a, i, b, j) { for (let n = 0; n < out.length; n++) out[n] = a[n * i] === b[n * j] ? 1 : 0; },
  sqrt(out, a, i) { for (let n = 0; n < out.length; n++) out[n] = Math.sqrt(a[n * i]); },
  exp(out, a, i) { for (let n = 0; n < out.length; n++) out[n] = Math.exp(a[n * i]); },
  log(out, a, i) { for (let n = 0; n < out.length; n++) out[n] = Math.log(a[n * i]); },
  sin(out, a, i) { for (let n = 0; n < out.length; n++) out[n] = Math.sin(a[n * i]); },
  cos(out, a, i) { for (let n = 0; n < out.length; n++) out[n] = Math.cos(a[n * i]); },
  atan2(out, a, i, b, j) { for (let n = 0; n < out.length; n++) out[n] = Math.atan2(a[n * i], b[n * j]); },
  abs(out, a, i) { for (let n = 0; n < out.length; n++) out[n] = Math.abs(a[n * i]); },
  sign(out, a, i) { for (let n = 0; n < out.length; n++) out[n] = Math.sign(a[n * i]) || 0; },
  maximum(out, a, i, b, j) { for (let n = 0; n < out.length; n++) out[n] = Math.max(a[n * i], b[n * j]); },
  minimum(out, a, i, b, j) { for (let n = 0; n < out.length; n++) out[n] = Math.min(a[n * i], b[n * j]); },
  clamp(out, a, i, b, j, c, k) {
    for (let n = 0; n < out.length; n++) out[n] = Math.min(Math.max(a[n * i], b[n * j]), c[n * k]);
  },
  where(out, a, i, b, j, c, k) { for (let n = 0; n < out.length; n++) out[n] = a[n * i] ? b[n * j] : c[n * k]; },
  full_like(out, a, i, b, j) { for (let n = 0; n < out.length; n++) out[n] = b[n * j]; },
};
