// @ts-check
// A card for each run: which rule it is, and its hyperparameters.

import { make } from "../dom.js";
import { Knob, Switch } from "./field.js";
import { alike } from "./hash.js";
import { scaleFor } from "./scales.js";

/** @typedef {import("./scales.js").Limits} Limits */
/** @typedef {import("../live/scene.js").Entry} Entry */
/** @typedef {import("../live/scene.js").Setting} Setting */

/** The mark that the picture draws a run with. */
class Mark {
  constructor() {
    const svg = (/** @type {string} */ tag) => document.createElementNS("http://www.w3.org/2000/svg", tag);
    this.path = svg("path");
    this.path.setAttribute("transform", "scale(1.5)");
    this.element = svg("svg");
    for (const [name, value] of [["viewBox", "-1 -1 2 2"], ["width", "16"], ["height", "16"], ["aria-hidden", "true"]]) {
      this.element.setAttribute(name, value);
    }
    this.element.append(this.path);
  }

  /** @param {{ color?: string, shape?: string }} look */
  show({ color, shape }) {
    this.path.setAttribute("fill", color ?? "#888888");
    this.path.setAttribute("d", shape ?? "M-.5-.5H.5V.5H-.5Z");
  }
}

export class Card {
  /**
   * @param {Entry} rule @param {string} name
   * @param {{ address: string, set: (settings: Record<string, Setting>) => void, remove: () => void }} options
   *   where the rule is explained; what is told when a hyperparameter changes; and when the run is to go
   */
  constructor(rule, name, { address, set, remove }) {
    this.rule = rule;
    /** @type {Record<string, Setting>} */
    this.settings = {};
    this.set = set;
    this.mark = new Mark();
    const title = address ? make("a", { href: address }, name) : make("span", {}, name);
    this.publish = make("button", { type: "button", title: "all hyperparameters at their defaults" }, "as published");
    this.publish.addEventListener("click", () => {
      set({});
      this.show({}, {}, true);
      this.element.querySelector("input")?.focus(); // the button goes, and would take the focus along
    });
    this.removal = make("button", { type: "button", class: "og-remove", "aria-label": `remove ${name}`, title: `remove ${name}` }, "×");
    this.removal.addEventListener("click", remove);
    const heading = make("div", { class: "og-card-head" }, this.mark.element, title, this.publish, this.removal);
    this.element = make("li", { class: "og-card" }, heading);
    const names = Object.keys(rule.settings);
    this.knobs = new Map(names.map((name) => [name, this.knobsOf(name)]));
    const first = names.includes("lr") ? "lr" : names[0];
    const others = names.filter((name) => name !== first);
    if (first) this.element.append(...this.elementsOf(first));
    if (others.length) {
      const fold = make("details", {}, make("summary", {}, others.map((name) => name.replaceAll("_", " ")).join(", ")));
      fold.append(...others.flatMap((name) => this.elementsOf(name)));
      this.element.append(fold);
    }
  }

  /** @param {string} name */
  elementsOf(name) {
    return /** @type {(Knob | Switch)[]} */ (this.knobs.get(name)).map(({ element }) => {
      element.dataset.control = name;
      return element;
    });
  }

  /** The controls of a hyperparameter, one for each of its numbers. @param {string} name */
  knobsOf(name) {
    const usual = this.rule.settings[name];
    const limits = this.limits(name);
    const title = [limits.meaning, limits.range].filter(Boolean).join(", ");
    if (typeof usual === "boolean") return [new Switch(name, title, (value) => this.change(name, value))];
    const numbers = /** @type {number[]} */ ([usual].flat());
    return numbers.map((number, i) => new Knob(name, limits, (value) => this.turn(name, i, value), {
      title,
      label: Array.isArray(usual) ? `${name}\u00a0${i + 1}` : name,
      scale: (value) => scaleFor(name, limits, number, value),
    }));
  }

  /** What a hyperparameter may be; nothing is known of one that the reader's own code has. @param {string} name */
  limits(name) { return Object.hasOwn(this.rule.hyperparameters, name) ? this.rule.hyperparameters[name] : {}; }

  /** What a hyperparameter is now. @param {string} name */
  now(name) { return Object.hasOwn(this.settings, name) ? this.settings[name] : this.rule.settings[name]; }

  /** One of the numbers of a hyperparameter is another. @param {string} name @param {number} i @param {number} value */
  turn(name, i, value) {
    const before = this.now(name);
    if (!Array.isArray(before)) return this.change(name, value);
    const after = before.with(i, value);
    if (this.limits(name).increasing && after.some((x, j) => j && x < after[j - 1])) {
      throw new RangeError(`${name} must be in increasing order, got (${after.join(", ")})`);
    }
    this.change(name, after);
  }

  /** @param {string} name @param {Setting} value */
  change(name, value) {
    const { [name]: _, ...others } = this.settings;
    this.set(alike(value, this.rule.settings[name]) ? others : { ...others, [name]: value });
  }

  /** @param {Record<string, Setting>} settings @param {{ color?: string, shape?: string }} look */
  show(settings, look, anew = false) {
    this.settings = settings;
    if (look.color) this.mark.show(look);
    for (const [name, knobs] of this.knobs) {
      const values = [this.now(name)].flat();
      knobs.forEach((knob, i) => knob instanceof Knob ? knob.show(Number(values[i]), anew) : knob.show(Boolean(values[i])));
    }
    this.publish.disabled = !Object.keys(settings).length;
  }
}
