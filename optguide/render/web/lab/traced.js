// @ts-check
// One step of a rule in numbers: every statement with the values that it read, and what it gave.

import { Field } from "../live/descent.js";
import { Program } from "../live/program.js";
import { digits } from "../words.js";

/** @typedef {ReturnType<typeof import("../live/parse.js").parseRule>} Parsed */
/** @typedef {import("../live/parse.js").Statement} Statement */
/** @typedef {import("../live/parse.js").Node} Node */
/** @typedef {{ theta: Float64Array, grad: Float64Array, states: { name: string, values: Float64Array }[] }} Recorded
 *   step after step, coordinate after coordinate */

/** What stands between two sides, how tightly it holds, and how tightly its sides must. @type {Map<string, [string, number, number, number]>} */
const BETWEEN = new Map([
  ["lt", ["<", 0, 1, 1]], ["le", ["≤", 0, 1, 1]], ["gt", [">", 0, 1, 1]], ["ge", ["≥", 0, 1, 1]], ["eq", ["=", 0, 1, 1]],
  ["add", ["+", 1, 1, 3]], ["sub", ["−", 1, 1, 3]], ["mul", ["·", 3, 2, 4]], ["truediv", ["/", 3, 2, 4]], ["mod", ["mod", 3, 2, 4]]]);
const SIGNED = 2;
const POWER = 4;
const WHOLE = 5;
const RAISED = new Map([..."−0123456789"].map((sign, i) => [sign, "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"[i]]));

/** A number, and how tightly it holds together: a minus needs parentheses after another sign.
 * @param {string} text @returns {[string, number]} */
const whole = (text) => [text, text.startsWith("−") ? SIGNED : WHOLE];

export class TracedStep {
  /** @param {Parsed} rule @param {Record<string, any>} settings @param {import("../live/descent.js").Surface} surface
   * @param {string} answer  the state that is the result, if it is not theta */
  constructor(rule, settings, surface, answer = "theta") {
    const { inputs, states, lines } = rule;
    this.dim = surface.dim;
    this.kept = rule.states.includes(answer) ? answer : "theta";
    this.field = new Field(surface, 1);
    this.asks = new Set(rule.asks);
    this.asked = 0;
    /** @type {Float64Array} */
    this.received = new Float64Array(this.dim);
    /** @type {Float64Array} */
    this.noise = new Float64Array(this.dim);
    const all = { ...rule.settings, ...settings };
    const terms = [...rule.statements, ...rule.last].flatMap(({ reads, result }) => [...reads.values(), result]);
    const outputs = [...new Set(terms)].filter((term) => typeof term === "string" && typeof all[term] !== "object");
    /** The values of a line or of an input, for all coordinates. @type {Map<import("../live/parse.js").Term, Float64Array>} */
    this.values = new Map(outputs.map((term) => [term, new Float64Array(this.dim)]));
    this.program = new Program({ inputs, settings: Object.keys(all), lines, outputs }, this.dim, {
      many: ["theta", ...states], settings: all, answers: { grad: (point) => this.answer(point) },
    });
  }

  /** Takes the step again that led to a point of the record. @param {Recorded} found @param {number} step */
  take({ theta, grad, states }, step) {
    const { program, dim } = this;
    const [from, to] = [(step - 1) * dim, step * dim];
    this.asked = 0;
    this.received = grad.subarray(from, to);
    program.input("t")[0] = step;
    for (const { name, values } of [{ name: "theta", values: theta }, ...states]) {
      // Where the answer is a state, the record of either stands for the other.
      const input = name === "theta" ? this.kept : name === this.kept ? "theta" : name;
      program.input(input).set(values.subarray(from, to));
    }
    program.run();
    [...this.values.values()].forEach((values, i) => program.output(i, values));
  }

  /** The gradient that the rule received; the noise of a step is the same at every point that it asks about. */
  answer(/** @type {Float64Array} */ point) {
    const found = this.field.look(point);
    if (!this.asked++) {
      this.noise = this.received.map((value, i) => value - found[i]);
      return this.received;
    }
    return found.map((value, i) => value + this.noise[i]);
  }

  /** A statement in numbers: `m = 0.9 · 0.31 + 0.1 · (−1.2) = 0.159`. @param {Statement} statement @param {number} j */
  words({ targets, value, reads, result }, j) {
    const of = (/** @type {import("../live/parse.js").Term} */ term, i = j) =>
      typeof term === "number" ? term : this.values.get(term)?.[i] ?? NaN;
    const numbers = (/** @type {string} */ name, i = j) => digits(of(reads.get(name) ?? NaN, i));
    const parts = targets.length > 1 ? [targets.map((name) => numbers(name)).join(", ")]
      : [this.written(value, numbers)[0], digits(of(result))];
    return [targets.join(", "), ...new Set(parts)].join(" = ");
  }

  /** An expression with numbers for names. @param {Node} node @param {(name: string, i?: number) => string} numbers
   * @returns {[string, number]} */
  written(node, numbers) {
    const within = (/** @type {Node} */ part, atLeast = 0) => {
      const [text, tightness] = this.written(part, numbers);
      return tightness < atLeast ? `(${text})` : text;
    };
    if (node.type === "number") return whole(digits(node.value));
    if (node.type === "name") return whole(numbers(node.name));
    const { func, args } = node;
    const between = BETWEEN.get(func);
    if (between) {
      const [sign, tightness, left, right] = between;
      return [`${within(args[0], left)} ${sign} ${within(args[1], right)}`, tightness];
    }
    if (func === "neg") return [`−${within(args[0], 3)}`, SIGNED];
    if (func === "pow") {
      const exponent = within(args[1]);
      const raised = /^−?\d+$/.test(exponent) ? [...exponent].map((sign) => RAISED.get(sign)).join("") : `^${within(args[1], WHOLE)}`;
      return [within(args[0], WHOLE) + raised, POWER];
    }
    if (func === "sqrt") return [`√${within(args[0], WHOLE)}`, WHOLE];
    if (func === "abs") return [`|${within(args[0])}|`, WHOLE];
    const [point] = args;
    const place = this.asks.has(func) && point.type === "name"
      && Array.from({ length: this.dim }, (_, i) => numbers(point.name, i)).join(", ");
    return [`${func}(${place || args.map((arg) => within(arg)).join(", ")})`, WHOLE];
  }
}
