// @ts-check
// Reads expressions in Python's notation: operators as tightly as they hold there, functions, methods, numbers, names.

import { OPERATIONS } from "./operations.js";
import { CHOICES, KEYWORDS, LITERALS, Tokens } from "./tokens.js";
import { Writer } from "./writer.js";

/** @typedef {import("./writer.js").Term} Term */
/** @typedef {import("./tokens.js").Token} Token */
/** @typedef {{ type: "number", value: number, text: string } | { type: "name", name: string } |
 *   { type: "call", func: string, args: Node[] }} Node  operators are calls by the names of the vocabulary */
/** @typedef {Record<string, { arity: number, python: string, slopes: string[] }>} Vocabulary */

const DEEPEST = 50; // parentheses in parentheses
const WIDEST = 300; // operations of one expression

/** What operators are called, from the loosest to the tightest. */
const OPERATORS = ["< lt <= le > gt >= ge == eq", "+ add - sub", "* mul / truediv % mod"].map(
  (level) => new Map([...level.matchAll(/(\S+) (\S+)/g)].map(([, sign, func]) => [sign, func])));
const CONSTANTS = new Map([["pi", Math.PI], ["e", Math.E]]);
const MODULES = ["torch", "math"];

export class Expressions extends Tokens {
  /** @param {string} text @param {Vocabulary} vocabulary */
  constructor(text, vocabulary) {
    super(text);
    this.vocabulary = vocabulary;
    /** @type {string[]} */
    this.asks = [];
    /** @type {string[]} the names that a formula may use */
    this.axes = [];
    /** @type {Map<string, Term | Term[]>} what stands for each name that has a value by now */
    this.values = new Map();
    /** @type {Map<string, Term>} names that an expression reads */
    this.reads = new Map();
    this.writer = new Writer([]);
    this.depth = 0;
    this.width = 0;
  }

  /** The name of the line that computes this, or a number. @param {Node} node @returns {Term} */
  term(node) {
    if (node.type === "number") return node.value;
    if (node.type === "name") return /** @type {Term} */ (this.values.get(node.name) ?? CONSTANTS.get(node.name));
    return this.writer.write(node.func, ...node.args.map((arg) => this.term(arg)));
  }

  /** @returns {Node} */
  expression(level = 0) {
    if (level === OPERATORS.length) return this.signedPower();
    let node = this.expression(level + 1);
    let func;
    while ((func = OPERATORS[level].get(this.token.text))) {
      const token = this.token;
      this.at += 1;
      node = this.call(func, [node, this.expression(level + 1)], token);
      if (level === 0 && OPERATORS[0].has(this.token.text)) this.fail("a comparison has two sides");
    }
    return node;
  }

  /** What a minus binds: `-x**2` is `-(x**2)`, and `x**-y**2` is `x**(-(y**2))`. @returns {Node} */
  signedPower() {
    const token = this.token;
    this.depth += 1;
    if (this.depth > DEEPEST) this.fail(`at most ${DEEPEST} parentheses, signs and powers can be in each other`);
    let node;
    if (this.take("-")) {
      node = this.call("neg", [this.signedPower()], token);
    } else {
      node = this.primary();
      if (this.take("**")) node = this.call("pow", [node, this.signedPower()], token);
    }
    this.depth -= 1;
    return node;
  }

  /** A number, a name, a call or what stands in parentheses, and the methods that are called of it. @returns {Node} */
  primary() {
    const token = this.token;
    const { kind, text } = token;
    /** @type {Node} */
    let node;
    if (kind === "number") node = { type: "number", value: this.number(), text };
    else if (kind === "name") node = this.named();
    else if (this.take("(")) {
      node = this.expression();
      this.expect(")");
    } else this.unexpected();
    while (this.take(".")) {
      const method = this.token.text;
      this.at += 1;
      if (this.token.text !== "(") this.fail(`.${method} has no notation`);
      node = this.call(method, [node, ...this.args(method)], token);
    }
    if (this.token.text === "[") this.unexpected();
    return node;
  }

  /** @returns {Node} */
  named() {
    const token = this.token;
    let { text } = token;
    if (LITERALS.includes(text)) this.fail(`'${text}' is not a number`);
    if (KEYWORDS.has(text)) CHOICES.includes(text) ? this.unexpected() : this.fail(`'${text}' has no notation`);
    this.at += 1;
    const module = MODULES.includes(text) && !this.values.has(text);
    if (module) {
      while (this.take(".")) {
        text = this.token.text;
        this.at += 1;
      }
    }
    if (this.token.text === "(") {
      if (!module && this.values.has(text)) this.fail(`'${text}' has a value here, and is no function`, token);
      return this.call(text, this.args(text), token);
    }
    const value = this.values.get(text);
    if (Array.isArray(value)) this.fail(`'${text}' is a tuple; take it apart first: one, two = ${text}`, token);
    if (module && (value !== undefined || !CONSTANTS.has(text))) this.fail(`${token.text}.${text} has no notation`, token);
    const term = value ?? CONSTANTS.get(text);
    if (term === undefined) this.unknown(text, token);
    this.reads.set(text, term);
    return { type: "name", name: text };
  }

  /** @param {string} text @param {Token} token @returns {never} */
  unknown(text, token) {
    const { axes } = this;
    const say = axes.length ? `unknown name '${text}'; known are ${[...axes, ...CONSTANTS.keys()].join(", ")}` :
      this.asks.includes(text) ? `'${text}' is asked for at a point: ${text}(theta)` :
      `'${text}' is read before it has a value`;
    this.fail(say, token);
  }

  /** The arguments of a call. */
  args(/** @type {string} */ func) {
    this.expect("(");
    /** @type {Node[]} */
    const found = [];
    while (!this.take(")")) {
      found.push(this.expression());
      if (this.token.text === "=") this.fail(`${func} must have its arguments by position`);
      if (this.token.text !== ")") this.expect(",");
    }
    return found;
  }

  /** @param {string} func @param {Node[]} args @param {Token} token @returns {Node} */
  call(func, args, token) {
    const asked = this.asks.includes(func);
    const known = (/** @type {string} */ name) => name in OPERATIONS && Object.hasOwn(this.vocabulary, name);
    if (!asked && !known(func)) {
      const written = (/** @type {string} */ name) => this.vocabulary[name].python.startsWith(`${name}(`);
      const all = Object.keys(this.vocabulary).filter((name) => known(name) && written(name));
      this.fail(`unknown function '${func.slice(0, 30)}'; known are ${[...this.asks, ...all].sort().join(", ")}`, token);
    }
    const { arity } = asked ? { arity: 1 } : this.vocabulary[func];
    if (args.length !== arity) {
      this.fail(`${func} must have ${arity} argument${arity === 1 ? "" : "s"}, got ${args.length}`, token);
    }
    this.width += 1;
    if (this.width > WIDEST) this.fail(`at most ${WIDEST} operations can stand in a line; give a part a name`, token);
    return { type: "call", func, args };
  }
}
