// @ts-check
// What Python packed: base64, deflated, bytes of equal rank side by side. render/player.py is the other end.

/** @typedef {import("./numbers.js").Pair} Pair */
/**
 * @typedef {object} Known What is said of a run in words.
 * @property {string} name
 * @property {string} settings
 * @property {string} color
 * @property {string} shape The outline of its mark, an SVG path
 * @property {number | null} diverged The step at which it diverged
 * @property {number | null} left The step from which it is off the map
 * @property {string[]} lengths The channels of which only the length is told
 * @property {string} [told] The channel of which the legend tells the number, if not the loss
 */
/** @typedef {Float32Array | Float64Array} Numbers Recorded, or computed here */
/** @typedef {Known & { kept: string | null, channels: Record<string, string> }} PackedRun */
/**
 * @typedef {Known & {
 *   at: Numbers, channels: Record<string, Numbers[]>, shown: boolean, faint?: boolean
 * }} Run The step of each record; per channel and coordinate a number for each of them; whether the reader sees it,
 * and follows another one.
 */
/**
 * @typedef {object} Style
 * @property {string} ground
 * @property {string} ink
 * @property {string} faint
 * @property {string} halo
 * @property {string[]} coordinates
 * @property {string} lost The outline of the mark of a run that is gone
 */
/**
 * @typedef {object} Matrix
 * @property {string} values The channel of the singular values of the matrix that the problem names
 * @property {string} update The channel of those of the updates
 * @property {number[] | null} target A two-by-two matrix that is to be found, row by row
 */
/**
 * @typedef {object} About What is said of all runs.
 * @property {number} format
 * @property {string} title
 * @property {number} steps
 * @property {number} seconds
 * @property {string[]} charts What the charts show at first
 * @property {{ label: string, scale: string, limits: Pair } | null} loss There is none in responses to a signal
 * @property {Matrix} [matrix] Where points are matrices
 * @property {Style} style
 */
/** @typedef {About & { runs: PackedRun[], scene?: object, own?: object }} PackedRecording With what a lab needs */
/** @typedef {About & { runs: Run[] }} Recording */
/** @typedef {{ axes: string[], box: Pair[], minima: Pair[] }} Place */
/** @typedef {Place & { size: number, levels: [number, string][], colors: string[], equal: boolean }} Mapped */
/** @typedef {Mapped & { heights: string }} PackedMap */
/** @typedef {Place & { curve: string, range: Pair }} PackedCurve */
/** @typedef {Mapped & { heights: Float32Array }} MapLand Heights are shares of the range of colours, row by row. */
/** @typedef {Place & { range: Pair, heights: Float32Array }} CurveLand */
/** @typedef {MapLand | CurveLand} Land */

export const FORMAT = 1;
const HOLE = 4095;

/** @param {string} text @returns {Promise<Uint8Array>} */
export async function bytes(text) {
  const letters = atob(text);
  const packed = new Uint8Array(letters.length);
  for (let i = 0; i < packed.length; i++) packed[i] = letters.charCodeAt(i);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Numbers of so many bytes each, from planes of bytes of equal rank.
 * @param {Uint8Array} planes @param {number} width */
function woven(planes, width) {
  const count = planes.length / width;
  if (!Number.isInteger(count)) throw new Error("the numbers are cut short");
  const result = new Uint8Array(planes.length);
  for (let i = 0; i < count; i++) for (let j = 0; j < width; j++) result[i * width + j] = planes[j * count + i];
  return result.buffer;
}

/** @param {string} text */
const floats = async (text) => new Float32Array(woven(await bytes(text), 4));

/** @param {PackedRun} run @param {number} steps @returns {Promise<Run>} */
export async function readRun(run, steps) {
  const names = Object.keys(run.channels);
  const values = await Promise.all(names.map((name) => floats(run.channels[name])));
  const kept = run.kept ? await floats(run.kept) : null;
  const count = values[names.indexOf(run.told ?? "loss")].length;
  const at = kept || Float32Array.from({ length: count }, (_, i) => i);
  if (at.length !== count || at[count - 1] > steps) throw new Error(`the steps of ${run.name} do not fit`);
  /** @type {Run["channels"]} */
  const channels = {};
  names.forEach((name, i) => {
    const { length } = values[i];
    if (length % count) throw new Error(`${name} of ${run.name} has ${length} numbers for ${count} steps`);
    channels[name] = Array.from({ length: length / count }, (_, j) => values[i].subarray(j * count, (j + 1) * count));
  });
  return { ...run, at, channels: { ...channels, ...derived(channels) }, shown: true };
}

/** What follows from the records: how far each step went, and how far per unit of slope in each coordinate.
 * @param {Run["channels"]} channels @returns {Run["channels"]} */
export function derived({ step, gradient }) {
  if (!step) return {};
  return {
    "step length": [step[0].map((_, i) => Math.hypot(...step.map((values) => values[i])))],
    "step / gradient": step.map((values, j) => values.map((x, i) => (i ? Math.abs(x / gradient[j][i - 1]) : NaN))),
  };
}

/** @param {PackedMap | PackedCurve} land @returns {Promise<Land>} */
export async function readLandscape(land) {
  if ("curve" in land) return { ...land, heights: await floats(land.curve) };
  const n = land.size;
  const surprise = new Uint16Array(woven(await bytes(land.heights), 2));
  if (surprise.length !== n * n) throw new Error(`the landscape has ${surprise.length} heights instead of ${n * n}`);
  return { ...land, heights: summed(surprise, n) };
}

/** Heights from how far each is from what its neighbours suggest.
 * @param {Uint16Array} surprise @param {number} n */
function summed(surprise, n) {
  const steps = new Int32Array(n * n);
  const heights = new Float32Array(n * n);
  for (let k = 0; k < n * n; k++) {
    const u = surprise[k];
    const south = k >= n;
    const west = k % n > 0;
    const suggested = (south ? steps[k - n] : 0) + (west ? steps[k - 1] : 0) - (south && west ? steps[k - n - 1] : 0);
    steps[k] = (u & 1 ? -(u + 1) / 2 : u / 2) + suggested;
    heights[k] = steps[k] === HOLE ? NaN : steps[k] / (HOLE - 1);
  }
  return heights;
}
