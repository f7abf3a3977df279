// @ts-check
// A landscape in one coordinate as the stage shows it: a curve.

import { clamp, mix, ticks } from "./numbers.js";
import { digits } from "./words.js";

/** @typedef {import("./numbers.js").Pair} Pair */
/** @typedef {import("./data.js").CurveLand} CurveLand */
/** @typedef {import("./data.js").Style} Style */
/** @typedef {import("./dom.js").Pen} Pen */

export class CurveView {
  /** @param {CurveLand} land @param {Style} style */
  constructor(land, style) {
    this.land = land;
    this.style = style;
    this.canTurn = false;
    this.width = this.height = 0;
  }

  /** @param {number} width @param {number} height */
  look(width, height) {
    Object.assign(this, { width, height });
    return null;
  }

  /** @param {number} x */
  x(x) {
    const [[low, high]] = this.land.box;
    return 56 + ((x - low) / (high - low)) * (this.width - 72);
  }

  /** @param {number} z */
  y(z) {
    const [low, high] = this.land.range;
    return this.height - 46 - ((z - low) / (high - low)) * (this.height - 72);
  }

  /** A point of the curve in CSS pixels of the stage.
   * @param {number[]} point @returns {Pair} */
  project([x]) {
    const { box: [[low, high]], heights } = this.land;
    const at = clamp((x - low) / (high - low), 0, 1) * (heights.length - 1);
    const i = Math.min(Math.floor(at), heights.length - 2);
    return [this.x(x), this.y(mix(heights[i], heights[i + 1], at - i))];
  }

  pieces() {
    return 1;
  }

  clip() {}

  ahead() {}

  /** @param {Pen} pen @param {string} ink */
  draw(pen, ink) {
    const { box: [[low, high]], range, heights, axes, minima } = this.land;
    pen.fillStyle = this.style.ground;
    pen.beginPath();
    pen.roundRect(56, 14, this.width - 72, this.height - 60, 6);
    pen.fill();
    Object.assign(pen, { fillStyle: ink, font: "12px system-ui, sans-serif", textAlign: "center" });
    for (const x of ticks(low, high, 5)) pen.fillText(digits(x), this.x(x), this.height - 28);
    pen.fillText(axes[0], this.width / 2 + 20, this.height - 10);
    pen.textAlign = "right";
    for (const z of ticks(...range, 5)) pen.fillText(digits(z), 48, this.y(z) + 4);
    Object.assign(pen, { strokeStyle: this.style.faint, lineWidth: 2 });
    pen.beginPath();
    heights.forEach((z, i) => pen.lineTo(this.x(mix(low, high, i / (heights.length - 1))), this.y(z)));
    pen.stroke();
    pen.strokeStyle = this.style.ink;
    for (const [x, z] of minima) {
      pen.beginPath();
      pen.arc(this.x(x), this.y(z), 6, 0, 2 * Math.PI);
      pen.stroke();
    }
  }
}
