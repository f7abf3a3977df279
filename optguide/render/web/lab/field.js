// @ts-check
// One control: a label, a slider, a field for the number, and beside it in words why a number is refused.

import { make } from "../dom.js";
import { numberIn, refusal } from "./scales.js";

/** @typedef {import("./scales.js").Limits} Limits */
/** @typedef {import("./scales.js").Scale} Scale */

/** Ids that labels and descriptions point to. */
const drawn = { ids: 0 };

/** An id that no other element of the page has. */
export const freshId = () => `og-knob-${++drawn.ids}`;

/** Where a refusal is written; empty it takes no room. */
export const refusing = () => make("p", { class: "og-refusal", id: freshId(), role: "status" });

/** Say at a field why what stands in it is refused, or that it is not.
 * @param {HTMLElement} field @param {HTMLElement} place @param {string} words */
export function refuse(field, place, words) {
  if (place.textContent === words) return;
  place.textContent = words;
  if (words) {
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", place.id);
  } else {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  }
}

export class Knob {
  /**
   * @param {string} name  what a refusal calls it
   * @param {Limits} limits
   * @param {(value: number) => void} set  is given every good value; may throw why it is none
   * @param {{ label?: string, title?: string, scale?: (value?: number) => Scale }} options
   *   without a scale there is a field alone
   */
  constructor(name, limits, set, { label = name, title = limits.meaning ?? "", scale } = {}) {
    this.name = name;
    this.limits = limits;
    this.set = set;
    this.scaled = scale;
    this.value = NaN;
    this.field = make("input", {
      type: "text", id: freshId(), class: "og-number", autocomplete: "off", spellcheck: "false", maxlength: "24",
    });
    if (limits.low != null && limits.low >= 0) this.field.setAttribute("inputmode", "decimal");
    this.problem = refusing();
    const words = make("label", { for: this.field.id, title });
    words.append(...label.split(/(?<=_)/).flatMap((part, i) => i ? [make("wbr"), part] : [part]));
    this.element = make("div", { class: "og-knob" }, words);
    if (scale) {
      this.scale = scale();
      this.slider = make("input", { type: "range", min: "0", step: "1", "aria-label": label });
      this.slider.addEventListener("input", () => this.slide());
      this.element.append(this.slider);
    }
    this.element.append(this.field, this.problem);
    this.field.addEventListener("input", () => this.typed());
  }

  slide() {
    const value = /** @type {Scale} */ (this.scale).at(Number(this.slider?.value));
    this.field.value = String(value);
    this.offer(value);
  }

  typed() {
    const words = refusal(this.name, this.field.value, this.limits);
    if (words) refuse(this.field, this.problem, words);
    else this.offer(numberIn(this.field.value), true);
  }

  /** A value within its limits, which may yet be refused for others. @param {number} value */
  offer(value, fromField = false) {
    const before = this.value;
    this.value = value;
    try {
      this.set(value);
      refuse(this.field, this.problem, "");
    } catch (error) {
      this.value = before;
      refuse(this.field, this.problem, /** @type {Error} */ (error).message);
    }
    if (fromField) this.place(value);
    this.say(value);
  }

  /** What runs now. What is being typed stays, unless another control has changed the value.
   * @param {number} value @param {boolean} anew  whether a refused text goes, too */
  show(value, anew = false) {
    if (Object.is(value, this.value) && !anew) return;
    this.value = value;
    this.field.value = String(value);
    refuse(this.field, this.problem, "");
    this.place(value);
    this.say(value);
  }

  /** Move the slider to a value; its ends give way to one that lies outside. @param {number} value */
  place(value) {
    if (!this.slider || !this.scaled || !this.scale) return;
    if (value < this.scale.low || value > this.scale.high) this.scale = this.scaled(value);
    this.slider.max = String(this.scale.most);
    this.slider.value = String(this.scale.place(value));
  }

  /** @param {number} value */
  say(value) {
    this.slider?.setAttribute("aria-valuetext", String(value));
  }
}

export class Switch {
  /** @param {string} name @param {string} title @param {(value: boolean) => void} set */
  constructor(name, title, set) {
    this.box = make("input", { type: "checkbox", id: freshId() });
    this.box.addEventListener("change", () => set(this.box.checked));
    this.element = make("div", { class: "og-knob" }, make("label", { for: this.box.id, title }, name), this.box);
  }

  /** @param {boolean} value */
  show(value) {
    this.box.checked = value;
  }
}
