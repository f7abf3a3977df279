// @ts-check
// A small chart beside the landscape, in step with it.

import { copied, emptied, fit, make, penOf } from "./dom.js";
import { before, clamp, ticks } from "./numbers.js";
import { choicesOf, linesOf, marksOf, scaleOf } from "./series.js";
import { mark, strength } from "./trails.js";
import { fitting } from "./words.js";

/** @typedef {import("./data.js").Recording} Recording */
/** @typedef {import("./series.js").Choice} Choice */
/** @typedef {import("./series.js").Line} Line */
/** @typedef {import("./series.js").Scale} Scale */
/** @typedef {import("./dom.js").Pen} Pen */

const TOP = 30; // pixels above the lines, where the choice stands

export class Chart {
  /**
   * @param {Recording} record
   * @param {string} chosen What it shows at first
   * @param {{ changed(): void, stopAt(step: number): void }} told
   * @param {string[]} [axes] What the coordinates of the landscape are called
   */
  constructor(record, chosen, told, axes) {
    this.record = record;
    this.axes = axes;
    this.lostShape = new Path2D(record.style.lost);
    this.canvas = make("canvas", { "aria-hidden": "true" });
    this.ground = make("canvas");
    this.lit = make("canvas");
    this.select = make("select", { "aria-label": "what this chart shows" });
    this.heading = make("span", { class: "og-heading", "aria-hidden": "true" }); // what the select says, as it fits
    /** @type {Map<string, Choice>} */
    this.choices = new Map();
    for (const [group, choices] of choicesOf(record)) {
      const options = choices.map(({ key, text }) => make("option", { value: key }, text));
      this.select.append(make("optgroup", { label: group }, ...options));
      for (const choice of choices) this.choices.set(choice.key, choice);
    }
    const own = [...this.choices.keys()].find((key) => key.endsWith(`\n${chosen}`));
    this.select.value = this.choices.has(chosen) ? chosen : own ?? "loss";
    this.select.addEventListener("change", () => {
      this.stale = true;
      told.changed();
    });
    this.element = make("div", { class: "og-chart" }, this.canvas, this.heading, this.select);
    /** @param {PointerEvent} event */
    const scrub = (event) => {
      if (event.target !== this.canvas) return;
      const x = event.clientX - this.canvas.getBoundingClientRect().left;
      told.stopAt(Math.round(((x - 46) / (this.width - 64)) * record.steps));
    };
    this.element.addEventListener("pointerdown", scrub);
    this.element.addEventListener("pointermove", (event) => { if (event.buttons) scrub(event); });
    this.width = this.height = 0;
    this.ratio = 1;
    this.ink = "";
    this.stale = true;
    /** @type {Line[]} */
    this.series = [];
    /** @type {Line[]} */
    this.named = [];
    /** @type {Scale} */
    this.scale = { log: false, low: 0, high: 1 };
    this.bottom = 0;
  }

  /** @param {number} ratio Device pixels to a CSS pixel */
  layout(ratio) {
    this.ratio = ratio;
    [this.width, this.height] = fit(this.canvas, ratio);
    this.stale = true;
  }

  measure() {
    const { runs, loss, style } = this.record;
    const choice = /** @type {Choice} */ (this.choices.get(this.select.value));
    this.series = linesOf(runs, choice, style.coordinates, this.axes);
    const one = this.series.filter(({ run }) => run === this.series[0].run);
    const color = choice.run ? {} : { color: style.ink }; // of all runs only the width tells coordinates apart
    this.named = one[1]?.name ? one.map((line) => ({ ...line, ...color })) : [];
    const { scale, limits: [low, high] } = loss ?? { scale: "", limits: [0, 0] };
    this.scale = choice.key === "loss" ? { log: scale === "log", low, high } : scaleOf(this.series, !loss);
    this.bottom = this.height - 26;
    const pen = penOf(this.canvas);
    pen.font = getComputedStyle(this.heading).font;
    this.heading.textContent = fitting(choice.text, this.width - 78, (text) => pen.measureText(text).width);
    this.select.title = choice.text + (this.scale.log ? ", logarithmic" : "");
  }

  /** @param {number} step */
  x(step) {
    return 46 + (step / this.record.steps) * (this.width - 64);
  }

  /** @param {number} value */
  y(value) {
    const { log, low, high } = this.scale;
    const [at, from, to] = log ? [value, low, high].map(Math.log10) : [value, low, high];
    return this.bottom - ((at - from) / (to - from)) * (this.bottom - TOP);
  }

  /** @param {string} ink */
  drawGround(ink) {
    this.measure();
    const { style } = this.record;
    const { bottom, width } = this;
    const pen = emptied(this.ground, this.canvas, this.ratio);
    pen.fillStyle = style.ground;
    pen.fillRect(46, TOP - 4, width - 64, bottom - TOP + 8);
    Object.assign(pen, { font: "11px system-ui, sans-serif", textBaseline: "middle", textAlign: "right" });
    for (const [value, text] of marksOf(this.scale)) {
      pen.fillStyle = ink;
      pen.fillText(text, 41, this.y(value));
      Object.assign(pen, { fillStyle: style.faint, globalAlpha: 0.2 });
      pen.fillRect(46, this.y(value), width - 64, 1);
      pen.globalAlpha = 1;
    }
    Object.assign(pen, { fillStyle: ink, textAlign: "center" });
    const steps = ticks(0, this.record.steps, clamp(width / 70, 2, 6)).filter(Number.isInteger);
    for (const step of steps) pen.fillText(String(step), this.x(step), bottom + 14);
    pen.textAlign = "right";
    pen.fillText("step", 39, bottom + 14);
    if (this.scale.log) pen.fillText("log", 41, 13);
    this.stale = false;
    this.ink = ink;
    this.trace(pen, 0.28);
    // The same lines at full strength, of which a frame shows as much as has happened.
    this.trace(emptied(this.lit, this.canvas, this.ratio), 1);
  }

  /** @param {Pen} pen @param {number} alpha */
  trace(pen, alpha) {
    const { bottom, width } = this;
    pen.save();
    pen.beginPath();
    pen.rect(46, TOP - 4, width - 64, bottom - TOP + 8);
    pen.clip();
    pen.lineJoin = "round";
    for (const { run, values, color, width: lineWidth } of this.series) {
      const path = new Path2D();
      let broken = true;
      values.forEach((value, i) => {
        const y = this.y(value);
        if (Number.isFinite(y)) broken ? path.moveTo(this.x(run.at[i]), y) : path.lineTo(this.x(run.at[i]), y);
        broken = !Number.isFinite(y);
      });
      Object.assign(pen, { strokeStyle: color, lineWidth, globalAlpha: alpha * strength(run) });
      pen.stroke(path);
      if (run.diverged !== null && alpha === 1) {
        const i = before(run.at, run.diverged - 1);
        const y = clamp(this.y(values[i]), TOP, bottom);
        if (Number.isFinite(y)) mark(pen, this.lostShape, [this.x(run.at[i]), y], color, 9);
      }
    }
    pen.restore();
  }

  /** Say in a corner which line is which coordinate.
   * @param {Pen} pen */
  nameLines(pen) {
    const { ground } = this.record.style;
    Object.assign(pen, { font: "12px system-ui, sans-serif", textBaseline: "middle", textAlign: "right" });
    let x = this.width - 24;
    for (const { name, color, width } of [...this.named].reverse()) {
      Object.assign(pen, { strokeStyle: ground, lineWidth: 4, lineJoin: "round", fillStyle: color });
      pen.strokeText(name, x, TOP + 6);
      pen.fillText(name, x, TOP + 6);
      x -= pen.measureText(name).width + 20;
      pen.fillRect(x, TOP + 6 - width / 2, 16, width);
      x -= 12;
    }
  }

  /** @param {number} step @param {string} ink */
  draw(step, ink) {
    if (!this.width) return;
    if (this.stale || this.ink !== ink) this.drawGround(ink);
    const pen = copied(this.ground, this.canvas, this.ratio);
    const past = Math.round(this.x(step) * this.ratio);
    pen.setTransform(1, 0, 0, 1, 0, 0);
    if (past > 0) pen.drawImage(this.lit, 0, 0, past, this.lit.height, 0, 0, past, this.lit.height);
    pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    Object.assign(pen, { fillStyle: this.record.style.ink, globalAlpha: 0.6 });
    pen.fillRect(this.x(step) - 0.5, TOP - 4, 1, this.bottom - TOP + 8);
    pen.globalAlpha = 1;
    this.nameLines(pen);
  }
}
