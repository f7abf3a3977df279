// @ts-check
// The panel with which a scene is taken along: as a link, as Python, as a picture, as numbers, as a part of a page.

import { make } from "../dom.js";
import { beside } from "../main.js";
import { fold } from "./fold.js";
import { CONTROLS, writeHash } from "./hash.js";
import { asPython } from "./python.js";
import { asPicture, asTable, download, fileName } from "./save.js";

/** @typedef {import("./lab.js").Lab} Lab */

/** Where the page of the lab is, to which links lead. @param {HTMLElement} element */
function labPage(element) {
  if (element.hasAttribute("follows")) return location.href.replace(/#.*/s, "");
  if (document.querySelector('script[src*="player.js"]')) return beside("../lab.html");
  throw new Error("this page belongs to no site to which a link could lead; copy as Python, or save");
}

/** A text within an attribute. @param {string} text */
const inAttribute = (text) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");

export class Share {
  static part = "share";

  /** @param {Lab} lab */
  constructor(lab) {
    this.lab = lab;
    this.said = make("p", { class: "og-said", role: "status" });
    this.field = make("textarea", {
      class: "og-copied", readOnly: true, hidden: true, rows: 6, spellcheck: false, "aria-label": "what is copied",
    });
    this.hidden = CONTROLS.map((name) => {
      const box = make("input", { type: "checkbox", value: name });
      return { box, label: make("label", {}, box, ` ${name}`) };
    });
    const copy = make("button", { type: "button" }, "Copy snippet");
    copy.addEventListener("click", () => this.act(() => this.copy("The snippet", this.snippet())));
    this.embed = make("fieldset", { class: "og-embed", hidden: true },
      make("legend", {}, "Hide in the page that embeds it"), ...this.hidden.map(({ label }) => label), copy);
    const opener = this.button("Embed", () => {
      this.embed.hidden = !this.embed.hidden;
      opener.setAttribute("aria-expanded", String(!this.embed.hidden));
    });
    opener.setAttribute("aria-expanded", "false");
    this.element = make("section", { class: "og-share", "aria-label": "share", "data-control": "share" }, fold("Share and save",
      make("div", { class: "og-ways" },
        this.button("Copy link", () => this.copy("The link", this.link())),
        this.button("Copy as Python", () => this.copy("The Python code", asPython(lab.scene, lab.catalogue))),
        this.button("Save picture", () => this.savePicture()),
        this.button("Save data", () => this.saveData()),
        opener),
      this.embed, this.said, this.field));
    this.element.addEventListener("keydown", (event) => event.stopPropagation()); // the player has keys of its own
  }

  /** @param {string} text @param {() => unknown} act */
  button(text, act) {
    const element = make("button", { type: "button" }, text);
    element.addEventListener("click", () => this.act(act));
    return element;
  }

  /** Does it, or says why not. @param {() => unknown} act */
  async act(act) {
    try {
      await act();
    } catch (error) {
      this.say(`This cannot be done: ${/** @type {Error} */ (error).message}.`);
    }
  }

  /** @param {string} text @param {string} shown  what the reader copies by hand */
  say(text, shown = "") {
    this.said.textContent = text;
    this.field.value = shown;
    this.field.hidden = !shown;
  }

  /** The scene as it is seen now: turned as it is, and at the step at which it stands still. */
  get scene() {
    const { scene, player } = this.lab;
    const still = !player.clock.wanted && player.step < player.record.steps;
    return { ...scene, view: player.camera.goal ? "3d" : "map", step: still ? Math.floor(player.step + 1e-9) : null };
  }

  /** @param {string[]} hide */
  link(hide = this.lab.scene.hide ?? []) {
    return `${labPage(this.lab.element)}#${writeHash({ ...this.scene, hide }, this.lab.catalogue)}`;
  }

  snippet() {
    const hide = this.hidden.filter(({ box }) => box.checked).map(({ box }) => box.value);
    const title = `${this.lab.record.title}: ${this.lab.scene.runs.map(({ name }) => name).join(", ")}`;
    const size = 'width="100%" height="900" loading="lazy" allow="clipboard-write; fullscreen"';
    return `<iframe src="${inAttribute(this.link(hide))}" title="${inAttribute(title)}" ${size}></iframe>`;
  }

  /** @param {string} what @param {string} text */
  async copy(what, text) {
    try {
      await navigator.clipboard.writeText(text);
      this.say(`${what} is copied.`);
    } catch { // refused, or not offered to a page without https
      this.say(`${what} is selected: copy it with Ctrl+C or ⌘C.`, text);
      this.field.focus();
      this.field.select();
    }
  }

  /** @param {string} ending */
  fileName(ending) {
    const { scene } = this.lab;
    return fileName(scene.formula ?? scene.surface, scene.runs.map(({ name }) => name), ending);
  }

  async savePicture() {
    const { player, record } = this.lab;
    const canvas = asPicture(player, record.title);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve));
    if (!blob) throw new Error("the browser makes no picture of this size");
    this.save(blob, this.fileName("png"));
  }

  saveData() {
    const { found, land } = this.lab;
    const { axes } = /** @type {import("../data.js").Land} */ (land);
    this.save(new Blob([asTable(found, axes)], { type: "text/csv" }), this.fileName("csv"));
  }

  /** @param {Blob} blob @param {string} name */
  save(blob, name) {
    download(blob, name);
    this.say(`Saved as ${name}.`);
  }

  /** After every change: what was said is of another scene. */
  show() {
    this.say("");
    const { hide = [] } = this.lab.scene;
    for (const { box } of this.hidden) box.checked = hide.includes(box.value);
  }
}
