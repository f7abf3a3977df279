// @ts-check
// What stands below the picture, in this order. Each says which part of the lab it is, by which it can be hidden.

import { Knobs } from "./knobs.js";

/** @typedef {import("./lab.js").Lab} Lab */
/** @typedef {{ part: string, new (lab: Lab): import("./lab.js").Panel }} PanelClass */

/** @type {PanelClass[]} */
export const PANELS = [Knobs];
