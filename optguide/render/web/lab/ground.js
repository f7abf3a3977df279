// @ts-check
// Which landscape: one of the list with its parameters, or one that the reader types.

import { make } from "../dom.js";
import { parseFormula } from "../live/parse.js";
import { Knob, freshId, refuse, refusing } from "./field.js";
import { element, mathml } from "./mathml.js";
import { scaleForParameter } from "./scales.js";
import { inFamilies } from "./search.js";
import { typesetFormula } from "./typeset.js";

/** @typedef {import("./lab.js").Lab} Lab */

/** What a reader finds who types a landscape for the first time. */
const FORMULA = "x**2 + 10*sin(y)";
/** @type {import("../numbers.js").Pair[]} */
const SQUARE = [[-5, 5], [-5, 5]];
const OWN = " own"; // no landscape has a name with a space

export class Ground {
  /** @param {Lab} lab */
  constructor(lab) {
    this.lab = lab;
    this.choice = make("select", { id: freshId() });
    const { surfaces } = lab.catalogue;
    for (const [family, members] of inFamilies(Object.values(surfaces))) {
      const group = make("optgroup", { label: family });
      group.append(...members.map(({ name, title }) => make("option", { value: name }, title)));
      this.choice.append(group);
    }
    this.own = make("option", { value: OWN }, "type your own …");
    this.choice.append(this.own);
    this.choice.addEventListener("change", () => this.choose(this.choice.value));
    this.element = make("div", { class: "og-choice" }, make("label", { for: this.choice.id }, "Landscape"), this.choice);
    this.parameters = make("div", { class: "og-parameters" });
    /** @type {Map<string, Knob>} */
    this.knobs = new Map();
    this.kept = FORMULA; // what was typed last
    this.of = make("label", { title: "as in Python" });
    this.formula = make("input", {
      type: "text", id: freshId(), class: "og-formula", maxlength: "500", autocomplete: "off", spellcheck: "false",
      autocapitalize: "off",
    });
    this.problem = refusing();
    this.equation = make("div", { class: "og-equation" });
    this.typesetFor = ""; // what the equation was made of
    this.edges = ["x", "y"].flatMap((axis, i) => ["from", "to"].map((end, j) => {
      const knob = new Knob(`${axis} ${end}`, {}, (value) => this.bound(i, j, value), { label: j ? "to" : axis });
      knob.field.setAttribute("aria-label", `${axis} ${end}`);
      return knob;
    }));
    this.typing = this.typed();
    this.key = "";
    /** @type {string | null} */
    this.shown = null;
  }

  /** The field for a formula, and the four numbers of its box. */
  typed() {
    this.formula.addEventListener("input", () => this.read());
    this.of.htmlFor = this.formula.id;
    const box = make("div", { class: "og-box", role: "group", "aria-label": "the part of the plane that is shown" });
    box.append(...this.edges.map(({ element }) => element));
    const typed = make("div", { class: "og-knob" }, this.of, this.formula, this.problem);
    return make("div", { class: "og-typing" }, typed, box, this.equation);
  }

  /** @param {string} name */
  choose(name) {
    const { scene, catalogue } = this.lab;
    if (name !== OWN) {
      const start = catalogue.surfaces[name].starts[0];
      return this.lab.change({ surface: name, parameters: {}, formula: null, box: null, start: [...start] });
    }
    const inside = scene.start.length === 2 && scene.start.every((x, i) => x >= SQUARE[i][0] && x <= SQUARE[i][1]);
    const start = inside ? scene.start : [-4, 3];
    this.lab.change({ formula: this.kept, box: SQUARE, parameters: {}, start });
  }

  /** What the formula is of. */
  get axes() { return (this.lab.scene.box ?? SQUARE).map((_, i) => "xy"[i]); }

  /** What is typed runs if it is a formula; else the last one that was. */
  read() {
    const text = this.formula.value;
    try {
      parseFormula(text, this.axes, this.lab.catalogue.vocabulary);
      this.lab.change({ formula: text });
      this.kept = text;
      refuse(this.formula, this.problem, "");
    } catch (error) {
      refuse(this.formula, this.problem, /** @type {Error} */ (error).message.replace(/^line 1: /, ""));
    }
  }

  /** Move an edge of the box. @param {number} i  axis @param {number} j  end @param {number} value */
  bound(i, j, value) {
    const box = this.lab.scene.box ?? SQUARE;
    const [low, high] = box[i].with(j, value);
    if (!(low < high)) throw new RangeError(`the box must have low < high, got (${low}, ${high})`);
    this.lab.change({ box: box.with(i, [low, high]) });
  }

  show() {
    const { scene, catalogue } = this.lab;
    const formula = scene.formula ?? null;
    this.typing.hidden = formula === null;
    this.choice.value = formula === null ? scene.surface : OWN;
    if (formula !== null) {
      if (formula !== this.shown) {
        this.formula.value = formula;
        refuse(this.formula, this.problem, "");
      }
      const edges = (scene.box ?? SQUARE).flat();
      for (const [i, knob] of this.edges.entries()) {
        knob.element.hidden = i >= edges.length;
        knob.show(edges[i]);
      }
      this.of.textContent = `f(${this.axes.join(", ")}) =`;
      this.typeset(formula);
    }
    const key = formula === null ? scene.surface : OWN;
    if (key !== this.key) this.rebuild(formula === null ? catalogue.surfaces[scene.surface].parameters : {});
    this.key = key;
    this.shown = formula;
    for (const [name, knob] of this.knobs) {
      knob.show(scene.parameters[name] ?? catalogue.surfaces[scene.surface].parameters[name]);
    }
  }

  /** The formula that runs, as mathematics. @param {string} formula */
  typeset(formula) {
    const { axes, equation, lab: { catalogue } } = this;
    const made = `${this.of.textContent} ${formula}`;
    if (made === this.typesetFor) return;
    this.typesetFor = made;
    const latex = typesetFormula(parseFormula(formula, axes, catalogue.vocabulary), axes, catalogue);
    equation.replaceChildren(element(mathml(latex)));
    equation.tabIndex = equation.scrollWidth > equation.clientWidth ? 0 : -1; // the keyboard scrolls what is too wide
  }

  /** @param {Record<string, number>} usual  the parameters of a landscape and their defaults */
  rebuild(usual) {
    this.knobs = new Map(Object.entries(usual).map(([name, value]) => [name, new Knob(name, {}, (now) => {
      const { [name]: _, ...others } = this.lab.scene.parameters;
      this.lab.change({ parameters: now === value ? others : { ...others, [name]: now } });
    }, { title: `parameter of the landscape, ${value} by default`, scale: (now) => scaleForParameter(value, now) })]));
    this.parameters.replaceChildren(...[...this.knobs.values()].map(({ element }) => element));
  }
}
