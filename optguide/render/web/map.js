// @ts-check
// A landscape in two coordinates as the stage shows it: map or relief.

import { drawAxes, drawFloor, drawLabels, nameEdges } from "./axes.js";
import { project } from "./camera.js";
import { clamp } from "./numbers.js";
import { drawSurface, paintMap, surfaceAhead, surfaceRenderer } from "./relief.js";

/** @typedef {import("./numbers.js").Pair} Pair */
/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {import("./data.js").MapLand} MapLand */
/** @typedef {import("./data.js").Style} Style */
/** @typedef {import("./dom.js").Pen} Pen */

export class MapView {
  /** @param {MapLand} land @param {Style} style @param {Camera} camera */
  constructor(land, style, camera) {
    this.land = land;
    this.style = style;
    this.canTurn = Boolean(surfaceRenderer());
    this.width = this.height = 0;
    this.camera = camera;
    this.eye = camera.eye(land, 0, 0);
    /** @type {HTMLCanvasElement | null} */
    this.flat = null;
  }

  /** Look at the landscape as the camera stands now; equal answers give equal pictures.
   * @param {number} width @param {number} height */
  look(width, height) {
    Object.assign(this, { width, height });
    this.eye = this.camera.eye(this.land, width, height);
    return this.eye;
  }

  /** @param {import("./stage.js").Stage} stage */
  ahead({ width, height, canvas, ratio }) {
    return surfaceAhead(this.land, this.look(width, height), canvas, ratio, this.style.faint);
  }

  /** @param {number[]} point */
  project([x, y]) {
    return project(this.land, this.eye, x, y);
  }

  /** How many pieces a line needs that is so long, in widths of the box: in 3-D it is draped over the surface.
   * @param {number} length */
  pieces(length) {
    return this.eye.rise ? clamp(Math.ceil(length / 0.02), 1, 50) : 1;
  }

  /** Keep what is drawn next within the frame of the map.
   * @param {Pen} pen @param {number} margin */
  clip(pen, margin) {
    if (this.eye.k) return;
    const { frame: [a, b] } = this.eye;
    pen.beginPath();
    pen.rect(a[0] - margin, b[1] - margin, b[0] - a[0] + 2 * margin, a[1] - b[1] + 2 * margin);
    pen.clip();
  }

  /** @param {Pen} pen @param {string} ink @param {number} ratio @param {number[] | null} start */
  draw(pen, ink, ratio, start) {
    const { land, eye, style } = this;
    const flatness = 1 - 2.5 * eye.k;
    drawFloor(pen, land, eye, ink);
    pen.save();
    this.clip(pen, 0);
    const surface = drawSurface(land, eye, pen.canvas, ratio, style.faint);
    if (surface) pen.drawImage(surface, 0, 0, this.width, this.height);
    else {
      const [[x0, x1], [y0, y1]] = land.box;
      const [a, b] = [this.project([x0, y0]), this.project([x1, y1])];
      this.flat ??= paintMap(land);
      pen.drawImage(this.flat, a[0], b[1], b[0] - a[0], a[1] - b[1]);
    }
    drawLabels(pen, land, eye, style, flatness, start ? [...land.minima, start] : land.minima);
    pen.restore();
    drawAxes(pen, land, eye, ink, flatness);
    nameEdges(pen, land, eye, ink, 2 * eye.k - 1);
    pen.save();
    this.clip(pen, 6);
    for (const point of land.minima) {
      const [x, y] = this.project(point);
      Object.assign(pen, { strokeStyle: style.ink, lineWidth: 1.5 });
      pen.beginPath();
      pen.arc(x, y, 5, 0, 2 * Math.PI);
      pen.stroke();
    }
    pen.restore();
  }
}
