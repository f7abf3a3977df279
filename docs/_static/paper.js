// Printing: pictures that wait until they are scrolled to are loaded, and the ink is that of the light theme.

const root = document.documentElement;
let theme;

addEventListener("beforeprint", () => {
  theme = root.dataset.theme;
  root.dataset.theme = "light";
  for (const picture of document.querySelectorAll("img[loading=lazy]:not(.only-dark)")) picture.loading = "eager";
});
addEventListener("afterprint", () => {
  root.dataset.theme = theme;
});
