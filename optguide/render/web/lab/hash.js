// @ts-check
// A scene as the text behind the # of a link, and back. What cannot be read is refused in words. docs/lab-links.md
// is the contract.

import { parseFormula, parseRule } from "../live/parse.js";

/** @typedef {number | boolean | number[]} Setting */
/** @typedef {{ low: number | null, high: number | null, includes_low?: boolean, includes_high?: boolean, range: string,
 *   integer?: boolean, increasing?: boolean }} Range */
/** @typedef {{ settings: Record<string, Setting>, states: Record<string, number | string>, answer: string,
 *   hyperparameters: Record<string, Range>, source: string | null, own?: boolean }} ListedRule
 *   own: the reader's, not of the package */
/** @typedef {{ parameters: Record<string, number>, box: [number, number][], starts: number[][], dim: number, axes: string[],
 *   formula?: string | null, own?: boolean }} ListedSurface */
/** @typedef {{ rules: Record<string, ListedRule>, surfaces: Record<string, ListedSurface>,
 *   vocabulary: import("../live/expressions.js").Vocabulary }} Listed  what is read here of the catalogue */
/** @typedef {import("../live/scene.js").Runner} SceneRun */
/** @typedef {import("../live/scene.js").Scene} Scene */

/** What a teacher can hide, by name. */
export const CONTROLS = ["start", "knobs", "rules", "landscape", "noise", "planes", "share", "rule", "scenarios"];
const VIEWS = ["map", "3d"];

/** The most that is read. */
export const MOST = { hash: 8000, runs: 12, steps: 5000, code: 4000, formula: 500, name: 60, seed: 2 ** 32 - 1 };

/** What is meant where nothing is said. */
const USUAL = { surface: "rosenbrock", box: "-5,5,-5,5", run: "Adam", steps: 200 };/** A rule without states, as which code of the reader's own is linked. */
const BARE = "SGD";

/** A number, as short as it can be without becoming another. @param {number | boolean} x */
export const shortest = (x) => (Object.is(x, -0) ? "-0" : String(x));

/** Whether two values are the same numbers. @param {unknown} a @param {unknown} b */
export const alike = (a, b) => [a].flat(2).map(Number).map(shortest).join() === [b].flat(2).map(Number).map(shortest).join();

/** A text from outside, within a message. @param {string} text */
const told = (text) => (/^[\w.+-]{1,40}$/.test(text) ? text : JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text));

/** How many letters of one text must be changed, left out or added to make it the other.
 * @param {string} one @param {string} other */
function editsBetween(one, other) {
  let row = Array.from({ length: other.length + 1 }, (_, j) => j);
  [...one].forEach((letter, i) => {
    const next = [i + 1];
    for (let j = 0; j < other.length; j++) {
      next.push(Math.min(next[j] + 1, row[j + 1] + 1, row[j] + Number(letter !== other[j])));
    }
    row = next;
  });
  return row[other.length];
}

/** The error for a name that is not known. @param {string} what @param {string} name @param {string[]} known */
function unknownName(what, name, known) {
  const far = known.map((other) => [editsBetween(name.slice(0, 40).toLowerCase(), other.toLowerCase()), other]);
  const [edits, nearest] = far.sort(([a], [b]) => Number(a) - Number(b))[0] ?? [Infinity, ""];
  const hint = Number(edits) <= Math.max(1, name.length / 3) ? `; did you mean ${nearest}?` : "";
  const list = known.length > 12 || !known.length ? "" : `; known are ${known.join(", ")}`;
  return new Error(`unknown ${what} ${told(name)}${hint || list}`);
}

/** @template T @param {string} what @param {string} name @param {Record<string, T>} known @returns {T} */
function lookedUp(what, name, known) {
  if (!Object.hasOwn(known, name)) throw unknownName(what, name, Object.keys(known));
  return known[name];
}

/** The text that was meant before it became part of an address. @param {string} what @param {string} text */
function unescaped(what, text) {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error(`${what} must be percent-encoded UTF-8, got ${told(text)}`);
  }
}

/** A text to be shown or run, of bounded length, in which nothing is invisible but the ends of lines.
 * @param {string} what @param {string} text @param {number} most */
function legible(what, text, most) {
  if (text.length > most) throw new Error(`${what} must have at most ${most} characters, got ${text.length}`);
  const hidden = /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]/u.exec(text);
  if (hidden) throw new Error(`${what} must be plain text, got the control character ${JSON.stringify(hidden[0])}`);
  return text;
}

/** @param {string} what @param {string} text */
function finite(what, text) {
  const x = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : NaN;
  if (Number.isNaN(x)) throw new Error(`${what} must be a number, got ${told(text)}`);
  if (!Number.isFinite(x)) throw new Error(`${what} must be a finite number, got ${told(text)}`);
  return x;
}

/** @param {string} what @param {string} text @param {number} low @param {number} high */
function wholeNumber(what, text, low, high) {
  const x = finite(what, text);
  if (x < low || x > high) throw new Error(`${what} must be ${low} to ${high}, got ${told(text)}`);
  if (!Number.isInteger(x)) throw new Error(`${what} must be a whole number, got ${told(text)}`);
  return x;
}

/** @param {string} what @param {string} text @param {number} count */
function numberList(what, text, count) {
  const parts = text.split(",");
  if (parts.length !== count) throw new Error(`${what} must hold ${count} number${count === 1 ? "" : "s"}, got ${JSON.stringify(text.slice(0, 80))}`);
  return parts.map((part) => finite(what, part));
}

/** A hyperparameter's value, which must be like its default and lie in its range.
 * @param {string} name @param {string} text @param {Setting} usual @param {Range | undefined} range */
function settingOf(name, text, usual, range) {
  if (typeof usual === "boolean") {
    if (text !== "true" && text !== "false") throw new Error(`${name} must be true or false, got ${told(text)}`);
    return text === "true";
  }
  const many = Array.isArray(usual);
  const numbers = many ? numberList(name, text, usual.length) : [finite(name, text)];
  if (range) {
    const { low, high, includes_low: least, includes_high: most } = range;
    for (const x of numbers) {
      const above = low === null || x > low || (least && x === low);
      const below = high === null || x < high || (most && x === high);
      if (!above || !below) throw new Error(`${name} must be ${range.range}, got ${told(text)}`);
      if (range.integer && !Number.isInteger(x)) throw new Error(`${name} must be a whole number, got ${told(text)}`);
    }
    const ordered = numbers.every((x, i) => !i || x >= numbers[i - 1]);
    if (range.increasing && !ordered) throw new Error(`${name} must be in increasing order, got ${told(text)}`);
  }
  return many ? numbers : numbers[0];
}

/** What stands before each separator and after it, no name twice.
 * @param {string[]} parts @param {string} separator @param {string} where @returns {Map<string, string>} */
function pairsOf(parts, separator, where) {
  const found = new Map();
  for (const part of parts) {
    const [name, ...rest] = part.split(separator);
    if (!rest.length) throw new Error(`${where} must hold name${separator}value, got ${told(part)}`);
    if (found.has(name)) throw new Error(`${told(name)} is given twice in ${where}`);
    found.set(name, unescaped(told(name), rest.join(separator)));
  }
  return found;
}

/** What reads a typed text, or an error that says which. @template T @param {string} what @param {() => T} read */
function grammatical(what, read) {
  try {
    return read();
  } catch (error) {
    throw new Error(`${what}: ${/** @type {Error} */ (error).message}`);
  }
}

/** @param {string} text  ``Adam;lr:0.05`` @param {Listed} catalogue @param {Set<string>} names  that are taken
 * @returns {SceneRun} */
function runFrom(text, { rules, vocabulary }, names) {
  const [first, ...rest] = text.split(";");
  const rule = unescaped("run", first);
  const given = pairsOf(rest, ":", "run");
  const code = given.has("code") ? legible("code", given.get("code") ?? "", MOST.code) : null;
  const listed = lookedUp("rule", rule, rules);
  const usual = code === null ? listed.settings : grammatical(`code of ${rule}`, () => parseRule(code, vocabulary).settings);
  const name = legible("name", given.get("name") ?? freeName(rule, names), MOST.name);
  if (names.has(name)) throw new Error(`two runs are named ${told(name)}; name one of them otherwise`);
  names.add(name);
  /** @type {SceneRun["settings"]} */
  const settings = {};
  for (const [key, value] of given) {
    if (key === "code" || key === "name") continue;
    const found = settingOf(key, value, lookedUp(`hyperparameter of ${rule}`, key, usual), listed.hyperparameters[key]);
    if (!alike(found, usual[key])) settings[key] = found;
  }
  return { rule, name, settings, code };
}

/** The name of a run that has none: that of its rule, with a number if it is taken.
 * @param {string} rule @param {Set<string>} names */
export function freeName(rule, names) {
  let name = rule;
  for (let i = 2; names.has(name); i++) name = `${rule} ${i}`;
  return name;
}

/** The part of the domain that is seen. @param {string} text @param {number} [dim]  how many coordinates; one or two if it is not said
 * @returns {[number, number][]} */
function edgesFrom(text, dim = text.split(",").length === 2 ? 1 : 2) {
  const [a, b, ...rest] = numberList("box", text, 2 * dim);
  const edges = /** @type {[number, number][]} */ (dim === 1 ? [[a, b]] : [[a, b], rest]);
  for (const [low, high] of edges) {
    if (!(low < high && high - low < Infinity)) throw new Error(`box must have low < high, got ${shortest(low)},${shortest(high)}`);
  }
  return edges;
}

/** Where a descent begins. @param {ListedSurface | null} surface @param {number[][]} box */
const usualStart = (surface, box) => surface?.starts[0] ?? box.map(([low, high], i) => low + (i ? 0.8 : 0.2) * (high - low));

/**
 * The scene that a link shows.
 * @param {string} text  what follows the #; what stands before it is left out
 * @param {Listed} catalogue
 * @returns {Scene}
 */
export function readHash(text, catalogue) {
  const hash = text.slice(text.indexOf("#") + 1);
  if (hash.length > MOST.hash) throw new Error(`the link must have at most ${MOST.hash} characters behind #, got ${hash.length}`);
  const parts = hash.split("&").filter(Boolean);
  const isRun = (/** @type {string} */ part) => /^run(=|$)/.test(part);
  const given = pairsOf(parts.filter((part) => !isRun(part)), "=", "the link");
  const items = ["surface", "formula", "box", "start", "steps", "run", "noise", "seed", "step", "view", "hide"];
  for (const name of given.keys()) if (!items.includes(name)) throw unknownName("item", name, items);

  const formula = given.has("formula") ? legible("formula", given.get("formula") ?? "", MOST.formula) : null;
  if (formula !== null && given.has("surface")) throw new Error("a link has a surface or a formula, got both");
  const [surface, ...changed] = (given.get("surface") ?? USUAL.surface).split(";");
  const land = formula === null ? lookedUp("surface", surface, catalogue.surfaces) : null;
  /** @type {Scene["parameters"]} */
  const parameters = {};
  for (const [name, value] of pairsOf(changed, ":", "surface")) {
    const usual = lookedUp(`parameter of ${surface}`, name, land?.parameters ?? {});
    const x = finite(name, value);
    if (!alike(x, usual)) parameters[name] = x;
  }
  const seen = land && !given.has("box") ? land.box : edgesFrom(given.get("box") ?? USUAL.box, land?.dim);
  const box = land && alike(seen, land.box) ? null : seen;
  if (formula !== null) grammatical("formula", () => parseFormula(formula, ["x", "y"].slice(0, seen.length), catalogue.vocabulary));

  const start = given.has("start") ? numberList("start", given.get("start") ?? "", seen.length) : [...usualStart(land, seen)];
  const steps = given.has("steps") ? wholeNumber("steps", given.get("steps") ?? "", 1, MOST.steps) : USUAL.steps;
  const noise = finite("noise", given.get("noise") ?? "0");
  if (noise < 0) throw new Error(`noise must be >= 0, got ${told(given.get("noise") ?? "")}`);
  const written = parts.filter(isRun).map((part) => part.slice(4));
  if (written.length > MOST.runs) throw new Error(`a link has at most ${MOST.runs} runs, got ${written.length}`);
  /** @type {Set<string>} */
  const names = new Set();
  const runs = (written.length ? written : [USUAL.run]).filter(Boolean).map((run) => runFrom(run, catalogue, names));
  const view = given.get("view") ?? VIEWS[0];
  if (!VIEWS.includes(view)) throw unknownName("view", view, VIEWS);
  const hide = [...new Set((given.get("hide") ?? "").split(",").filter(Boolean))];
  for (const name of hide) if (!CONTROLS.includes(name)) throw unknownName("control", name, CONTROLS);
  return {
    surface: formula === null ? surface : USUAL.surface, parameters, formula, box, start, steps, noise,
    seed: wholeNumber("seed", given.get("seed") ?? "0", 0, MOST.seed), runs,
    step: given.has("step") ? wholeNumber("step", given.get("step") ?? "", 0, steps) : null, view, hide,
  };
}

/** A run as a link says it: a rule that the package does not have is written as code in the place of another's.
 * @param {SceneRun} run @param {Listed} catalogue */
function linked(run, { rules }) {
  const { own, answer, states, source } = lookedUp("rule", run.rule, rules);
  if (!own) return run;
  const plain = answer === "theta" && Object.values(states).every((begin) => begin === 0);
  if (source && plain) return { ...run, rule: BARE, code: run.code ?? source };
  const why = source ? "a state of it starts elsewhere than at 0" : "its source is not at hand";
  throw new Error(`${run.rule} is a rule of your own that cannot be linked: ${why}`);
}

/** @param {Record<string, Setting>} values */
const settingsText = (values) => Object.entries(values).map(([name, value]) => `;${name}:${[value].flat().map((x) => shortest(x)).join()}`).join("");

/**
 * The text behind the # of a link that shows a scene: what is looked at, who runs, and what differs from the defaults.
 * @param {Scene} scene
 * @param {Listed} catalogue
 */
export function writeHash(scene, catalogue) {
  const { surface, start, runs, parameters = {}, noise = 0, seed = 0, step = null, view = VIEWS[0], hide = [] } = scene;
  const land = scene.formula != null ? null : lookedUp("surface", surface, catalogue.surfaces);
  const formula = scene.formula ?? (land?.own ? land.formula ?? null : null);
  if (land?.own && formula === null) {
    throw new Error(`${surface} is a landscape of your own that cannot be linked: its formula is not at hand`);
  }
  const box = scene.box ?? land?.box ?? [];
  const listed = formula === null ? land : null;
  const items = [];
  if (listed) items.push(`surface=${surface}${settingsText(parameters)}`);
  else items.push(`formula=${encodeURIComponent(formula ?? "")}`);
  const edges = box.flat().map(shortest).join();
  if (listed ? scene.box : edges !== USUAL.box) items.push(`box=${edges}`);
  if (!alike(start, usualStart(listed, box))) items.push(`start=${start.map(shortest).join()}`);
  if (scene.steps !== USUAL.steps) items.push(`steps=${scene.steps}`);
  /** @type {Set<string>} */
  const names = new Set();
  for (const { rule, name, settings, code } of runs.map((run) => linked(run, catalogue))) {
    const named = name === freeName(rule, names) ? "" : `;name:${encodeURIComponent(name)}`;
    names.add(name);
    items.push(`run=${rule}${named}${settingsText(settings)}${code ? `;code:${encodeURIComponent(code)}` : ""}`);
  }
  if (!runs.length) items.push("run=");
  if (noise) items.push(`noise=${shortest(noise)}`);
  if (seed) items.push(`seed=${seed}`);
  if (step !== null) items.push(`step=${step}`);
  if (view !== VIEWS[0]) items.push(`view=${view}`);
  if (hide.length) items.push(`hide=${hide.join()}`);
  const hash = items.join("&");
  readHash(hash, catalogue); // a link that is written can be read; what is out of bounds says so here
  return hash;
}
