// @ts-check
// Finds a rule by its name: a field with a list under it, grouped by family (the combobox pattern of ARIA).

import { make } from "../dom.js";
import { freshId } from "./field.js";

/** @typedef {{ name: string, family?: string, year?: number | null, claim?: string }} Findable */

/** What belongs together, in the order of the list.
 * @template Thing
 * @param {(Thing & { family?: string })[]} things */
export function inFamilies(things) {
  /** @type {Map<string, Thing[]>} */
  const families = new Map();
  for (const thing of things) {
    const family = thing.family ?? "others";
    families.set(family, [...families.get(family) ?? [], thing]);
  }
  return families;
}

export class RuleSearch {
  /** @param {Findable[]} rules @param {(name: string) => void} choose */
  constructor(rules, choose) {
    this.choose = choose;
    this.list = make("div", { role: "listbox", id: freshId(), class: "og-found", "aria-label": "rules", hidden: true });
    this.field = make("input", {
      type: "text", id: freshId(), role: "combobox", placeholder: "search by name", autocomplete: "off",
      spellcheck: "false", maxlength: "40", "aria-expanded": "false", "aria-controls": this.list.id,
      "aria-autocomplete": "list",
    });
    const label = make("label", { for: this.field.id }, "Add a rule");
    this.nothing = make("p", { class: "og-nothing", hidden: true }, "no rule of this name");
    this.said = make("p", { class: "og-unseen", role: "status" });
    this.element = make("div", { class: "og-search" }, label, this.field, this.list, this.nothing, this.said);
    this.groups = [...inFamilies(rules)].map(([family, members]) => {
      const title = make("div", { class: "og-family", id: freshId() }, family);
      const group = make("div", { role: "group", "aria-labelledby": title.id }, title);
      group.append(...members.map((rule) => this.option(rule)));
      return group;
    });
    this.list.append(...this.groups);
    this.options = [...this.list.querySelectorAll('[role="option"]')].map((e) => /** @type {HTMLElement} */ (e));
    /** @type {HTMLElement | null} */
    this.active = null;
    this.field.addEventListener("input", () => this.open());
    this.field.addEventListener("click", () => this.open());
    this.field.addEventListener("blur", () => this.close());
    this.field.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
  }

  /** @param {Findable} rule */
  option({ name, year, claim }) {
    const first = make("b", {}, name);
    const option = make("div", { role: "option", id: freshId(), "aria-selected": "false" }, first);
    if (year) option.append(` ${year}`);
    if (claim) option.append(make("small", {}, claim));
    option.dataset.rule = name;
    option.addEventListener("click", () => this.take(option));
    return option;
  }

  /** The options that what is typed leaves. */
  get seen() { return this.options.filter(({ hidden }) => !hidden); }

  open() {
    const sought = this.field.value.trim().toLowerCase();
    for (const option of this.options) option.hidden = !option.dataset.rule?.toLowerCase().includes(sought);
    for (const group of this.groups) group.hidden = !group.querySelector('[role="option"]:not([hidden])');
    const { seen } = this;
    const exact = seen.find(({ dataset }) => dataset.rule?.toLowerCase() === sought);
    this.list.hidden = !seen.length;
    this.nothing.hidden = Boolean(seen.length);
    this.field.setAttribute("aria-expanded", String(!this.list.hidden));
    this.point(sought ? exact ?? seen[0] ?? null : null);
  }

  close() {
    this.list.hidden = this.nothing.hidden = true;
    this.field.setAttribute("aria-expanded", "false");
    this.point(null);
  }

  /** @param {HTMLElement | null} option */
  point(option) {
    this.active?.setAttribute("aria-selected", "false");
    this.active = option;
    if (!option) return this.field.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    this.field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  /** @param {HTMLElement} option */
  take(option) {
    const name = option.dataset.rule ?? "";
    this.field.value = "";
    this.close();
    this.choose(name);
    this.said.textContent = `${name} runs now`;
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step) {
      if (this.list.hidden) this.open();
      const { seen } = this;
      const at = this.active ? seen.indexOf(this.active) + step : step > 0 ? 0 : -1;
      this.point(seen.at(at % seen.length) ?? null);
    } else if (event.key === "Enter" && this.active) this.take(this.active);
    else if (event.key === "Escape" && !this.list.hidden) this.close();
    else return;
    event.preventDefault();
  }

  /** @param {boolean} full  whether no more can be added */
  show(full) {
    this.field.disabled = full;
    this.field.placeholder = full ? "12 run at most" : "search by name";
  }
}
