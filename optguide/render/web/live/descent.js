// @ts-check
// Steps a rule on a surface, many descents at once, as og.descend does: same order, same arithmetic.

import { Program } from "./program.js";
import { Normals } from "./random.js";

/** @typedef {import("./program.js").Table} Table */
/** @typedef {{ name: string, program: Table, states: Record<string, number | string>, answer: string,
 *   settings: Record<string, number | number[]> }} Rule  states start at a number, at a setting, or at theta */
/** @typedef {{ noise?: number, seed?: number }} Disturbance  standard deviation of normal noise that is added to every
 *   gradient, the same in all descents of a batch */
/** @typedef {{ name: string, program: Table, dim: number }} Surface  its program gives a height and the derivatives */

/** A descent has diverged where a number is not finite, or a coordinate or the loss exceeds this. */
export const DIVERGED = 1e10;

export class Field {
  /** @param {Surface} surface @param {number} batch  how many descents */
  constructor(surface, batch) {
    this.dim = surface.dim;
    this.batch = batch;
    const inputs = surface.program.inputs;
    this.program = new Program(surface.program, batch, { many: inputs });
    this.inputs = inputs.map((name) => this.program.input(name));
    this.height = new Float64Array(batch);
    this.gradient = new Float64Array(batch * this.dim);
  }

  /** Heights and gradients at points; coordinates come one after the other, each for all descents. */
  look(/** @type {Float64Array} */ points) {
    const { batch } = this;
    this.inputs.forEach((input, i) => input.set(points.subarray(i * batch, (i + 1) * batch)));
    this.program.run();
    this.program.output(0, this.height);
    for (let i = 0; i < this.dim; i++) {
      this.program.output(i + 1, this.gradient.subarray(i * batch, (i + 1) * batch));
    }
    return this.gradient;
  }
}

export class Walk {
  /**
   * @param {Rule} rule
   * @param {Surface} surface
   * @param {Float64Array} start  coordinates one after the other, each for all descents
   * @param {Record<string, any>} settings  those that differ from the rule's own; an array has one value a descent
   * @param {Disturbance} disturbance
   */
  constructor(rule, surface, start, settings = {}, { noise = 0, seed = 0 } = {}) {
    this.rule = rule;
    this.t = 0;
    this.theta = start.slice();
    this.field = new Field(surface, start.length / surface.dim);
    const spread = (/** @type {any} */ value) => value instanceof Float64Array ? tiled(value, surface.dim) : value;
    /** @type {Record<string, any>} */
    const all = {};
    for (const [name, value] of Object.entries({ ...rule.settings, ...settings })) {
      all[name] = Array.isArray(value) ? value.map(spread) : spread(value);
    }
    this.states = Object.entries(rule.states).map(([name, begin]) => {
      const state = new Float64Array(start.length);
      const value = begin === "theta" ? start : typeof begin === "string" ? all[begin] : begin;
      if (typeof value === "number") state.fill(value);
      else state.set(value);
      return { name, state };
    });
    this.normals = noise ? new Normals(seed) : null;
    this.scale = noise;
    this.noise = new Float64Array(start.length);
    this.grad = new Float64Array(start.length); // the first that the rule asks for
    this.loss = new Float64Array(this.field.batch); // where the step begins, if the rule asks there first
    this.asked = 0;
    const grad = (/** @type {Float64Array} */ point) => {
      const found = this.field.look(point);
      if (this.normals) for (let i = 0; i < found.length; i++) found[i] += this.noise[i];
      if (!this.asked++) this.grad.set(found);
      return found;
    };
    const many = ["theta", ...Object.keys(rule.states)];
    this.program = new Program(rule.program, start.length, { many, settings: all, answers: { grad } });
  }

  /** One step of every descent. */
  step() {
    const { program } = this;
    this.draw();
    this.t += 1;
    this.asked = 0;
    program.input("t")[0] = this.t;
    program.input("theta").set(this.theta);
    for (const { name, state } of this.states) program.input(name).set(state);
    program.run();
    program.output(0, this.theta);
    this.states.forEach(({ state }, i) => program.output(i + 1, state));
  }

  /** The noise of a step: a number for each coordinate. */
  draw() {
    const { normals, field: { batch, dim } } = this;
    if (!normals) return;
    for (let i = 0; i < dim; i++) this.noise.fill(this.scale * normals.next(), i * batch, (i + 1) * batch);
  }

  /** The point that is the result. */
  get answer() {
    const kept = this.states.find(({ name }) => name === this.rule.answer);
    return kept ? kept.state : this.theta;
  }
}

/** One value a descent, for every coordinate of it. */
function tiled(/** @type {Float64Array} */ values, /** @type {number} */ dim) {
  const out = new Float64Array(values.length * dim);
  for (let i = 0; i < dim; i++) out.set(values, i * values.length);
  return out;
}

/**
 * The record of one descent: iterates, losses and states of every step.
 * @param {Rule} rule @param {Surface} surface @param {number[]} start @param {number} steps
 * @param {Record<string, any>} settings @param {Disturbance} disturbance
 */
export function descend(rule, surface, start, steps, settings = {}, disturbance = {}) {
  const walk = new Walk(rule, surface, Float64Array.from(start), settings, disturbance);
  const dim = surface.dim;
  const theta = new Float64Array((steps + 1) * dim);
  const loss = new Float64Array(steps + 1);
  const states = walk.states.map(({ name }) => ({ name, values: new Float64Array((steps + 1) * dim) }));
  const height = new Field(surface, 1);
  let divergedAt = -1;
  for (let step = 0; step <= steps; step++) {
    if (step && divergedAt < 0) walk.step();
    if (divergedAt >= 0) {
      theta.fill(NaN, step * dim);
      loss.fill(NaN, step);
      for (const { values } of states) values.fill(NaN, step * dim);
      break;
    }
    const here = walk.answer;
    theta.set(here, step * dim);
    height.look(here);
    loss[step] = height.height[0];
    states.forEach(({ values }, i) => values.set(walk.states[i].state, step * dim));
    const within = (/** @type {number} */ value) => Math.abs(value) <= DIVERGED;
    if (!here.every(within) || !within(loss[step]) || (step && !walk.grad.every(Number.isFinite))) divergedAt = step;
  }
  return { theta, loss, states, divergedAt };
}
