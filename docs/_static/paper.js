// Printing: pictures that wait until they are scrolled to are loaded, folds are open, and the ink is that of the light
// theme.

const root = document.documentElement;
let theme;
let closed;

addEventListener("beforeprint", () => {
  theme = root.dataset.theme;
  root.dataset.theme = "light";
  for (const picture of document.querySelectorAll("img[loading=lazy]:not(.only-dark)")) picture.loading = "eager";
  closed = [...document.querySelectorAll("details:is(.code, .proof, .numbers):not([open])")];
  for (const fold of closed) fold.open = true;
});
addEventListener("afterprint", () => {
  root.dataset.theme = theme;
  for (const fold of closed) fold.open = false;
});
