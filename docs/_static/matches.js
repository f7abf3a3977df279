// The search page leaves its words for the next page, which marks them. That is right for a page among the results;
// any other is shown as it is.

let followed = false;
addEventListener("click", (event) => {
  followed = event.target.closest("#search-results a") !== null;
});
addEventListener("pagehide", () => {
  if (!followed) localStorage.removeItem("sphinx_highlight_terms");
});

// Sphinx quotes a result from all that a page shows, so that one found by another word began with where the page
// stands. Here it is quoted from what the page says, without title, code and legends; a term, from what it means.
const NO_TEXT = "h1, figure, nav, svg, script, style, table.card, details.code, .headerlink, .checked, .sphx-glr-footer";
addEventListener("DOMContentLoaded", () => {
  Search.htmlToText = (html, anchor) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    for (const part of page.querySelectorAll(NO_TEXT)) part.remove();
    const place = page.getElementById(anchor?.slice(1) ?? "");
    const text = (place?.matches("dt") ? place.nextElementSibling : place)?.textContent.trim();
    return (text || page.querySelector(".bd-article")?.textContent || "").replace(/\s+/g, " ").trim();
  };
});
