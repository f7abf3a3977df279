// Which pages of the learning path were read, in this browser only: a page when its end is seen, or by a click on its
// mark on the path, which also takes it back.

const KEY = "optguide-read";

function stored() {
  try {
    const pages = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return new Set(Array.isArray(pages) ? pages : []);
  } catch {
    return new Set();
  }
}

/** @param {string} page @param {boolean} read */
function mark(page, read) {
  const pages = stored();
  pages[read ? "add" : "delete"](page);
  localStorage.setItem(KEY, JSON.stringify([...pages]));
}

const here = location.pathname.match(/gallery\/\w+\/plot_\w+/)?.[0];
const end = document.querySelector(".bd-article #before-and-next, .prev-next-footer");
if (here && end) {
  new IntersectionObserver((entries, observer) => {
    if (entries.some((entry) => entry.isIntersecting)) {
      mark(here, true);
      observer.disconnect();
    }
  }).observe(end);
}

const stops = [...document.querySelectorAll(".stop")].map((stop) => {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "read";
  stop.parentElement?.append(button);
  return { page: stop.getAttribute("data-page") ?? "", item: stop.parentElement, button };
});

function show() {
  const pages = stored();
  for (const { page, item, button } of stops) {
    const title = item?.querySelector("a")?.textContent;
    button.textContent = pages.has(page) ? "✓ read" : "not read yet";
    button.setAttribute("aria-pressed", String(pages.has(page)));
    button.setAttribute("aria-label", `${button.textContent}: ${title}`);
    item?.classList.toggle("was-read", pages.has(page));
  }
}

for (const { page, button } of stops) {
  button.addEventListener("click", () => {
    mark(page, !stored().has(page));
    show();
  });
}
addEventListener("pageshow", show); // coming back by the browser's arrow, too
show();
