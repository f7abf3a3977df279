// @ts-check
// Where runs have been: a place between two records, a trail on the stage, and what of it has happened by a step.

import { emptied, make, penOf } from "./dom.js";
import { before, clamp, clip, mix } from "./numbers.js";

/** @typedef {import("./numbers.js").Pair} Pair */
/** @typedef {import("./data.js").Run} Run */
/** @typedef {import("./dom.js").Pen} Pen */
/** @typedef {{ project(point: number[]): Pair, pieces(length: number): number }} View */
/** @typedef {{ t: number[], x: number[], y: number[], jump: boolean[] }} Trail Places at steps, and jumps to them */

/** Where a run stands at a (fractional) step, or null once it is lost.
 * @param {Run} run @param {number} step */
export function position({ at, channels: { theta } }, step) {
  const i = before(at, step);
  const next = Math.min(i + 1, at.length - 1);
  const share = next > i ? clamp((step - at[i]) / (at[next] - at[i]), 0, 1) : 0;
  const point = theta.map((values) => (share ? mix(values[i], values[next], share) : values[i]));
  return point.every(Number.isFinite) ? point : null;
}

/** A run's whole trail on the stage.
 * @param {Run} run @param {Pair[]} box @param {View} view @returns {Trail} */
export function trailOf(run, box, view) {
  /** @type {Trail} */
  const trail = { t: [], x: [], y: [], jump: [] };
  /** @param {number} t @param {number[]} point @param {boolean} jump */
  const add = (t, point, jump) => {
    const [x, y] = view.project(point);
    trail.t.push(t);
    trail.x.push(x);
    trail.y.push(y);
    trail.jump.push(jump);
  };
  /** @param {number} i */
  const record = (i) => run.channels.theta.map((values) => values[i]);
  let joined = false;
  let a = record(0);
  for (let i = 1; i < run.at.length; i++) {
    const b = record(i);
    if (!b.every(Number.isFinite)) break;
    const part = clip(a, b, box);
    if (part) {
      const length = Math.hypot(...b.map((x, j) => (x - a[j]) / (box[j][1] - box[j][0]))) * (part[1] - part[0]);
      const pieces = view.pieces(length);
      joined &&= part[0] === 0;
      for (let n = joined ? 1 : 0; n <= pieces; n++) {
        const share = mix(part[0], part[1], n / pieces);
        add(mix(run.at[i - 1], run.at[i], share), a.map((x, j) => mix(x, b[j], share)), n === 0);
      }
    }
    joined = part !== null && part[1] === 1;
    a = b;
  }
  return trail;
}

/** Adds to a path what a trail covers between two steps; returns where it ends.
 * @param {{ moveTo(x: number, y: number): void, lineTo(x: number, y: number): void }} path
 * @param {Trail} trail @param {number} from @param {number} to @returns {Pair | null} */
export function follow(path, { t, x, y, jump }, from, to) {
  if (!t.length || t[0] > to) return null;
  let i = before(t, from);
  /** @type {Pair} */
  let at = [x[i], y[i]];
  path.moveTo(...at);
  while (++i < t.length && t[i] <= to) {
    at = [x[i], y[i]];
    jump[i] ? path.moveTo(...at) : path.lineTo(...at);
  }
  if (i < t.length && !jump[i]) {
    const share = (to - t[i - 1]) / (t[i] - t[i - 1]);
    at = [mix(x[i - 1], x[i], share), mix(y[i - 1], y[i], share)];
    path.lineTo(...at);
  }
  return at;
}

/** @param {Pen} pen @param {Path2D} shape about one unit wide @param {Pair} at @param {string} color */
export function mark(pen, shape, [x, y], color, size = 13) {
  pen.save();
  pen.translate(x, y);
  pen.scale(size, size);
  Object.assign(pen, { fillStyle: color, strokeStyle: "#fff", lineWidth: 1.3 / size });
  pen.fill(shape);
  pen.stroke(shape);
  pen.restore();
}

/** How strongly a run is drawn: while another one is followed, faintly.
 * @param {Run} run */
export const strength = ({ faint }) => (faint ? 0.15 : 1);

/** All trails so far, on a canvas to which each frame adds only what is new. */
export class Trails {
  /** @param {string} halo */
  constructor(halo) {
    this.canvas = make("canvas");
    this.halo = halo;
    this.key = "";
    this.step = this.earlier = 0;
  }

  /** The trails up to a step; where the key has changed, or time went back, they are drawn anew.
   * @param {number} step @param {{ color: string, alpha: number, trail: Trail }[]} shown @param {string} key
   * @param {HTMLCanvasElement} like @param {number} ratio */
  upTo(step, shown, key, like, ratio) {
    const { canvas } = this;
    if (this.key !== key || this.step > step) {
      emptied(canvas, like, ratio);
      Object.assign(this, { key, step: 0, earlier: 0 });
    }
    if (this.step === step) return canvas;
    const pen = penOf(canvas);
    pen.lineJoin = "round";
    // The halo ends bluntly and the colour begins a bit earlier, so that no seam shows between the bits.
    const strokes = [
      { strokeStyle: this.halo, lineWidth: 4.6, globalAlpha: 0.55, lineCap: "butt", from: this.step },
      { lineWidth: 2.3, globalAlpha: 1, lineCap: "round", from: this.earlier },
    ];
    for (const { color, alpha, trail } of shown) {
      for (const { from, ...look } of strokes) {
        const path = new Path2D();
        follow(path, trail, from, step);
        Object.assign(pen, { strokeStyle: color, ...look, globalAlpha: look.globalAlpha * alpha });
        pen.stroke(path);
      }
    }
    Object.assign(this, { step, earlier: this.step });
    return canvas;
  }
}
