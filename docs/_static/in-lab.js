// A click on a point of a sweep opens the lab with the descent that ends as drawn there; beside the picture stands where
// the pointer is. Elsewhere on the picture, with the keyboard and without scripts the link does what it does anyway.

const written = (x) => String(+x.toPrecision(4));

/** What lies under the pointer: the numbers on the axes, and the scene as the lab's link has it. */
function under(link, { clientX, clientY }) {
  const picture = [...link.children].find((image) => image.checkVisibility());
  const { left, top, width, height } = picture.getBoundingClientRect();
  const place = [(clientX - left) / width, (clientY - top) / height];
  for (const { box, axes, hash } of JSON.parse(link.dataset.planes)) {
    const shares = [(place[0] - box[0]) / box[2], 1 - (place[1] - box[1]) / box[3]];
    if (!shares.every((share) => share >= 0 && share <= 1)) continue;
    const values = axes.map(({ low, high, log }, i) => log ? low * (high / low) ** shares[i] : low + (high - low) * shares[i]);
    const [x, y] = values.map(written);
    return {
      hash: hash.replaceAll("{x}", x).replaceAll("{y}", y),
      words: axes.map(({ what }, i) => `${what} ${[x, y][i]}`).join(", "),
    };
  }
  return null;
}

for (const link of document.querySelectorAll("a.picture[data-planes]")) {
  const said = link.nextElementSibling.querySelector("output");
  link.addEventListener("pointermove", (event) => {
    const found = under(link, event);
    said.textContent = found ? `Here: ${found.words}` : "";
    link.classList.toggle("leads", Boolean(found));
  });
  link.addEventListener("click", (event) => {
    const found = event.detail && under(link, event);
    if (!found) return;
    event.preventDefault();
    event.stopImmediatePropagation(); // it does not open large
    const address = `${link.dataset.lab}#${found.hash}`;
    if (event.ctrlKey || event.metaKey || event.shiftKey) open(address);
    else location.href = address;
  }, { capture: true });
}
