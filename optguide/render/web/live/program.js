// @ts-check
// Runs a program, a table of lines, on many descents at once. Nothing is compiled from text.

import { OPERATIONS } from "./operations.js";

/** @typedef {string | number | [string]} Value  a name, a number, or one that JSON cannot write */
/** @typedef {[string, string, ...Value[]]} Line  name, function, arguments */
/** @typedef {{ inputs: string[], settings: string[], lines: Line[], outputs: Value[] }} Table */
/** @typedef {(point: Float64Array) => Float64Array} Answer  what a question is answered with */

/** The most lines of a program, and the most numbers in a line. */
export const MOST_LINES = 2000;

/** An argument or a line: its numbers, one for all descents or one for each of them; fixed if no run changes them. */
class Slot {
  constructor(/** @type {Float64Array} */ values, /** @type {boolean} */ many, fixed = false) {
    this.values = values;
    this.stride = many ? 1 : 0;
    this.fixed = fixed;
  }
}

/** Copies numbers. For the few of a single descent a call of `set` takes longer than a loop.
 * @param {Float64Array} target @param {Float64Array} from */
export function fill(target, from) {
  if (from.length > 32) target.set(from);
  else for (let n = 0; n < from.length; n++) target[n] = from[n];
}

export class Program {
  /**
   * @param {Table} table
   * @param {number} count  how many numbers an input holds
   * @param {{ many: string[], settings?: Record<string, number | Float64Array | (number | Float64Array)[]>,
   *   answers?: Record<string, Answer> }} options  which inputs hold so many; the others are one number for all
   */
  constructor(table, count, { many, settings = {}, answers = {} }) {
    if (table.lines.length > MOST_LINES) throw new RangeError(`a program has at most ${MOST_LINES} lines`);
    this.count = count;
    /** @type {Map<string, Slot>} */
    this.slots = new Map();
    for (const name of table.inputs) {
      if (!(name in answers)) this.slots.set(name, new Slot(new Float64Array(many.includes(name) ? count : 1), many.includes(name)));
    }
    /** @type {{ operation: import("./operations.js").Operation, out: Float64Array, a: Slot, b: Slot, c: Slot }[]} */
    this.work = [];
    for (const line of table.lines) this.add(line, settings, answers);
    this.outputs = table.outputs.map((value) => this.slot(value, settings));
  }

  /** Where the numbers of an input go before a run. */
  input(/** @type {string} */ name) {
    const slot = this.slots.get(name);
    if (!slot) throw new RangeError(`the program has no input ${name}`);
    return slot.values;
  }

  run() {
    for (const { operation, out, a, b, c } of this.work) {
      operation(out, a.values, a.stride, b.values, b.stride, c.values, c.stride);
    }
  }

  /** Copies an output to where it is kept. */
  output(/** @type {number} */ index, /** @type {Float64Array} */ target) {
    const { values, stride } = this.outputs[index];
    if (stride) fill(target, values);
    else target.fill(values[0]);
  }

  /** @param {Line} line @param {Record<string, any>} settings @param {Record<string, Answer>} answers */
  add([name, func, ...values], settings, answers) {
    if (func === "getitem") { // of a setting that is a tuple
      const part = settings[String(values[0])][Number(values[1])];
      this.slots.set(name, this.constant(part));
      return;
    }
    const [a, b = a, c = a] = values.map((value) => this.slot(value, settings));
    const answer = Object.hasOwn(answers, func) ? answers[func] : null;
    const operation = answer ? asking(answer) : OPERATIONS[func];
    if (!operation) throw new RangeError(`the browser knows no function ${func}`);
    const many = answer !== null || (func === "full_like" ? a.stride : a.stride + b.stride + c.stride) > 0;
    const fixed = !answer && (func === "full_like" ? b.fixed : a.fixed && b.fixed && c.fixed);
    const out = new Slot(new Float64Array(many ? this.count : 1), many, fixed);
    this.slots.set(name, out);
    if (fixed) operation(out.values, a.values, a.stride, b.values, b.stride, c.values, c.stride);
    else this.work.push({ operation, out: out.values, a, b, c });
  }

  /** What a name or a number stands for. @param {Value} value @param {Record<string, any>} settings */
  slot(value, settings) {
    if (typeof value === "string") {
      const known = this.slots.get(value);
      if (known) return known;
      if (!Object.hasOwn(settings, value)) throw new RangeError(`the program uses ${value} before it is known`);
      return this.constant(settings[value]);
    }
    return this.constant(typeof value === "number" ? value : Number(value[0].replace("inf", "Infinity")));
  }

  /** @param {number | boolean | Float64Array} value  one for all descents, or one for each number of an input */
  constant(value) {
    if (typeof value !== "object") return new Slot(Float64Array.of(Number(value)), false, true);
    if (value.length !== this.count) throw new RangeError(`a setting has ${value.length} values for ${this.count}`);
    return new Slot(value, true, true);
  }
}

/** A question as an operation. @param {Answer} answer @returns {import("./operations.js").Operation} */
function asking(answer) {
  return (out, a, i) => fill(out, answer(i ? a : new Float64Array(out.length).fill(a[0])));
}
