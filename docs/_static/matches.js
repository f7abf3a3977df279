// The search page leaves its words for the next page, which marks them. That is right for a page among the results;
// any other is shown as it is.

let followed = false;
addEventListener("click", (event) => {
  followed = event.target.closest("#search-results a") !== null;
});
addEventListener("pagehide", () => {
  if (!followed) localStorage.removeItem("sphinx_highlight_terms");
});
