// @ts-check
// A player: who tells whom. It only shows what was recorded.

import { Camera } from "./camera.js";
import { Chart } from "./chart.js";
import { Clock } from "./clock.js";
import { Bar, Legend, answer } from "./controls.js";
import { breath, calm, inkOf } from "./dom.js";
import { watchPointer } from "./pointer.js";
import { Stage } from "./stage.js";

/** @typedef {import("./data.js").Land} Land */
/** @typedef {import("./data.js").Recording} Recording */
/** @typedef {import("./numbers.js").Pair} Pair */

/** Device pixels to a CSS pixel, as many as are seen. */
const pixels = () => Math.min(devicePixelRatio || 1, 3);

export class Player {
  /** @param {HTMLElement} figure @param {Recording} record @param {Land | null} land */
  constructor(figure, record, land) {
    this.figure = figure;
    this.camera = new Camera();
    this.clock = new Clock(record.steps, record.seconds, (passed) => this.camera.advance(passed), () => this.draw());
    const still = calm();
    if (still.matches) {
      this.clock.step = record.steps;
      this.clock.wanted = false;
    }
    this.record = record;
    this.runs = record.runs;
    /** @type {Chart[]} */
    this.charts = [];
    /** @type {Stage | null} */
    this.stage = null;
    this.bar = /** @type {Bar} */ (/** @type {unknown} */ (null)); // until it is mounted
    this.legend = /** @type {Legend} */ (/** @type {unknown} */ (null));
    this.panels = /** @type {Element} */ (figure.querySelector(".og-charts"));
    this.view = figure.querySelector(".og-view") ?? this.panels;
    /** @type {((step: number) => void)[]} Who wants to know which step was drawn */
    this.watchers = [];
    this.followed = -1; // the run that stands out
    this.mount(record, land);
    figure.addEventListener("fullscreenchange", () => this.bar.filled(document.fullscreenElement === figure));
    figure.addEventListener("keydown", (event) => answer(event, this));
    still.addEventListener("change", () => { if (still.matches) this.pause(); });
    if (figure.dataset.view === "surface" && this.canTurn) {
      this.camera.goal = this.camera.depth = 1;
      this.bar.turned(true);
    }
    Object.assign(figure, { player: this }); // for tests, and for the curious in a console
  }

  /** Show what is mounted: the first picture is drawn a piece at a time, so that the page goes on meanwhile. */
  async open() {
    const ink = inkOf(this.figure);
    this.stage?.layout(pixels());
    await this.stage?.ahead(ink);
    for (const chart of this.charts) {
      await breath();
      chart.layout(pixels());
      chart.drawGround(ink);
    }
    await breath();
    this.draw();
    this.watchPage();
    return this;
  }

  /** Show these runs on this landscape, in the place of what was shown before.
   * @param {Recording} record @param {Land | null} land */
  mount(record, land) {
    for (const { element } of [...this.charts, ...(this.stage ? [this.stage] : [])]) element.remove();
    this.record = record;
    this.runs = record.runs;
    Object.assign(this.clock, { steps: record.steps, seconds: record.seconds });
    this.clock.step = Math.min(this.clock.step, record.steps);
    this.charts = record.charts.map((chosen) => new Chart(record, chosen, {
      changed: () => this.refresh(),
      stopAt: (step) => this.stopAt(step),
    }, land?.axes));
    this.panels.append(...this.charts.map((chart) => chart.element));
    this.stage = land ? new Stage(record, land, this.camera) : record.matrix ? new Stage.matrix(record) : null;
    this.onMap = Boolean(land && "size" in land);
    this.canTurn = Boolean(this.stage?.view.canTurn);
    if (this.stage) {
      this.view.append(this.stage.element);
      this.watchStage(this.stage);
    }
    this.bar = new Bar(/** @type {Element} */ (this.figure.querySelector(".og-bar")), this);
    this.legend = new Legend(/** @type {Element} */ (this.figure.querySelector(".og-legend")), this);
    this.follow(-1);
  }

  /** The numbers of the runs are others now; what is shown of them follows. */
  changed() {
    const { steps, seconds } = this.record;
    Object.assign(this.clock, { steps, seconds, step: Math.min(this.clock.step, steps) });
    this.bar.reach(steps);
    this.stage?.forget();
    for (const chart of this.charts) chart.stale = true;
    this.refresh();
  }

  /** @param {Stage} stage */
  watchStage(stage) {
    watchPointer(stage.element, stage.canvas, {
      point: (place) => stage.point(place, this.step),
      leave: () => { stage.tip.hidden = true; },
      drag: (dx, dy) => { if (this.camera.drag(dx, dy)) this.refresh(); },
      scale: (by, from, to) => this.scale(by, from, to),
      reset: () => this.resetView(),
    });
  }

  /** Follow the size of the picture, whether it is seen, and the theme. */
  watchPage() {
    const { view } = this;
    const size = () => `${view.clientWidth} ${view.clientHeight}`;
    let known = size(); // which the observer tells again at first
    new ResizeObserver(() => {
      if (known !== (known = size())) this.layout();
    }).observe(view);
    new IntersectionObserver((entries) => {
      this.clock.see(entries[entries.length - 1].isIntersecting);
    }, { threshold: 0.25 }).observe(view);
    const repaint = () => this.refresh();
    const watch = new MutationObserver(repaint);
    for (const root of [document.documentElement, document.body]) {
      watch.observe(root, { attributeFilter: ["data-theme", "data-jp-theme-light", "class", "theme"] });
    }
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
  }

  // For tests, and for the curious in a console.
  get step() { return this.clock.step; }
  get playing() { return this.clock.playing; }
  get frame() { return this.clock.frame; }
  get depth() { return this.camera.depth; }

  heads(step = this.step) { return this.stage?.heads(step) ?? []; }

  // --- Time.

  play() { this.clock.play(); }

  pause() { this.clock.pause(); }

  toggleplay() { this.clock.wanted ? this.pause() : this.play(); }

  /** @param {number} step */
  seek(step) { this.clock.seek(step); }

  /** @param {number} step */
  stopAt(step) {
    this.pause();
    this.seek(step);
  }

  /** @param {number} by */
  nudge(by) { this.stopAt(Math.round(this.step) + by); }

  /** @param {number} speed */
  pace(speed) { this.clock.speed = speed; }

  repeat() { return (this.clock.loop = !this.clock.loop); }

  // --- The view.

  /** @param {boolean} up */
  turn(up = !this.camera.goal) {
    this.camera.turn(up);
    if (calm().matches) this.camera.depth = this.camera.goal;
    this.bar.turned(up);
    this.refresh();
  }

  /** @param {number} sideways @param {number} up */
  rotate(sideways, up) {
    this.camera.rotate(sideways, up);
    this.refresh();
  }

  /** @param {number} by @param {Pair} [from] @param {Pair} [to] */
  scale(by, from, to) {
    this.camera.scale(by, from, to);
    this.refresh();
  }

  resetView() {
    this.camera.reset();
    this.refresh();
  }

  /** @param {number} i @param {boolean} shown */
  toggle(i, shown = !this.runs[i].shown) {
    this.runs[i].shown = shown;
    this.legend.toggled(i, shown);
    this.follow(this.followed);
  }

  /** Show one run alone; where it is alone, show all again.
   * @param {number} i */
  only(i) {
    const alone = this.runs.every(({ shown }, j) => shown === (j === i));
    this.runs.forEach((_, j) => this.toggle(j, alone || j === i));
  }

  /** Draw all but one run faintly; where that one is hidden, or is none, all as they are.
   * @param {number} i */
  follow(i) {
    this.followed = i;
    this.runs.forEach((run, j) => { run.faint = Boolean(this.runs[i]?.shown) && j !== i; });
    for (const chart of this.charts) chart.stale = true;
    this.refresh();
  }

  /** Let the player fill the screen, or end that. */
  fill() {
    const { figure } = this;
    const asked = document.fullscreenElement === figure ? document.exitFullscreen() : figure.requestFullscreen?.();
    asked?.catch(() => {}); // a page may not allow it
  }

  // --- Drawing.

  refresh() { this.clock.refresh(); }

  layout() {
    this.stage?.layout(pixels());
    for (const chart of this.charts) chart.layout(pixels());
    this.draw();
  }

  draw() {
    this.clock.dirty = false;
    const { step, wanted } = this.clock;
    const ink = inkOf(this.figure);
    this.stage?.draw(step, ink);
    for (const chart of this.charts) chart.draw(step, ink);
    const whole = Math.floor(step + 1e-9);
    this.bar.show(whole, wanted);
    this.legend.show(whole);
    for (const watcher of this.watchers) watcher(whole);
    this.figure.dataset.live = "";
  }
}
