// @ts-check
// LaTeX as MathML: exactly the LaTeX that typeset.js writes. Anything else is an error.

/** @typedef {[string, Record<string, string>, ...any[]]} MathTree  a name, attributes, then trees and texts */

const UPRIGHT = { mathvariant: "normal" };
const OPENING = { stretchy: "false", form: "prefix", lspace: "0", rspace: "0" };
const CLOSING = { ...OPENING, form: "postfix" };
/** In the order of Unicode, which has a second sigma. */
const GREEK = ("alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho varsigma sigma " +
  "tau upsilon phi chi psi omega").split(" ");
/** What is one letter or sign: its element, its text, and attributes. @type {Map<string, any[]>} */
const LEAVES = new Map(Object.entries({
  epsilon: ["mi", "ϵ"], phi: ["mi", "ϕ"],
  nabla: ["mi", "∇", UPRIGHT], infty: ["mi", "∞", UPRIGHT], ell: ["mi", "ℓ", UPRIGHT], ",": ["mtext", "\u2009"],
  leftarrow: ["mo", "←"], mapsto: ["mo", "↦"], cdot: ["mo", "⋅"], le: ["mo", "≤"], ge: ["mo", "≥"],
  lvert: ["mo", "∣", OPENING], rvert: ["mo", "∣", CLOSING], lVert: ["mo", "∥", OPENING], rVert: ["mo", "∥", CLOSING],
  bmod: ["mo", "mod", { lspace: "0.22em", rspace: "0.22em" }],
}));
const ACCENTS = new Map([["hat", "ˆ"], ["bar", "ˉ"]]);
const APPLIED = "max min exp log sin cos".split(" ");

/** A function's name, and the sign that it is applied, which is not seen. @returns {MathTree} */
function applied(/** @type {string} */ name) {
  return ["mrow", {}, ["mi", UPRIGHT, name], ["mo", {}, "\u2061"]];
}

class MathReader {
  constructor(/** @type {string} */ latex) {
    this.tokens = latex.match(/\\[a-zA-Z]+|\\[^]|\d+(\.\d+)?|[^]/gu) ?? [];
    this.at = 0;
  }

  /** What comes next, after blanks. */
  get next() {
    while (this.tokens[this.at] === " ") this.at += 1;
    return this.tokens[this.at] ?? "";
  }

  /** @returns {never} */
  fail() {
    throw new RangeError(`the formula cannot be shown at '${this.tokens.slice(this.at, this.at + 5).join("")}'`);
  }

  /** Goes on if this comes next. */
  take(/** @type {string} */ token) {
    const found = this.next === token;
    if (found) this.at += 1;
    return found;
  }

  /** Letters, digits and blanks in braces. */
  words() {
    let words = "";
    if (!this.take("{")) this.fail();
    for (; this.tokens[this.at] !== "}"; this.at += 1) {
      const word = this.tokens[this.at] ?? "";
      if (!/^([\p{L}\d. -]+|\\_)$/u.test(word)) this.fail();
      words += word.replace("\\", "");
    }
    this.at += 1;
    return words;
  }

  /** All up to one of these, which is read, too. @returns {MathTree} */
  row(/** @type {string[]} */ ...ends) {
    /** @type {MathTree[]} */
    const found = [];
    while (!ends.includes(this.next)) {
      const before = found.at(-1);
      const part = this.scripted();
      const begins = !before || before[0] === "mo" && before[1].form !== "postfix";
      if (begins && /^[−+]$/.test(part[2])) part[1] = { form: "prefix" }; // a sign of what follows, not between two
      found.push(part);
    }
    this.at += 1;
    return found.length === 1 ? found[0] : ["mrow", {}, ...found];
  }

  /** Something, and what stands below and above at its right. @returns {MathTree} */
  scripted() {
    const base = this.atom();
    /** @type {Map<string, MathTree>} */
    const scripts = new Map();
    for (let sign = this.next; /[_^]/.test(sign) && !scripts.has(sign); sign = this.next) {
      this.at += 1;
      scripts.set(sign, this.atom());
    }
    const given = ["_", "^"].filter((sign) => scripts.has(sign));
    const name = given.map((sign) => sign === "_" ? "sub" : "sup").join("");
    return name ? [`m${name}`, {}, base, ...given.map((sign) => scripts.get(sign))] : base;
  }

  /** @returns {MathTree} */
  atom() {
    const token = this.next;
    if (token.length > 1 && token[0] === "\\") return this.command(token.slice(1));
    this.at += 1;
    if (token === "{") return this.row("}");
    if (/^\d/.test(token)) return ["mn", {}, token];
    if (/^\p{L}$/u.test(token)) return ["mi", {}, token];
    if (/^[()]$/.test(token)) return ["mo", token === "(" ? OPENING : CLOSING, token];
    if (/^[-+=<>,]$/.test(token)) return ["mo", {}, token.replace("-", "−")];
    this.at -= 1;
    this.fail();
  }

  /** @returns {MathTree} */
  command(/** @type {string} */ name) {
    this.at += 1;
    const [tag, text, attributes = {}] = LEAVES.get(name) ?? [];
    if (tag) return [tag, attributes, text];
    const greek = GREEK.indexOf(name.toLowerCase());
    const [first, style] = GREEK.includes(name) ? [0x3b1, {}] : [0x391, UPRIGHT];
    if (greek >= 0) return ["mi", style, String.fromCodePoint(first + greek)];
    const accent = ACCENTS.get(name);
    if (accent) return ["mover", { accent: "true" }, this.atom(), ["mo", { stretchy: "false" }, accent]];
    if (APPLIED.includes(name)) return applied(name);
    switch (name) {
      case "frac": return ["mfrac", {}, this.atom(), this.atom()];
      case "sqrt": return ["msqrt", {}, this.atom()];
      case "operatorname": return applied(this.words());
      case "mathrm": return ["mi", UPRIGHT, this.words()];
      case "mathcal": if (this.words() === "N") return ["mi", {}, "𝒩"]; break;
      case "text": return ["mtext", {}, this.words().replaceAll(" ", "\u00a0")];
      case "bigl": case "bigr": {
        const [tag, { form }, sign] = this.atom();
        return [tag, { form, minsize: "1.2em", maxsize: "1.2em" }, sign];
      }
      case "begin": if (this.words() === "cases") return this.cases(); break;
    }
    this.at -= 1;
    this.fail();
  }

  /** @returns {MathTree} */
  cases() {
    /** @type {MathTree[]} */
    const rows = [["mtr", {}]];
    for (let end = ""; end !== "\\end";) {
      rows.at(-1)?.push(["mtd", {}, this.row("&", "\\\\", "\\end")]);
      end = this.tokens[this.at - 1];
      if (end === "\\\\") rows.push(["mtr", {}]);
    }
    if (this.words() !== "cases") this.fail();
    return ["mrow", {}, ["mo", { form: "prefix" }, "{"], ["mtable", {}, ...rows]];
  }
}

/** @returns {MathTree} */
export function mathml(/** @type {string} */ latex) {
  return ["math", {}, new MathReader(latex).row("")];
}

/** The tree as an element of the page. @returns {MathMLElement} */
export function element(/** @type {MathTree} */ [name, attributes, ...children]) {
  const node = document.createElementNS("http://www.w3.org/1998/Math/MathML", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (name === "mtd") node.style.textAlign = "left"; // of the attributes for that browsers know none
  node.append(...children.map((child) => typeof child === "string" ? child : element(child)));
  return node;
}
