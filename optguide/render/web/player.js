// The player: takes over every <figure class="og-player"> and shows recorded descents on their landscape.
// It only draws what was recorded. No dependency; needs nothing but the figure, its data and a canvas.

const FORMAT = 1;
const HOLE = 4095;
const TURN = { azimuth: -0.62, elevation: 0.72 }; // where the eye stands in 3-D at first, in radians
const RELIEF = 0.8; // how high the landscape rises, in units of half its width
const SPEEDS = [0.25, 0.5, 1, 2, 4];
const calm = matchMedia("(prefers-reduced-motion: reduce)");

const clamp = (x, low, high) => Math.min(high, Math.max(low, x));
const mix = (a, b, k) => a + (b - a) * k;

/** A number as it is shown: four digits, a true minus sign. */
function digits(x) {
  if (!Number.isFinite(x)) return "–";
  const far = Math.abs(x) >= 1e5 || (x !== 0 && Math.abs(x) < 1e-3);
  return (far ? x.toExponential(2) : String(+x.toPrecision(4))).replaceAll("-", "−");
}

/** The least and the greatest of many numbers. */
const range = (numbers) => numbers.reduce(([low, high], x) => [Math.min(low, x), Math.max(high, x)], [Infinity, -Infinity]);

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name in element && typeof value !== "string") element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

function icon(path) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS(svg.namespaceURI, "path"));
  svg.firstChild.setAttribute("d", path);
  return svg;
}

const ICONS = {
  play: "M7 4l13 8-13 8z",
  pause: "M6 4h4v16H6zM14 4h4v16h-4z",
  back: "M18 4v16L8 12zM5 4h2v16H5z",
  forward: "M6 4v16l10-8zM17 4h2v16h-2z",
  loop: "M12 5a7 7 0 0 1 7 7h-2.2a4.8 4.8 0 1 0-1.5 3.5l1.6 1.5A7 7 0 1 1 12 5zM15 12h7l-3.5 4z",
};

// --- Data: base64, deflated, bytes of equal rank side by side.

async function bytes(text) {
  const packed = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function woven(planes, width) {
  const count = planes.length / width;
  if (!Number.isInteger(count)) throw new Error("the numbers are cut short");
  const result = new Uint8Array(planes.length);
  for (let i = 0; i < count; i++) for (let j = 0; j < width; j++) result[i * width + j] = planes[j * count + i];
  return result.buffer;
}

const floats = async (text) => new Float32Array(woven(await bytes(text), 4));

async function readRun(run, steps) {
  const names = Object.keys(run.channels);
  const values = await Promise.all(names.map((name) => floats(run.channels[name])));
  const kept = run.kept ? await floats(run.kept) : null;
  const count = values[names.indexOf("loss")].length;
  const at = kept || Float32Array.from({ length: count }, (_, i) => i);
  if (at.length !== count || at[count - 1] > steps) throw new Error(`the steps of ${run.name} do not fit`);
  const channels = {};
  names.forEach((name, i) => {
    if (values[i].length % count) throw new Error(`${name} of ${run.name} has ${values[i].length} numbers for ${count} steps`);
    channels[name] = Array.from({ length: values[i].length / count }, (_, j) => values[i].subarray(j * count, (j + 1) * count));
  });
  // Derived from what was recorded: how far each step went, and how far per unit of slope in each coordinate.
  const { step, gradient } = channels;
  channels["step length"] = [step[0].map((_, i) => Math.hypot(...step.map((values) => values[i])))];
  channels["step / gradient"] = step.map((values, j) => values.map((_, i) => (i ? Math.abs(values[i] / gradient[j][i - 1]) : NaN)));
  return { ...run, at, channels, shown: true, path: new Path2D(run.shape) };
}

async function readLandscape(land) {
  if (land.curve) return { ...land, heights: await floats(land.curve) };
  const n = land.size;
  const surprise = new Uint16Array(woven(await bytes(land.heights), 2));
  if (surprise.length !== n * n) throw new Error(`the landscape has ${surprise.length} heights instead of ${n * n}`);
  const steps = new Int32Array(n * n);
  const heights = new Float32Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const k = i * n + j;
      const u = surprise[k];
      steps[k] = (u & 1 ? -(u + 1) / 2 : u / 2) + (i ? steps[k - n] : 0) + (j ? steps[k - 1] : 0) - (i && j ? steps[k - n - 1] : 0);
      heights[k] = steps[k] === HOLE ? NaN : steps[k] / (HOLE - 1);
    }
  }
  return { ...land, heights };
}

// --- The surface, drawn by one WebGL context for all players of a page.

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

let renderer = null;

function surfaceRenderer() {
  if (renderer) return renderer;
  const canvas = make("canvas");
  const gl = canvas.getContext("webgl2", { antialias: true, alpha: true, premultipliedAlpha: false });
  if (!gl) return null;
  const program = gl.createProgram();
  for (const [type, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
    const shader = gl.createShader(type);
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) return null;
  gl.useProgram(program);
  gl.enable(gl.DEPTH_TEST);
  const known = new Map();
  const place = (name) => known.get(name) ?? known.set(name, gl.getUniformLocation(program, name)).get(name);
  canvas.addEventListener("webglcontextlost", () => { renderer = null; });
  renderer = { canvas, gl, place, meshes: new WeakMap() };
  return renderer;
}

/** Where a height lies between contour lines: a whole number on each line, and on nothing else. */
function bandAt(levels, h) {
  const last = levels.length - 1;
  if (last < 0) return 0.5;
  if (h < levels[0]) return Math.max(-0.49, (h - levels[0]) * 20);
  if (h >= levels[last]) return last + Math.min(0.49, (h - levels[last]) * 20);
  const i = before(levels, h);
  return i + (h - levels[i]) / (levels[i + 1] - levels[i]);
}

function meshOf({ gl, meshes }, land) {
  if (meshes.has(land)) return meshes.get(land);
  const { size: n, heights } = land;
  const slopes = new Float32Array(n * n * 2);
  const faces = new Uint32Array((n - 1) * (n - 1) * 6);
  const filled = heights.map((h) => (Number.isNaN(h) ? -1 : h));
  const places = new Float32Array(n * n * 2); // for each point its height, and where it lies between contour lines
  const levels = land.levels.map(([level]) => level);
  for (let i = 0, at = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const k = i * n + j;
      const [west, east] = [k - (j > 0), k + (j < n - 1)];
      const [south, north] = [k - (i > 0) * n, k + (i < n - 1) * n];
      places.set([filled[k], bandAt(levels, filled[k])], 2 * k);
      slopes[2 * k] = ((filled[east] - filled[west]) * (n - 1)) / 2 / (east - west);
      slopes[2 * k + 1] = ((filled[north] - filled[south]) * (n - 1)) / 2 / ((north - south) / n);
      if (i < n - 1 && j < n - 1) {
        faces.set([k, k + 1, k + n, k + 1, k + n + 1, k + n], at);
        at += 6;
      }
    }
  }
  const array = gl.createVertexArray();
  gl.bindVertexArray(array);
  const upload = (target, data) => {
    gl.bindBuffer(target, gl.createBuffer());
    gl.bufferData(target, data, gl.STATIC_DRAW);
  };
  upload(gl.ARRAY_BUFFER, places);
  gl.enableVertexAttribArray(0);
  gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
  upload(gl.ARRAY_BUFFER, slopes);
  gl.enableVertexAttribArray(1);
  gl.vertexAttribPointer(1, 2, gl.FLOAT, false, 0, 0);
  upload(gl.ELEMENT_ARRAY_BUFFER, faces);
  const mesh = { array, count: faces.length };
  meshes.set(land, mesh);
  return mesh;
}

const rgb = (color) => [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16) / 255);

/** The surface as a picture of width x height device pixels, or null where there is no WebGL. */
function drawSurface(land, camera, width, height, pixels, faint) {
  const found = surfaceRenderer();
  if (!found) return null;
  const { canvas, gl, place } = found;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  gl.viewport(0, 0, width, height);
  gl.clearColor(0, 0, 0, 0);
  gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
  const mesh = meshOf(found, land);
  const { extent, azimuth, elevation, rise, scale, x, y } = camera;
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

/** The same from above, a pixel per height, for browsers without WebGL. */
function paintMap(land) {
  const { size: n, heights } = land;
  const canvas = make("canvas", { width: n, height: n });
  const context = canvas.getContext("2d");
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

// --- Helpers for axes.

function ticks(low, high, count) {
  const raw = (high - low) / count;
  const unit = 10 ** Math.floor(Math.log10(raw));
  const step = unit * [1, 2, 2.5, 5, 10].find((m) => m * unit >= raw * 0.999);
  const result = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) result.push(+(i * step).toPrecision(12));
  return result;
}

/** The part of a segment inside the box, as shares of its length, or null (Liang and Barsky's way). */
function clip(a, b, box) {
  let [from, to] = [0, 1];
  for (let j = 0; j < box.length; j++) {
    const d = b[j] - a[j];
    const [enter, leave] = [(box[j][0] - a[j]) / d, (box[j][1] - a[j]) / d];
    if (d === 0) {
      if (a[j] < box[j][0] || a[j] > box[j][1]) return null;
    } else {
      from = Math.max(from, Math.min(enter, leave));
      to = Math.min(to, Math.max(enter, leave));
    }
  }
  return from <= to ? [from, to] : null;
}

/** The last kept record at or before a step. */
function before(at, step) {
  let [low, high] = [0, at.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (at[middle] <= step) low = middle;
    else high = middle - 1;
  }
  return low;
}

class Player {
  constructor(figure, record, land) {
    Object.assign(this, { figure, record, land, runs: record.runs, style: record.style });
    this.lostShape = new Path2D(this.style.lost);
    this.step = calm.matches ? record.steps : 0;
    this.playing = false;
    this.wanted = !calm.matches; // whether it should play when it is seen
    this.visible = false;
    this.speed = 1;
    this.loop = true;
    this.depth = 0; // 0 is the map, 1 the view in 3-D; between them a turn of the eye
    this.goal = 0;
    this.resetView();
    this.build();
    new ResizeObserver(() => this.layout()).observe(this.view);
    new IntersectionObserver((entries) => {
      this.visible = entries.at(-1).isIntersecting;
      if (this.visible) this.wake();
    }, { threshold: 0.25 }).observe(this.view);
    const repaint = () => this.refresh();
    const watch = new MutationObserver(repaint);
    for (const root of [document.documentElement, document.body]) {
      watch.observe(root, { attributeFilter: ["data-theme", "data-jp-theme-light", "class", "theme"] });
    }
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
    calm.addEventListener("change", () => { if (calm.matches) this.pause(); });
    if (figure.dataset.view === "surface" && this.canTurn) { this.goal = 1; this.depth = 1; }
    this.figure.player = this; // for tests, and for the curious in a console
    this.layout();
  }

  resetView() {
    Object.assign(this, { azimuth: TURN.azimuth, elevation: TURN.elevation, zoom: 1, pan: [0, 0] });
  }

  // --- What the reader sees and touches.

  build() {
    const { figure, record } = this;
    this.charts = record.charts.map((chosen) => new Chart(this, chosen));
    const stack = figure.querySelector(".og-charts");
    stack.append(...this.charts.map((chart) => chart.element));
    this.view = figure.querySelector(".og-view") ?? stack;
    this.canvas = make("canvas");
    this.tip = make("div", { class: "og-tip", hidden: true });
    this.stage = make("div", {
      class: "og-stage", tabindex: "0", role: "application", "aria-roledescription": "landscape",
      "aria-label": `${record.title}: the descents so far. Space plays, arrows step, 3 turns the landscape up.`,
    }, this.canvas, this.tip);
    this.canTurn = Boolean(this.land?.size && surfaceRenderer());
    if (this.land) this.view.append(this.stage);
    this.buildBar();
    this.legend = [...figure.querySelectorAll(".og-legend li")].map((item, i) => {
      const button = make("button", { type: "button", "aria-pressed": "true", title: "show or hide" }, ...item.childNodes);
      button.addEventListener("click", () => this.toggle(i));
      item.append(button);
      return { button, now: button.querySelector("output"), small: button.querySelector("small") };
    });
    figure.addEventListener("keydown", (event) => this.key(event));
    this.watchPointer();
  }

  buildBar() {
    const button = (name, path, act) => {
      const element = make("button", { type: "button", "aria-label": name, title: name }, icon(path));
      element.addEventListener("click", act);
      return element;
    };
    this.playButton = button("play", ICONS.play, () => this.toggleplay());
    this.slider = make("input", { type: "range", min: "0", max: String(this.record.steps), step: "1", "aria-label": "step" });
    this.slider.addEventListener("input", () => { this.pause(); this.seek(+this.slider.value); });
    this.counter = make("output", { class: "og-step" });
    this.loopButton = button("repeat", ICONS.loop, () => {
      this.loop = !this.loop;
      this.loopButton.setAttribute("aria-pressed", String(this.loop));
    });
    this.loopButton.setAttribute("aria-pressed", "true");
    const speed = make("select", { "aria-label": "speed" }, ...SPEEDS.map((x) => make("option", { value: String(x) }, `${x}×`)));
    speed.value = "1";
    speed.addEventListener("change", () => { this.speed = +speed.value; });
    const bar = this.figure.querySelector(".og-bar");
    bar.append(
      this.playButton,
      button("one step back", ICONS.back, () => this.nudge(-1)),
      button("one step forward", ICONS.forward, () => this.nudge(1)),
      this.slider, this.counter, speed, this.loopButton,
    );
    if (this.land?.size) {
      this.turnButton = make("button", { type: "button", class: "og-turn", "aria-pressed": "false" }, "3-D");
      this.turnButton.title = this.canTurn ? "map or landscape" : "this browser has no WebGL";
      this.turnButton.disabled = !this.canTurn;
      this.turnButton.addEventListener("click", () => this.turn());
      bar.append(this.turnButton);
    }
  }

  key(event) {
    const { target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || target.tagName === "SELECT" || target.tagName === "SUMMARY") return;
    const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (event.key === " " && target.tagName !== "BUTTON") this.toggleplay();
    else if (event.key === "3" && this.canTurn) this.turn();
    else if (event.key === "0") { this.resetView(); this.refresh(); }
    else if (event.key === "+" || event.key === "-") this.scale(event.key === "+" ? 1.2 : 1 / 1.2);
    else if (arrows && event.shiftKey && this.goal) this.rotate(arrows[0] * 0.12, arrows[1] * 0.08);
    else if (arrows && arrows[0] && target !== this.slider && !event.shiftKey) this.nudge(arrows[0]);
    else if (event.key === "Home") { this.pause(); this.seek(0); }
    else if (event.key === "End") { this.pause(); this.seek(this.record.steps); }
    else return;
    event.preventDefault();
  }

  watchPointer() {
    const held = new Map();
    let apart = 0;
    const here = (event) => {
      const box = this.canvas.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };
    this.stage.addEventListener("pointerdown", (event) => {
      held.set(event.pointerId, here(event));
      apart = 0;
      this.stage.setPointerCapture(event.pointerId);
    });
    this.stage.addEventListener("pointermove", (event) => {
      const at = here(event);
      const last = held.get(event.pointerId);
      if (!last) return this.point(at);
      held.set(event.pointerId, at);
      if (held.size === 2) {
        const [a, b] = [...held.values()];
        const distance = Math.hypot(a[0] - b[0], a[1] - b[1]);
        if (apart) this.scale(distance / apart);
        apart = distance;
      } else if (this.goal) {
        this.rotate((at[0] - last[0]) * 0.01, (at[1] - last[1]) * 0.008);
      } else if (this.zoom > 1) {
        this.pan = [this.pan[0] + at[0] - last[0], this.pan[1] + at[1] - last[1]];
        this.refresh();
      }
    });
    for (const name of ["pointerup", "pointercancel"]) {
      this.stage.addEventListener(name, (event) => {
        held.delete(event.pointerId);
        apart = 0;
        if (name === "pointerup") this.point(here(event));
      });
    }
    this.stage.addEventListener("pointerleave", () => { this.tip.hidden = true; });
    this.stage.addEventListener("dblclick", () => { this.resetView(); this.refresh(); });
    // The page scrolls under the wheel unless the reader has taken hold of the landscape.
    this.stage.addEventListener("wheel", (event) => {
      if (document.activeElement !== this.stage && !event.ctrlKey) return;
      event.preventDefault();
      this.scale(Math.exp(-event.deltaY * 0.0015));
    }, { passive: false });
  }

  // --- What it can be told.

  play() {
    if (this.step >= this.record.steps) this.step = 0;
    this.wanted = true;
    this.wake();
  }

  pause() {
    this.wanted = this.playing = false;
    this.step = Math.round(this.step);
    this.refresh();
  }

  toggleplay() { this.wanted ? this.pause() : this.play(); }

  seek(step) {
    this.step = clamp(step, 0, this.record.steps);
    this.rest = 0;
    this.refresh();
  }

  nudge(by) {
    this.pause();
    this.seek(Math.round(this.step) + by);
  }

  toggle(i, shown = !this.runs[i].shown) {
    this.runs[i].shown = shown;
    this.legend[i].button.setAttribute("aria-pressed", String(shown));
    for (const chart of this.charts) chart.stale = true;
    this.refresh();
  }

  turn(up = !this.goal) {
    this.goal = +up;
    this.turnButton.setAttribute("aria-pressed", String(up));
    this.zoom = 1;
    this.pan = [0, 0];
    if (calm.matches) this.depth = this.goal;
    this.refresh();
  }

  rotate(sideways, up) {
    this.azimuth += sideways;
    this.elevation = clamp(this.elevation + up, 0.12, Math.PI / 2);
    this.refresh();
  }

  scale(by) {
    this.zoom = clamp(this.zoom * by, 1, 12);
    if (this.zoom === 1) this.pan = [0, 0];
    this.refresh();
  }

  // --- Time. Frames are asked for only while something moves and is seen.

  refresh() {
    this.dirty = true;
    this.wake();
  }

  wake() {
    if (this.visible && !this.frame) {
      this.last = undefined;
      this.frame = requestAnimationFrame((now) => this.tick(now));
    }
  }

  tick(now) {
    this.frame = 0;
    if (!this.visible) { this.playing = false; return; }
    const passed = this.last === undefined ? 0 : Math.min(now - this.last, 100) / 1000;
    this.playing = this.wanted;
    if (this.playing) this.advance(passed);
    const turning = this.depth !== this.goal;
    if (turning) this.depth = clamp(this.depth + Math.sign(this.goal - this.depth) * passed * 1.8, 0, 1);
    if (this.playing || turning || this.dirty) this.draw();
    if (this.playing || turning) {
      this.frame = requestAnimationFrame((next) => this.tick(next));
      this.last = now;
    }
  }

  advance(seconds) {
    const { steps } = this.record;
    if (this.step < steps) {
      this.step = Math.min(steps, this.step + (seconds * this.speed * steps) / this.record.seconds);
      this.rest = 0;
    } else if ((this.rest += seconds) > 1.2) { // the end stays for a moment
      if (this.loop) this.step = 0;
      else this.wanted = this.playing = false;
      this.rest = 0;
    }
  }

  // --- Where things are drawn.

  layout() {
    this.ratio = Math.min(devicePixelRatio || 1, 3);
    const fit = (canvas) => {
      const { clientWidth: width, clientHeight: height } = canvas.parentElement;
      const size = { width: Math.round(width * this.ratio), height: Math.round(height * this.ratio) };
      if (canvas.width !== size.width || canvas.height !== size.height) Object.assign(canvas, size);
      return [width, height];
    };
    if (this.land) [this.width, this.height] = fit(this.canvas);
    for (const chart of this.charts) {
      [chart.width, chart.height] = fit(chart.canvas);
      chart.stale = true;
    }
    this.drawn = null;
    this.draw();
  }

  get camera() {
    const [[x0, x1], [y0, y1]] = this.land.box;
    const extent = this.land.equal ? [(x1 - x0) / Math.max(x1 - x0, y1 - y0), (y1 - y0) / Math.max(x1 - x0, y1 - y0)] : [1, 1];
    const k = this.depth * this.depth * (3 - 2 * this.depth);
    const [left, right, top, bottom] = [52, 12, 12, 42];
    const flat = Math.min((this.width - left - right) / 2 / extent[0], (this.height - top - bottom) / 2 / extent[1]);
    const tall = Math.min(this.width, this.height) / 3.1;
    return {
      extent, k,
      azimuth: this.azimuth * k,
      elevation: mix(Math.PI / 2, this.elevation, k),
      rise: RELIEF * k,
      scale: mix(flat, tall, k) * this.zoom,
      x: mix((this.width + left - right) / 2, this.width / 2, k) + this.pan[0],
      y: mix((this.height + top - bottom) / 2, this.height * 0.5, k) + this.pan[1],
    };
  }

  /** Height between 0 and 1 of the drawn surface at a point of the map. */
  heightAt(x, y) {
    const { size: n, heights, box } = this.land;
    const u = clamp((x - box[0][0]) / (box[0][1] - box[0][0]), 0, 1) * (n - 1);
    const v = clamp((y - box[1][0]) / (box[1][1] - box[1][0]), 0, 1) * (n - 1);
    const [j, i] = [Math.min(Math.floor(u), n - 2), Math.min(Math.floor(v), n - 2)];
    const k = i * n + j;
    const h = mix(mix(heights[k], heights[k + 1], u - j), mix(heights[k + n], heights[k + n + 1], u - j), v - i);
    return Number.isNaN(h) ? 1 : h;
  }

  /** A point of the landscape in CSS pixels of the stage. */
  project(x, y, camera = this.eye) {
    if (this.land.curve) return this.onCurve(x);
    const { box } = this.land;
    const u = (((x - box[0][0]) / (box[0][1] - box[0][0])) * 2 - 1) * camera.extent[0];
    const v = (((y - box[1][0]) / (box[1][1] - box[1][0])) * 2 - 1) * camera.extent[1];
    const [cos, sin] = [Math.cos(camera.azimuth), Math.sin(camera.azimuth)];
    const z = camera.rise ? (this.heightAt(x, y) - 0.5) * camera.rise : 0;
    const up = (u * sin + v * cos) * Math.sin(camera.elevation) + z * Math.cos(camera.elevation);
    return [camera.x + camera.scale * (u * cos - v * sin), camera.y - camera.scale * up];
  }

  onCurve(x) {
    const { box: [[low, high]], range, heights } = this.land;
    const at = clamp((x - low) / (high - low), 0, 1) * (heights.length - 1);
    const i = Math.min(Math.floor(at), heights.length - 2);
    return [this.curveX(x), this.curveY(mix(heights[i], heights[i + 1], at - i), range)];
  }

  curveX(x) {
    const [[low, high]] = this.land.box;
    return 56 + ((x - low) / (high - low)) * (this.width - 72);
  }

  curveY(z) {
    const [low, high] = this.land.range;
    return this.height - 46 - ((z - low) / (high - low)) * (this.height - 72);
  }

  /** Where a run stands at a (fractional) step, or null once it is lost. */
  position(run, step) {
    const i = before(run.at, step);
    const next = Math.min(i + 1, run.at.length - 1);
    const share = next > i ? clamp((step - run.at[i]) / (run.at[next] - run.at[i]), 0, 1) : 0;
    const point = run.channels.theta.map((values) => (share ? mix(values[i], values[next], share) : values[i]));
    return point.every(Number.isFinite) ? point : null;
  }

  /** A run's whole trail on the stage: where it is at which step, and where it jumps. Draped over the surface in 3-D. */
  trail(run) {
    const { box } = this.land;
    const trail = { t: [], x: [], y: [], jump: [] };
    const add = (t, point, jump) => {
      const [x, y] = this.project(...point);
      trail.t.push(t);
      trail.x.push(x);
      trail.y.push(y);
      trail.jump.push(jump);
    };
    const record = (i) => run.channels.theta.map((values) => values[i]);
    let joined = false;
    let a = record(0);
    for (let i = 1; i < run.at.length; i++) {
      const b = record(i);
      if (!b.every(Number.isFinite)) break;
      const part = clip(a, b, box);
      if (part) {
        const length = Math.hypot(...b.map((x, j) => (x - a[j]) / (box[j][1] - box[j][0]))) * (part[1] - part[0]);
        const pieces = this.eye?.rise ? clamp(Math.ceil(length / 0.02), 1, 50) : 1;
        joined &&= part[0] === 0;
        for (let n = joined ? 1 : 0; n <= pieces; n++) {
          const share = mix(part[0], part[1], n / pieces);
          add(mix(run.at[i - 1], run.at[i], share), a.map((x, j) => mix(x, b[j], share)), n === 0);
        }
      }
      joined = part !== null && part[1] === 1;
      a = b;
    }
    return trail;
  }

  /** Adds to a path what a trail covers between two steps; returns where it ends. */
  follow(path, { t, x, y, jump }, from, to) {
    if (!t.length || t[0] > to) return null;
    let i = before(t, from);
    let at = [x[i], y[i]];
    path.moveTo(...at);
    while (++i < t.length && t[i] <= to) {
      at = [x[i], y[i]];
      jump[i] ? path.moveTo(...at) : path.lineTo(...at);
    }
    if (i < t.length && !jump[i]) {
      const share = (to - t[i - 1]) / (t[i] - t[i - 1]);
      at = [mix(x[i - 1], x[i], share), mix(y[i - 1], y[i], share)];
      path.lineTo(...at);
    }
    return at;
  }

  /** What is drawn now: name, place in data, place on the stage. */
  heads(step = this.step) {
    return this.runs.filter((run) => run.shown).map((run) => {
      const point = this.position(run, step);
      const seen = point && this.land && point.every((x, j) => x >= this.land.box[j][0] && x <= this.land.box[j][1]);
      return { name: run.name, run, point, pixel: seen ? this.project(...point) : null };
    });
  }

  // --- Drawing.

  draw() {
    this.dirty = false;
    if (this.land && this.width > 0) this.drawStage();
    for (const chart of this.charts) chart.draw(this.step);
    const whole = Math.floor(this.step + 1e-9);
    this.slider.value = String(whole);
    this.slider.setAttribute("aria-valuetext", `step ${whole} of ${this.record.steps}`);
    this.counter.textContent = `${whole} / ${this.record.steps}`;
    if (this.shownPlaying !== this.wanted) {
      const name = (this.shownPlaying = this.wanted) ? "pause" : "play";
      this.playButton.replaceChildren(icon(ICONS[name]));
      this.playButton.setAttribute("aria-label", name);
      this.playButton.title = name;
    }
    this.runs.forEach((run, i) => {
      const { now } = this.legend[i];
      const lost = run.diverged !== null && whole >= run.diverged;
      const left = run.left !== null && whole >= run.left;
      const text = lost ? `diverged at ${run.diverged}` : left ? `left at ${run.left}` : digits(run.channels.loss[0][before(run.at, whole)]);
      if (now.textContent === text) return;
      now.textContent = text;
      now.classList.toggle("og-gone", lost || left);
    });
    this.figure.dataset.live = "";
  }

  drawStage() {
    const context = this.canvas.getContext("2d");
    const ink = getComputedStyle(this.figure).getPropertyValue("--og-ink").trim() || "#888";
    this.eye = this.land.curve ? null : this.camera;
    const key = JSON.stringify([this.eye, this.width, this.height, this.ratio, ink]);
    if (this.drawn !== key) {
      this.ground ??= make("canvas");
      Object.assign(this.ground, { width: this.canvas.width, height: this.canvas.height });
      const pen = this.ground.getContext("2d");
      pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
      if (this.land.curve) this.drawCurve(pen, ink);
      else this.drawGround(pen, ink);
      this.drawn = key;
      for (const run of this.runs) run.trail = this.trail(run);
    }
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.drawImage(this.ground, 0, 0);
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    this.drawTrails(context);
  }

  drawGround(pen, ink) {
    const { land, eye } = this;
    const corners = [[0, 0], [1, 0], [1, 1], [0, 1]].map(([i, j]) => [land.box[0][i], land.box[1][j]]);
    const onFloor = ([x, y]) => {
      const [px, py] = this.project(x, y);
      return eye.rise ? [px, py + eye.scale * this.heightAt(x, y) * eye.rise * Math.cos(eye.elevation)] : [px, py];
    };
    if (eye.k > 0) { // the floor, so that the eye knows which way is which
      pen.strokeStyle = ink;
      pen.globalAlpha = 0.35 * eye.k;
      pen.beginPath();
      corners.forEach((corner) => pen.lineTo(...onFloor(corner)));
      pen.closePath();
      pen.stroke();
      pen.globalAlpha = 1;
    }
    pen.save();
    if (!eye.k) {
      const [a, b] = [this.frame2d()[0], this.frame2d()[1]];
      pen.beginPath();
      pen.rect(a[0], b[1], b[0] - a[0], a[1] - b[1]);
      pen.clip();
    }
    const surface = drawSurface(land, eye, this.canvas.width, this.canvas.height, this.ratio, this.style.faint);
    if (surface) pen.drawImage(surface, 0, 0, this.width, this.height);
    else {
      const [a, b] = [this.project(...corners[0]), this.project(...corners[2])];
      this.flat ??= paintMap(land);
      pen.drawImage(this.flat, a[0], b[1], b[0] - a[0], a[1] - b[1]);
    }
    this.drawLabels(pen, 1 - 2.5 * eye.k);
    pen.restore();
    this.drawAxes(pen, ink, 1 - 2.5 * eye.k);
    if (eye.k > 0.5) this.nameEdges(pen, ink, onFloor, 2 * eye.k - 1);
    for (const point of land.minima) {
      const [x, y] = this.project(...point);
      pen.strokeStyle = this.style.ink;
      pen.lineWidth = 1.5;
      pen.beginPath();
      pen.arc(x, y, 5, 0, 2 * Math.PI);
      pen.stroke();
    }
  }

  /** The lower left and upper right corner of the map's frame, which zooming does not move. */
  frame2d() {
    const { x, y, scale, extent } = { ...this.camera, x: this.camera.x - this.pan[0], y: this.camera.y - this.pan[1] };
    const half = extent.map((e) => (e * scale) / this.zoom);
    return [[x - half[0], y + half[1]], [x + half[0], y - half[1]]];
  }

  drawAxes(pen, ink, alpha) {
    if (alpha <= 0) return;
    const { box, axes } = this.land;
    const [a, b] = this.frame2d();
    pen.globalAlpha = alpha;
    pen.fillStyle = pen.strokeStyle = ink;
    pen.lineWidth = 1;
    pen.font = "12px system-ui, sans-serif";
    pen.textAlign = "center";
    pen.textBaseline = "top";
    const span = (j, low, high) => { // the part of an axis that is seen
      const at = (pixel) => mix(box[j][0], box[j][1], ((pixel - (j ? a[1] : a[0]) - this.offset(j)) / ((j ? b[1] - a[1] : b[0] - a[0]) * this.zoom)));
      return [at(low), at(high)];
    };
    const [x0, x1] = span(0, a[0], b[0]);
    for (const x of ticks(x0, x1, clamp((b[0] - a[0]) / 70, 2, 6))) {
      const [px] = this.project(x, box[1][0]);
      pen.fillRect(px - 0.5, a[1], 1, 4);
      pen.fillText(digits(x), px, a[1] + 7);
    }
    pen.fillText(axes[0], (a[0] + b[0]) / 2, a[1] + 24);
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    const [y0, y1] = span(1, a[1], b[1]);
    for (const y of ticks(y0, y1, clamp((a[1] - b[1]) / 60, 2, 6))) {
      const [, py] = this.project(box[0][0], y);
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

  /** How far the map's first corner has moved from its frame's, by zooming and panning. */
  offset(j) {
    const corner = this.project(this.land.box[0][0], this.land.box[1][0]);
    return corner[j] - this.frame2d()[0][j];
  }

  nameEdges(pen, ink, onFloor, alpha) {
    const { box, axes } = this.land;
    const middle = [this.eye.x, this.eye.y];
    pen.globalAlpha = alpha;
    pen.fillStyle = ink;
    pen.font = "12px system-ui, sans-serif";
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    // Of two parallel edges, the one nearer to the eye carries the name.
    for (const j of [0, 1]) {
      const edges = [0, 1].map((side) => [0, 0.5, 1].map((share) => {
        const point = [0, 0];
        point[j] = mix(...box[j], share);
        point[1 - j] = box[1 - j][side];
        return onFloor(point);
      }));
      const near = edges[0][1][1] > edges[1][1][1] ? edges[0] : edges[1];
      [digits(box[j][0]), axes[j], digits(box[j][1])].forEach((text, i) => {
        const [dx, dy] = [near[1][0] - middle[0], near[1][1] - middle[1]];
        const far = 15 / (Math.hypot(dx, dy) || 1);
        pen.fillText(text, near[i][0] + dx * far, near[i][1] + dy * far);
      });
    }
    pen.globalAlpha = 1;
  }

  /** Heights beside their contour lines, on a few rays from the middle, none on top of another. */
  drawLabels(pen, alpha) {
    if (alpha <= 0) return;
    const { levels, box } = this.land;
    const placed = [...this.land.minima.map((point) => this.project(...point)), this.project(...(this.position(this.runs[0], 0) ?? [NaN, NaN]))];
    pen.globalAlpha = 0.85 * alpha;
    pen.font = "10.5px system-ui, sans-serif";
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.lineWidth = 3;
    pen.lineJoin = "round";
    pen.strokeStyle = this.style.ground;
    pen.fillStyle = this.style.ink;
    const [a, b] = this.frame2d();
    for (const angle of [0.9, 3.9, 2.3, 5.5, 1.6, 4.7]) {
      let last = NaN;
      for (let r = 0; r < 1; r += 1 / 240) {
        const point = [0, 1].map((j) => mix(...box[j], 0.5 + 0.48 * r * [Math.cos(angle), Math.sin(angle)][j]));
        const h = this.heightAt(...point);
        const crossed = levels.find(([level]) => (last < level) !== (h < level) && !Number.isNaN(last));
        last = h;
        if (!crossed) continue;
        const at = this.project(...point);
        const room = at[0] > a[0] + 22 && at[0] < b[0] - 22 && at[1] < a[1] - 10 && at[1] > b[1] + 10;
        if (!room || placed.some(([x, y]) => Math.abs(x - at[0]) < 52 && Math.abs(y - at[1]) < 34)) continue;
        placed.push(at);
        const text = crossed[1];
        pen.strokeText(text, ...at);
        pen.fillText(text, ...at);
      }
    }
    pen.globalAlpha = 1;
  }

  drawCurve(pen, ink) {
    const { box: [[low, high]], range, heights, axes, minima } = this.land;
    pen.fillStyle = this.style.ground;
    pen.beginPath();
    pen.roundRect(56, 14, this.width - 72, this.height - 60, 6);
    pen.fill();
    pen.fillStyle = ink;
    pen.font = "12px system-ui, sans-serif";
    pen.textAlign = "center";
    for (const x of ticks(low, high, 5)) pen.fillText(digits(x), this.curveX(x), this.height - 28);
    pen.fillText(axes[0], this.width / 2 + 20, this.height - 10);
    pen.textAlign = "right";
    for (const z of ticks(...range, 5)) pen.fillText(digits(z), 48, this.curveY(z) + 4);
    pen.strokeStyle = this.style.faint;
    pen.lineWidth = 2;
    pen.beginPath();
    heights.forEach((z, i) => pen.lineTo(this.curveX(mix(low, high, i / (heights.length - 1))), this.curveY(z)));
    pen.stroke();
    pen.strokeStyle = this.style.ink;
    for (const [x, z] of minima) {
      pen.beginPath();
      pen.arc(this.curveX(x), this.curveY(z), 6, 0, 2 * Math.PI);
      pen.stroke();
    }
  }

  drawTrails(pen) {
    const heads = this.heads();
    pen.save();
    if (this.eye && !this.eye.k) {
      const [a, b] = this.frame2d();
      pen.beginPath();
      pen.rect(a[0] - 1, b[1] - 1, b[0] - a[0] + 2, a[1] - b[1] + 2);
      pen.clip();
    }
    pen.drawImage(this.trails(), 0, 0, this.width, this.height);
    for (const { run } of heads) { // starts are rings
      const start = this.position(run, 0);
      if (!start) continue;
      Object.assign(pen, { strokeStyle: "#fff", fillStyle: this.style.ground, lineWidth: 1.3 });
      pen.beginPath();
      pen.arc(...this.project(...start), 3.4, 0, 2 * Math.PI);
      pen.fill();
      pen.stroke();
    }
    pen.restore();
    for (const { run, pixel } of heads) {
      const gone = (run.diverged ?? run.left ?? Infinity) <= this.step;
      const at = gone || !pixel ? this.follow(new Path2D(), run.trail, this.step, this.step) : pixel;
      if (at) this.mark(pen, gone ? this.lostShape : run.path, at, run.color);
    }
  }

  /** All trails so far, on a canvas of their own to which each frame adds only what is new. */
  trails() {
    const key = this.drawn + this.runs.map(({ shown }) => +shown);
    this.layer ??= { canvas: make("canvas") };
    const { canvas } = this.layer;
    const pen = canvas.getContext("2d");
    if (this.layer.key !== key || this.layer.step > this.step) {
      Object.assign(canvas, { width: this.canvas.width, height: this.canvas.height });
      Object.assign(this.layer, { key, step: 0, earlier: 0 });
    }
    if (this.layer.step === this.step) return canvas;
    pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    pen.lineJoin = "round";
    // The halo ends bluntly and the colour begins a bit earlier, so that no seam shows between the bits.
    const strokes = [[this.style.halo, 4.6, 0.55, "butt", this.layer.step], [null, 2.3, 1, "round", this.layer.earlier]];
    for (const run of this.runs.filter(({ shown }) => shown)) {
      for (const [color, lineWidth, globalAlpha, lineCap, from] of strokes) {
        const path = new Path2D();
        this.follow(path, run.trail, from, this.step);
        Object.assign(pen, { strokeStyle: color ?? run.color, lineWidth, globalAlpha, lineCap });
        pen.stroke(path);
      }
    }
    Object.assign(this.layer, { step: this.step, earlier: this.layer.step });
    return canvas;
  }

  mark(pen, shape, [x, y], color, size = 13) {
    pen.save();
    pen.translate(x, y);
    pen.scale(size, size);
    Object.assign(pen, { fillStyle: color, strokeStyle: "#fff", lineWidth: 1.3 / size });
    pen.fill(shape);
    pen.stroke(shape);
    pen.restore();
  }

  /** Says what lies under the pointer: the nearest record of a trail. */
  point([px, py]) {
    let best = null;
    for (const run of this.runs.filter(({ shown }) => shown)) {
      for (let i = 0; i < run.at.length && run.at[i] <= this.step; i++) {
        const point = run.channels.theta.map((values) => values[i]);
        if (!point.every((x, j) => x >= this.land.box[j][0] && x <= this.land.box[j][1])) continue;
        const [x, y] = this.project(...point);
        const distance = Math.hypot(x - px, y - py);
        if (distance < (best?.distance ?? 14)) best = { run, i, x, y, point, distance };
      }
    }
    this.tip.hidden = !best;
    if (!best) return;
    const { run, i, x, y, point } = best;
    const place = point.map((value) => digits(value)).join(", ");
    this.tip.replaceChildren(make("b", {}, run.name), `step ${run.at[i]}`, make("br"), `(${place})`, make("br"), `loss ${digits(run.channels.loss[0][i])}`);
    this.tip.style.left = `${clamp(x, 70, this.width - 70)}px`;
    this.tip.style.top = `${y}px`;
    this.tip.classList.toggle("og-below", y < 90);
  }
}

// --- Small charts beside the landscape, in step with it.

class Chart {
  constructor(player, chosen) {
    this.player = player;
    this.canvas = make("canvas", { "aria-hidden": "true" });
    this.select = make("select", { "aria-label": "what this chart shows" });
    this.choices = new Map();
    this.offer("everyone", [["loss", player.record.loss.label, null]]);
    if (player.runs.length > 1) this.offer("everyone", [["step length", "step length", null]]);
    const names = new Set(player.runs.flatMap((run) => Object.keys(run.channels)));
    for (const name of names) {
      const having = player.runs.filter((run) => run.channels[name]);
      if (having.length > 1 && !["theta", "loss", "chart", "step length"].includes(name)) this.offer("everyone", [[name, name, null]]);
    }
    for (const run of player.runs) {
      const own = Object.keys(run.channels).filter((name) => !["loss", "chart"].includes(name));
      this.offer(run.name, own.map((name) => [`${run.name}\n${name}`, name === "theta" ? "position" : name, run]));
    }
    this.select.value = this.choices.has(chosen) ? chosen : [...this.choices.keys()].find((key) => key.endsWith(`\n${chosen}`)) ?? "loss";
    this.select.addEventListener("change", () => { this.stale = true; player.refresh(); });
    this.element = make("div", { class: "og-chart" }, this.canvas, this.select);
    this.element.addEventListener("pointerdown", (event) => { if (event.target === this.canvas) this.scrub(event); });
    this.element.addEventListener("pointermove", (event) => { if (event.buttons && event.target === this.canvas) this.scrub(event); });
  }

  offer(group, options) {
    let list = [...this.select.querySelectorAll("optgroup")].find(({ label }) => label === group);
    if (!list) this.select.append((list = make("optgroup", { label: group })));
    for (const [value, text, run] of options) {
      this.choices.set(value, { channel: value.split("\n").at(-1), run });
      list.append(make("option", { value }, group === "everyone" ? text : `${group}: ${text}`));
    }
  }

  scrub(event) {
    const x = event.clientX - this.canvas.getBoundingClientRect().left;
    this.player.pause();
    this.player.seek(Math.round(((x - 46) / (this.width - 56)) * this.player.record.steps));
  }

  /** The lines of the chosen chart: values of one coordinate of one run. */
  lines() {
    const { channel, run } = this.choices.get(this.select.value);
    const { coordinates } = this.player.style;
    const lines = [];
    for (const one of this.player.runs) {
      if (!one.shown || (run && one !== run)) continue;
      const source = channel === "loss" ? one.channels.chart ?? one.channels.loss : one.channels[channel];
      source?.forEach((values, j) => lines.push({ run: one, values, color: run && j ? coordinates[(j - 1) % coordinates.length] : one.color, width: j ? 1.3 : 2 }));
    }
    return lines;
  }

  measure() {
    const { loss } = this.player.record;
    this.series = this.lines();
    const numbers = (series) => series.flatMap(({ values }) => [...values].filter(Number.isFinite));
    const calmOnes = this.series.filter(({ run }) => run.diverged === null);
    const all = numbers(calmOnes.length ? calmOnes : this.series);
    const positive = all.filter((x) => x > 0);
    if (this.select.value === "loss") {
      this.log = loss.scale === "log";
      [this.low, this.high] = loss.limits;
    } else {
      const [least, most] = range(positive);
      this.log = most / least > 300 && all.every((x) => x >= 0);
      const [low, high] = all.length ? range(this.log ? positive : all) : [0, 1];
      const margin = 0.06 * (high - low || 1);
      [this.low, this.high] = this.log ? [low / 1.5, high * 1.5] : [low - margin, high + margin];
    }
    const [low, high] = this.log ? [Math.log10(this.low), Math.log10(this.high)] : [this.low, this.high];
    const [top, bottom] = [30, this.height - 26];
    this.x = (step) => 46 + (step / this.player.record.steps) * (this.width - 56);
    this.y = (value) => bottom - (((this.log ? Math.log10(value) : value) - low) / (high - low)) * (bottom - top);
    this.edges = { top, bottom, low, high };
  }

  drawGround(ink) {
    this.measure();
    const { edges, width, player } = this;
    this.ground ??= make("canvas");
    Object.assign(this.ground, { width: this.canvas.width, height: this.canvas.height });
    const pen = this.ground.getContext("2d");
    pen.setTransform(player.ratio, 0, 0, player.ratio, 0, 0);
    pen.fillStyle = player.style.ground;
    pen.fillRect(46, edges.top - 4, width - 56, edges.bottom - edges.top + 8);
    pen.font = "11px system-ui, sans-serif";
    pen.textBaseline = "middle";
    pen.textAlign = "right";
    const marks = this.log
      ? ticks(edges.low, edges.high, 4).filter(Number.isInteger).map((e) => [10 ** e, e === 0 ? "1" : e === 1 ? "10" : `1e${e}`.replace("-", "−")])
      : ticks(edges.low, edges.high, 4).map((value) => [value, digits(value)]);
    for (const [value, text] of marks) {
      pen.fillStyle = ink;
      pen.fillText(text, 41, this.y(value));
      pen.fillStyle = player.style.faint;
      pen.globalAlpha = 0.2;
      pen.fillRect(46, this.y(value), width - 56, 1);
      pen.globalAlpha = 1;
    }
    pen.fillStyle = ink;
    pen.textAlign = "center";
    const steps = ticks(0, player.record.steps, clamp(width / 70, 2, 6)).filter(Number.isInteger);
    for (const step of steps) pen.fillText(String(step), this.x(step), edges.bottom + 14);
    this.stale = false;
    this.ink = ink;
    this.trace(pen, 0.28);
    // The same lines at full strength, of which a frame shows as much as has happened.
    this.lit ??= make("canvas");
    Object.assign(this.lit, { width: this.canvas.width, height: this.canvas.height });
    const bright = this.lit.getContext("2d");
    bright.setTransform(player.ratio, 0, 0, player.ratio, 0, 0);
    this.trace(bright, 1);
  }

  trace(pen, alpha) {
    const { edges, width } = this;
    pen.save();
    pen.beginPath();
    pen.rect(46, edges.top - 4, width - 56, edges.bottom - edges.top + 8);
    pen.clip();
    pen.lineJoin = "round";
    for (const { run, values, color, width: thick } of this.series) {
      const path = new Path2D();
      let broken = true;
      for (let i = 0; i < values.length; i++) {
        const y = this.y(values[i]);
        if (Number.isFinite(y)) broken ? path.moveTo(this.x(run.at[i]), y) : path.lineTo(this.x(run.at[i]), y);
        broken = !Number.isFinite(y);
      }
      Object.assign(pen, { strokeStyle: color, lineWidth: thick, globalAlpha: alpha });
      pen.stroke(path);
      if (run.diverged !== null && alpha === 1) {
        const i = before(run.at, run.diverged - 1);
        const y = clamp(this.y(values[i]), edges.top, edges.bottom);
        if (Number.isFinite(y)) this.player.mark(pen, this.player.lostShape, [this.x(run.at[i]), y], color, 9);
      }
    }
    pen.restore();
  }

  draw(step) {
    if (!this.width) return;
    const ink = getComputedStyle(this.player.figure).getPropertyValue("--og-ink").trim() || "#888";
    if (this.stale || this.ink !== ink) this.drawGround(ink);
    const pen = this.canvas.getContext("2d");
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
    pen.drawImage(this.ground, 0, 0);
    const past = Math.round(this.x(step) * this.player.ratio);
    if (past > 0) pen.drawImage(this.lit, 0, 0, past, this.lit.height, 0, 0, past, this.lit.height);
    pen.setTransform(this.player.ratio, 0, 0, this.player.ratio, 0, 0);
    pen.fillStyle = this.player.style.ink;
    pen.globalAlpha = 0.6;
    pen.fillRect(this.x(step) - 0.5, this.edges.top - 4, 1, this.edges.bottom - this.edges.top + 8);
    pen.globalAlpha = 1;
  }
}

// --- Every figure of the page, each when it comes near.

const landscapes = new Map();

async function read(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url.split("/").at(-1)} could not be fetched (${answer.status})`);
  return answer.json();
}

async function load(figure) {
  const inline = figure.querySelector('script[type="application/json"]');
  const { recording, landscape } = figure.dataset;
  if (inline) {
    const { record, landscape: land } = JSON.parse(inline.textContent);
    return [record, land && (await readLandscape(land))];
  }
  if (landscape && !landscapes.has(landscape)) landscapes.set(landscape, read(landscape).then(readLandscape));
  return Promise.all([read(recording), landscape ? landscapes.get(landscape) : null]);
}

export async function mount(figure) {
  if (figure.dataset.mounted !== undefined) return;
  figure.dataset.mounted = "";
  try {
    const [record, land] = await load(figure);
    if (record.format !== FORMAT) throw new Error(`the recording has format ${record.format}, this player reads ${FORMAT}`);
    const runs = await Promise.all(record.runs.map((run) => readRun(run, record.steps)));
    new Player(figure, { ...record, runs }, land);
  } catch (error) {
    (figure.querySelector(".og-view, .og-charts") ?? figure).append(make("p", { class: "og-problem", role: "alert" }, `This picture cannot be played: ${error.message}.`));
    figure.dataset.broken = "";
  }
}

const near = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (isIntersecting) {
      near.unobserve(target);
      mount(target);
    }
  }
}, { rootMargin: "300px" });
for (const figure of document.querySelectorAll(".og-player:not([data-mounted])")) near.observe(figure);
