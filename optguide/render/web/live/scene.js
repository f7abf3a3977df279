// @ts-check
// A scene is a plain value that says everything of a race; played, it becomes runs as the player shows them.

import { derived } from "../data.js";
import { bound, withSlopes } from "./derive.js";
import { descend } from "./descent.js";
import { parseFormula, parseRule } from "./parse.js";

/** @typedef {import("../data.js").Run} Run */
/** @typedef {import("../data.js").Land} Land */
/** @typedef {import("./program.js").Table} Table */
/** @typedef {number | boolean | number[]} Setting */
/**
 * @typedef {object} Runner
 * @property {string} rule  what it is called in the catalogue
 * @property {string} name  what it is called here
 * @property {Record<string, Setting>} settings  those that differ from the rule's own
 * @property {string | null} [code]  the rule as the reader has changed it
 */
/**
 * @typedef {object} Scene
 * @property {string} surface
 * @property {Record<string, number>} parameters
 * @property {string | null} [formula]  a landscape that the reader has typed, in the place of the surface
 * @property {[number, number][] | null} [box]  the part of the domain that is seen
 * @property {number[]} start
 * @property {number} steps
 * @property {number} noise
 * @property {number} seed
 * @property {Runner[]} runs
 * @property {number | null} [step]
 * @property {string} [view]
 * @property {string[]} [hide]
 * @property {import("./signal.js").Signal} [signal]  a gradient that is prescribed, in the place of a landscape
 */
/** @typedef {{ name: string, title: string, dim: number, axes: string[], program: Table, box: [number, number][],
 *   parameters: Record<string, number>, starts: number[][], minima: number[][] | { program: Table },
 *   shading: string, levels: number[] }} Landscape */
/** @typedef {import("./descent.js").Rule & { source: string | null, hyperparameters: Record<string, any>,
 *   color?: string | null, family?: string, claim?: string, page?: string }} Entry */
/** @typedef {{ vocabulary: Record<string, any>, rules: Record<string, Entry>, surfaces: Record<string, Landscape>,
 *   names: Record<string, string>, endings: Record<string, string>, greek: string[],
 *   palette: string[], shapes: string[], colors: string[], style: import("../data.js").Style } & Record<string, any>} Catalogue */
/** @typedef {ReturnType<typeof descend> & { name: string }} Found */

/** What was made last of a text, so that a drag does not make it again.
 * @type {Map<string, any>} */
const remembered = new Map();

/** @template T @param {string} key @param {() => T} make_ @returns {T} */
function once(key, make_) {
  if (!remembered.has(key)) {
    if (remembered.size > 200) remembered.clear();
    remembered.set(key, make_());
  }
  return remembered.get(key);
}

/** A member of a part of the catalogue, by its own name only. @template T
 * @param {Record<string, T>} part @param {string} name @param {string} what @returns {T} */
function member(part, name, what) {
  if (!Object.hasOwn(part, name)) throw new Error(`unknown ${what} ${name}`);
  return part[name];
}

/** The landscape of a scene: one of the catalogue, or the one that was typed.
 * @param {Scene} scene @param {Catalogue} catalogue @returns {Landscape} */
export function landscapeOf({ surface, formula, box }, catalogue) {
  if (!formula) return member(catalogue.surfaces, surface, "landscape");
  return once(`formula ${formula} ${JSON.stringify(box)}`, () => {
    const axes = /** @type {[number, number][]} */ (box).map((_, i) => "xy"[i]);
    const { program } = parseFormula(formula, axes, catalogue.vocabulary);
    return {
      name: "formula", title: formula, dim: axes.length, axes, program, parameters: {}, starts: [], minima: [],
      shading: "", levels: [], box: /** @type {[number, number][]} */ (box),
    };
  });
}

/** The rule that a runner follows: one of the catalogue, or as the reader has changed it.
 * @param {Runner} runner @param {Catalogue} catalogue @returns {Entry} */
export function ruleOf({ rule, code }, catalogue) {
  const entry = member(catalogue.rules, rule, "rule");
  const text = code ?? entry.source ?? "";
  if (!code && entry.program) return entry; // a reader's own, of which Python sends the table
  return once(`rule ${rule} ${text}`, () => {
    const { program, states, settings } = parseRule(text, catalogue.vocabulary);
    const begins = states.map((name) => [name, Object.hasOwn(entry.states, name) ? entry.states[name] : 0]);
    return /** @type {Entry} */ ({ ...entry, source: text, program, settings, states: Object.fromEntries(begins) });
  });
}

/** Descends.
 * @param {Scene} scene @param {Catalogue} catalogue
 * @returns {{ landscape: Landscape, surface: import("./descent.js").Surface, runs: Found[] }} */
export function play(scene, catalogue) {
  const landscape = landscapeOf(scene, catalogue);
  const parameters = { ...landscape.parameters, ...scene.parameters };
  const { name, dim } = landscape;
  const program = once(`slopes ${name} ${landscape.title} ${JSON.stringify(parameters)}`,
    () => withSlopes(bound(landscape.program, parameters), catalogue.vocabulary));
  const surface = { name, dim, program };
  const { start, steps, noise, seed } = scene;
  const runs = scene.runs.map((runner) => {
    const rule = ruleOf(runner, catalogue);
    const known = Object.entries(runner.settings).filter(([setting]) => Object.hasOwn(rule.settings, setting));
    const found = descend(rule, surface, start, steps, Object.fromEntries(known), { noise, seed });
    return { ...found, name: runner.name };
  });
  return { landscape, surface, runs };
}

/** A record that is kept step by step, coordinate by coordinate.
 * @param {Float64Array} values @param {number} dim @param {number} from  how many steps of nothing come before */
function columns(values, dim, from = 0, count = values.length / dim + from) {
  return Array.from({ length: dim }, (_, j) => {
    const column = new Float64Array(count).fill(NaN);
    for (let i = from; i < count && (i - from) * dim < values.length; i++) column[i] = values[(i - from) * dim + j];
    return column;
  });
}

/** What the player shows of a descent.
 * @param {Found} found @param {number} dim @param {[number, number][]} box @param {number} lowest  the lowest height
 *   that is known, or NaN; where a loss is not positive the chart shows how far above it is */
export function channelsOf({ theta, loss, grad, states, divergedAt }, dim, box, lowest) {
  const count = loss.length;
  const places = columns(theta, dim);
  const gradient = columns(grad, dim, 0, count);
  const step = places.map((values) => values.map((x, i) => (i ? x - values[i - 1] : NaN)));
  /** @type {Record<string, Float64Array[]>} */
  const channels = { theta: places, loss: [loss], gradient, step };
  for (const { name, values } of states) channels[name] = columns(values, dim);
  if (Number.isFinite(lowest)) channels.chart = [loss.map((x) => (x > lowest ? x - lowest : NaN))];
  Object.assign(channels, derived(channels));
  const within = (/** @type {number} */ i) => places.every((values, j) => values[i] >= box[j][0] && values[i] <= box[j][1]);
  let last = count - 1;
  while (last >= 0 && !within(last)) last--;
  const diverged = divergedAt < 0 ? null : divergedAt;
  const left = diverged !== null || last === count - 1 ? null : last + 1;
  return { at: Float64Array.from({ length: count }, (_, i) => i), channels, diverged, left };
}

/** Between which losses a chart is drawn, and how: a run that diverged does not stretch it.
 * @param {Pick<Run, "channels" | "diverged">[]} runs */
export function lossAxis(runs) {
  const [lines, calm] = [[], []].map(() => /** @type {number[]} */ ([]));
  for (const { channels: { loss, chart = loss }, diverged } of runs) {
    const sound = Array.from(chart[0].subarray(0, diverged ?? undefined)).filter(Number.isFinite);
    lines.push(...sound);
    calm.push(...(diverged === null ? sound : sound.slice(0, 1)));
  }
  if (!calm.length) return { scale: "linear", limits: /** @type {[number, number]} */ ([-1, 1]) };
  const [low, high] = [calm.reduce((a, b) => Math.min(a, b)), calm.reduce((a, b) => Math.max(a, b))];
  const margin = 0.06 * (high - low || 1);
  const log = lines.every((x) => x > 0);
  const limits = /** @type {[number, number]} */ (log ? [low / 1.6, high * 1.6] : [low - margin, high + margin]);
  return { scale: log ? "log" : "linear", limits };
}
