// @ts-check
// A part of the lab that folds away: open where there is room, a line on a phone.

import { make } from "../dom.js";

const ROOM = 600; // CSS pixels

/** @param {string} title @param {(Element | string)[]} children */
export const fold = (title, ...children) =>
  make("details", { class: "og-fold", open: innerWidth > ROOM }, make("summary", {}, title), ...children);
