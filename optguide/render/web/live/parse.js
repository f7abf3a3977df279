// @ts-check
// Reads what a reader types, a rule or a formula, into the table that a browser runs. The grammar is that of
// optguide/language: assignments and one final return, Python's operators, the functions of the vocabulary.

import { Expressions } from "./expressions.js";
import { MOST_LINES } from "./program.js";
import { CHOICES, KEYWORDS, seen } from "./tokens.js";
import { Writer } from "./writer.js";

/** @typedef {import("./expressions.js").Node} Node */
/** @typedef {import("./expressions.js").Vocabulary} Vocabulary */
/** @typedef {import("./program.js").Table} Table */
/** @typedef {import("./tokens.js").Token} Token */
/** @typedef {import("./writer.js").Term} Term */
/** @typedef {{ targets: string[], value: Node, comment: string, code: string, line: number, reads: Map<string, Term>,
 *   result: Term }} Statement  what it reads (where a tuple is taken apart: its parts) and gives, as the table calls it */

/**
 * A rule: `def update(theta, grad, t, m, *, lr=0.1):` and its lines.
 * @param {string} text @param {Vocabulary} vocabulary
 */
export function parseRule(text, vocabulary) {
  return new Reader(text, vocabulary).rule();
}

/**
 * A formula of coordinates: `x**2 + 10*sin(y)`.
 * @param {string} text @param {string[]} axes @param {Vocabulary} vocabulary
 * @returns {{ value: Node, program: Table }}
 */
export function parseFormula(text, axes, vocabulary) {
  return new Reader(text, vocabulary).formula(axes);
}

class Reader extends Expressions {
  rule() {
    const begins = "a rule begins with def update(theta, grad, t, …, *, lr=0.001):";
    this.expect("def", begins);
    this.name();
    this.expect("(", begins);
    /** @type {string[]} */
    const inputs = [];
    /** @type {Map<string, number | boolean | number[]>} */
    const settings = new Map();
    let byName = false;
    while (!this.take(")")) {
      if (!byName && this.take("*")) {
        byName = true;
      } else {
        const name = this.name();
        if (inputs.includes(name) || settings.has(name)) this.fail(`two arguments are called ${name}`);
        if (byName) {
          this.expect("=", `${name} needs a default: ${name}=0.1`);
          settings.set(name, this.setting());
        } else {
          if (this.token.text === "=") this.fail(`${name} is a setting, so it must stand after '*'`);
          inputs.push(name);
        }
      }
      if (this.token.text !== ")") this.expect(",");
    }
    this.expect(":");
    if (inputs.slice(0, 3).join() !== "theta,grad,t") {
      this.fail("the arguments must begin with theta, grad, t; a rule in the browser asks for nothing but gradients");
    }
    this.end();
    const states = inputs.slice(3);
    const kept = ["theta", ...states];
    this.asks = ["grad"];
    this.writer = new Writer([...inputs, ...settings.keys()]);
    for (const name of [...kept, "t"]) this.values.set(name, name);
    for (const [name, value] of settings) {
      const parts = Array.isArray(value) ? value.map((_, i) => this.writer.write("getitem", name, i)) : name;
      this.values.set(name, parts);
    }
    if (this.token.kind === "text") {
      this.at += 1;
      this.end();
    }
    const column = this.column();
    const aligned = (token = this.token) => {
      if (!column || this.column(token) !== column) this.fail("all lines of a rule must be indented alike", token);
    };
    /** @type {Statement[]} */
    const statements = [];
    while (!this.take("return")) {
      if (this.at >= this.tokens.length - 1) this.fail(`the last line must return ${kept.join(", ")}`);
      aligned();
      statements.push(this.assignment());
    }
    aligned(this.tokens[this.at - 1]);
    const parts = [this.part("theta")];
    while (this.take(",") && this.token.kind !== "end") parts.push(this.part(kept[parts.length] ?? ""));
    if (parts.length !== kept.length) this.fail(`the last line must return ${kept.join(", ")}`);
    this.end();
    if (this.at < this.tokens.length - 1) this.fail("nothing can follow the return");
    const outputs = parts.map(({ result }) => result);
    const names = [...settings.keys()];
    return {
      inputs, asks: this.asks, states, settings: Object.fromEntries(settings), statements,
      returned: parts.map(({ value }) => value),
      /** what is computed only when it is returned */
      last: parts.filter(({ value, targets }) => value.type !== "name" || value.name !== targets[0]),
      /** @type {Table} */
      program: { inputs, settings: names, lines: this.writer.lines(outputs), outputs },
      /** every line, with those that are for nothing */
      lines: [...this.writer.known.values()],
    };
  }

  /** @param {string[]} axes @returns {{ value: Node, program: Table }} */
  formula(axes) {
    this.axes = axes;
    this.writer = new Writer(axes);
    for (const name of axes) this.values.set(name, name);
    const { value, result } = this.part("");
    if (this.token.text === "=") this.fail("a formula is one expression, without '='");
    this.end();
    if (this.at < this.tokens.length - 1) this.fail("a formula is one expression");
    const outputs = [result];
    return { value, program: { inputs: axes, settings: [], lines: this.writer.lines(outputs), outputs } };
  }

  /** A default: a number, a tuple of numbers, True or False. */
  setting() {
    if (this.take("True")) return true;
    if (this.take("False")) return false;
    if (!this.take("(")) return this.signed();
    const parts = [this.signed()];
    let tuple = false;
    while (!this.take(")")) {
      this.expect(",");
      tuple = true;
      if (this.token.text !== ")") parts.push(this.signed());
    }
    return tuple ? parts : parts[0];
  }

  signed() {
    const sign = this.take("-") ? -1 : 1;
    if (this.token.kind !== "number") {
      this.fail(`a default must be a number, a tuple of numbers, True or False, got ${seen(this.token)}`);
    }
    return sign * this.number();
  }

  /** `m = …`, or a hyperparameter taken apart. */
  assignment() {
    const first = this.token;
    if (KEYWORDS.has(first.text) && !CHOICES.includes(first.text)) {
      this.fail(`only assignments and one final return can stand here, got ${seen(first)}`);
    }
    if (CHOICES.includes(first.text)) this.unexpected();
    const targets = [this.name()];
    while (this.take(",")) targets.push(this.name());
    const { text } = this.token;
    if (/^[*/%+-]=$/.test(text)) this.fail(`'${text}' has no notation; write ${targets[0]} = ${targets[0]} ${text[0]} …`);
    this.expect("=", "only assignments and one final return can stand here: m = …");
    const value = this.token;
    const tuple = targets.length > 1 ? this.values.get(value.text) : [];
    if (targets.length > 1) {
      this.at += 1;
      if (!Array.isArray(tuple) || tuple.length !== targets.length || this.token.kind !== "end") {
        this.fail("only a tuple of the settings can be taken apart, into as many names as it has parts", value);
      }
      this.end();
      this.reads = new Map(targets.map((target, i) => [target, tuple[i]]));
      this.reads.forEach((part, target) => this.values.set(target, part));
      return this.statement(first, targets, { type: "name", name: value.text }, tuple[0]);
    }
    const statement = this.part(targets[0], first);
    if (this.token.text === "=") this.fail("one name is assigned in a line");
    this.end();
    this.values.set(targets[0], statement.result);
    return statement;
  }

  /** An expression, and what it is for. */
  part(/** @type {string} */ target, first = this.token) {
    this.reads = new Map();
    this.width = 0;
    const value = this.expression();
    const result = this.term(value);
    if (this.writer.known.size > MOST_LINES) this.fail(`a rule has at most ${MOST_LINES} operations`, first);
    return this.statement(first, [target], value, result);
  }

  /** @param {Token} first @param {string[]} targets @param {Node} value @param {Term} result @returns {Statement} */
  statement(first, targets, value, result) {
    const last = this.tokens[this.at - 1].kind === "end" ? this.tokens[this.at - 2] : this.tokens[this.at - 1];
    let line = last.line;
    while (line > first.line && !this.comments.has(line)) line -= 1;
    const code = this.text.slice(first.start, last.end);
    return { targets, value, comment: this.comments.get(line) ?? "", code, line: first.line, reads: this.reads, result };
  }
}
