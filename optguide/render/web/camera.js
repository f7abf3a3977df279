// @ts-check
// From where the landscape is seen: the map from above, the relief from the side, and the turn between them.

import { clamp, mix } from "./numbers.js";

/** @typedef {import("./numbers.js").Pair} Pair */
/** @typedef {import("./data.js").MapLand} MapLand */
/**
 * @typedef {object} Eye How a landscape is seen at one moment, in CSS pixels of the stage.
 * @property {Pair} extent Half the width and half the depth of the landscape, the longer of them 1
 * @property {number} k 0 on the map, 1 in 3-D
 * @property {number} azimuth
 * @property {number} elevation
 * @property {number} rise How high the landscape rises, in the units of the extent
 * @property {number} scale Pixels to a unit of the extent
 * @property {number} zoom How much of that is the reader's doing
 * @property {number} x The middle of the landscape
 * @property {number} y
 * @property {[Pair, Pair]} frame The lower left and upper right corner of the map's frame, which zooming does not move
 */

const TURN = { azimuth: -0.62, elevation: 0.72 }; // where the eye stands in 3-D at first, in radians
const RELIEF = 0.8; // how high the landscape rises, in units of half its width
const LEVEL = { zoom: 1, pan: [0, 0] };
const MARGINS = { left: 52, right: 12, top: 12, bottom: 42 };

export class Camera {
  constructor() {
    this.depth = 0; // 0 is the map, 1 the view in 3-D; between them a turn of the eye
    this.goal = 0;
    this.azimuth = TURN.azimuth;
    this.elevation = TURN.elevation;
    this.zoom = 1;
    /** @type {Pair} */
    this.pan = [0, 0];
    /** The middle of the stage, and half the landscape as it is before it is zoomed: what was last looked at.
     * @type {Pair} */
    this.middle = [0, 0];
    /** @type {Pair} */
    this.half = [0, 0];
  }

  /** Whether a finger on the landscape moves it, and not the page. */
  get held() {
    return this.goal > 0 || this.zoom > 1;
  }

  reset() {
    Object.assign(this, TURN, LEVEL);
  }

  /** @param {boolean} up */
  turn(up) {
    this.goal = +up;
    Object.assign(this, LEVEL);
  }

  /** @param {number} sideways @param {number} up */
  rotate(sideways, up) {
    this.azimuth += sideways;
    this.elevation = clamp(this.elevation + up, 0.12, Math.PI / 2);
  }

  /** Make it so many times as large; what was seen at one place is seen at another then.
   * @param {number} by @param {Pair} from @param {Pair} to */
  scale(by, from = this.middle, to = from) {
    const zoom = clamp(this.zoom * by, 1, 12);
    const [x, y] = [0, 1].map((j) => {
      const away = from[j] - this.middle[j] - this.pan[j];
      return to[j] - this.middle[j] - (away * zoom) / this.zoom;
    });
    this.zoom = zoom;
    this.move(x, y);
  }

  /** Nothing moves the landscape out of its frame.
   * @param {number} x @param {number} y */
  move(x, y) {
    const [left, up] = this.half.map((half) => half * (this.zoom - 1));
    this.pan = [clamp(x, -left, left), clamp(y, -up, up)];
  }

  /** A drag turns the relief, and moves a map that is larger than its frame; returns whether it did either.
   * @param {number} dx @param {number} dy */
  drag(dx, dy) {
    if (this.goal) this.rotate(dx * 0.01, dy * 0.008);
    else if (this.zoom > 1) this.move(this.pan[0] + dx, this.pan[1] + dy);
    else return false;
    return true;
  }

  /** Go on turning; returns whether there was something to turn.
   * @param {number} seconds */
  advance(seconds) {
    if (this.depth === this.goal) return false;
    this.depth = clamp(this.depth + Math.sign(this.goal - this.depth) * seconds * 1.8, 0, 1);
    return true;
  }

  /** @param {MapLand} land @param {number} width @param {number} height @returns {Eye} */
  eye({ box: [[x0, x1], [y0, y1]], equal }, width, height) {
    const longest = Math.max(x1 - x0, y1 - y0);
    /** @type {Pair} */
    const extent = equal ? [(x1 - x0) / longest, (y1 - y0) / longest] : [1, 1];
    const k = this.depth * this.depth * (3 - 2 * this.depth);
    const { left, right, top, bottom } = MARGINS;
    const flat = Math.min((width - left - right) / 2 / extent[0], (height - top - bottom) / 2 / extent[1]);
    const scale = mix(flat, Math.min(width, height) / 3.1, k);
    const x = mix((width + left - right) / 2, width / 2, k);
    const y = mix((height + top - bottom) / 2, height * 0.5, k);
    const half = extent.map((e) => e * scale);
    Object.assign(this, { middle: [x, y], half });
    this.move(...this.pan);
    return {
      extent, k,
      azimuth: this.azimuth * k,
      elevation: mix(Math.PI / 2, this.elevation, k),
      rise: RELIEF * k,
      scale: scale * this.zoom,
      zoom: this.zoom,
      x: x + this.pan[0],
      y: y + this.pan[1],
      frame: [[x - half[0], y + half[1]], [x + half[0], y - half[1]]],
    };
  }
}

/** Height between 0 and 1 of the drawn surface at a point of the map.
 * @param {MapLand} land @param {number} x @param {number} y */
export function heightAt({ size: n, heights, box }, x, y) {
  const u = clamp((x - box[0][0]) / (box[0][1] - box[0][0]), 0, 1) * (n - 1);
  const v = clamp((y - box[1][0]) / (box[1][1] - box[1][0]), 0, 1) * (n - 1);
  const [j, i] = [Math.min(Math.floor(u), n - 2), Math.min(Math.floor(v), n - 2)];
  const k = i * n + j;
  const h = mix(mix(heights[k], heights[k + 1], u - j), mix(heights[k + n], heights[k + n + 1], u - j), v - i);
  return Number.isNaN(h) ? 1 : h;
}

/** A point of the landscape, as high as the surface is there, in CSS pixels of the stage.
 * @param {MapLand} land @param {Eye} eye @param {number} x @param {number} y @returns {Pair} */
export function project(land, eye, x, y) {
  const { box } = land;
  const u = (((x - box[0][0]) / (box[0][1] - box[0][0])) * 2 - 1) * eye.extent[0];
  const v = (((y - box[1][0]) / (box[1][1] - box[1][0])) * 2 - 1) * eye.extent[1];
  const [cos, sin] = [Math.cos(eye.azimuth), Math.sin(eye.azimuth)];
  const z = eye.rise ? (heightAt(land, x, y) - 0.5) * eye.rise : 0;
  const up = (u * sin + v * cos) * Math.sin(eye.elevation) + z * Math.cos(eye.elevation);
  return [eye.x + eye.scale * (u * cos - v * sin), eye.y - eye.scale * up];
}
