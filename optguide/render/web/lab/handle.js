// @ts-check
// The start as something to take hold of: with mouse, finger or arrow keys, or by a click on the map.

import { make } from "../dom.js";
import { clamp } from "../numbers.js";
import { digits } from "../words.js";

/** @typedef {import("../numbers.js").Pair} Pair */
/** @typedef {import("./lab.js").Lab} Lab */

/** @type {Record<string, Pair>} */
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/** The point of the landscape at a place of the stage, as it is seen from above.
 * @param {any} view @param {Pair} place @returns {number[]} */
export function pointAt(view, [px, py]) {
  const { box } = view.land;
  if (!view.eye) return [box[0][0] + ((px - view.x(box[0][0])) / (view.x(box[0][1]) - view.x(box[0][0]))) * (box[0][1] - box[0][0])];
  const { eye } = view;
  const shares = [(px - eye.x) / eye.scale / eye.extent[0], (eye.y - py) / eye.scale / eye.extent[1]];
  return shares.map((share, j) => box[j][0] + ((share + 1) / 2) * (box[j][1] - box[j][0]));
}

export class Handle {
  /** @param {Lab} lab */
  constructor(lab) {
    this.lab = lab;
    this.element = make("button", { type: "button", class: "og-start", title: "drag the start, or move it with the arrow keys" });
    this.held = false;
    /** @type {Pair | null} where a press on the map began */
    this.pressed = null;
    this.key = "";
    const { element } = this;
    element.addEventListener("pointerdown", (event) => {
      event.stopPropagation();
      element.setPointerCapture(event.pointerId);
      this.held = true;
    });
    element.addEventListener("pointermove", (event) => {
      event.stopPropagation();
      if (this.held) this.goTo(this.place(event));
    });
    for (const name of ["pointerup", "pointercancel"]) {
      element.addEventListener(name, (event) => {
        event.stopPropagation();
        this.held = false;
      });
    }
    element.addEventListener("click", (event) => event.stopPropagation());
    element.addEventListener("keydown", (event) => {
      const move = MOVES[event.key];
      if (!move || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation(); // the player's arrows are steps
      const part = event.shiftKey ? 1 / 20 : 1 / 200;
      this.move(lab.scene.start.map((x, j) => x + move[j] * part * (this.box[j][1] - this.box[j][0])));
    });
    this.show();
  }

  get stage() { return /** @type {import("../stage.js").Stage} */ (this.lab.player.stage); }

  get box() { return this.stage.land.box; }

  /** @param {MouseEvent} event @returns {Pair} */
  place({ clientX, clientY }) {
    const { left, top } = this.stage.canvas.getBoundingClientRect();
    return [clientX - left, clientY - top];
  }

  /** Whether the start stays where it is: seen from the side, and where a teacher has hidden it. */
  get fixed() { return this.lab.player.camera.depth > 0 || (this.lab.scene.hide ?? []).includes("start"); }

  /** @param {Pair} place */
  goTo(place) {
    if (!this.fixed) this.move(pointAt(this.stage.view, place));
  }

  /** @param {number[]} start */
  move(start) {
    this.lab.change({ start: start.map((x, j) => clamp(rounded(x, this.box[j]), ...this.box[j])) });
  }

  /** The landscape may have been replaced, and the stage with it. */
  show() {
    const { stage, element } = this;
    if (element.parentElement !== stage.element) {
      stage.element.append(element);
      stage.element.addEventListener("pointerdown", (event) => { this.pressed = this.place(event); });
      stage.element.addEventListener("click", (event) => {
        const [from, to] = [this.pressed, this.place(event)];
        if (from && Math.hypot(from[0] - to[0], from[1] - to[1]) < 4) this.goTo(to);
      });
    }
    this.at();
  }

  /** Stay over the ring that marks the start. */
  at() {
    const { stage, element, lab } = this;
    const { start } = lab.scene;
    const key = `${start} ${this.fixed} ${stage.drawn}`;
    if (key === this.key) return; // each frame asks
    this.key = key;
    element.hidden = this.fixed;
    const [x, y] = stage.project(start.map((s, j) => clamp(s, ...this.box[j])));
    element.style.left = `${x}px`;
    element.style.top = `${y}px`;
    element.setAttribute("aria-label", `start at (${start.map(digits).join(", ")}): the arrow keys move it`);
  }
}

/** A coordinate with as many digits as a drag can mean.
 * @param {number} x @param {Pair} edges */
function rounded(x, [low, high]) {
  const unit = 10 ** Math.floor(Math.log10((high - low) / 500));
  return +(Math.round(x / unit) * unit).toPrecision(12);
}
