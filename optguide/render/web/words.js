// @ts-check
// What is written: numbers, and what has become of a run.

import { before } from "./numbers.js";

/** @typedef {import("./data.js").Run} Run */

/** A number as it is shown: four digits, a true minus sign.
 * @param {number} x */
export function digits(x) {
  if (!Number.isFinite(x)) return "–";
  const far = Math.abs(x) >= 1e5 || (x !== 0 && Math.abs(x) < 1e-3);
  return (far ? x.toExponential(2) : String(+x.toPrecision(4))).replaceAll("-", "−");
}

/** A power of ten beside a logarithmic axis.
 * @param {number} exponent */
export function power(exponent) {
  return ["1", "10"][exponent] ?? `1e${exponent}`.replace("-", "−");
}

/** A text, or as much of it as there is room for: first what stands in parentheses at its end is left out.
 * @param {string} text @param {number} room @param {(text: string) => number} widthOf */
export function fitting(text, room, widthOf) {
  const whole = [text, text.replace(/ *\([^()]*\)$/, "")].find((words) => widthOf(words) <= room);
  if (whole !== undefined) return whole;
  const letters = [...text];
  while (letters.length && widthOf(`${letters.join("")}…`) > room) letters.pop();
  return `${letters.join("").trimEnd()}…`;
}

/** How a run stands at a step, and whether it has gone.
 * @param {Run} run @param {number} step */
export function standing(run, step) {
  if (run.diverged !== null && step >= run.diverged) return { text: `diverged at ${run.diverged}`, gone: true };
  if (run.left !== null && step >= run.left) return { text: `left at ${run.left}`, gone: true };
  return { text: digits(run.channels[run.told ?? "loss"][0][before(run.at, step)]), gone: false };
}

/** A record of a run in three lines: its step, its place, its loss.
 * @param {Run} run @param {number} i */
export function record(run, i) {
  const place = run.channels.theta.map((values) => digits(values[i])).join(", ");
  return [`step ${run.at[i]}`, `(${place})`, `loss ${digits(run.channels.loss[0][i])}`];
}
