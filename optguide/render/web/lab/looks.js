// @ts-check
// How runs look: each its own colour and its own mark. render/style.py does the same for pictures.

/** @typedef {import("../live/scene.js").Catalogue} Catalogue */
/** @typedef {import("../live/scene.js").Runner} Runner */

/** @param {string} color @returns {number[]} */
const parts = (color) => [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16));

/** @param {string} a @param {string} b */
function distance(a, b) {
  const [one, other] = [parts(a), parts(b)];
  return one.reduce((sum, x, i) => sum + (x - other[i]) ** 2, 0);
}

/** Colour and mark of each runner: those that it had; else the rule's colour, if it is free, or the farthest one.
 * @param {Runner[]} runners @param {Pick<Catalogue, "rules" | "palette" | "shapes">} catalogue
 * @param {{ name: string, color: string, shape: string }[]} known */
export function looks(runners, { rules, palette, shapes }, known) {
  const had = runners.map(({ name }) => known.find((run) => run.name === name));
  const used = had.flatMap((run) => (run ? [run.color] : []));
  const marks = had.flatMap((run) => (run ? [run.shape] : []));
  return runners.map(({ rule }, i) => {
    const run = had[i];
    if (run) return { color: run.color, shape: run.shape };
    const own = rules[rule]?.color;
    const far = (/** @type {string} */ color) => Math.min(...used.map((other) => distance(color, other)));
    const color = own && !used.includes(own) ? own : palette.reduce((best, one) => (far(one) > far(best) ? one : best));
    const shape = shapes.find((one) => !marks.includes(one)) ?? shapes[i % shapes.length];
    used.push(color);
    marks.push(shape);
    return { color, shape };
  });
}
