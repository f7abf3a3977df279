// How Sphinx ranks what a search finds: its own numbers, but a page of that title comes first, and what defines words or
// lists papers comes after the pages that explain.

var Scorer = {
  score: ([page, , anchor, , score, , kind]) =>
    score +
    (kind === "title" && !anchor ? 100 : 0) -
    (["glossary", "bibliography", "documents", "changelog"].includes(page) ? 60 : 0),
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
