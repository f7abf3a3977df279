// @ts-check
// The panel of controls: scenario, landscape, start, steps, noise, and a card for each run.

import { make } from "../dom.js";
import { landscapeOf, ruleOf } from "../live/scene.js";
import { beside } from "../main.js";
import { Card } from "./cards.js";
import { Knob, freshId } from "./field.js";
import { fold } from "./fold.js";
import { Ground } from "./ground.js";
import { MOST, freeName } from "./hash.js";
import { linear, logarithmic } from "./scales.js";
import { SCENARIOS } from "./scenarios.js";
import { RuleSearch } from "./search.js";

/** @typedef {import("./lab.js").Lab} Lab */
/** @typedef {import("../live/scene.js").Runner} Runner */

/** A part that a scene can hide by its name. @param {string} name @param {Element[]} children */
const part = (name, ...children) => make("div", { class: `og-part og-part-${name}`, "data-control": name }, ...children);

export class Knobs {
  static part = "controls"; // its parts are hidden one by one

  /** @param {Lab} lab */
  constructor(lab) {
    this.lab = lab;
    this.element = make("section", { class: "og-knobs", "aria-label": "controls" });
    this.ground = new Ground(lab);
    this.search = new RuleSearch(Object.values(lab.catalogue.rules), (name) => this.add(name));
    this.steps = new Knob("steps", {
      low: 1, high: MOST.steps, includes_low: true, includes_high: true, integer: true, range: `>= 1 and at most ${MOST.steps}`,
    }, (steps) => lab.change({ steps }), { scale: (value = 0) => linear(10, Math.max(2000, value), 10) });
    this.noise = new Knob("noise", { low: 0, includes_low: true, range: ">= 0" }, (noise) => lab.change({ noise }), {
      title: "standard deviation of what is added to every coordinate of every gradient",
      scale: (value = 0) => logarithmic(1e-3, Math.max(10, value), true),
    });
    this.seed = new Knob("seed", {
      low: 0, high: MOST.seed, includes_low: true, includes_high: true, integer: true, range: `0 to ${MOST.seed}`,
    }, (seed) => lab.change({ seed }), { title: "seed of the noise" });
    this.seed.element.classList.add("og-line");
    const other = make("button", { type: "button", "aria-label": "new seed", title: "another seed" }, "new");
    other.addEventListener("click", () => lab.change({ seed: Math.floor(Math.random() * 1e4) }));
    this.seed.field.after(other);
    this.start = part("start");
    /** @type {Knob[]} */
    this.coordinates = [];
    this.cards = make("ul", { class: "og-cards" });
    /** @type {{ key: string, card: Card }[]} */
    this.drawn = [];
    this.staged = ""; // what the scenario's sentence was written for
    this.scenario = make("select", { id: freshId() });
    this.words = make("p", { class: "og-look", role: "status" });
    this.element.append(
      make("div", { class: "og-heads" }, part("scenarios", this.scenarios()), part("landscape", this.ground.element), part("rules", this.search.element)),
      this.words,
      part("landscape", this.ground.typing),
      fold("Start, steps, noise", make("div", { class: "og-scene" },
        part("knobs", this.ground.parameters), this.start, part("knobs", this.steps.element), part("noise", this.noise.element, this.seed.element))),
      this.cards,
    );
    this.parts = [...this.element.querySelectorAll(".og-part")].map((element) => /** @type {HTMLElement} */ (element));
  }

  /** The menu of scenarios, and what each asks to look at. */
  scenarios() {
    this.scenario.append(make("option", { value: "" }, "choose …"), ...SCENARIOS.map(({ name }, i) => make("option", { value: String(i) }, name)));
    this.scenario.addEventListener("change", () => this.stage(SCENARIOS[Number(this.scenario.value)]));
    return make("div", { class: "og-choice" }, make("label", { for: this.scenario.id }, "Scenario"), this.scenario);
  }

  /** Show a scenario. @param {import("./scenarios.js").Scenario | undefined} scenario */
  stage(scenario) {
    if (!scenario) return;
    this.staged = ""; // what is staged takes the place of what was
    const { surface, runs, start, steps = 200, noise = 0, words } = scenario;
    const names = new Set();
    this.lab.change({
      surface, parameters: {}, formula: null, box: null, steps, noise, seed: 0, step: null,
      start: [...start ?? this.lab.catalogue.surfaces[surface].starts[0]],
      runs: runs.map(([rule, lr]) => {
        const name = freeName(rule, names);
        names.add(name);
        return { rule, name, settings: { lr }, code: null };
      }),
    });
    this.staged = this.played;
    this.words.replaceChildren(words);
  }

  /** What a scenario's sentence is true of. */
  get played() {
    const { step, view, hide, ...scene } = this.lab.scene;
    return JSON.stringify(scene);
  }

  /** @param {string} rule */
  add(rule) {
    const { runs } = this.lab.scene;
    const name = freeName(rule, new Set(runs.map(({ name }) => name)));
    this.lab.change({ runs: [...runs, { rule, name, settings: {}, code: null }] });
  }

  /** @param {string} name */
  remove(name) {
    const at = this.lab.scene.runs.findIndex((run) => run.name === name);
    this.lab.change({ runs: this.lab.scene.runs.filter((run) => run.name !== name) });
    const next = this.drawn[Math.min(at, this.drawn.length - 1)]?.card.removal;
    (next ?? this.search.field).focus(); // else the focus would go where the button went
  }

  /** After every change: say what runs now. */
  show() {
    const { scene } = this.lab;
    if (!scene.signal) this.showPlace();
    this.steps.show(scene.steps);
    this.search.show(scene.runs.length >= MOST.runs);
    this.showCards();
    const { hide = [] } = scene;
    for (const element of this.parts) element.hidden = hide.includes(element.dataset.control ?? "");
    for (const name of ["knobs", "rules"]) this.cards.classList.toggle(`og-no-${name}`, hide.includes(name));
    if (this.staged && this.played !== this.staged) {
      this.staged = "";
      this.words.replaceChildren();
      this.scenario.value = "";
    }
  }

  /** What there is only where there is a landscape. */
  showPlace() {
    const { scene, catalogue } = this.lab;
    this.ground.show();
    const { axes } = landscapeOf(scene, catalogue);
    if (axes.join() !== this.axes) this.rebuildStart(axes);
    scene.start.forEach((x, i) => this.coordinates[i]?.show(x));
    this.noise.show(scene.noise);
    this.seed.show(scene.seed);
  }

  /** @param {string[]} axes */
  rebuildStart(axes) {
    this.axes = axes.join();
    this.coordinates = axes.map((axis, i) => new Knob(axis, {}, (value) => {
      this.lab.change({ start: this.lab.scene.start.with(i, value) });
    }, { label: i ? axis : `start ${axis}`, title: "where every descent begins; it can be dragged on the map" }));
    for (const [i, { field, element }] of this.coordinates.entries()) {
      field.setAttribute("aria-label", `start ${axes[i]}`);
      element.classList.add("og-line");
    }
    this.start.replaceChildren(...this.coordinates.map(({ element }) => element));
  }

  /** Keep the cards of runs that are still there, make those that are new. */
  showCards() {
    const { scene, catalogue, record } = this.lab;
    const drawn = scene.runs.map((run) => {
      const { name } = run;
      const rule = ruleOf(run, catalogue);
      const key = JSON.stringify([name, run.rule, rule.settings]);
      const kept = this.drawn.find((entry) => entry.key === key);
      if (kept) return kept;
      const address = rule.page ? beside(`../${rule.page}.html`) : "";
      const set = (/** @type {Runner["settings"]} */ settings) => this.lab.change({
        runs: this.lab.scene.runs.map((run) => run.name === name ? { ...run, settings } : run),
      });
      return { key, card: new Card(rule, name, { address, set, remove: () => this.remove(name) }) };
    });
    if (drawn.length !== this.drawn.length || drawn.some((entry, i) => entry !== this.drawn[i])) {
      this.cards.replaceChildren(...drawn.map(({ card }) => card.element));
      this.drawn = drawn;
    }
    drawn.forEach(({ card }, i) => {
      const { name, settings } = scene.runs[i];
      card.show(settings, record?.runs.find((run) => run.name === name) ?? {});
    });
  }
}
