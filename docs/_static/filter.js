// Buttons that filter the cards of a page by their tags: of one kind any will do, of several kinds all count.

const box = document.querySelector(".og-filters");
const form = box.querySelector("form");
const order = JSON.parse(form.dataset.order);
const cards = [...document.querySelectorAll(".og-card[data-tags]")].map((card) => [card, JSON.parse(card.dataset.tags)]);
const kinds = new Map(); // each with its tags in the order of the cards
for (const [, tags] of cards)
  for (const [kind, tag] of Object.entries(tags)) kinds.set(kind, (kinds.get(kind) ?? new Set()).add(tag));

const count = Object.assign(document.createElement("output"), { className: "og-count" });
const all = Object.assign(document.createElement("button"), { type: "reset", textContent: "Show all" });

function show() {
  const wanted = new Map();
  for (const button of form.querySelectorAll("[aria-pressed=true]"))
    wanted.set(button.name, [...(wanted.get(button.name) ?? []), button.value]);
  let shown = 0;
  for (const [card, tags] of cards) {
    card.hidden = ![...wanted].every(([kind, values]) => values.includes(tags[kind]));
    shown += !card.hidden;
  }
  for (const section of document.querySelectorAll("section:has(> .og-cards)"))
    section.hidden = section.querySelector(".og-card") && !section.querySelector(".og-card:not([hidden])");
  all.hidden = !wanted.size;
  count.textContent = wanted.size ? `${shown} of ${cards.length} pages` : "";
}

for (const [kind, tags] of kinds) {
  const field = form.appendChild(document.createElement("fieldset"));
  field.appendChild(Object.assign(document.createElement("legend"), { textContent: kind }));
  for (const tag of [...tags].sort((a, b) => order.indexOf(a) - order.indexOf(b))) {
    const button = { type: "button", name: kind, value: tag, textContent: tag, ariaPressed: "false" };
    field.appendChild(Object.assign(document.createElement("button"), button));
  }
}
form.append(count, all);
form.addEventListener("click", ({ target }) => {
  if (!target.name) return;
  target.ariaPressed = target.ariaPressed === "true" ? "false" : "true";
  show();
});
form.addEventListener("reset", () => {
  for (const button of form.querySelectorAll("[aria-pressed]")) button.ariaPressed = "false";
  show();
});
box.open = matchMedia("(min-width: 60rem)").matches; // on a phone the cards come first
box.hidden = false;
show();
