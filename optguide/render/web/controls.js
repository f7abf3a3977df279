// @ts-check
// The bar, the legend and the keys: what the reader presses, and what it says.

import { ICONS, icon, make, say } from "./dom.js";
import { standing } from "./words.js";

/** @typedef {import("./data.js").Run} Run */
/** @typedef {import("./player.js").Player} Player */

const SPEEDS = [0.25, 0.5, 1, 2, 4];

/** @param {string} name @param {string} outline @param {() => void} act */
function button(name, outline, act) {
  const element = make("button", { type: "button", "aria-label": name, title: name }, icon(outline));
  element.addEventListener("click", act);
  return element;
}

/** @param {HTMLButtonElement} button @param {boolean} pressed */
const press = (button, pressed) => button.setAttribute("aria-pressed", String(pressed));

export class Bar {
  /** @param {Element} element @param {Player} player */
  constructor(element, player) {
    this.steps = player.record.steps;
    this.play = button("play", ICONS.play, () => player.toggleplay());
    this.slider = make("input", { type: "range", min: "0", max: String(this.steps), step: "1", "aria-label": "step" });
    this.slider.addEventListener("input", () => player.stopAt(+this.slider.value));
    this.playing = false; // what the button says
    this.counter = make("output", { class: "og-step" });
    const speed = make("select", { "aria-label": "speed" });
    speed.append(...SPEEDS.map((x) => make("option", { value: String(x) }, `${x}×`)));
    speed.value = "1";
    speed.addEventListener("change", () => player.pace(+speed.value));
    const repeat = button("repeat", ICONS.loop, () => press(repeat, player.repeat()));
    press(repeat, true);
    element.replaceChildren(
      this.play,
      button("one step back", ICONS.back, () => player.nudge(-1)),
      button("one step forward", ICONS.forward, () => player.nudge(1)),
      this.slider, this.counter, speed, repeat,
    );
    if (player.onMap) {
      this.turn = make("button", { type: "button", class: "og-turn" }, "3-D");
      this.turn.title = player.canTurn ? "map or landscape" : "this browser has no WebGL";
      this.turn.disabled = !player.canTurn;
      this.turn.addEventListener("click", () => player.turn());
      this.turned(Boolean(player.camera.goal));
      element.append(this.turn);
    }
    if (document.fullscreenEnabled) {
      this.whole = button("full screen", ICONS.whole, () => player.fill());
      this.filled(false);
      element.append(this.whole);
    }
  }

  /** The last step is another one now.
   * @param {number} steps */
  reach(steps) {
    this.steps = steps;
    this.slider.max = String(steps);
  }

  /** @param {boolean} up */
  turned(up) {
    if (this.turn) press(this.turn, up);
  }

  /** @param {boolean} whole */
  filled(whole) {
    if (this.whole) press(this.whole, whole);
  }

  /** @param {number} step @param {boolean} playing */
  show(step, playing) {
    if (say(this.counter, `${step} / ${this.steps}`)) { // between two steps there are frames
      this.slider.value = String(step);
      this.slider.setAttribute("aria-valuetext", `step ${step} of ${this.steps}`);
    }
    if (this.playing === playing) return;
    this.playing = playing;
    const name = playing ? "pause" : "play";
    this.play.replaceChildren(icon(ICONS[name]));
    this.play.setAttribute("aria-label", name);
    this.play.title = name;
  }
}

export class Legend {
  /** @param {Element} list @param {Player} player */
  constructor(list, player) {
    const { runs } = player;
    this.entries = runs.map((run, i) => {
      const mark = icon(run.shape, "-1 -1 2 2");
      const path = /** @type {Element} */ (mark.firstChild);
      path.setAttribute("transform", "scale(1.5)");
      path.setAttribute("fill", run.color);
      const now = make("output", { "data-told": run.told ?? "loss" });
      const words = [make("span", {}, run.name), " ", make("small", {}, run.settings)];
      const button = make("button", { type: "button", title: "show or hide" }, ...words, now);
      press(button, run.shown);
      button.addEventListener("click", () => player.toggle(i));
      const only = make("button", { type: "button", class: "og-only", title: "only this, or all again" }, mark);
      only.setAttribute("aria-label", `only ${run.name}`);
      only.addEventListener("click", () => player.only(i));
      const item = make("li", {}, only, button);
      // While a name is pointed at, or the keyboard has come to it, its run stands out.
      item.addEventListener("pointerenter", ({ pointerType }) => { if (pointerType !== "touch") player.follow(i); });
      item.addEventListener("pointerleave", () => player.follow(-1));
      item.addEventListener("focusin", () => { if (item.querySelector(":focus-visible")) player.follow(i); });
      item.addEventListener("focusout", () => player.follow(-1));
      return { run, item, button, now };
    });
    list.replaceChildren(...this.entries.map(({ item }) => item));
  }

  /** @param {number} i @param {boolean} shown */
  toggled(i, shown) {
    press(this.entries[i].button, shown);
  }

  /** @param {number} step */
  show(step) {
    for (const { run, now } of this.entries) {
      const { text, gone } = standing(run, step);
      if (say(now, text)) now.classList.toggle("og-gone", gone);
    }
  }
}

/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

const TYPED = "select, summary, textarea, input:not([type=range]), [contenteditable]"; // where keys mean other things

/** Does what a key says, if it says something here.
 * @param {KeyboardEvent} event @param {Player} player */
export function answer(event, player) {
  const { key, shiftKey } = event;
  const target = /** @type {Element} */ (event.target);
  if (event.ctrlKey || event.metaKey || event.altKey || target.matches(TYPED)) return;
  const arrow = ARROWS[key];
  if (key === " " && target.tagName !== "BUTTON") player.toggleplay();
  else if (key === "3" && player.canTurn) player.turn();
  else if (key === "f") player.fill();
  else if (key === "0") player.resetView();
  else if (key === "+" || key === "-") player.scale(key === "+" ? 1.2 : 1 / 1.2);
  else if (arrow && shiftKey && player.camera.goal) player.rotate(arrow[0] * 0.12, arrow[1] * 0.08);
  else if (arrow && arrow[0] && target !== player.bar.slider && !shiftKey) player.nudge(arrow[0]);
  else if (key === "Home") player.stopAt(0);
  else if (key === "End") player.stopAt(player.record.steps);
  else return;
  event.preventDefault();
}
