// A figure opens large when it is clicked: over the whole window, in the ink of the theme. A desktop shows all of it, a
// phone its full size, to be panned and pinched. Escape, a click and the button close it. Without scripts the link opens
// the file.

const image = document.createElement("img");
const button = document.createElement("button");
button.type = "button";
button.append("Close");
const dialog = document.createElement("dialog");
dialog.className = "large";
dialog.ariaLabel = "Figure, large";
dialog.append(image, button);
dialog.addEventListener("click", () => dialog.close());
document.body.append(dialog);

for (const link of document.querySelectorAll("a.picture")) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return; // into another tab or window
    event.preventDefault();
    const { src, alt } = [...link.children].find((picture) => picture.checkVisibility());
    Object.assign(image, { src, alt });
    dialog.showModal();
  });
}
