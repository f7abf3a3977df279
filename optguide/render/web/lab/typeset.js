// @ts-check
// A rule or a formula as LaTeX, from its statements: what optguide/language/typeset.py makes of the same source, with
// the same names and templates.

/** @typedef {import("../live/parse.js").Node} Node */
/** @typedef {Pick<import("../live/parse.js").Statement, "targets" | "value" | "comment" | "code" | "line">} Written */
/** @typedef {{ states: string[], settings: Record<string, any>, statements: Written[], last: Written[] }} RuleText */
/** @typedef {{ vocabulary: Record<string, { latex: string }>, names: Record<string, string>,
 *   endings: Record<string, string>, greek: string[] }} Notation */
/** @typedef {{ latex: string, comment: string, code: string, line: number }} TypesetLine */

/** How tightly each operator holds together, and how tightly its sides must so as to need no parentheses: 0 relations,
 * 1 sums, 2 products, 3 signs, 4 powers and fractions, 5 what is in one piece. @type {Map<string, number[]>} */
const TIGHTNESS = new Map(Object.entries({
  add: [1, 1, 2], sub: [1, 1, 2], mul: [2, 2, 4], truediv: [4, 1, 1], mod: [2, 2, 4], pow: [4, 5, 1],
  lt: [0, 1, 1], le: [0, 1, 1], gt: [0, 1, 1], ge: [0, 1, 1], eq: [0, 1, 1],
}));

/** A template of Python's `format`, filled in. */
function filled(/** @type {string} */ template, /** @type {string[]} */ parts) {
  let next = 0;
  return template.replace(/\{\{|\}\}|\{(\d*)\}/g, (brace, index) =>
    index === undefined ? brace[0] : parts[index ? Number(index) : next++]);
}

/** The symbol at a step; one that has an index already is kept together. */
function atStep(/** @type {string} */ symbol, /** @type {string} */ step) {
  return /(?<!\\)_/.test(symbol) ? `{${symbol}}_${step}` : `${symbol}_${step}`;
}

/** A number as it is written by hand: six digits or all that it needs, a power of ten where Python writes one. */
function numberLatex(/** @type {number} */ value, /** @type {string} */ text) {
  const [digits, exponent] = value.toExponential().split("e");
  const short = digits.length < 8;
  const whole = /^\d+$/.test(text);
  const power = Number(exponent);
  if (power < -4 || power >= (short ? 6 : whole ? Infinity : 16)) {
    return `${digits === "1" ? "" : `${digits} \\cdot `}10^{${power}}`;
  }
  return short ? String(value) : whole ? text : String(value) + (Number.isInteger(value) ? ".0" : "");
}

class Typesetter {
  /** @param {Notation} notation @param {string[]} constants  names that are the same in every step
   * @param {string[]} timed  names that belong to the step before until they are assigned */
  constructor(notation, constants, timed) {
    this.notation = notation;
    /** @type {Map<string, string>} */
    this.symbols = new Map();
    /** What stands for each name that has a value by now. @type {Map<string, string>} */
    this.values = new Map(["t", "pi", "e", ...constants].map((name) => [name, this.symbol(name)]));
    for (const name of timed) this.values.set(name, atStep(this.symbol(name), "{t-1}"));
    this.timed = timed;
    this.constants = new Set([...constants, "pi", "e"]);
  }

  /** How a name is written; upright where another name is written so already. @returns {string} */
  symbol(/** @type {string} */ name) {
    const known = this.symbols.get(name);
    if (known) return known;
    const wanted = this.wanted(name);
    const symbol = [...this.symbols.values()].includes(wanted) ? upright(name) : wanted;
    this.symbols.set(name, symbol);
    return symbol;
  }

  wanted(/** @type {string} */ name) {
    const { names, endings, greek } = this.notation;
    if (Object.hasOwn(names, name)) return names[name];
    for (const [ending, template] of Object.entries(endings)) {
      if (name.endsWith(ending) && name !== ending) return filled(template, [this.symbol(name.slice(0, -ending.length))]);
    }
    const [, letter = "", index = ""] = /^(\p{L}+?)_?(\d*)$/u.exec(name) ?? [];
    const symbol = [...letter].length === 1 ? letter : greek.includes(letter) ? `\\${letter}` : "";
    return !symbol ? upright(name) : index ? `${symbol}_{${index}}` : symbol;
  }

  /** The line of an assignment; empty where it only gives something another name. */
  assignment(/** @type {Written} */ { targets, value }) {
    const [target] = targets;
    if (targets.length > 1) { // beta1, beta2 = betas
      for (const name of targets) this.settle(name);
      return "";
    }
    const isTimed = this.timed.includes(target);
    if (!isTimed && value.type === "name" && this.timed.includes(value.name)) { // g_before = g
      this.values.set(target, this.latex(value));
      return "";
    }
    if (!isTimed && namesIn(value).every((name) => this.constants.has(name))) {
      const right = this.latex(value);
      return `${this.settle(target)} = ${right}`;
    }
    const latex = this.arrow(target, value);
    this.values.set(target, atStep(this.symbol(target), "t"));
    return latex;
  }

  arrow(/** @type {string} */ target, /** @type {Node} */ value) {
    const right = this.latex(value);
    return `${atStep(this.symbol(target), "t")} \\leftarrow ${right}`;
  }

  /** The symbol of a name that is from now on the same in every step. */
  settle(/** @type {string} */ name) {
    this.constants.add(name);
    this.values.set(name, this.symbol(name));
    return this.symbol(name);
  }

  /** In parentheses where it is looser than asked for. @returns {string} */
  latex(/** @type {Node} */ term, atLeast = 1) {
    const [latex, tightness] = this.typeset(term);
    return tightness >= atLeast ? latex : `(${latex})`;
  }

  /** An expression, and how tightly it holds together. @returns {[string, number]} */
  typeset(/** @type {Node} */ term) {
    if (term.type === "number") return [numberLatex(term.value, term.text), 5];
    if (term.type === "name") return [this.values.get(term.name) ?? this.symbol(term.name), 5];
    const { func, args: [first, second] } = term;
    if (func === "neg") return [`-${this.latex(first, 3)}`, 3];
    if (func === "truediv" && first.type === "call" && first.func === "mul") {
      const [factor, top] = first.args;
      return [this.product(this.latex(factor, 2), this.operator("truediv", top, second)[0]), 2];
    }
    if (func === "pow" && first.type === "call" && /^(sin|cos)$/.test(first.func)) { // not sin(x)^2, but sin^2(x)
      return [this.latex(first).replace("(", () => `^{${this.latex(second)}}(`), 5];
    }
    if (func === "full_like") return this.typeset(second); // it leaves no mark of its own
    if (TIGHTNESS.has(func)) return this.operator(func, first, second);
    return [this.fill(func, term.args.map((argument) => this.latex(argument, 0))), 5];
  }

  /** @param {string} func @param {Node} left @param {Node} right @returns {[string, number]} */
  operator(func, left, right) {
    const [tightness, ...atLeast] = /** @type {number[]} */ (TIGHTNESS.get(func));
    const sides = [left, right].map((side, i) => this.latex(side, atLeast[i]));
    if (func === "pow" && left.type !== "call" && sides[0].includes("^")) sides[0] = `(${sides[0]})`;
    return [func === "mul" ? this.product(sides[0], sides[1]) : this.fill(func, sides), tightness];
  }

  product(/** @type {string} */ left, /** @type {string} */ right) {
    return /^\d/.test(right) ? `${left} \\cdot ${right}` : this.fill("mul", [left, right]);
  }

  fill(/** @type {string} */ func, /** @type {string[]} */ parts) {
    const { vocabulary } = this.notation;
    if (!Object.hasOwn(vocabulary, func)) throw new RangeError(`${func} has no notation`);
    return filled(vocabulary[func].latex, parts);
  }
}

function upright(/** @type {string} */ name) {
  return `\\mathrm{${name.replaceAll("_", "\\_")}}`;
}

/** @returns {string[]} */
function namesIn(/** @type {Node} */ term) {
  return term.type === "name" ? [term.name] : term.type === "call" ? term.args.flatMap(namesIn) : [];
}

/** The lines of a rule; what it computes only when it returns it stands last, all at once.
 * @param {RuleText} parsed @param {Notation} notation @returns {TypesetLine[]} */
export function typesetRule({ states, settings, statements, last }, notation) {
  const timed = ["theta", ...states];
  const setter = new Typesetter(notation, Object.keys(settings), timed);
  const assigned = [...statements, ...last].flatMap(({ targets }) => targets);
  for (const name of timed) { // what is returned as it came is the same at every step
    if (states.length && !assigned.includes(name)) setter.values.set(name, setter.symbol(name));
  }
  return [
    ...statements.map((written) => ({ written, latex: setter.assignment(written) })),
    ...last.map((written) => ({ written, latex: setter.arrow(written.targets[0], written.value) })),
  ].flatMap(({ latex, written: { comment, code, line } }) => latex ? [{ latex, comment, code, line }] : []);
}

/** A height over its axes, as an equation.
 * @param {{ value: Node }} parsed @param {string[]} axes @param {Notation} notation */
export function typesetFormula(parsed, axes, notation) {
  const setter = new Typesetter(notation, axes, []);
  return `f(${axes.map((name) => setter.symbol(name)).join(", ")}) = ${setter.latex(parsed.value)}`;
}
