// @ts-check
// A rule's answer to a prescribed gradient, as og.respond computes it: there is no landscape, and distance is time.

import { Walk } from "./descent.js";
import { ruleOf } from "./scene.js";

/** @typedef {import("./descent.js").Rule} Rule */
/** @typedef {{ name: string, first: number, values: number[] }} Signal  the gradient at whole times, from the first */

/** The gradient at any time: straight between two whole times, and beyond both ends as it was there.
 * @param {Signal} signal @param {number} time */
export function gradientAt({ first, values }, time) {
  const before = Math.floor(time);
  const share = time - before;
  const value = (/** @type {number} */ t) => values[Math.min(Math.max(t - first, 0), values.length - 1)];
  return (1 - share) * value(before) + share * value(before + 1);
}

/** What stands where a rule expects a landscape: a point that lies a distance d downhill is d steps ahead in time. */
class Prescribed {
  constructor(/** @type {Signal} */ signal) {
    this.dim = this.batch = 1;
    this.signal = signal;
    this.place = this.now = 0;
    this.gradient = new Float64Array(1);
    this.height = new Float64Array(1); // there is none
  }

  look(/** @type {Float64Array} */ [theta]) {
    this.gradient[0] = gradientAt(this.signal, this.now + (this.place - theta));
    return this.gradient;
  }
}

/**
 * The parameter and the states before the first step and after each; what each step subtracted from the parameter.
 * What is no longer finite has diverged: the rest is NaN.
 * @param {Rule} rule @param {Signal} signal @param {number} steps
 * @param {Record<string, any>} settings  those that differ from the rule's own
 */
export function respond(rule, signal, steps, settings = {}) {
  const field = new Prescribed(signal);
  const walk = new Walk(rule, field, new Float64Array(1), settings);
  const record = () => new Float64Array(steps + 1).fill(NaN);
  const theta = record();
  const states = walk.states.map(({ name }) => ({ name, values: record() }));
  let divergedAt = -1;
  for (let t = 0; t <= steps && divergedAt < 0; t++) {
    if (t) {
      [field.place, field.now] = [walk.theta[0], t - 1];
      walk.step();
    }
    theta[t] = walk.theta[0];
    states.forEach(({ values }, i) => { values[t] = walk.states[i].state[0]; });
    if (!Number.isFinite(theta[t])) divergedAt = t;
  }
  return {
    gradient: Float64Array.from({ length: steps }, (_, t) => gradientAt(signal, t)),
    update: Float64Array.from({ length: steps }, (_, t) => theta[t] - theta[t + 1]),
    theta, states, divergedAt,
  };
}

/**
 * What the player shows of a scene with a signal in the place of a landscape: the signal, and each rule's answer; at a
 * time t the states and the parameter are those after the step.
 * @param {{ signal: Signal, steps: number, runs: import("./scene.js").Runner[] }} scene
 * @param {import("./scene.js").Catalogue} catalogue
 */
export function answersOf({ signal, steps, runs }, catalogue) {
  const at = Float64Array.from({ length: steps }, (_, t) => t);
  const gradient = at.map((t) => gradientAt(signal, t));
  const name = signal.name.replaceAll("_", " ");
  return [{ name, told: "gradient", at, channels: { gradient: [gradient] }, diverged: null }, ...runs.map((runner) => {
    const rule = ruleOf(runner, catalogue);
    const { update, theta, states, divergedAt } = respond(rule, signal, steps, runner.settings);
    const channels = { update: [update], parameter: [theta.subarray(1)] };
    for (const { name, values } of states) Object.assign(channels, { [name]: [values.subarray(1)] });
    return { name: runner.name, told: "update", at, channels, diverged: divergedAt < 0 ? null : divergedAt };
  })];
}
