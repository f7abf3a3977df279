// @ts-check
// Scenes worth seeing, each with a sentence that says what to look at. tests/render/test_lab_scenarios.py holds each
// sentence to what og.descend finds.

/** @typedef {{ name: string, words: string, surface: string, start?: number[], steps?: number, noise?: number,
 *   runs: [rule: string, lr: number][] }} Scenario
 *   what it does not name is as the landscape has it, without noise, and every rule as published but for its lr */

/** @type {Scenario[]} */
export const SCENARIOS = [{
  name: "Diverges",
  words: "Across the ravine the curvature is 50, so descent is stable for lr < 2/50: at 0.039 SGD converges, at 0.042 "
    + "each step across the valley is longer than the one before. Adam, at the same learning rate, converges.",
  surface: "ravine", runs: [["SGD", 0.039], ["SGD", 0.042], ["Adam", 0.042]],
}, {
  name: "Caught in a local minimum",
  words: "All three end where the gradient vanishes, and none in the global minimum at (−2.9, −2.9). "
    + "Its velocity carries Momentum over the hill near y = 0, to a deeper minimum than that of SGD and Adam.",
  surface: "styblinski_tang", start: [0.5, 4.5], runs: [["SGD", 0.01], ["Momentum", 0.01], ["Adam", 0.1]],
}, {
  name: "Saddle point",
  words: "The start is 0.01 beside the ridge. SGD's distance from it grows by 4% a step and is still small after 60 "
    + "steps; Adam moves away by about lr with every step from the first; Momentum is off the map by then.",
  surface: "saddle", start: [-1.6, 0.01], steps: 60, runs: [["SGD", 0.02], ["Adam", 0.02], ["Momentum", 0.02]],
}, {
  name: "Zigzag in a ravine",
  words: "Near the largest stable learning rate SGD crosses the valley with every step while it creeps along it. "
    + "Momentum, at a quarter of that learning rate, is faster along the valley: it ends lower.",
  surface: "ravine", steps: 100, runs: [["SGD", 0.038], ["Momentum", 0.0095]],
}, {
  name: "Noise floor",
  words: "With noise in the gradient SGD does not settle: the loss falls to a floor and stays about there. Ten times the "
    + "learning rate is there sooner, and its floor is more than ten times as high.",
  surface: "sphere", steps: 300, noise: 2, runs: [["SGD", 0.2], ["SGD", 0.02]],
}, {
  name: "Plateau",
  words: "On the plateau the gradient is about 0.00002, and SGD's steps are as small: it hardly moves. Adam and Rprop, "
    + "whose steps do not shrink with the gradient, cross the plateau and reach the minimum.",
  surface: "giant_plateau", runs: [["SGD", 0.05], ["Adam", 0.05], ["Rprop", 0.05]],
}, {
  name: "Too large a learning rate",
  words: "At lr = 1 SGD diverges with its first step. Adam leaps up the walls as well, but its steps shrink, and it "
    + "comes close to the minimum. Lion steps by exactly 1 along both axes to the end, and goes on leaping.",
  surface: "rosenbrock", steps: 500, runs: [["SGD", 1], ["Adam", 1], ["Lion", 1]],
}, {
  name: "The same learning rate for all",
  words: "0.01 is one number and three meanings: SGD and Momentum multiply the gradient by it and reach the minimum; "
    + "Adam and Lion step by about 0.01 along each axis and are on their way; Adagrad's steps shrink from 0.01 on.",
  surface: "himmelblau", start: [-0.5, -1],
  runs: [["SGD", 0.01], ["Momentum", 0.01], ["Adam", 0.01], ["Lion", 0.01], ["Adagrad", 0.01]],
}, {
  name: "Momentum overshoots",
  words: "Momentum passes the minimum and swings back, more than once. Nesterov asks for the gradient ahead of it and "
    + "overshoots less. SGD never passes the minimum, and is the last to come near.",
  surface: "sphere", steps: 100, runs: [["Momentum", 0.02], ["Nesterov", 0.02], ["SGD", 0.02]],
}, {
  name: "Thrown off a cliff",
  words: "On the plateau SGD's steps are short. At the edge the gradient is a hundred times as large, and a single step "
    + "lands off the map. Adam divides by the size of the gradient: no step of it is longer than 0.1.",
  surface: "cliff", runs: [["SGD", 1], ["Adam", 0.05]],
}];
