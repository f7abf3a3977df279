// @ts-check
// The panels that a reader opens later: they come after the first ones, so that the start can be dragged at once.

import { PANELS } from "./panels.js";
import { Planes } from "./planes.js";
import { RulePanel } from "./rule.js";
import { Share } from "./share.js";

function bring() {
  if (PANELS.length === 1) PANELS.push(RulePanel, Planes, Share);
}

if (globalThis.document) bring(); // without a page, as in tests, there is no lab
