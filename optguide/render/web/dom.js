// @ts-check
// Elements, icons, canvases, and what the reader has set.

/** @typedef {CanvasRenderingContext2D} Pen */

/**
 * An element with attributes and children; what is no text is set as a property.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} attributes
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "string") element.setAttribute(name, value);
    else Object.assign(element, { [name]: value });
  }
  element.append(...children);
  return element;
}

/** Let an element say a text; returns whether it said another.
 * @param {Element} element @param {string} text */
export function say(element, text) {
  if (element.textContent === text) return false;
  (element.firstChild ?? element).textContent = text; // its node stays: that costs less in each frame
  return true;
}

export const ICONS = {
  play: "M7 4l13 8-13 8z",
  pause: "M6 4h4v16H6zM14 4h4v16h-4z",
  back: "M18 4v16L8 12zM5 4h2v16H5z",
  forward: "M6 4v16l10-8zM17 4h2v16h-2z",
  whole: "M4 4h6v2H6v4H4zM14 4h6v6h-2V6h-4zM4 14h2v4h4v2H4zM18 14h2v6h-6v-2h4z",
  loop: "M12 5a7 7 0 0 1 7 7h-2.2a4.8 4.8 0 1 0-1.5 3.5l1.6 1.5A7 7 0 1 1 12 5zM15 12h7l-3.5 4z",
};

/** @param {string} outline */
export function icon(outline, seen = "0 0 24 24") {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", seen);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", outline);
  svg.append(path);
  return svg;
}

/** What a canvas is drawn with.
 * @param {HTMLCanvasElement} canvas */
export const penOf = (canvas) => /** @type {Pen} */ (canvas.getContext("2d"));

/** Give a canvas the size of another, which empties it; its pen draws in CSS pixels.
 * @param {HTMLCanvasElement} canvas @param {HTMLCanvasElement} like @param {number} ratio */
export function emptied(canvas, like, ratio) {
  Object.assign(canvas, { width: like.width, height: like.height });
  const pen = penOf(canvas);
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  return pen;
}

/** Cover a canvas with the picture on another of its size; its pen draws in CSS pixels.
 * @param {HTMLCanvasElement} ground @param {HTMLCanvasElement} canvas @param {number} ratio */
export function copied(ground, canvas, ratio) {
  const pen = penOf(canvas);
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(ground, 0, 0);
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  return pen;
}

/** Let a canvas fill its parent, with so many device pixels to a CSS pixel; returns its size in CSS pixels.
 * @param {HTMLCanvasElement} canvas @param {number} ratio @returns {[number, number]} */
export function fit(canvas, ratio) {
  const { clientWidth: width, clientHeight: height } = /** @type {HTMLElement} */ (canvas.parentElement);
  const size = { width: Math.round(width * ratio), height: Math.round(height * ratio) };
  if (canvas.width !== size.width || canvas.height !== size.height) Object.assign(canvas, size);
  return [width, height];
}

/** The colour of what is written beside the pictures, which follows the theme.
 * @param {Element} figure */
export const inkOf = (figure) => getComputedStyle(figure).getPropertyValue("--og-ink").trim() || "#888";

/** Let the browser answer the reader before the work goes on.
 * @param {number} [pause] in milliseconds */
export const breath = (pause) => new Promise((go) => { setTimeout(go, pause); });

/** Whether the reader asked for less motion. */
export const calm = () => matchMedia("(prefers-reduced-motion: reduce)");
