// @ts-check
// Time. Frames are asked for only while something moves and is seen.

import { clamp } from "./numbers.js";

const REST = 1.2; // seconds for which the last step stays before the first comes again

export class Clock {
  /**
   * @param {number} steps
   * @param {number} seconds for all of them
   * @param {(passed: number) => boolean} move Lets go on what else moves; says whether something does
   * @param {() => void} draw
   */
  constructor(steps, seconds, move, draw) {
    this.steps = steps;
    this.seconds = seconds;
    this.move = move;
    this.draw = draw;
    this.step = 0; // between two records while it plays
    this.speed = 1;
    this.loop = true;
    this.wanted = true; // whether it should play when it is seen
    this.playing = false;
    this.visible = false;
    this.dirty = false;
    this.rest = 0;
    this.frame = 0;
    /** @type {number | undefined} */
    this.last = undefined;
  }

  play() {
    if (this.step >= this.steps) this.step = 0;
    this.wanted = true;
    this.wake();
  }

  pause() {
    this.wanted = this.playing = false;
    this.step = Math.round(this.step);
    this.refresh();
  }

  /** @param {number} step */
  seek(step) {
    this.step = clamp(step, 0, this.steps);
    this.rest = 0;
    this.refresh();
  }

  /** @param {boolean} visible */
  see(visible) {
    this.visible = visible;
    if (visible) this.wake();
  }

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

  /** @param {number} now */
  tick(now) {
    this.frame = 0;
    if (!this.visible) {
      this.playing = false;
      return;
    }
    const passed = this.last === undefined ? 0 : Math.min(now - this.last, 100) / 1000;
    this.playing = this.wanted;
    if (this.playing) this.advance(passed);
    const moving = this.move(passed);
    if (this.playing || moving || this.dirty) this.draw();
    if (this.playing || moving) {
      this.frame = requestAnimationFrame((next) => this.tick(next));
      this.last = now;
    }
  }

  /** @param {number} seconds */
  advance(seconds) {
    if (this.step < this.steps) {
      this.step = Math.min(this.steps, this.step + (seconds * this.speed * this.steps) / this.seconds);
      this.rest = 0;
    } else if ((this.rest += seconds) > REST) {
      if (this.loop) this.step = 0;
      else this.wanted = this.playing = false;
      this.rest = 0;
    }
  }
}
