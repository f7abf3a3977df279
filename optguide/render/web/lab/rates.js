// @ts-check
// Where descents end against the learning rate, drawn as og.plot_rates draws one start.

import { range, ticks } from "../numbers.js";
import { digits, power } from "../words.js";
import { LOST } from "./basins.js";
import { Frame } from "./frame.js";

/** @typedef {import("../numbers.js").Pair} Pair */
/** @typedef {import("../live/planes.js").Rates} Rates */

const GROUND = "#0a1022";
const FLOOR = 1e-32;

export class RateChart {
  name = "where every learning rate leads";

  /** @param {Rates} found @param {string} color
   * @param {number} lowest  the lowest known height, or 0: the chart shows how far above it descents end */
  constructor(found, color, lowest) {
    this.found = found;
    this.color = color;
    this.lowest = lowest;
    this.size = /** @type {Pair} */ ([found.lrs.length, 1]);
    this.heights = found.loss.map((loss) => Math.max(loss - lowest, FLOOR));
    const sound = [...this.heights].filter(Number.isFinite);
    const [least, most] = sound.length ? range(sound) : [1, 1];
    this.limits = /** @type {Pair} */ ([Math.log10(least) - 0.3, Math.log10(most) + 0.3]);
    this.home = /** @type {Pair} */ ([Math.max(0, this.heights.indexOf(least)), 0]);
    this.frame = new Frame(280, 240);
    this.width = this.frame.width;
    this.height = this.frame.height;
    this.legend = /** @type {[string, string][]} */ (found.divergedAt.some((at) => at >= 0) ? [[LOST, "diverged"]] : []);
  }

  /** @param {number} lr */
  across(lr) {
    const { lrs } = this.found;
    return Math.log(lr / lrs[0]) / Math.log(lrs[lrs.length - 1] / lrs[0]);
  }

  /** @param {number} height */
  up(height) {
    const [low, high] = this.limits;
    return (Math.log10(height) - low) / (high - low);
  }

  /** @param {Pair} place @returns {Pair | null} */
  at(place) {
    const shares = this.frame.shares(place);
    return shares && [Math.round(shares[0] * (this.size[0] - 1)), 0];
  }

  /** @param {number} i */
  chosen(i) { return { lr: this.found.lrs[i] }; }

  /** @param {number} i */
  say(i) {
    const { lrs, loss, divergedAt, distance } = this.found;
    const at = `Learning rate ${digits(lrs[i])}: `;
    if (divergedAt[i] >= 0) return `${at}diverged at step ${divergedAt[i]}.`;
    const away = Number.isFinite(distance[i]) ? `, ${digits(distance[i])} from the nearest minimum` : "";
    return `${at}loss in the end ${digits(loss[i])}${away}.`;
  }

  /** @param {CanvasRenderingContext2D} pen @param {string} ink @param {Pair} cursor @param {{ lr: number }} now */
  draw(pen, ink, [column], { lr }) {
    const { frame, found: { lrs, divergedAt } } = this;
    const [low, high] = this.limits;
    const decades = [lrs[0], lrs[lrs.length - 1]].map((x) => Math.log10(x));
    const along = ticks(decades[0], decades[1], 6).filter(Number.isInteger);
    const beside = ticks(low, high, 6).filter(Number.isInteger);
    frame.inside(pen, GROUND, () => {
      pen.fillStyle = LOST;
      const half = 0.5 / (lrs.length - 1);
      lrs.forEach((rate, i) => {
        if (divergedAt[i] >= 0) pen.fillRect(frame.x(this.across(rate) - half), frame.y(1), frame.across * 2 * half + 0.5, frame.up);
      });
      Object.assign(pen, { fillStyle: "#8fa6c9", globalAlpha: 0.16 });
      for (const k of beside) pen.fillRect(frame.x(0), frame.y((k - low) / (high - low)), frame.across, 1);
      pen.globalAlpha = 1;
      Object.assign(pen, { strokeStyle: this.color, lineWidth: 2, lineJoin: "round" });
      pen.beginPath();
      let broken = true;
      lrs.forEach((rate, i) => {
        const height = this.heights[i];
        const gone = !Number.isFinite(height);
        if (!gone) pen[broken ? "moveTo" : "lineTo"](frame.x(this.across(rate)), frame.y(this.up(height)));
        broken = gone;
      });
      pen.stroke();
      pen.fillStyle = this.color;
      if (lr > 0) pen.fillRect(frame.x(this.across(lr)) - 1, frame.y(0) - 10, 2, 10); // the rate that is set
      frame.cross(pen, [this.across(lrs[column]), 0], false);
    });
    const marks = [
      along.map((k) => ({ at: (k - decades[0]) / (decades[1] - decades[0]), text: power(k) })),
      beside.map((k) => ({ at: (k - low) / (high - low), text: power(k) })),
    ];
    const above = this.lowest ? `loss in the end − lowest (${digits(this.lowest)})` : "loss in the end";
    frame.write(pen, ink, marks, ["learning rate", above]);
  }
}
