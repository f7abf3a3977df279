// @ts-check
// Cuts what a reader types into names, numbers and signs, and says in words what is wrong with it.

/** @typedef {{ kind: string, text: string, line: number, start: number, end: number }} Token */

const LONGEST = 10000; // characters of a text
/** Blank or comment, end of a line, text, number, name, sign. */
const TOKEN = new RegExp([
  /([ \t\f]+|#.*)/u, /(\r?\n)/u, /("""[^]*?"""|'''[^]*?'''|"[^"\n]*"|'[^'\n]*')/u,
  /((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[\p{L}\d_]*)/u, /([\p{L}_][\p{L}\d_]*)/u, /(\*\*|\/\/|[<>=!*/%+-]=|[^])/u,
  ].map(({ source }) => source).join("|"), "gu");
const KINDS = ["blank", "newline", "text", "number", "name", "sign"];

export const CHOICES = "if elif else and or not".split(" ");
export const LITERALS = "True False None".split(" ");
const STATEMENTS = "assert async await break class continue def del except finally for from global import";
const OTHERS = "as in is lambda nonlocal pass raise return try while with yield";
export const KEYWORDS = new Set([...CHOICES, ...LITERALS, ...`${STATEMENTS} ${OTHERS}`.split(" ")]);

/** Why a text is no rule or formula, in words. */
export class GrammarError extends Error {
  constructor(/** @type {string} */ message, line = 1) {
    super(`line ${line}: ${message}`);
    this.name = "GrammarError";
    this.line = line;
  }
}

/** What stands at a place where something else should. */
export const seen = (/** @type {Token} */ { kind, text }) => kind === "end" ? "the end of the line" : `'${text.slice(0, 30)}'`;

/** A text, read from its beginning to its end. */
export class Tokens {
  constructor(/** @type {string} */ text) {
    if (text.length > LONGEST) throw new GrammarError(`at most ${LONGEST} characters can be read, got ${text.length}`);
    this.text = text;
    /** @type {Map<number, string>} by line */
    this.comments = new Map();
    /** @type {Token[]} */
    this.tokens = [];
    this.at = 0;
    this.split();
  }

  /** Cuts the text into tokens. A line ends where it ends, unless a parenthesis is open. */
  split() {
    let line = 1;
    let open = 0;
    const end = (start = this.text.length) => {
      if (this.tokens.length && this.tokens.at(-1)?.kind !== "end") {
        this.tokens.push({ kind: "end", text: "", line, start, end: start });
      }
    };
    for (const { index, 0: text, ...groups } of this.text.matchAll(TOKEN)) {
      const kind = KINDS[[1, 2, 3, 4, 5, 6].findIndex((i) => groups[i] !== undefined)];
      if (text[0] === "#") this.comments.set(line, text.replace(/^[# ]+/, "").trim());
      if (kind === "newline") {
        if (open <= 0) end(index);
      } else if (kind !== "blank") {
        if (text === "(") open += 1;
        if (text === ")") open -= 1;
        this.tokens.push({ kind, text, line, start: index, end: index + text.length });
      }
      line += text.split("\n").length - 1;
    }
    end();
    this.tokens.push({ kind: "end", text: "", line, start: this.text.length, end: this.text.length });
  }

  get token() {
    return this.tokens[Math.min(this.at, this.tokens.length - 1)];
  }

  /** @param {string} message @returns {never} */
  fail(message, token = this.token) {
    throw new GrammarError(message, token.line);
  }

  /** @returns {never} */
  unexpected(token = this.token) {
    const { kind, text } = token;
    const why = CHOICES.includes(text) ? "a choice between branches has no notation; where(condition, this, that) has" :
      text === "^" ? "'^' has no notation; a power is written **" :
      text === "[" ? "'[' has no notation; a tuple is taken apart by one, two = its_name" :
      kind === "sign" && !"(),:=".includes(text) ? `${seen(token)} has no notation` : `did not expect ${seen(token)}`;
    this.fail(why, token);
  }

  /** Goes on if this comes next. */
  take(/** @type {string} */ text) {
    const found = this.token.text === text && this.token.kind !== "end";
    if (found) this.at += 1;
    return found;
  }

  /** @param {string} text */
  expect(text, message = `expected '${text}', got ${seen(this.token)}`) {
    if (!this.take(text)) this.fail(message);
  }

  end() {
    if (this.token.kind !== "end") this.unexpected();
    this.at += 1;
  }

  /** A name that may get a value. */
  name() {
    const { kind, text } = this.token;
    if (kind !== "name" || KEYWORDS.has(text)) this.fail(`expected a name, got ${seen(this.token)}`);
    if (text in {}) this.fail(`'${text}' cannot be a name here; choose another`);
    this.at += 1;
    return text;
  }

  number() {
    const { text } = this.token;
    const value = Number(text);
    if (Number.isNaN(value) || /^0[\dxob]*[^0.e]/i.test(text)) this.fail(`${seen(this.token)} is not a number`);
    if (!Number.isFinite(value)) this.fail(`${seen(this.token)} is too large for a number`);
    this.at += 1;
    return value;
  }

  column(token = this.token) {
    return token.start - this.text.lastIndexOf("\n", token.start - 1) - 1;
  }
}
