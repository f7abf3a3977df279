// @ts-check
// Steps a rule on a surface, many descents at once, as og.descend does: same order, same arithmetic.

import { Program, fill } from "./program.js";
import { Normals } from "./random.js";

/** @typedef {import("./program.js").Table} Table */
/** @typedef {{ name: string, program: Table, states: Record<string, number | string>, answer: string,
 *   settings: Record<string, number | number[]> }} Rule  states start at a number, at a setting, or at theta */
/** @typedef {{ noise?: number, seed?: number }} Disturbance  standard deviation of normal noise that is added to every
 *   gradient, the same in all descents of a batch */
/** @typedef {{ dim: number, batch: number, height: Float64Array, look(points: Float64Array): Float64Array }} Answering
 *   what knows gradients, as a Field does */
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
    this.parts = inputs.map((_, i) => this.gradient.subarray(i * batch, (i + 1) * batch));
  }

  /** Heights and gradients at points; coordinates come one after the other, each for all descents. */
  look(/** @type {Float64Array} */ points) {
    const { batch, inputs, program } = this;
    for (let i = 0; i < inputs.length; i++) for (let n = 0; n < batch; n++) inputs[i][n] = points[i * batch + n];
    program.run();
    program.output(0, this.height);
    for (let i = 0; i < this.dim; i++) program.output(i + 1, this.parts[i]);
    return this.gradient;
  }
}

/** The lowest height at minima that are known; NaN if none is, from which nothing is near.
 * @param {Surface} surface @param {number[][]} minima */
export function lowestOf(surface, minima) {
  if (!minima.length) return NaN;
  const field = new Field(surface, minima.length);
  field.look(Float64Array.from(Array.from({ length: surface.dim }, (_, i) => minima.map((point) => point[i])).flat()));
  return Math.min(...field.height);
}

export class Walk {
  /**
   * @param {Rule} rule
   * @param {Surface | Answering} surface
   * @param {Float64Array} start  coordinates one after the other, each for all descents
   * @param {Record<string, any>} settings  those that differ from the rule's own; an array has one value a descent
   * @param {Disturbance} disturbance
   */
  constructor(rule, surface, start, settings = {}, { noise = 0, seed = 0 } = {}) {
    this.rule = rule;
    this.t = 0;
    this.theta = start.slice();
    this.field = "look" in surface ? surface : new Field(surface, start.length / surface.dim);
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
    this.loss = new Float64Array(this.field.batch); // where the last step began, if the rule asked there
    this.knows = false; // whether it did, and this is the point that is the result
    this.asked = 0;
    this.ask = (/** @type {Float64Array} */ point) => {
      const found = this.field.look(point);
      if (point === this.home && this.answer === this.theta) {
        fill(this.loss, this.field.height);
        this.knows = true;
      }
      if (this.normals) for (let i = 0; i < found.length; i++) found[i] += this.noise[i];
      if (!this.asked++) fill(this.grad, found);
      return found;
    };
    const many = ["theta", ...Object.keys(rule.states)];
    this.program = new Program(rule.program, start.length, { many, settings: all, answers: { grad: this.ask } });
    this.home = this.program.input("theta");
    this.clock = this.program.input("t");
    this.inputs = this.states.map(({ name }) => this.program.input(name));
    const kept = this.states.find(({ name }) => name === rule.answer);
    this.answer = kept ? kept.state : this.theta; // the point that is the result
  }

  /** One step of every descent. */
  step() {
    const { program, states } = this;
    this.draw();
    this.clock[0] = this.t += 1;
    this.asked = 0;
    this.knows = false;
    fill(this.home, this.theta);
    for (let i = 0; i < states.length; i++) fill(this.inputs[i], states[i].state);
    program.run();
    if (!this.asked) this.ask(this.home); // a rule need not use a gradient, but the record needs one
    program.output(0, this.theta);
    for (let i = 0; i < states.length; i++) program.output(i + 1, states[i].state);
  }

  /** The noise of a step: a number for each coordinate. */
  draw() {
    const { normals, field: { batch, dim } } = this;
    if (!normals) return;
    for (let i = 0; i < dim; i++) this.noise.fill(this.scale * normals.next(), i * batch, (i + 1) * batch);
  }
}

/** One value a descent, for every coordinate of it. */
function tiled(/** @type {Float64Array} */ values, /** @type {number} */ dim) {
  const out = new Float64Array(values.length * dim);
  for (let i = 0; i < dim; i++) out.set(values, i * values.length);
  return out;
}

/**
 * The record of one descent: iterates, losses and states of every step, and the gradient that each step received.
 * @param {Rule} rule @param {Surface} surface @param {number[]} start @param {number} steps
 * @param {Record<string, any>} settings @param {Disturbance} disturbance
 */
export function descend(rule, surface, start, steps, settings = {}, disturbance = {}) {
  const walk = new Walk(rule, surface, Float64Array.from(start), settings, disturbance);
  const dim = surface.dim;
  const theta = new Float64Array((steps + 1) * dim);
  const loss = new Float64Array(steps + 1);
  const grad = new Float64Array(steps * dim);
  const states = walk.states.map(({ name }) => ({ name, values: new Float64Array((steps + 1) * dim) }));
  const field = new Field(surface, 1);
  const within = (/** @type {number} */ value) => Math.abs(value) <= DIVERGED;
  let divergedAt = -1;
  for (let step = 0; step <= steps && divergedAt < 0; step++) {
    const here = theta.subarray(step * dim, (step + 1) * dim);
    fill(here, walk.answer);
    for (let i = 0; i < states.length; i++) for (let j = 0; j < dim; j++) {
      // Where the answer is a state, what the rule steps takes its place, as in Python's record.
      states[i].values[step * dim + j] = (walk.states[i].state === walk.answer ? walk.theta : walk.states[i].state)[j];
    }
    const sound = !step || walk.grad.every(Number.isFinite);
    if (step < steps) {
      walk.step(); // which finds the loss where it begins, if the rule asks there
      for (let j = 0; j < dim; j++) grad[step * dim + j] = walk.grad[j];
    }
    if (step < steps && walk.knows) loss[step] = walk.loss[0];
    else {
      field.look(here);
      loss[step] = field.height[0];
    }
    if (!sound || !within(loss[step]) || !here.every(within)) divergedAt = step;
  }
  if (divergedAt >= 0) {
    theta.fill(NaN, (divergedAt + 1) * dim);
    loss.fill(NaN, divergedAt + 1);
    grad.fill(NaN, divergedAt * dim);
    for (const { values } of states) values.fill(NaN, (divergedAt + 1) * dim);
  }
  return { theta, loss, grad, states, divergedAt };
}
