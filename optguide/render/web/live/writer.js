// @ts-check
// Writes a program line by line, as optguide/language/trace.py does: nothing is computed twice.

import { OPERATIONS } from "./operations.js";

/** @typedef {import("./program.js").Line} Line */
/** @typedef {string | number} Term  the name of an input or of a line, or a number */

/** Collects the lines of a program. Nothing is computed twice, and numbers alone are computed at once. */
export class Writer {
  /** @param {Iterable<string>} names @param {Line[]} lines  those that are there already */
  constructor(names, lines = []) {
    this.prefix = "t";
    const all = [...names];
    while (all.some((name) => name.startsWith(this.prefix) && /^\d+$/.test(name.slice(this.prefix.length)))) {
      this.prefix += "_";
    }
    /** @type {Map<string, Line>} */
    this.known = new Map(lines.map((line) => [this.key(line[1], line.slice(2)), line]));
  }

  /** @param {string} func @param {any[]} args */
  key(func, args) {
    const asked = func in OPERATIONS ? "" : this.known.size; // a question is asked as often as the rule asks it
    return JSON.stringify([func, asked, ...args.map((arg) => (Object.is(arg, -0) ? ["-0"] : arg))]);
  }

  /** The name of the line that computes this, or the number. @param {string} func @param {Term[]} args @returns {Term} */
  write(func, ...args) {
    if (func === "where" && typeof args[0] === "number") return args[args[0] ? 1 : 2];
    if (func in OPERATIONS && args.every((arg) => typeof arg === "number")) {
      const number = computed(func, /** @type {number[]} */ (args));
      if (Number.isFinite(number)) return number;
    }
    const key = this.key(func, args);
    if (!this.known.has(key)) this.known.set(key, [this.prefix + this.known.size, func, ...args]);
    return /** @type {Line} */ (this.known.get(key))[0];
  }

  /** The lines on which the outputs depend, in order. @param {any[]} outputs */
  lines(outputs) {
    const needed = new Set(outputs);
    return [...this.known.values()].reverse().filter(([name, , ...args]) => {
      if (needed.has(name)) args.forEach((arg) => needed.add(arg));
      return needed.has(name);
    }).reverse();
  }
}

/** What a function gives for numbers. @param {string} func @param {number[]} args */
function computed(func, args) {
  if (func === "pow") return args[0] ** args[1]; // as Python takes it; torch makes products of some
  const out = new Float64Array(1);
  const [a, b, c] = args.map((arg) => Float64Array.of(arg));
  OPERATIONS[func](out, a, 0, b, 0, c, 0);
  return out[0];
}
