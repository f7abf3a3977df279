// @ts-check
// The canvas on which runs move over their landscape.

import { CurveView } from "./curve.js";
import { breath, copied, emptied, fit, make } from "./dom.js";
import { MapView } from "./map.js";
import { clamp, inside } from "./numbers.js";
import { Trails, follow, mark, position, strength, trailOf } from "./trails.js";
import { record } from "./words.js";

/** @typedef {import("./numbers.js").Pair} Pair */
/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {import("./data.js").Land} Land */
/** @typedef {import("./data.js").Recording} Recording */
/** @typedef {import("./data.js").Run} Run */
/** @typedef {import("./dom.js").Pen} Pen */

export class Stage {
  /** @type {any} What matrices are shown on, once it is loaded */
  static matrix;

  /** @param {Recording} recording @param {Land} land @param {Camera} camera */
  constructor({ title, runs, style }, land, camera) {
    this.runs = runs;
    this.style = style;
    this.land = land;
    this.camera = camera;
    this.view = "size" in land ? new MapView(land, style, camera) : new CurveView(land, style);
    this.canvas = make("canvas");
    this.ground = make("canvas");
    this.trails = new Trails(style.halo);
    /** @type {Map<Run, import("./trails.js").Trail>} */
    this.trailOf = new Map();
    this.shapeOf = new Map(runs.map((run) => [run, new Path2D(run.shape)]));
    this.lostShape = new Path2D(style.lost);
    this.tip = make("div", { class: "og-tip", hidden: true });
    this.element = make("div", {
      class: "og-stage", tabindex: "0", role: "application", "aria-roledescription": "landscape",
      "aria-label": `${title}: the descents so far. Space plays, arrows step, 3 turns the landscape up.`,
    }, this.canvas, this.tip);
    this.width = this.height = 0;
    this.ratio = 1;
    this.drawn = "";
  }

  /** @param {number} ratio Device pixels to a CSS pixel */
  layout(ratio) {
    this.ratio = ratio;
    [this.width, this.height] = fit(this.canvas, ratio);
    this.drawn = "";
  }

  /** Prepare the first picture while the page goes on.
   * @param {string} ink */
  async ahead(ink) {
    if (!this.width) return;
    await this.view.ahead(this);
    this.drawGround(ink);
    for (const run of this.runs) {
      await breath();
      this.trail(run);
    }
  }

  /** The runs have gone elsewhere: their trails are drawn anew. */
  forget() {
    this.trailOf.clear();
    this.trails.key = "";
  }

  /** A point of the landscape in CSS pixels of the stage.
   * @param {number[]} point */
  project(point) {
    return this.view.project(point);
  }

  /** The runs that are shown: name, place in data, place on the stage.
   * @param {number} step */
  heads(step) {
    return this.runs.filter((run) => run.shown).map((run) => {
      const point = position(run, step);
      const seen = point !== null && inside(point, this.land.box);
      return { name: run.name, run, point, pixel: seen ? this.project(point) : null };
    });
  }

  /** What marks where each run is, or where it was lost.
   * @param {number} step */
  marks(step) {
    return this.heads(step).flatMap(({ run, pixel }) => {
      const gone = (run.diverged ?? run.left ?? Infinity) <= step;
      const at = gone || !pixel ? follow(new Path2D(), this.trail(run), step, step) : pixel;
      const shape = /** @type {Path2D} */ (gone ? this.lostShape : this.shapeOf.get(run));
      return at ? [{ shape, at, color: run.color, alpha: strength(run) }] : [];
    });
  }

  /** A run's trail as the landscape is seen now.
   * @param {Run} run */
  trail(run) {
    let trail = this.trailOf.get(run);
    if (!trail) this.trailOf.set(run, (trail = trailOf(run, this.land.box, this.view)));
    return trail;
  }

  /** @param {number} step @param {string} ink */
  draw(step, ink) {
    if (!this.width) return;
    this.element.classList.toggle("og-held", "size" in this.land && this.camera.held);
    this.drawGround(ink);
    this.drawRuns(copied(this.ground, this.canvas, this.ratio), step);
  }

  /** The landscape as it is seen now, unless it is there already.
   * @param {string} ink */
  drawGround(ink) {
    const eye = this.view.look(this.width, this.height);
    const key = JSON.stringify([eye, this.width, this.height, this.ratio, ink]);
    if (this.drawn === key) return;
    const pen = emptied(this.ground, this.canvas, this.ratio);
    this.view.draw(pen, ink, this.ratio, position(this.runs[0], 0));
    this.drawn = key;
    this.trailOf.clear();
  }

  /** @param {Pen} pen @param {number} step */
  drawRuns(pen, step) {
    const shown = this.runs.filter((run) => run.shown);
    const key = this.drawn + this.runs.map((run) => (run.shown ? strength(run) : 0));
    const trails = shown.map((run) => ({ color: run.color, alpha: strength(run), trail: this.trail(run) }));
    pen.save();
    this.view.clip(pen, 1);
    pen.drawImage(this.trails.upTo(step, trails, key, this.canvas, this.ratio), 0, 0, this.width, this.height);
    for (const run of shown) { // starts are rings
      const start = position(run, 0);
      if (!start) continue;
      Object.assign(pen, { strokeStyle: "#fff", fillStyle: this.style.ground, lineWidth: 1.3, globalAlpha: strength(run) });
      pen.beginPath();
      pen.arc(...this.project(start), 3.4, 0, 2 * Math.PI);
      pen.fill();
      pen.stroke();
    }
    pen.restore();
    pen.save();
    this.view.clip(pen, 8);
    for (const { shape, at, color, alpha } of this.marks(step)) {
      pen.globalAlpha = alpha;
      mark(pen, shape, at, color);
    }
    pen.restore();
  }

  /** The record up to a step that is nearest to a place, if one is near.
   * @param {Pair} place @param {number} step */
  nearest([px, py], step) {
    let best = null;
    for (const run of this.runs.filter(({ shown }) => shown)) {
      for (let i = 0; i < run.at.length && run.at[i] <= step; i++) {
        const point = run.channels.theta.map((values) => values[i]);
        if (!inside(point, this.land.box)) continue;
        const [x, y] = this.project(point);
        const distance = Math.hypot(x - px, y - py);
        if (distance < (best?.distance ?? 14)) best = { run, i, x, y, distance };
      }
    }
    return best;
  }

  /** Says what lies under the pointer.
   * @param {Pair} place @param {number} step */
  point(place, step) {
    const found = this.nearest(place, step);
    this.tip.hidden = !found;
    if (!found) return;
    const { run, i, x, y } = found;
    this.tip.replaceChildren(make("b", {}, run.name), ...record(run, i).flatMap((line) => [make("br"), line]).slice(1));
    this.tip.style.left = `${clamp(x, 70, this.width - 70)}px`;
    this.tip.style.top = `${y}px`;
    this.tip.classList.toggle("og-below", y < 90);
  }
}
