// @ts-check
// What mouse, fingers and wheel do on the stage.

/** @typedef {import("./numbers.js").Pair} Pair */

/** Half way between two fingers, and how far they are apart.
 * @param {Pair[]} held */
function pinch([a, b = a]) {
  /** @type {Pair} */
  const middle = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  return { middle, apart: Math.hypot(a[0] - b[0], a[1] - b[1]) || 1 };
}

/**
 * Tells what the reader does with the landscape.
 * @param {HTMLElement} stage
 * @param {HTMLElement} canvas
 * @param {{
 *   point(place: Pair): void, leave(): void, drag(dx: number, dy: number): void,
 *   scale(by: number, from: Pair, to?: Pair): void, reset(): void
 * }} told
 */
export function watchPointer(stage, canvas, told) {
  /** @type {Map<number, Pair>} */
  const held = new Map();
  /** @param {MouseEvent} event @returns {Pair} */
  const here = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  stage.addEventListener("pointerdown", (event) => {
    held.set(event.pointerId, here(event));
    stage.setPointerCapture(event.pointerId);
  });
  stage.addEventListener("pointermove", (event) => {
    const at = here(event);
    const last = held.get(event.pointerId);
    if (!last) return told.point(at);
    const before = pinch([...held.values()]);
    held.set(event.pointerId, at);
    const { middle, apart } = pinch([...held.values()]);
    if (held.size > 1) told.scale(apart / before.apart, before.middle, middle);
    else told.drag(at[0] - last[0], at[1] - last[1]);
  });
  for (const name of /** @type {const} */ (["pointerup", "pointercancel"])) {
    stage.addEventListener(name, (event) => {
      held.delete(event.pointerId);
      if (name === "pointerup") told.point(here(event));
    });
  }
  // A finger leaves with every touch; what it pointed at stays said until it points elsewhere.
  stage.addEventListener("pointerleave", (event) => { if (event.pointerType !== "touch") told.leave(); });
  stage.addEventListener("dblclick", () => told.reset());
  // The page scrolls under the wheel unless the reader has taken hold of the landscape.
  stage.addEventListener("wheel", (event) => {
    if (document.activeElement !== stage && !event.ctrlKey) return;
    event.preventDefault();
    told.scale(Math.exp(-event.deltaY * 0.0015), here(event));
  }, { passive: false });
}
