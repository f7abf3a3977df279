// @ts-check
// The landscape as a relief, drawn by one WebGL context for all players of a page; or as a map, without WebGL.

import { breath, make, penOf } from "./dom.js";
import { before, clamp, mix } from "./numbers.js";

/** @typedef {import("./camera.js").Eye} Eye */
/** @typedef {import("./data.js").MapLand} MapLand */
/** @typedef {{ array: WebGLVertexArrayObject, count: number }} Mesh */
/**
 * @typedef {object} Renderer
 * @property {HTMLCanvasElement} canvas
 * @property {WebGL2RenderingContext} gl
 * @property {(name: string) => WebGLUniformLocation | null} place
 * @property {WeakMap<MapLand, Mesh>} meshes
 * @property {MapLand | null} land  what was drawn last, and how
 * @property {string} seen
 */

const VERTEX = `#version 300 es
uniform int n; uniform vec2 extent, turn, tilt, scale, centre; uniform float rise;
layout(location=0) in vec2 place; layout(location=1) in vec2 slope;
out float h; out float band; out float light;
void main() {
  vec2 uv = vec2(float(gl_VertexID % n), float(gl_VertexID / n)) / float(n - 1) * 2. - 1.;
  vec2 p = uv * extent;
  vec2 q = vec2(p.x * turn.x - p.y * turn.y, p.x * turn.y + p.y * turn.x);
  h = place.x; band = place.y;
  float z = (clamp(h, 0., 1.) - .5) * rise;
  vec3 normal = normalize(vec3(-slope * rise, 1.));
  light = mix(1., .62 + .55 * max(dot(normal, normalize(vec3(-.5, .45, .75))), 0.), step(.01, rise));
  gl_Position = vec4((vec2(q.x, q.y * tilt.y + z * tilt.x)) * scale + centre, (q.y * tilt.x - z * tilt.y) * .25, 1.);
}`;
const FRAGMENT = `#version 300 es
precision highp float;
uniform vec3 colors[6]; uniform float line; uniform vec3 ink;
in float h; in float band; in float light; out vec4 color;
void main() {
  if (h < -.001) discard;
  float c = clamp(h, 0., 1.) * 5.; int i = int(min(c, 4.));
  vec3 ground = mix(colors[i], colors[i + 1], c - float(i)) * light;
  float away = abs(fract(band + .5) - .5) / max(fwidth(band), 1e-6);
  float on = 1. - smoothstep(.2 * line, line, away);
  color = vec4(mix(ground, ink, on * .42), 1.);
}`;

/** @type {Renderer | null} */
let renderer = null;

export function surfaceRenderer() {
  if (renderer) return renderer;
  const canvas = make("canvas");
  const gl = canvas.getContext("webgl2", { antialias: true, alpha: true, premultipliedAlpha: false, preserveDrawingBuffer: true });
  if (!gl) return null;
  const program = gl.createProgram();
  for (const [type, source] of /** @type {const} */ ([[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]])) {
    const shader = /** @type {WebGLShader} */ (gl.createShader(type));
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) return null;
  gl.useProgram(program);
  gl.enable(gl.DEPTH_TEST);
  /** @type {Map<string, WebGLUniformLocation | null>} */
  const known = new Map();
  /** @param {string} name */
  const place = (name) => {
    if (!known.has(name)) known.set(name, gl.getUniformLocation(program, name));
    return known.get(name) ?? null;
  };
  canvas.addEventListener("webglcontextlost", () => { renderer = null; });
  renderer = { canvas, gl, place, meshes: new WeakMap(), land: null, seen: "" };
  return renderer;
}

/** Where a height lies between contour lines: a whole number on each line, and on nothing else.
 * @param {number[]} levels @param {number} h */
function bandAt(levels, h) {
  const last = levels.length - 1;
  if (last < 0) return 0.5;
  if (h < levels[0]) return Math.max(-0.49, (h - levels[0]) * 20);
  if (h >= levels[last]) return last + Math.min(0.49, (h - levels[last]) * 20);
  const i = before(levels, h);
  return i + (h - levels[i]) / (levels[i + 1] - levels[i]);
}

/** The triangles of a landscape: for each point its height and its band, and its slopes; the corners of each.
 * @param {MapLand} land */
function triangles(land) {
  const { size: n, heights } = land;
  const slopes = new Float32Array(n * n * 2);
  const faces = new Uint32Array((n - 1) * (n - 1) * 6);
  const filled = heights.map((h) => (Number.isNaN(h) ? -1 : h));
  const places = new Float32Array(n * n * 2);
  const levels = land.levels.map(([level]) => level);
  const corners = [0, 1, n, 1, n + 1, n];
  for (let i = 0, at = 0; i < n; i++) { // no list is made for a point: there are thousands
    const south = i > 0 ? n : 0;
    const north = i < n - 1 ? n : 0;
    for (let j = 0; j < n; j++) {
      const k = i * n + j;
      const west = +(j > 0);
      const east = +(j < n - 1);
      places[2 * k] = filled[k];
      places[2 * k + 1] = bandAt(levels, filled[k]);
      slopes[2 * k] = ((filled[k + east] - filled[k - west]) * (n - 1)) / 2 / (east + west);
      slopes[2 * k + 1] = ((filled[k + north] - filled[k - south]) * (n - 1)) / 2 / ((north + south) / n);
      if (north && east) for (const corner of corners) faces[at++] = k + corner;
    }
  }
  return { places, slopes, faces };
}

/** @param {Renderer} renderer @param {MapLand} land @returns {Mesh} */
function meshOf({ gl, meshes }, land) {
  const made = meshes.get(land);
  if (made) return made;
  const { places, slopes, faces } = triangles(land);
  const array = gl.createVertexArray();
  gl.bindVertexArray(array);
  /** @param {number} target @param {ArrayBufferView} data */
  const upload = (target, data) => {
    gl.bindBuffer(target, gl.createBuffer());
    gl.bufferData(target, data, gl.STATIC_DRAW);
  };
  [places, slopes].forEach((data, at) => {
    upload(gl.ARRAY_BUFFER, data);
    gl.enableVertexAttribArray(at);
    gl.vertexAttribPointer(at, 2, gl.FLOAT, false, 0, 0);
  });
  upload(gl.ELEMENT_ARRAY_BUFFER, faces);
  const mesh = { array, count: faces.length };
  meshes.set(land, mesh);
  return mesh;
}

/** @param {string} color @returns {number[]} */
const rgb = (color) => [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16) / 255);

/** The surface as a picture of width x height device pixels, or null where there is no WebGL.
 * @param {MapLand} land @param {Eye} eye @param {HTMLCanvasElement} like @param {number} pixels to one of CSS
 * @param {string} faint The colour of contour lines */
export function drawSurface(land, eye, like, pixels, faint) {
  const found = surfaceRenderer();
  if (!found) return null;
  const { canvas, gl, place } = found;
  const { width, height } = like;
  const seen = JSON.stringify([eye, width, height, pixels, faint]);
  if (found.land === land && found.seen === seen) return canvas;
  Object.assign(found, { land, seen });
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  gl.viewport(0, 0, width, height);
  gl.clearColor(0, 0, 0, 0);
  gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
  const mesh = meshOf(found, land);
  const { extent, azimuth, elevation, rise, scale, x, y } = eye;
  gl.uniform1i(place("n"), land.size);
  gl.uniform2f(place("extent"), ...extent);
  gl.uniform2f(place("turn"), Math.cos(azimuth), Math.sin(azimuth));
  gl.uniform2f(place("tilt"), Math.cos(elevation), Math.sin(elevation));
  gl.uniform1f(place("rise"), rise);
  gl.uniform2f(place("scale"), (2 * scale * pixels) / width, (2 * scale * pixels) / height);
  gl.uniform2f(place("centre"), (2 * x * pixels) / width - 1, 1 - (2 * y * pixels) / height);
  gl.uniform3fv(place("colors"), land.colors.flatMap(rgb));
  gl.uniform1f(place("line"), 0.75 * pixels);
  gl.uniform3fv(place("ink"), rgb(faint));
  gl.bindVertexArray(mesh.array);
  gl.drawElements(gl.TRIANGLES, mesh.count, gl.UNSIGNED_INT, 0);
  return canvas;
}

/** Have the surface drawn while the page goes on, so that `drawSurface` finds it: where a processor plays WebGL, that
 * takes a tenth of a second.
 * @param {Parameters<typeof drawSurface>} picture */
export async function surfaceAhead(...picture) {
  const found = surfaceRenderer();
  if (!found) return;
  const { gl } = found;
  meshOf(found, picture[0]);
  await breath();
  drawSurface(...picture);
  const drawn = /** @type {WebGLSync} */ (gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0));
  gl.flush();
  for (let i = 0; i < 200 && gl.getSyncParameter(drawn, gl.SYNC_STATUS) === gl.UNSIGNALED; i++) await breath(8);
}

/** The same from above, a pixel per height, for browsers without WebGL.
 * @param {MapLand} land */
export function paintMap(land) {
  const { size: n, heights } = land;
  const canvas = make("canvas", { width: n, height: n });
  const context = penOf(canvas);
  const image = context.createImageData(n, n);
  const colors = land.colors.map(rgb);
  heights.forEach((h, k) => {
    const c = clamp(h, 0, 1) * 5;
    const i = Math.min(Math.floor(c), 4);
    const at = 4 * ((n - 1 - Math.floor(k / n)) * n + (k % n));
    for (let j = 0; j < 3; j++) image.data[at + j] = 255 * mix(colors[i][j], colors[i + 1][j], c - i);
    image.data[at + 3] = Number.isNaN(h) ? 0 : 255;
  });
  context.putImageData(image, 0, 0);
  return canvas;
}
