// @ts-check
// The element <og-lab>: a figure that becomes a lab in its place, or a lab of its own.

import { bytes } from "../data.js";
import { make } from "../dom.js";
import { beside } from "../main.js";
import { Player } from "../player.js";
import { readHash, writeHash } from "./hash.js";
import { Lab } from "./lab.js";
import { PANELS } from "./panels.js";

/** @typedef {import("../live/scene.js").Catalogue} Catalogue */
/** @typedef {import("../live/scene.js").Scene} Scene */
/** @typedef {import("../data.js").Recording} Recording */

/** What there is not where a gradient is prescribed. */
const WITHOUT_LAND = ["start", "landscape", "noise", "scenarios", "rule", "planes", "share"];
const SETTLED = 400; // milliseconds after the last change until the address follows

/** The catalogue, fetched once for all labs of a page. @type {Promise<Catalogue> | undefined} */
let listed;

/** @param {ParentNode} element  holds the catalogue where there are no other files, as in a notebook */
async function catalogueOf(element) {
  const inline = element.querySelector('script[type="application/json"]');
  const packed = inline && JSON.parse(inline.textContent ?? "").catalogue;
  if (packed) return JSON.parse(new TextDecoder().decode(await bytes(packed)));
  const answer = await fetch(beside("catalogue.json"));
  if (!answer.ok) throw new Error(`the rules could not be fetched (${answer.status})`);
  return answer.json();
}

/** @param {string} text @returns {HTMLElement} */
function problem(text) {
  const element = make("p", { class: "og-problem", role: "alert" });
  element.textContent = text;
  return element;
}

export function labElement() {
  return class extends HTMLElement {
    constructor() {
      super();
      /** @type {{ scene: Scene, own?: { rules: any, surfaces: any } } | null} what a recording brings */
      this.given = null;
      /** @type {Lab | null} */
      this.lab = null;
      /** @type {Promise<void> | null} */
      this.ready = null;
    }

    connectedCallback() {
      // Children that come with the element are there a moment later.
      this.ready ??= Promise.resolve().then(() => this.open()).catch((error) => {
        this.append(problem(`This lab cannot be opened: ${error.message}.`));
      });
    }

    async open() {
      listed ??= catalogueOf(this);
      if (!document.querySelector('style[data-lab], link[data-lab]') && !this.querySelector("script")) {
        document.head.append(make("link", { rel: "stylesheet", href: beside("lab.css"), "data-lab": "" }));
      }
      const known = await listed;
      const { own } = this.given ?? {};
      const catalogue = own
        ? { ...known, rules: { ...known.rules, ...own.rules }, surfaces: { ...known.surfaces, ...own.surfaces } }
        : known;
      const figure = /** @type {HTMLElement | null} */ (this.querySelector(".og-player"));
      const recorded = figure ? /** @type {any} */ (figure).player.record : null;
      this.follows = this.hasAttribute("follows");
      if (this.follows && parent !== window) document.documentElement.dataset.embedded = "";
      const hash = (this.follows && location.hash.slice(1)) || this.getAttribute("hash") || "";
      const given = this.given?.scene;
      const scene = given ? { ...given, ...(given.signal ? { hide: WITHOUT_LAND } : {}) } : this.read(hash, catalogue);
      const lab = new Lab(this, catalogue, scene, recorded);
      await lab.open((record, land) => {
        if (figure) {
          const { player } = /** @type {any} */ (figure);
          record.charts = player.charts.map((/** @type {any} */ chart) => chart.select.value);
          player.mount(record, land);
          player.layout();
          return player;
        }
        const fresh = skeleton(record);
        this.prepend(fresh);
        return new Player(fresh, record, land).open();
      });
      this.lab = lab;
      this.add(lab);
      this.dataset.live = "";
      if (this.follows) this.followAddress(lab);
      if (PANELS.length === 1) await import(beside("lab-more.js"));
      this.add(lab);
      this.dataset.whole = "";
    }

    /** The panels that are here by now. @param {Lab} lab */
    add(lab) {
      for (const PanelOf of PANELS) {
        if (!lab.panels.some((panel) => panel instanceof PanelOf)) lab.add(new PanelOf(lab), PanelOf.part);
      }
    }

    /** A scene from a hash; one that cannot be read is told, and the usual one shown.
     * @param {string} hash @param {Catalogue} catalogue @returns {Scene} */
    read(hash, catalogue) {
      try {
        return /** @type {Scene} */ (readHash(hash, catalogue));
      } catch (error) {
        this.append(problem(`This link cannot be followed: ${/** @type {Error} */ (error).message}`));
        return /** @type {Scene} */ (readHash("", catalogue));
      }
    }

    /** @param {Lab} lab */
    followAddress(lab) {
      let later = 0;
      lab.addEventListener("change", () => {
        clearTimeout(later);
        later = setTimeout(() => {
          try {
            history.replaceState(null, "", `#${writeHash(lab.scene, lab.catalogue)}`);
          } catch { // a scene that no link can say: "copy link" tells why
            history.replaceState(null, "", location.pathname + location.search);
          }
        }, SETTLED);
      });
      addEventListener("hashchange", () => this.set(location.hash));
    }

    /** Show the scene that a hash describes. @param {string} hash */
    set(hash) {
      this.querySelector(":scope > .og-problem")?.remove();
      if (!this.lab) throw new Error("the lab is not open yet: await element.ready");
      this.lab.change(this.read(hash.replace(/^#/, ""), this.lab.catalogue));
    }

    get scene() { return this.lab?.scene ?? null; }

    /** The runs as typed arrays, step by step. */
    get runs() {
      return (this.lab?.found ?? []).map(({ name, theta, loss, states, divergedAt }) => ({
        name, theta, loss, states: Object.fromEntries(states.map((state) => [state.name, state.values])),
        divergedAt: divergedAt < 0 ? null : divergedAt,
      }));
    }
  };
}

/** The player's HTML, as Python writes it. @param {Recording} record */
function skeleton({ title }) {
  const head = make("tr", {}, ...["optimizer", "setting", "result"].map((text) => make("th", {}, text)));
  return make("figure", { class: "og-player" },
    make("p", { class: "og-title" }, title),
    make("div", { class: "og-body" },
      make("div", { class: "og-view" }), make("div", { class: "og-charts" }),
      make("div", { class: "og-bar" }), make("ul", { class: "og-legend" })),
    make("details", { class: "og-words" }, make("summary", {}, "In words"), make("p"),
      make("table", {}, make("thead", {}, head), make("tbody"))));
}

function define() {
  if (!customElements.get("og-lab")) customElements.define("og-lab", labElement());
}

if (globalThis.document) define(); // without a page, as in tests, there are no elements
