// @ts-check
// The panel of a rule: its lines as formulas, in words, as code and with the numbers of the step that is shown; and
// the code to change, which races what it was.

import { make } from "../dom.js";
import { parseRule } from "../live/parse.js";
import { landscapeOf, ruleOf } from "../live/scene.js";
import { GrammarError } from "../live/tokens.js";
import { MOST } from "./hash.js";
import { element, mathml } from "./mathml.js";
import { TracedStep } from "./traced.js";
import { typesetRule } from "./typeset.js";

/** @typedef {import("./lab.js").Lab} Lab */
/** @typedef {import("./traced.js").Parsed} Parsed */
/** @typedef {import("../live/scene.js").Runner} Runner */

const PUBLISHED = "as published";

export class RulePanel {
  static part = "rule";
  static count = 0; // of the page

  /** @param {Lab} lab */
  constructor(lab) {
    this.lab = lab;
    this.name = lab.scene.runs[0]?.name ?? "";
    this.source = ""; // of the run that is shown, as it runs
    /** @type {Parsed | null} */
    this.rule = null;
    /** @type {TracedStep | null} */
    this.traced = null;
    this.step = 0;
    /** @type {HTMLElement[]} */
    this.cells = [];
    const chosen = (/** @type {string} */ label, /** @type {(value: string) => void} */ choose) => {
      const select = make("select");
      select.addEventListener("change", () => choose(select.value));
      return { select, whole: make("label", {}, `${label} `, select) };
    };
    this.runs = chosen("Rule of", (name) => this.choose(name));
    this.axis = chosen("coordinate", () => this.fill());
    this.head = make("th", { scope: "col" });
    this.body = make("tbody");
    const heads = ["formula", "in words", "code"].map((text) => make("th", { scope: "col" }, text));
    const table = make("table", {}, make("thead", {}, make("tr", {}, ...heads, this.head)), this.body);
    const id = `og-code-${++RulePanel.count}`;
    this.note = make("p", { class: "og-fault", role: "status", id: `${id}-fault` });
    this.code = make("textarea", {
      id, spellcheck: "false", autocapitalize: "off", autocomplete: "off", wrap: "off", "aria-describedby": this.note.id,
    });
    this.band = make("div", { class: "og-band", "aria-hidden": "true" });
    this.reset = make("button", { type: "button" }, "reset");
    this.code.addEventListener("input", () => this.edit(this.code.value));
    this.code.addEventListener("scroll", () => this.place());
    this.reset.addEventListener("click", () => {
      this.code.value = this.original;
      this.edit(this.original);
      this.code.focus();
    });
    this.details = make("details", { class: "og-fold" },
      make("summary", {}, "The rule, with the numbers of the step"),
      make("div", { class: "og-choices" }, this.runs.whole, this.axis.whole),
      make("div", { class: "og-lines", tabIndex: 0, role: "region", "aria-label": "lines of the rule" }, table),
      make("div", { class: "og-choices" }, make("label", { for: id }, "Edit the rule"), this.reset),
      make("div", { class: "og-edit" }, make("div", { class: "og-code" }, this.band, this.code), this.note));
    this.details.addEventListener("toggle", () => this.show());
    this.element = make("section", { class: "og-rule", "aria-label": "the rule" }, this.details);
  }

  /** The run that is shown: where it stands in the scene. */
  get index() {
    return Math.max(0, this.lab.scene.runs.findIndex(({ name }) => name === this.name));
  }

  /** The code as it is published. */
  get original() {
    const { catalogue, scene } = this.lab;
    return ruleOf({ ...scene.runs[this.index], code: null }, catalogue).source ?? "";
  }

  /** @param {string} name */
  choose(name) {
    this.name = name;
    this.source = "";
    this.show();
  }

  /** After a change of the scene. */
  show() {
    const { catalogue, scene, surface } = this.lab;
    this.element.hidden = !scene.runs.length;
    if (!this.details.open || !scene.runs.length) return;
    const runner = scene.runs[this.index];
    this.name = runner.name;
    const { source, answer } = ruleOf(runner, catalogue);
    const { axes } = landscapeOf(scene, catalogue);
    options(this.runs.select, scene.runs.map(({ name }) => name), this.name);
    options(this.axis.select, axes, this.axis.select.value);
    this.axis.whole.hidden = axes.length < 2;
    if (source !== this.source || !source) this.read(source ?? "");
    this.reset.disabled = this.code.value === this.original;
    this.traced = null;
    if (this.rule && surface) {
      const known = Object.entries(runner.settings).filter(([name]) => Object.hasOwn(this.rule?.settings ?? {}, name));
      this.traced = new TracedStep(this.rule, Object.fromEntries(known), surface, answer);
    }
    this.fill();
  }

  /** Show another rule, or the rule after an edit. @param {string} source */
  read(source) {
    if (this.code.value !== source) this.code.value = source;
    this.source = source;
    this.code.disabled = !source;
    this.fault(source ? null : new GrammarError("the code of this rule cannot be read"));
    this.rule = source ? parseRule(source, this.lab.catalogue.vocabulary) : null;
    const written = this.rule ? typesetRule(this.rule, /** @type {any} */ (this.lab.catalogue)) : [];
    this.cells = [];
    this.body.replaceChildren(...this.statements().map(({ comment, code, line }) => {
      const formula = make("td");
      if (written[0]?.line === line && written[0].code === code) formula.append(shownFormula(written.shift()?.latex ?? ""));
      const numbers = make("td", { class: "og-numbers" });
      this.cells.push(numbers);
      return make("tr", {}, formula, make("td", {}, comment), make("td", {}, make("code", {}, code)), numbers);
    }));
    this.code.rows = source.split("\n").length + 1;
  }

  statements() {
    return this.rule ? [...this.rule.statements, ...this.rule.last] : [];
  }

  /** After a drawn step. @param {number} step */
  at(step) {
    const now = Math.floor(step);
    if (now === this.step) return;
    this.step = now;
    if (this.details.open) this.fill();
  }

  /** The numbers of the step that led to the point that is shown; at the start those of the first step. */
  fill() {
    const { found, scene: { steps } } = this.lab;
    const run = found[this.index];
    if (!this.traced || !run) return;
    const last = run.divergedAt < 0 ? steps : run.divergedAt;
    const step = Math.max(1, Math.min(this.step, last));
    const axis = Math.max(0, this.axis.select.selectedIndex);
    this.traced.take(run, step);
    this.head.textContent = `step ${step}${this.axis.whole.hidden ? "" : `, ${this.axis.select.value}`}`;
    this.statements().forEach((statement, i) => {
      this.cells[i].textContent = this.traced?.words(statement, axis) ?? "";
    });
  }

  /** Race what is typed, if it is a rule; say why, if it is none. @param {string} text */
  edit(text) {
    try {
      if (text.length > MOST.code) throw new GrammarError(`a rule has at most ${MOST.code} characters, got ${text.length}`);
      parseRule(text, this.lab.catalogue.vocabulary);
      this.lab.change({ runs: this.edited(text) });
      this.fault(null);
    } catch (error) {
      this.fault(/** @type {Error} */ (error));
    }
    this.reset.disabled = text === this.original;
  }

  /** The runs with the code in place of the old; beside it stands the rule as it was published.
   * @param {string} text @returns {Runner[]} */
  edited(text) {
    const { runs } = this.lab.scene;
    const runner = runs[this.index];
    const published = { ...runner, name: `${runner.name} ${PUBLISHED}`, code: null };
    const others = runs.filter(({ name }) => name !== published.name);
    const at = others.findIndex(({ name }) => name === runner.name);
    if (text === this.original) return others.with(at, { ...runner, code: null });
    const beside = runs.find(({ name }) => name === published.name) ?? published;
    const raced = others.with(at, { ...runner, code: text });
    return raced.length < MOST.runs ? raced.toSpliced(at + 1, 0, beside) : raced;
  }

  /** What is wrong, beside the line. @param {Error | null} error */
  fault(error) {
    const line = error instanceof GrammarError ? error.line : 1;
    this.note.textContent = error ? `${error.message}. The last rule that could be read keeps running.` : "";
    this.code.setAttribute("aria-invalid", String(Boolean(error)));
    this.element.classList.toggle("og-faulty", Boolean(error));
    this.note.style.setProperty("--line", String(line - 1));
    this.band.style.setProperty("--line", String(line - 1));
    this.place();
  }

  /** The band lies behind its line. */
  place() {
    this.band.style.setProperty("--scrolled", `${this.code.scrollTop}px`);
  }
}

/** A formula, or its LaTeX where it cannot be shown. @param {string} latex */
function shownFormula(latex) {
  try {
    return element(mathml(latex));
  } catch {
    return make("code", {}, latex);
  }
}

/** Offer these, and keep what was chosen. @param {HTMLSelectElement} select @param {string[]} names @param {string} chosen */
function options(select, names, chosen) {
  if (names.join("\n") !== [...select.options].map(({ value }) => value).join("\n")) {
    select.replaceChildren(...names.map((name) => make("option", { value: name }, name)));
  }
  select.value = names.includes(chosen) ? chosen : names[0] ?? "";
}
