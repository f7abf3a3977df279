// @ts-check
// The frame of a plane: where its axes are, and what is written beside them.

/** @typedef {import("../numbers.js").Pair} Pair */
/** @typedef {CanvasRenderingContext2D} Pen */
/** @typedef {{ at: number, text: string }} Mark  a share of the axis, and the number there */

const EDGE = { left: 56, right: 12, top: 8, bottom: 38 };

export class Frame {
  /** @param {number} across @param {number} up  the size inside, in CSS pixels */
  constructor(across, up) {
    this.across = across;
    this.up = up;
    this.width = EDGE.left + across + EDGE.right;
    this.height = EDGE.top + up + EDGE.bottom;
  }

  /** @param {number} share */
  x(share) { return EDGE.left + share * this.across; }

  /** @param {number} share */
  y(share) { return EDGE.top + (1 - share) * this.up; }

  /** The shares of both axes at a place of the canvas, or null outside.
   * @param {Pair} place @returns {Pair | null} */
  shares([px, py]) {
    const [x, y] = [(px - EDGE.left) / this.across, 1 - (py - EDGE.top) / this.up];
    return x >= 0 && x <= 1 && y >= 0 && y <= 1 ? [x, y] : null;
  }

  /** @param {Pen} pen @param {string} ink @param {Mark[][]} marks  of both axes @param {string[]} names */
  write(pen, ink, [along, beside], [x, y]) {
    Object.assign(pen, { fillStyle: ink, font: "11px system-ui, sans-serif", textAlign: "center", textBaseline: "top" });
    for (const { at, text } of along) {
      pen.fillRect(this.x(at) - 0.5, this.y(0), 1, 4);
      pen.fillText(text, this.x(at), this.y(0) + 7);
    }
    pen.fillText(x, this.x(0.5), this.y(0) + 22);
    Object.assign(pen, { textAlign: "right", textBaseline: "middle" });
    for (const { at, text } of beside) {
      pen.fillRect(this.x(0) - 4, this.y(at) - 0.5, 4, 1);
      pen.fillText(text, this.x(0) - 7, this.y(at));
    }
    pen.save();
    pen.translate(9, this.y(0.5));
    pen.rotate(-Math.PI / 2);
    pen.textAlign = "center";
    pen.fillText(y, 0, 0);
    pen.restore();
  }

  /** Draw inside only. @param {Pen} pen @param {string} ground @param {() => void} draw */
  inside(pen, ground, draw) {
    pen.save();
    pen.beginPath();
    pen.rect(this.x(0), this.y(1), this.across, this.up);
    pen.clip();
    pen.fillStyle = ground;
    pen.fillRect(this.x(0), this.y(1), this.across, this.up);
    draw();
    pen.restore();
  }

  /** A cross of two lines. @param {Pen} pen @param {Pair} shares @param {boolean} both */
  cross(pen, [x, y], both = true) {
    pen.fillStyle = "#fff";
    pen.globalAlpha = 0.7;
    pen.fillRect(this.x(x) - 0.5, this.y(1), 1, this.up);
    if (both) pen.fillRect(this.x(0), this.y(y) - 0.5, this.across, 1);
    pen.globalAlpha = 1;
  }
}
