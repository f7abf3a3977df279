// @ts-check
// What a chart can show, which lines that is, and between which numbers.

import { range, ticks } from "./numbers.js";
import { digits, power } from "./words.js";

/** @typedef {import("./numbers.js").Pair} Pair */
/** @typedef {import("./data.js").Recording} Recording */
/** @typedef {import("./data.js").Run} Run */
/** @typedef {{ key: string, text: string, channel: string, run: Run | null }} Choice Of all runs, or of one */
/**
 * @typedef {{ run: Run, values: import("./data.js").Numbers, name: string, color: string, width: number }} Line
 * One coordinate of one run
 */
/** @typedef {{ log: boolean, low: number, high: number }} Scale */

/** What a channel is called: of many coordinates only the length is known.
 * @param {string} channel @param {Pick<Run, "lengths">[]} runs */
function called(channel, runs) {
  const name = channel === "theta" ? "position" : channel;
  return runs.some(({ lengths }) => lengths.includes(channel)) ? `length of ${name}` : name;
}

/** What can be chosen: first what several runs have, under no name, then what each has.
 * @param {Pick<Recording, "runs" | "loss">} record @returns {Map<string, Choice[]>} */
export function choicesOf({ runs, loss }) {
  const shared = loss ? [["loss", loss.label]] : [];
  if (loss && runs.length > 1) shared.push(["step length", "step length"]);
  for (const name of new Set(runs.flatMap((run) => Object.keys(run.channels)))) {
    const having = runs.filter((run) => run.channels[name]);
    if (having.length > 1 && !["theta", "loss", "chart", "step length"].includes(name)) {
      shared.push([name, called(name, having)]);
    }
  }
  /** @type {Map<string, Choice[]>} */
  const choices = new Map();
  choices.set("everyone", shared.map(([channel, text]) => ({ key: channel, text, channel, run: null })));
  for (const run of runs) {
    const own = Object.keys(run.channels).filter((name) => !["loss", "chart"].includes(name));
    choices.set(run.name, own.map((channel) => {
      const text = `${run.name}: ${called(channel, [run])}`;
      return { key: `${run.name}\n${channel}`, text, channel, run };
    }));
  }
  return choices;
}

/** The lines of a choice.
 * @param {Run[]} runs @param {Choice} choice @param {string[]} coordinates Colours of coordinates of a single run
 * @param {string[]} axes What coordinates are called @returns {Line[]} */
export function linesOf(runs, { channel, run }, coordinates, axes = []) {
  return runs.filter((one) => one.shown && (!run || one === run)).flatMap((one) => {
    const source = channel === "loss" ? one.channels.chart ?? one.channels.loss : one.channels[channel];
    return (source ?? []).map((values, j) => {
      const color = run && j ? coordinates[(j - 1) % coordinates.length] : one.color;
      return { run: one, values, name: axes[j] ?? "", color, width: j ? 1.3 : 2 };
    });
  });
}

/** Between which numbers lines are seen: those of runs that diverged count only where there are no others.
 * @param {Line[]} lines @param {boolean} linear  whatever the numbers are: a response is compared with its signal
 * @returns {Scale} */
export function scaleOf(lines, linear = false) {
  const held = lines.filter(({ run }) => run.diverged === null);
  const all = (held.length ? held : lines).flatMap(({ values }) => [...values].filter(Number.isFinite));
  const positive = all.filter((x) => x > 0);
  const [least, most] = range(positive);
  const log = !linear && most / least > 300 && all.every((x) => x >= 0);
  const [low, high] = all.length ? range(log ? positive : all) : [0, 1];
  const size = Math.max(-low, high); // of what hardly differs, marks would all read the same
  const margin = high - low > 0.01 * size ? 0.06 * (high - low) : 0.03 * size || 0.06;
  return log ? { log, low: low / 1.5, high: high * 1.5 } : { log, low: low - margin, high: high + margin };
}

/** The numbers beside a scale, and how they are written.
 * @param {Scale} scale @returns {[number, string][]} */
export function marksOf({ log, low, high }) {
  if (!log) return ticks(low, high, 4).map((value) => [value, digits(value)]);
  const powers = ticks(Math.log10(low), Math.log10(high), 4).filter(Number.isInteger);
  return powers.map((exponent) => [10 ** exponent, power(exponent)]);
}
