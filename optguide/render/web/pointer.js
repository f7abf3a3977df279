// @ts-check
// What mouse, fingers and wheel do on the stage.

/** @typedef {import("./numbers.js").Pair} Pair */

/**
 * Tells what the reader does with the landscape.
 * @param {HTMLElement} stage
 * @param {HTMLElement} canvas
 * @param {{
 *   point(place: Pair): void, leave(): void, drag(dx: number, dy: number): void, scale(by: number): void, reset(): void
 * }} told
 */
export function watchPointer(stage, canvas, told) {
  /** @type {Map<number, Pair>} */
  const held = new Map();
  let apart = 0;
  /** @param {PointerEvent} event @returns {Pair} */
  const here = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  stage.addEventListener("pointerdown", (event) => {
    held.set(event.pointerId, here(event));
    apart = 0;
    stage.setPointerCapture(event.pointerId);
  });
  stage.addEventListener("pointermove", (event) => {
    const at = here(event);
    const last = held.get(event.pointerId);
    if (!last) return told.point(at);
    held.set(event.pointerId, at);
    if (held.size === 2) {
      const [a, b] = [...held.values()];
      const distance = Math.hypot(a[0] - b[0], a[1] - b[1]);
      if (apart) told.scale(distance / apart);
      apart = distance;
    } else told.drag(at[0] - last[0], at[1] - last[1]);
  });
  for (const name of /** @type {const} */ (["pointerup", "pointercancel"])) {
    stage.addEventListener(name, (event) => {
      held.delete(event.pointerId);
      apart = 0;
      if (name === "pointerup") told.point(here(event));
    });
  }
  stage.addEventListener("pointerleave", () => told.leave());
  stage.addEventListener("dblclick", () => told.reset());
  // The page scrolls under the wheel unless the reader has taken hold of the landscape.
  stage.addEventListener("wheel", (event) => {
    if (document.activeElement !== stage && !event.ctrlKey) return;
    event.preventDefault();
    told.scale(Math.exp(-event.deltaY * 0.0015));
  }, { passive: false });
}
