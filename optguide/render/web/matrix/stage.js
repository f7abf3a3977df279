// @ts-check
// What stands in the place of a landscape where points are matrices: the image of the unit circle under a two-by-two
// matrix, or the singular values of the present matrix and of the present update as bars. Loaded where it is needed.

import { copied, emptied, fit, make } from "../dom.js";
import { before, clamp, mix, range, ticks } from "../numbers.js";
import { Stage } from "../stage.js";
import { strength } from "../trails.js";
import { digits, power } from "../words.js";

/** @typedef {import("../data.js").Recording} Recording */
/** @typedef {import("../data.js").Matrix} Matrix */
/** @typedef {import("../data.js").Run} Run */
/** @typedef {import("../dom.js").Pen} Pen */
/** @typedef {{ top: number, bottom: number, low: number, high: number, log: boolean, title: string }} Panel */

const LETTERS = "12px system-ui, sans-serif";
const LEFT = 52; // pixels beside the bars
const RIGHT = 12;
const ENTRIES = "entries"; // of two-by-two matrices, row by row

/** The numbers of a channel at a (fractional) step.
 * @param {Run} run @param {string} channel @param {number} step */
export function numbersAt({ at, channels }, channel, step) {
  const i = before(at, step);
  const next = Math.min(i + 1, at.length - 1);
  const share = next > i ? clamp((step - at[i]) / (at[next] - at[i]), 0, 1) : 0;
  return (channels[channel] ?? []).map((values) => (share ? mix(values[i], values[next], share) : values[i]));
}

/** The image of the unit circle under a matrix, given row by row: half axes are as long as its singular values.
 * @param {number[]} matrix @returns {[number, number][]} */
export function ellipse([a, b, c, d]) {
  return Array.from({ length: 97 }, (_, i) => {
    const [cos, sin] = [Math.cos((i * Math.PI) / 48), Math.sin((i * Math.PI) / 48)];
    return [a * cos + b * sin, c * cos + d * sin];
  });
}

export class MatrixStage {
  /** @param {Recording} recording */
  constructor({ title, runs, style, matrix }) {
    this.runs = runs;
    this.style = style;
    this.matrix = /** @type {Matrix} */ (matrix);
    this.round = runs.some(({ channels }) => channels[ENTRIES]);
    this.view = { canTurn: false };
    this.canvas = make("canvas");
    this.ground = make("canvas");
    this.tip = make("div", { class: "og-tip", hidden: true });
    const what = this.round ? "the image of the unit circle" : "singular values";
    this.element = make("div", {
      class: "og-stage", tabindex: "0", role: "application", "aria-roledescription": "chart",
      "aria-label": `${title}: ${what} at this step. Space plays, arrows step.`,
    }, this.canvas, this.tip);
    this.width = this.height = 0;
    this.ratio = 1;
    this.drawn = "";
    /** @type {Panel[]} */
    this.panels = [];
    this.reach = 1; // how far the picture of the circle extends
  }

  /** @param {number} ratio Device pixels to a CSS pixel */
  layout(ratio) {
    this.ratio = ratio;
    [this.width, this.height] = fit(this.canvas, ratio);
    this.drawn = "";
  }

  forget() {
    this.drawn = "";
  }

  /** There is no landscape on which a run would be somewhere. */
  heads() {
    return [];
  }

  point() {}

  ahead() {}

  /** All numbers of a channel in the runs that are shown, but of those that diverged where there are others.
   * @param {string} channel */
  all(channel) {
    const shown = this.runs.filter((run) => run.shown);
    const held = shown.filter(({ diverged }) => diverged === null);
    return (held.length ? held : shown).flatMap(({ channels }) => (channels[channel] ?? []).flatMap((x) => [...x]))
      .filter(Number.isFinite);
  }

  measure() {
    if (this.round) {
      const longest = Math.max(...this.all(ENTRIES).concat(this.matrix.target ?? []).map(Math.abs), 1e-12);
      this.reach = 1.5 * longest;
      return;
    }
    const half = this.height / 2;
    const positive = this.all(this.matrix.values).filter((x) => x > 0);
    const [low, high] = positive.length ? range(positive) : [0.1, 1];
    this.panels = [
      { top: 30, bottom: half - 12, low: low / 2, high: high * 1.5, log: true, title: this.matrix.values },
      {
        top: half + 26, bottom: this.height - 28, low: 0, high: 1.05, log: false,
        title: `${this.matrix.update}, relative to the largest`,
      },
    ];
  }

  /** @param {Panel} panel @param {number} value */
  y({ top, bottom, low, high, log }, value) {
    const [at, from, to] = log ? [value, low, high].map(Math.log10) : [value, low, high];
    return bottom - clamp((at - from) / (to - from), 0, 1) * (bottom - top);
  }

  /** @param {number} step @param {string} ink */
  draw(step, ink) {
    if (!this.width) return;
    const key = JSON.stringify([this.width, this.height, this.ratio, ink, this.runs.map((run) => run.shown)]);
    if (this.drawn !== key) {
      this.measure();
      const pen = emptied(this.ground, this.canvas, this.ratio);
      pen.font = LETTERS;
      this.round ? this.drawPlane(pen, ink) : this.panels.forEach((panel) => this.drawPanel(pen, ink, panel));
      this.drawn = key;
    }
    const pen = copied(this.ground, this.canvas, this.ratio);
    if (this.round) this.drawCircles(pen, step);
    else this.panels.forEach((panel, i) => this.drawBars(pen, step, panel, i > 0));
  }

  /** @param {number[]} place @returns {[number, number]} */
  project([x, y]) {
    const scale = Math.min(this.width - 56, this.height - 46) / 2 / this.reach;
    return [(this.width + 40) / 2 + x * scale, (this.height - 30) / 2 - y * scale];
  }

  /** @param {Pen} pen @param {string} ink */
  drawPlane(pen, ink) {
    const [left, top] = this.project([-this.reach, this.reach]);
    const [right, bottom] = this.project([this.reach, -this.reach]);
    pen.fillStyle = this.style.ground;
    pen.beginPath();
    pen.roundRect(left, top, right - left, bottom - top, 6);
    pen.fill();
    for (const x of ticks(-this.reach, this.reach, 4)) {
      const [px, py] = this.project([x, x]);
      Object.assign(pen, { fillStyle: this.style.faint, globalAlpha: x ? 0.15 : 0.5 });
      pen.fillRect(px - 0.5, top, 1, bottom - top);
      pen.fillRect(left, py - 0.5, right - left, 1);
      Object.assign(pen, { fillStyle: ink, globalAlpha: 1, textAlign: "center", textBaseline: "top" });
      pen.fillText(digits(x), px, bottom + 6);
      Object.assign(pen, { textAlign: "right", textBaseline: "middle" });
      pen.fillText(digits(x), left - 6, py);
    }
    if (this.matrix.target) {
      Object.assign(pen, { strokeStyle: this.style.ink, lineWidth: 1.5 });
      pen.setLineDash([5, 4]);
      this.outline(pen, this.matrix.target);
      pen.setLineDash([]);
    }
  }

  /** @param {Pen} pen @param {number[]} matrix */
  outline(pen, matrix) {
    pen.beginPath();
    for (const point of ellipse(matrix)) pen.lineTo(...this.project(point));
    pen.stroke();
  }

  /** @param {Pen} pen @param {number} step */
  drawCircles(pen, step) {
    const [left, top] = this.project([-this.reach, this.reach]);
    const [right, bottom] = this.project([this.reach, -this.reach]);
    pen.save();
    pen.beginPath();
    pen.rect(left, top, right - left, bottom - top);
    pen.clip();
    for (const run of this.runs.filter(({ shown }) => shown)) {
      const matrix = numbersAt(run, ENTRIES, step);
      if (!matrix.every(Number.isFinite)) continue;
      Object.assign(pen, { strokeStyle: run.color, lineWidth: 2.4, globalAlpha: strength(run) });
      this.outline(pen, matrix);
      // Where the circle's first point goes: without it a turn of the circle would not be seen.
      const [x, y] = this.project([matrix[0], matrix[2]]);
      pen.fillStyle = run.color;
      pen.beginPath();
      pen.arc(x, y, 4, 0, 2 * Math.PI);
      pen.fill();
    }
    pen.restore();
  }

  /** @param {Pen} pen @param {string} ink @param {Panel} panel */
  drawPanel(pen, ink, panel) {
    const { top, bottom, low, high, log, title } = panel;
    pen.fillStyle = this.style.ground;
    pen.fillRect(LEFT, top - 4, this.width - LEFT - RIGHT, bottom - top + 4);
    Object.assign(pen, { fillStyle: ink, textAlign: "left", textBaseline: "middle" });
    pen.fillText(title, LEFT, top - 16);
    pen.textAlign = "right";
    const marks = log
      ? ticks(Math.log10(low), Math.log10(high), 4).filter(Number.isInteger).map((x) => [10 ** x, power(x)])
      : [0, 0.5, 1].map((x) => [x, digits(x)]);
    for (const [value, text] of /** @type {[number, string][]} */ (marks)) {
      pen.fillStyle = ink;
      pen.fillText(text, LEFT - 6, this.y(panel, value));
      Object.assign(pen, { fillStyle: this.style.faint, globalAlpha: 0.2 });
      pen.fillRect(LEFT, this.y(panel, value), this.width - LEFT - RIGHT, 1);
      pen.globalAlpha = 1;
    }
  }

  /** @param {Pen} pen @param {number} step @param {Panel} panel @param {boolean} update */
  drawBars(pen, step, panel, update) {
    const shown = this.runs.filter((run) => run.shown);
    const channel = update ? this.matrix.update : this.matrix.values;
    const values = shown.map((run) => numbersAt(run, channel, update ? Math.max(1, Math.round(step)) : step));
    const count = Math.max(1, ...values.map(({ length }) => length));
    const group = (this.width - LEFT - RIGHT) / count;
    const wide = (group * 0.8) / Math.max(1, shown.length);
    shown.forEach((run, i) => {
      const most = update ? Math.max(...values[i].filter(Number.isFinite), 0) : 1;
      Object.assign(pen, { fillStyle: run.color, globalAlpha: strength(run) });
      values[i].forEach((value, j) => {
        if (!(value > 0)) return;
        const y = this.y(panel, value / most);
        pen.fillRect(LEFT + group * (j + 0.1) + i * wide, y, Math.max(1, wide - 1), panel.bottom - y);
      });
    });
    pen.globalAlpha = 1;
  }
}

if (globalThis.document) Stage.matrix = MatrixStage;
