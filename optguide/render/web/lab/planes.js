// @ts-check
// The whole picture, on request: where every learning rate and every start leads, for one rule as it is set now.

import { make } from "../dom.js";
import { clamp } from "../numbers.js";
import { lowestOf } from "../live/descent.js";
import { play, ruleOf } from "../live/scene.js";
import { BasinMap } from "./basins.js";
import { fold } from "./fold.js";
import { RateChart } from "./rates.js";
import { Task } from "./task.js";

/** @typedef {import("./lab.js").Lab} Lab */
/** @typedef {import("../live/scene.js").Runner} Runner */
/** @typedef {import("../numbers.js").Pair} Pair */
/** @typedef {{ name: string, width: number, height: number, say(x: number, y: number): string,
 *   chosen(x: number, y: number): { start: number[] } | { lr: number }, size: Pair, home: Pair,
 *   at(place: Pair): Pair | null,
 *   draw(pen: CanvasRenderingContext2D, ink: string, cursor: Pair, now: { start: number[], lr: number }): void, legend: [string, string][] }} Picture  of what was found; a place in it is a column and a row */

/** So many steps of descents a plane takes at most: a second or so. */
const STEPS = 128 * 128 * 300;
const LEAST_CELLS = 32;
const MOST_CELLS = 128;
/** Thirty learning rates to a power of ten. */
const RATES = { low: 1e-5, high: 10, count: 181 };

/** @type {Record<string, Pair>} */
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

export class Planes {
  static part = "planes";

  /** @param {Lab} lab */
  constructor(lab) {
    this.lab = lab;
    this.select = make("select");
    this.buttons = ["rates", "basins"].map((what, i) => {
      const button = make("button", { type: "button" }, ["every learning rate", "every start"][i]);
      button.addEventListener("click", () => (this.task ? this.stop() : this.compute(what)));
      return button;
    });
    this.lacks = make("small");
    this.status = make("output", { class: "og-said" });
    this.views = make("div", { class: "og-views" });
    this.element = make("section", { class: "og-planes", "aria-label": "the whole picture" }, fold("The whole picture",
      make("div", { class: "og-choose" }, make("label", {}, "Where it leads: ", this.select), ...this.buttons, this.lacks),
      this.status, this.views));
    /** @type {Map<string, View>} */
    this.drawn = new Map();
    /** @type {Task | null} */
    this.task = null;
    this.limit = 10; // seconds after which a computation is ended
    this.ink = "";
  }

  /** The run whose planes are wanted. @returns {Runner} */
  get runner() {
    const { runs } = this.lab.scene;
    return runs.find(({ name }) => name === this.select.value) ?? runs[0];
  }

  /** After every change of the scene. */
  show() {
    const names = this.lab.scene.runs.map(({ name }) => name);
    if (names.join("\n") !== [...this.select.options].map(({ value }) => value).join("\n")) {
      const chosen = this.select.value;
      this.select.replaceChildren(...names.map((name) => make("option", { value: name }, name)));
      if (names.includes(chosen)) this.select.value = chosen;
    }
    if (!this.task) this.allow();
    for (const view of this.drawn.values()) view.show();
  }

  /** What can be computed can be asked for. */
  allow() {
    const { land, scene } = this.lab;
    const known = land && land.box.length > 1 && land.minima.length;
    this.buttons[0].disabled = !scene.runs.length;
    this.buttons[1].disabled = !scene.runs.length || !known;
    this.lacks.textContent = known ? "" : "Every start can be told where two coordinates are descended and the minima are known.";
  }

  /** After every drawn step: the ink follows the theme. */
  at() {
    const ink = getComputedStyle(this.element).color;
    if (ink === this.ink) return;
    this.ink = ink;
    for (const view of this.drawn.values()) view.draw();
  }

  /** Where a run stands in the pictures. @param {string} name */
  now(name) {
    const { start, runs } = this.lab.scene;
    const runner = runs.find((run) => run.name === name) ?? runs[0];
    const lr = Number(runner.settings.lr ?? ruleOf(runner, this.lab.catalogue).settings.lr);
    return { start, lr };
  }

  /** What a picture was made of. @param {string} what @param {string} name  of the run */
  keyOf(what, name) {
    const { surface, parameters, formula, box, start, steps, noise, seed, runs } = this.lab.scene;
    const { rule, settings, code } = runs.find((run) => run.name === name) ?? {};
    const { lr, ...others } = settings ?? {};
    const own = what === "rates" ? [start, others] : [box, settings];
    return JSON.stringify([surface, parameters, formula, steps, noise, seed, rule, code, own]);
  }

  /** @param {string} what */
  compute(what) {
    const { lab, runner } = this;
    const { scene, catalogue, land } = lab;
    const { landscape, surface } = play({ ...scene, runs: [] }, catalogue);
    const rule = ruleOf(runner, catalogue);
    const known = (land?.minima ?? []).map((/** @type {number[]} */ point) => point.slice(0, landscape.dim));
    const place = { ...surface, minima: known };
    const set = Object.entries(runner.settings).filter(([name]) => Object.hasOwn(rule.settings, name));
    const settings = Object.fromEntries(set);
    const { steps, noise, seed, start } = scene;
    const box = land?.box ?? [];
    const cells = clamp(Math.floor(Math.sqrt(STEPS / steps)), LEAST_CELLS, MOST_CELLS);
    /** @type {[string, ...any[]]} */
    const request = what === "rates"
      ? ["rates", plain(rule), place, start, steps, settings, { ...RATES, noise, seed }]
      : ["basins", plain(rule), place, box, cells, steps, settings, { noise, seed }];
    const key = this.keyOf(what, runner.name);
    const color = lab.record?.runs.find(({ name }) => name === runner.name)?.color ?? "#fff";
    this.busy(what);
    this.task = new Task(request, {
      progress: (share) => { this.status.textContent = `computing: ${Math.round(100 * share)} %`; },
      found: (found) => {
        this.busy();
        const picture = what === "rates"
          ? new RateChart(found, color, lowestOf(place, known) || 0)
          : new BasinMap(found, known, landscape.axes, steps, Boolean(land && "equal" in land && land.equal));
        this.place(what, new View(this, picture, what, runner.name, key));
      },
      failed: (why) => this.busy("", why),
    }, { limit: this.limit });
  }

  /** Say that something is computed, or that it is no more.
   * @param {string} what @param {string} words */
  busy(what = "", words = "") {
    if (!what) this.task = null;
    this.buttons.forEach((button, i) => {
      const mine = ["rates", "basins"][i] === what;
      button.disabled = Boolean(what) && !mine;
      button.textContent = mine ? "stop" : ["every learning rate", "every start"][i];
    });
    this.status.textContent = what ? "computing" : words;
    if (!what) this.show();
  }

  stop() {
    this.task?.stop();
    this.busy("", "stopped");
  }

  /** @param {string} what @param {View} view */
  place(what, view) {
    this.drawn.set(what, view);
    const order = ["rates", "basins"].flatMap((name) => this.drawn.get(name)?.element ?? []);
    this.views.replaceChildren(...order);
    view.draw();
  }

  /** Let a descent play: at a learning rate, or from a start.
   * @param {string} name  of the run @param {{ start: number[] } | { lr: number }} chosen */
  choose(name, chosen) {
    const { lab } = this;
    const runs = lab.scene.runs.map((run) =>
      "lr" in chosen && run.name === name ? { ...run, settings: { ...run.settings, lr: chosen.lr } } : run);
    lab.change("start" in chosen ? { start: chosen.start } : { runs });
    lab.player?.seek(0);
    lab.player?.play();
  }
}

/** What a worker needs of a rule. @param {import("../live/scene.js").Entry} rule */
const plain = ({ name, program, states, answer, settings }) => ({ name, program, states, answer, settings });

class View {
  /** @param {Planes} planes @param {Picture} picture @param {string} what @param {string} name @param {string} key */
  constructor(planes, picture, what, name, key) {
    this.planes = planes;
    this.picture = picture;
    this.key = key;
    this.what = what;
    this.name = name;
    /** @type {Pair} */
    this.cursor = picture.home;
    this.stale = false;
    this.canvas = make("canvas");
    this.plane = make("div", {
      class: "og-plane", role: "application", tabindex: "0",
      "aria-label": `${picture.name} of ${name}: arrow keys move, Enter plays the descent`,
    }, this.canvas);
    this.said = make("output", { class: "og-said" });
    this.legend = make("ul", { class: "og-key" }, ...picture.legend.map(([color, text]) => {
      const mark = make("i");
      mark.style.background = color;
      return make("li", {}, mark, text);
    }));
    this.element = make("div", {}, make("b", {}, `${name}: ${picture.name}`), this.plane, this.said, this.legend);
    this.plane.addEventListener("keydown", (event) => this.press(event));
    this.plane.addEventListener("focus", () => this.move(this.cursor));
    this.plane.addEventListener("pointermove", (event) => this.move(this.under(event)));
    this.plane.addEventListener("click", (event) => {
      const cell = this.under(event);
      if (!cell) return;
      this.move(cell);
      this.choose();
    });
  }

  /** @param {MouseEvent} event */
  under(event) {
    const { left, top } = this.canvas.getBoundingClientRect();
    return this.picture.at([event.clientX - left, event.clientY - top]);
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const { key, shiftKey } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const way = WAYS[key];
    const far = shiftKey ? 10 : 1;
    if (way) this.move([this.cursor[0] + way[0] * far, this.cursor[1] + way[1] * far]);
    else if (key === "Enter" || key === " ") this.choose();
    else return;
    event.preventDefault();
  }

  /** @param {Pair | null} cell */
  move(cell) {
    if (!cell) return;
    const { size } = this.picture;
    this.cursor = [clamp(cell[0], 0, size[0] - 1), clamp(cell[1], 0, size[1] - 1)];
    this.said.textContent = this.picture.say(...this.cursor);
    this.draw();
  }

  choose() {
    this.planes.choose(this.name, this.picture.chosen(...this.cursor));
  }

  /** Whether it shows what is set now. */
  show() {
    const stale = this.planes.keyOf(this.what, this.name) !== this.key;
    this.element.classList.toggle("og-stale", stale);
    if (stale) this.said.textContent = "The settings have changed since; compute it again to see what they do.";
    else if (this.stale) this.said.textContent = "";
    this.stale = stale;
    this.draw();
  }

  draw() {
    const { width, height } = this.picture;
    const ratio = Math.min(devicePixelRatio || 1, 3);
    Object.assign(this.canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
    Object.assign(this.canvas.style, { width: `${width}px`, height: `${height}px` });
    const pen = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.picture.draw(pen, getComputedStyle(this.plane).color, this.cursor, this.planes.now(this.name));
  }
}
