// @ts-check
// The lab: a player whose runs are computed here, from a scene that the reader changes.

import { breath, make } from "../dom.js";
import { lowestOf } from "../live/descent.js";
import { landOf } from "../live/land.js";
import { channelsOf, landscapeOf, lossAxis, play } from "../live/scene.js";
import { answersOf } from "../live/signal.js";
import { surfaceRenderer } from "../relief.js";
import { digits, standing } from "../words.js";
import { Handle } from "./handle.js";
import { looks } from "./looks.js";

/** @typedef {import("../live/scene.js").Scene} Scene */
/** @typedef {import("../live/scene.js").Catalogue} Catalogue */
/** @typedef {import("../data.js").Run} Run */
/** @typedef {import("../data.js").Land} Land */
/** @typedef {import("../data.js").Recording} Recording */
/** @typedef {import("../player.js").Player} Player */
/** @typedef {{ element: HTMLElement, show(): void, at?(step: number): void }} Panel */

const SECONDS = 5; // for all steps
const LATER = 250; // milliseconds after the last change until the words follow

export class Lab extends EventTarget {
  /**
   * @param {HTMLElement} element
   * @param {Catalogue} catalogue
   * @param {Scene} scene
   * @param {Recording | null} recorded  what the figure's player showed before
   */
  constructor(element, catalogue, scene, recorded) {
    super();
    this.element = element;
    this.catalogue = catalogue;
    this.scene = scene;
    this.recorded = recorded;
    this.later = 0;
    /** @type {import("../live/scene.js").Found[]} As they were computed */
    this.found = [];
    /** @type {import("../live/descent.js").Surface | null} */
    this.surface = null;
    this.landKey = "";
    /** @type {Land | null} */
    this.land = null;
    this.record = /** @type {Recording} */ (/** @type {unknown} */ (null)); // these are there once it is open
    this.player = /** @type {Player} */ (/** @type {unknown} */ (null));
    /** @type {Handle | null} */
    this.handle = null;
    /** @type {Panel[]} */
    this.panels = [];
  }

  /** Compute what the scene shows, and show it: a piece at a time, so that the page goes on meanwhile.
   * @param {(record: Recording, land: Land | null) => Player | Promise<Player>} begin  makes the player, or takes over
   * the one that is there
   */
  async open(begin) {
    const { catalogue, recorded, scene } = this;
    if (!scene.signal) {
      surfaceRenderer();
      await breath();
      this.land = this.landNow(landscapeOf(scene, catalogue));
      await breath();
    }
    const played = this.play();
    this.land = played.land;
    this.record = played.record(recorded?.charts ?? ["loss", "step length"]);
    await breath();
    this.player = await begin(this.record, this.land);
    if (this.player.camera.goal && !scene.view) this.player.turn(false); // from above the start can be dragged
    this.handle = this.land && new Handle(this);
    this.player.watchers.push((step) => {
      this.handle?.at();
      for (const panel of this.panels) if (!panel.element.hidden) panel.at?.(step);
    });
    this.follow();
    this.words();
  }

  /** @param {Panel} panel @param {string} part  as which it can be hidden */
  add(panel, part) {
    panel.element.dataset.part = part;
    this.panels.push(panel);
    this.element.append(panel.element);
    this.show(panel);
  }

  /** @param {Panel} panel */
  show(panel) {
    panel.element.hidden = (this.scene.hide ?? []).includes(panel.element.dataset.part ?? "");
    if (panel.element.hidden) return;
    panel.show();
    panel.at?.(this.player.step); // it may have come after the picture stood still
  }

  /** Change the scene; what cannot be played is refused, and the last one stays.
   * @param {Partial<Scene>} patch */
  change(patch) {
    const before = this.scene;
    const scene = { ...before, ...patch };
    this.scene = scene;
    let played;
    try {
      played = this.play();
    } catch (error) { // there is no such thing: who asked is told
      this.scene = before;
      throw error;
    }
    const { land } = played;
    const same = land === this.land && before.runs.length === scene.runs.length
      && before.runs.every(({ name, rule, code }, i) => {
        const other = scene.runs[i];
        return name === other.name && rule === other.rule && code === other.code;
      });
    this.land = land;
    const record = played.record(this.player.charts.map((chart) => chart.select.value));
    if (same) {
      const { runs } = this.record;
      record.runs.forEach((run, i) => Object.assign(runs[i], run, { shown: runs[i].shown }));
      Object.assign(this.record, { ...record, runs });
      this.player.changed();
    } else {
      const hidden = this.record.runs.filter((run) => !run.shown).map(({ name }) => name);
      for (const run of record.runs) run.shown = !hidden.includes(run.name);
      this.record = record;
      this.player.mount(record, land);
      this.player.layout();
    }
    this.follow();
    this.handle?.show();
    for (const panel of this.panels) this.show(panel);
    clearTimeout(this.later);
    this.later = setTimeout(() => this.words(), LATER);
    this.dispatchEvent(new Event("change"));
    this.element.dispatchEvent(new Event("change"));
  }

  /** What the scene is now: its landscape, and how it is recorded with some charts.
   * @returns {{ land: Land | null, record: (charts: string[]) => Recording }} */
  play() {
    const { scene, catalogue } = this;
    if (scene.signal) {
      const answers = answersOf({ ...scene, signal: scene.signal }, catalogue);
      return { land: null, record: (charts) => this.recordOfAnswers(answers, charts) };
    }
    const played = play(scene, catalogue);
    const land = this.landNow(played.landscape);
    this.found = played.runs;
    this.surface = played.surface;
    return { land, record: (charts) => this.recordOf(played, charts) };
  }

  /** The picture of the landscape; the same one as long as nothing of it has changed.
   * @param {ReturnType<typeof landscapeOf>} landscape @returns {Land} */
  landNow(landscape) {
    const { parameters, box } = this.scene;
    const seen = box ? { ...landscape, box } : landscape;
    const key = JSON.stringify([landscape.name, landscape.title, parameters, seen.box]);
    if (key === this.landKey && this.land) return this.land;
    const land = landOf(seen, { ...landscape.parameters, ...parameters }, this.catalogue);
    this.landKey = key;
    return land;
  }

  /** @param {ReturnType<typeof play>} played @param {string[]} charts  what they show @returns {Recording} */
  recordOf({ landscape, surface, runs: found }, charts) {
    const { steps } = this.scene;
    const land = /** @type {Land} */ (this.land);
    const points = land.minima.map((point) => point.slice(0, landscape.dim));
    // A chart's scale is logarithmic; where a loss is not positive it shows how far above the lowest height it is.
    const low = found.some(({ loss }) => loss.some((x) => x <= 0)) ? lowestOf(surface, points) : NaN;
    const styles = looks(this.scene.runs, this.catalogue, this.recorded?.runs ?? []);
    const runs = found.map((run, i) => ({
      name: run.name,
      ...styles[i],
      settings: wordsOf(this.scene.runs[i].settings),
      lengths: [],
      shown: true,
      ...channelsOf(run, landscape.dim, land.box, low),
    }));
    return {
      format: 1,
      title: landscape.title,
      steps,
      seconds: this.recorded?.steps === steps ? this.recorded.seconds : SECONDS,
      charts,
      loss: { label: low ? `loss − lowest value (${digits(low)})` : "loss", ...lossAxis(runs) },
      style: this.recorded?.style ?? this.catalogue.style,
      runs,
    };
  }

  /** @param {ReturnType<typeof answersOf>} answers @param {string[]} charts @returns {Recording} */
  recordOfAnswers(answers, charts) {
    const recorded = /** @type {Recording} */ (this.recorded);
    const { runs: runners, steps } = this.scene;
    const styles = [recorded.runs[0], ...looks(runners, this.catalogue, recorded.runs)];
    const runs = answers.map((answer, i) => ({
      ...answer, left: null, lengths: [], shown: true, color: styles[i].color, shape: styles[i].shape,
      settings: i ? wordsOf(runners[i - 1].settings) : "",
    }));
    const title = recorded.title.replace(/, learning rate .*/, ""); // which is each rule's own from now on
    return { ...recorded, title, steps: steps - 1, charts, runs: /** @type {any} */ (runs) };
  }

  /** What else the scene says of the view. */
  follow() {
    const { step, view } = this.scene;
    if (typeof step === "number") this.player.stopAt(step);
    if (view && this.player.canTurn && Boolean(this.player.camera.goal) !== (view === "3d")) this.player.turn(view === "3d");
    this.scene = { ...this.scene, step: null, view: undefined };
  }

  /** The title, the settings beside each name and the results in words follow what is shown. */
  words() {
    const { figure } = this.player;
    const { runs, title, steps } = this.record;
    const heading = figure.querySelector(".og-title");
    if (heading) heading.textContent = title;
    figure.querySelectorAll(".og-legend small").forEach((told, i) => { told.textContent = runs[i].settings ?? ""; });
    if (!this.land) { // what an answer to a signal ended with would say little
      figure.querySelector(".og-words")?.remove();
      return;
    }
    const start = this.scene.start.map(digits).join(", ");
    const ends = runs.map((run) => {
      const { text, gone } = standing(run, steps);
      const place = run.channels.theta.map((values) => digits(values[steps])).join(", ");
      return gone ? text : `ends at (${place}) with loss ${text}`;
    });
    const alt = figure.querySelector(".og-words p");
    const all = runs.map(({ name }, i) => `${name} ${ends[i]}`).join("; ");
    if (alt) alt.textContent = `${title}: ${runs.length} descents from (${start}), ${steps} steps: ${all}.`;
    figure.querySelector(".og-words tbody")?.replaceChildren(...runs.map(({ name, settings }, i) =>
      make("tr", {}, make("th", { scope: "row" }, name), make("td", {}, settings), make("td", {}, ends[i]))));
  }
}

/** Settings in words: "lr 0.05, betas 0.9, 0.99".
 * @param {Record<string, any>} settings */
export const wordsOf = (settings) => Object.entries(settings)
  .map(([name, value]) => `${name} ${Array.isArray(value) ? value.map(digits).join(", ") : typeof value === "number" ? digits(value) : value}`)
  .join(", ");
