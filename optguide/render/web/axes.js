// @ts-check
// What stands around and on the landscape: axes of the map, names of the relief's edges, heights of contour lines.

import { heightAt, project } from "./camera.js";
import { clamp, mix, ticks } from "./numbers.js";
import { digits } from "./words.js";

/** @typedef {import("./numbers.js").Pair} Pair */
/** @typedef {import("./camera.js").Eye} Eye */
/** @typedef {import("./data.js").MapLand} MapLand */
/** @typedef {import("./data.js").Style} Style */
/** @typedef {import("./dom.js").Pen} Pen */

const FONT = "12px system-ui, sans-serif";

/** @param {Pen} pen @param {MapLand} land @param {Eye} eye @param {string} ink @param {number} alpha */
export function drawAxes(pen, land, eye, ink, alpha) {
  if (alpha <= 0) return;
  const { box, axes } = land;
  const { frame: [a, b] } = eye;
  const first = project(land, eye, box[0][0], box[1][0]);
  Object.assign(pen, { globalAlpha: alpha, fillStyle: ink, strokeStyle: ink, lineWidth: 1, font: FONT });
  /** The part of an axis that is seen: zooming and panning have moved its first point.
   * @param {number} j @returns {Pair} */
  const span = (j) => {
    /** @param {number} pixel */
    const at = (pixel) => mix(...box[j], (pixel - first[j]) / ((b[j] - a[j]) * eye.zoom));
    return [at(a[j]), at(b[j])];
  };
  Object.assign(pen, { textAlign: "center", textBaseline: "top" });
  for (const x of ticks(...span(0), clamp((b[0] - a[0]) / 70, 2, 6))) {
    const [px] = project(land, eye, x, box[1][0]);
    pen.fillRect(px - 0.5, a[1], 1, 4);
    pen.fillText(digits(x), px, a[1] + 7);
  }
  pen.fillText(axes[0], (a[0] + b[0]) / 2, a[1] + 24);
  Object.assign(pen, { textAlign: "right", textBaseline: "middle" });
  for (const y of ticks(...span(1), clamp((a[1] - b[1]) / 60, 2, 6))) {
    const [, py] = project(land, eye, box[0][0], y);
    pen.fillRect(a[0] - 4, py - 0.5, 4, 1);
    pen.fillText(digits(y), a[0] - 7, py);
  }
  pen.save();
  pen.translate(a[0] - 42, (a[1] + b[1]) / 2);
  pen.rotate(-Math.PI / 2);
  pen.textAlign = "center";
  pen.fillText(axes[1], 0, 0);
  pen.restore();
  pen.globalAlpha = 1;
}

/** A point of the floor under the landscape, in CSS pixels of the stage.
 * @param {MapLand} land @param {Eye} eye @param {number} x @param {number} y @returns {Pair} */
function onFloor(land, eye, x, y) {
  const [px, py] = project(land, eye, x, y);
  return eye.rise ? [px, py + eye.scale * heightAt(land, x, y) * eye.rise * Math.cos(eye.elevation)] : [px, py];
}

/** The edge of the floor, so that the eye knows which way is which.
 * @param {Pen} pen @param {MapLand} land @param {Eye} eye @param {string} ink */
export function drawFloor(pen, land, eye, ink) {
  if (eye.k <= 0) return;
  const { box: [[x0, x1], [y0, y1]] } = land;
  Object.assign(pen, { strokeStyle: ink, globalAlpha: 0.35 * eye.k });
  pen.beginPath();
  for (const [x, y] of [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]) pen.lineTo(...onFloor(land, eye, x, y));
  pen.closePath();
  pen.stroke();
  pen.globalAlpha = 1;
}

/** @param {Pen} pen @param {MapLand} land @param {Eye} eye @param {string} ink @param {number} alpha */
export function nameEdges(pen, land, eye, ink, alpha) {
  if (alpha <= 0) return;
  const { box, axes } = land;
  Object.assign(pen, { globalAlpha: alpha, fillStyle: ink, font: FONT, textAlign: "center", textBaseline: "middle" });
  // Of two parallel edges, the one nearer to the eye carries the name.
  for (const j of [0, 1]) {
    const edges = [0, 1].map((side) => [0, 0.5, 1].map((share) => {
      const point = [0, 0];
      point[j] = mix(...box[j], share);
      point[1 - j] = box[1 - j][side];
      return onFloor(land, eye, point[0], point[1]);
    }));
    const near = edges[0][1][1] > edges[1][1][1] ? edges[0] : edges[1];
    [digits(box[j][0]), axes[j], digits(box[j][1])].forEach((text, i) => {
      const [dx, dy] = [near[1][0] - eye.x, near[1][1] - eye.y];
      const far = 15 / (Math.hypot(dx, dy) || 1);
      pen.fillText(text, near[i][0] + dx * far, near[i][1] + dy * far);
    });
  }
  pen.globalAlpha = 1;
}

/** Heights beside their contour lines, on a few rays from the middle, none on top of another or of what is marked.
 * @param {Pen} pen @param {MapLand} land @param {Eye} eye @param {Style} style @param {number} alpha
 * @param {number[][]} marked */
export function drawLabels(pen, land, eye, style, alpha, marked) {
  if (alpha <= 0) return;
  const { levels, box } = land;
  const { frame: [a, b] } = eye;
  const placed = marked.map(([x, y]) => project(land, eye, x, y));
  Object.assign(pen, { font: "11px system-ui, sans-serif", textAlign: "center", textBaseline: "middle" });
  Object.assign(pen, { globalAlpha: 0.85 * alpha, lineWidth: 3, lineJoin: "round" });
  Object.assign(pen, { strokeStyle: style.ground, fillStyle: style.ink });
  for (const angle of [0.9, 3.9, 2.3, 5.5, 1.6, 4.7]) {
    const ray = [Math.cos(angle), Math.sin(angle)];
    let last = NaN;
    for (let r = 0; r < 1; r += 1 / 240) {
      const [x, y] = ray.map((part, j) => mix(...box[j], 0.5 + 0.48 * r * part));
      const h = heightAt(land, x, y);
      const crossed = levels.find(([level]) => (last < level) !== (h < level) && !Number.isNaN(last));
      last = h;
      if (!crossed) continue;
      const [px, py] = project(land, eye, x, y);
      const room = px > a[0] + 22 && px < b[0] - 22 && py < a[1] - 10 && py > b[1] + 10;
      if (!room || placed.some((other) => Math.abs(other[0] - px) < 52 && Math.abs(other[1] - py) < 34)) continue;
      placed.push([px, py]);
      const [, text] = crossed;
      pen.strokeText(text, px, py);
      pen.fillText(text, px, py);
    }
  }
  pen.globalAlpha = 1;
}
