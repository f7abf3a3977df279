// Tables of the class "sortable": every heading becomes a button that sorts by its column, and then the other way
// round. Without scripts the rows stay in the order of the page. Text that is no number, such as "never", comes last.

const numberOf = (cell) => Number.parseFloat(cell.textContent.replace("−", "-").trim());

function sort(table, column, descending) {
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const numeric = rows.some((row) => !Number.isNaN(numberOf(row.cells[column])));
  const sign = descending ? -1 : 1;
  rows.sort((one, other) => {
    const [a, b] = [one.cells[column], other.cells[column]];
    if (!numeric) return sign * a.textContent.trim().localeCompare(b.textContent.trim());
    const [x, y] = [numberOf(a), numberOf(b)];
    if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y);
    return sign * (x - y);
  });
  body.append(...rows);
}

for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...(head.querySelector("p") ?? head).childNodes);
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const descending = head.ariaSort === "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      sort(table, column, descending);
    });
  });
}
