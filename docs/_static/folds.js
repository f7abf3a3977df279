// One switch for the code of all pages: "show all", "hide all", or neither, which leaves it as each page has it.
// It is remembered. Without scripts there is no switch, and every fold opens by itself.

const folds = [...document.querySelectorAll("details:is(.code, .proof)")];
const before = folds.map((fold) => fold.open);
const buttons = {};

function apply(wanted) {
  folds.forEach((fold, i) => {
    fold.open = wanted ? wanted === "shown" : before[i];
  });
  for (const [name, button] of Object.entries(buttons)) button.ariaPressed = String(name === wanted);
}

function follow() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (folds.includes(target)) target.open = true;
}

const group = document.createElement("div");
group.className = "code-switch";
group.role = "group";
group.ariaLabel = "Code on all pages";
group.append("Code:");
for (const [name, words] of Object.entries({ shown: "show all", hidden: "hide all" })) {
  const button = document.createElement("button");
  button.type = "button";
  button.append(words);
  button.addEventListener("click", () => {
    const wanted = button.ariaPressed === "true" ? "" : name;
    localStorage.setItem("code", wanted);
    apply(wanted);
  });
  group.append(button);
  buttons[name] = button;
}
document.querySelector(".header-article__inner").append(group);
apply(localStorage.getItem("code"));
follow();
addEventListener("hashchange", follow);
