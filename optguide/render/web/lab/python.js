// @ts-check
// A scene as the lines of Python that make the same race. Only what the grammar knows becomes code.

import { parseFormula, parseRule } from "../live/parse.js";

/** @typedef {import("./hash.js").Listed} Listed */
/** @typedef {import("./hash.js").Scene} Scene */
/** @typedef {import("./hash.js").SceneRun} SceneRun */
/** @typedef {import("../live/expressions.js").Node} Expression */

/** Functions of torch that take no plain numbers. */
const OF_TENSORS = ["exp", "log", "sin", "cos", "sign", "atan2", "maximum", "minimum"];
/** Functions that are found elsewhere than in torch; abs is Python's own. */
const HOMES = new Map([["sqrt", "optguide.language"], ["where", "optguide.language"], ["pi", "math"], ["e", "math"], ["abs", ""]]);

/** A number in Python. One too long for an int is a float there as well. @param {number} x */
const pythonNumber = (x) => (Object.is(x, -0) ? "-0.0" : Math.abs(x) >= 1e15 ? x.toExponential() : String(x));

/** @param {unknown} value @returns {string} */
function pythonValue(value) {
  if (typeof value === "boolean") return value ? "True" : "False";
  if (!Array.isArray(value)) return pythonNumber(Number(value));
  return `(${value.map(pythonValue).join(", ")}${value.length === 1 ? "," : ""})`;
}

/** @param {Record<string, unknown>} values */
const keywords = (values) => Object.entries(values).map(([name, value]) => `${name}=${pythonValue(value)}`).join(", ");

/** A text that a tokenizer of Python splits into lines as ours does. @param {string} text */
const pythonText = (text) => text.replace(/[\t\f]/g, " ").replaceAll("\r\n", "\n");

/** What stands before a race: imports and definitions. */
class Preamble {
  /** @param {Listed["vocabulary"]} vocabulary */
  constructor(vocabulary) {
    this.vocabulary = vocabulary;
    /** @type {Map<string, Set<string>>} names by module */
    this.imports = new Map();
    /** @type {Set<string>} functions that are given numbers where torch's take tensors */
    this.bare = new Set();
    /** @type {string[]} */
    this.definitions = [];
    /** @type {Set<string>} names of ours that hold numbers */
    this.numbers = new Set();
    /** @type {Set<string>} names that are defined */
    this.known = new Set();
  }

  /** @param {string} name */
  uses(name) {
    const home = HOMES.get(name) ?? "torch";
    this.imports.set(home, (this.imports.get(home) ?? new Set()).add(name));
  }

  /** Notes what an expression calls; returns whether it is a number and no tensor. @param {Expression} node @returns {boolean} */
  read(node) {
    if (node.type === "number") return true;
    if (node.type === "name") {
      if (this.known.has(node.name)) return this.numbers.has(node.name);
      this.uses(node.name); // pi, e
      return true;
    }
    const { func, args } = node;
    const plain = args.map((arg) => this.read(arg));
    if (func === "grad") return false;
    if (this.vocabulary[func].python.startsWith(`${func}(`)) this.uses(func);
    const odd = func === "clamp" ? plain[0] || plain[1] !== plain[2] : OF_TENSORS.includes(func) && plain.some(Boolean);
    if (odd) this.bare.add(func);
    return plain.every(Boolean);
  }

  /** @param {string} formula @param {string[]} axes @param {number[][]} box */
  landscape(formula, axes, box) {
    const { value } = parseFormula(formula, axes, this.vocabulary);
    this.known = new Set(axes);
    this.numbers.clear();
    this.read(value);
    const text = pythonText(formula).trim().replace(/\b(torch|math)\.(\w+\.)*/g, "");
    const result = /[\n#]/.test(text) ? `(\n        ${text.replaceAll("\n", "\n        ")}\n    )` : text;
    this.definitions.push(
      `@og.surface(box=${pythonValue(box)})\ndef landscape(${axes.join(", ")}):\n    return ${result}\n`,
    );
  }

  /** A rule as a class. @param {string} name @param {string} code @param {Record<string, unknown>} states what they hold at first
   * @param {string} answer */
  rule(name, code, states, answer) {
    const rule = parseRule(code, this.vocabulary);
    const settings = Object.keys(rule.settings);
    this.known = new Set([...rule.inputs, ...settings]);
    this.numbers = new Set(["t", ...settings]);
    for (const { targets, value } of rule.statements) {
      const plain = targets.length > 1 || this.read(value);
      for (const target of targets) {
        this.known.add(target);
        if (plain) this.numbers.add(target);
        else this.numbers.delete(target);
      }
    }
    for (const value of rule.returned) this.read(value);
    const begin = Object.entries(states).filter(([state, value]) => value !== 0 && rule.states.includes(state));
    const init = begin.map(([state, value]) => `"${state}": ${typeof value === "string" ? `"${value}"` : pythonValue(value)}`);
    const text = pythonText(code);
    const body = text.slice(text.search(/^ *def\b/m)).trim().replace(/^def\s+[^\s(]+/, "def update").replace(/\b(torch|math)\.(\w+\.)*/g, "");
    this.definitions.push([
      `class ${name}(og.Optimizer):`,
      ...(init.length ? [`    init = {${init.join(", ")}}`, ""] : []),
      ...(rule.states.includes(answer) ? [`    answer = "${answer}"`, ""] : []),
      "    @staticmethod",
      ...body.split("\n").map((line) => (line.trim() ? `    ${line.trimEnd()}` : "")),
      "",
    ].join("\n"));
  }

  get text() {
    const bare = [...this.bare];
    for (const name of bare) this.imports.get("torch")?.delete(name);
    const lines = ["import optguide as og", ...(bare.length ? ["import torch"] : [])];
    for (const [home, names] of [...this.imports].sort()) {
      if (home && names.size) lines.push(`from ${home} import ${[...names].sort().join(", ")}`);
    }
    const helpers = bare.map((name) => [
      `def ${name}(*numbers):  # torch's, which takes tensors alone`,
      `    return torch.${name}(*(torch.as_tensor(x, dtype=torch.float64) for x in numbers))\n`,
    ].join("\n"));
    return `${lines.join("\n")}\n${[...helpers, ...this.definitions].map((part) => `\n\n${part}`).join("")}`;
  }
}

/**
 * The lines of Python that make the race of a scene, with `race` for its result.
 * @param {Scene} scene
 * @param {Listed} catalogue
 */
export function asPython(scene, { rules, surfaces, vocabulary }) {
  const preamble = new Preamble(vocabulary);
  const listed = surfaces[scene.surface];
  const formula = scene.formula ?? (listed.own ? listed.formula ?? null : null);
  let land = "landscape";
  if (formula !== null) {
    const box = (scene.formula == null ? null : scene.box) ?? listed.box;
    preamble.landscape(formula, scene.formula == null ? listed.axes : ["x", "y"].slice(0, box.length), box);
  } else {
    if (listed.own) throw new Error(`${scene.surface} is a landscape of your own, whose formula is not at hand`);
    const changed = keywords(scene.parameters);
    land = `og.surfaces.${scene.surface}${changed && `.replace(${changed})`}`;
  }
  /** @type {Map<string, string>} classes by what they are made of */
  const classes = new Map();
  /** @param {SceneRun} run */
  const optimizer = ({ rule, code }) => {
    const base = Object.hasOwn(rules, rule) ? rules[rule] : null;
    const text = code ?? (base?.own ? base.source : null);
    if (base?.own && !text) throw new Error(`${rule} is a rule of your own, whose source is not at hand`);
    if (!text) return `og.${rule}`;
    const key = JSON.stringify([rule, text]);
    const name = base && !base.own ? `Edited${rule}` : rule;
    const taken = [...classes.values()];
    let free = name;
    for (let i = 2; taken.includes(free); i++) free = `${name}${i}`;
    if (!classes.has(key)) {
      classes.set(key, free);
      preamble.rule(free, text, base?.states ?? {}, base?.answer ?? "theta");
    }
    return classes.get(key);
  };
  const runners = scene.runs.map((run) => {
    const settings = keywords(run.settings);
    return `${JSON.stringify(run.name)}: ${optimizer(run)}${settings && `.at(${settings})`}`;
  });
  const lines = [
    "race = og.race(",
    ...(runners.length > 1 ? ["    {", ...runners.map((runner) => `        ${runner},`), "    },"] : [`    {${runners[0] ?? ""}},`]),
    `    ${land},`,
    `    start=${pythonValue(scene.start)},`,
    `    steps=${scene.steps},`,
    ...(scene.noise ? [`    noise=${pythonNumber(scene.noise)},`, `    seed=${scene.seed},`] : []),
    ")",
  ];
  return `${preamble.text}\n${preamble.definitions.length ? "\n" : ""}${lines.join("\n")}\n`;
}
