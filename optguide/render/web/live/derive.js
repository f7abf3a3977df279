// @ts-check
// Settles the settings of a program, and writes derivatives by the chain rule as optguide/language/derivative.py does.

import { parseFormula } from "./parse.js";
import { GrammarError } from "./tokens.js";
import { Writer } from "./writer.js";

/** @typedef {import("./program.js").Table} Table */
/** @typedef {import("./program.js").Line} Line */
/** @typedef {import("./expressions.js").Node} Node */
/** @typedef {import("./expressions.js").Vocabulary} Vocabulary */
/** @typedef {import("./writer.js").Term} Term */
/** @typedef {{ number: number, line: string | null }} Product  a number times a line */

/**
 * The same program with numbers for settings; what is made of numbers alone is computed once, now.
 * @param {Table} table @param {Record<string, number | boolean | number[]>} values @returns {Table}
 */
export function bound(table, values) {
  const settings = table.settings.filter((name) => !Object.hasOwn(values, name));
  const writer = new Writer([...table.inputs, ...settings]);
  /** @type {Map<any, any>} */
  const known = new Map(Object.entries(values).map(([name, value]) => [name, Array.isArray(value) ? value : Number(value)]));
  const term = (/** @type {any} */ value) => known.get(value) ?? value;
  for (const [name, func, ...args] of table.lines) {
    const parts = func === "getitem" && known.get(args[0]);
    known.set(name, parts ? parts[Number(args[1])] : writer.write(func, ...args.map(term)));
  }
  const outputs = table.outputs.map(term);
  return { inputs: table.inputs, settings, lines: writer.lines(outputs), outputs };
}

/**
 * A program that returns a height, and after it the derivative in every input.
 * @param {Table} table @param {Vocabulary} vocabulary @returns {Table}
 */
export function withSlopes(table, vocabulary) {
  const slopes = new Slopes(table, vocabulary);
  const [height] = /** @type {Term[]} */ (table.outputs);
  slopes.walk(table.lines, height);
  const outputs = [height, ...table.inputs.map((name) => slopes.output(name, height))];
  return { ...table, lines: slopes.writer.lines(outputs), outputs };
}

/** How much the height gains from every line and every input. */
class Slopes {
  /** @param {Table} table @param {Vocabulary} vocabulary */
  constructor(table, vocabulary) {
    this.vocabulary = vocabulary;
    this.writer = new Writer([...table.inputs, ...table.settings], table.lines);
    /** @type {Map<any, Product>} */
    this.gains = new Map();
    /** @type {Map<string, Node>} */
    this.read = new Map();
  }

  /** @param {Line[]} lines @param {Term} height */
  walk(lines, height) {
    this.gains.set(height, { number: 1, line: null });
    for (const line of [...lines].reverse()) {
      const gain = this.gains.get(line[0]);
      if (gain?.number) this.pass(line, gain);
    }
  }

  /** Adds to what each argument of a line gains. @param {Line} line @param {Product} gain */
  pass([name, func, ...args], gain) {
    const known = Object.hasOwn(this.vocabulary, func) ? this.vocabulary[func].slopes : [];
    /** @type {Map<string, any>} */
    const letters = new Map([["r", name], ...args.map((arg, i) => /** @type {[string, any]} */ (["abc"[i], arg]))]);
    args.forEach((arg, i) => {
      if (typeof arg !== "string") return;
      if (i >= known.length) throw new GrammarError(`the derivative of ${func} in argument ${i + 1} is not known`);
      const slope = this.evaluate(this.parsed(known[i]), letters);
      if (slope.line && !slope.number) throw new GrammarError("the derivative of a power of 0 would divide by the term");
      const share = this.times(gain, slope);
      const before = this.gains.get(arg);
      this.gains.set(arg, before ? this.plus(before, share) : share);
    });
  }

  /** What an input gains, shaped like the height. @param {string} name @param {Term} height */
  output(name, height) {
    const gain = this.value(this.gains.get(name) ?? { number: 0, line: null });
    return typeof gain === "string" ? gain : this.writer.write("full_like", height, gain);
  }

  /** A derivative as the vocabulary writes it. @param {Node} node @param {Map<string, any>} letters @returns {Product} */
  evaluate(node, letters) {
    if (node.type === "number") return { number: node.value, line: null };
    if (node.type === "name") return product(letters.get(node.name));
    const parts = node.args.map((arg) => this.evaluate(arg, letters));
    if (node.func === "mul") return this.times(parts[0], parts[1]);
    if (node.func === "neg") return this.times({ number: -1, line: null }, parts[0]);
    const args = parts.map((part) => this.value(part));
    if (node.func === "pow" && args[1] === 1 && parts[0].line) return { number: 1, line: parts[0].line };
    return product(this.writer.write(node.func, ...args));
  }

  parsed(/** @type {string} */ slope) {
    const known = this.read.get(slope) ?? parseFormula(slope, [..."abcr"], this.vocabulary).value;
    this.read.set(slope, known);
    return known;
  }

  /** @param {Product} product @returns {Term} */
  value({ number, line }) {
    return line === null ? number : number === 1 ? line : this.writer.write("mul", number, line);
  }

  /** @param {Product} one @param {Product} other @returns {Product} */
  times(one, other) {
    const line = one.line && other.line ? String(this.writer.write("mul", one.line, other.line)) : one.line ?? other.line;
    return { number: one.number * other.number, line };
  }

  /** @param {Product} one @param {Product} other @returns {Product} */
  plus(one, other) {
    return product(this.writer.write("add", this.value(one), this.value(other)));
  }
}

/** A number or a line as a product. @param {Term} term @returns {Product} */
function product(term) {
  return typeof term === "string" ? { number: 1, line: term } : { number: term, line: null };
}
