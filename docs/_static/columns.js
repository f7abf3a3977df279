// Tables of the class "side-by-side": the reader chooses which rules stand beside the first one. Rows that none of
// those shown has go as well. Without scripts all columns are there, and the table scrolls.

const AT_FIRST = matchMedia("(min-width: 60rem)").matches ? 3 : 1;

for (const table of document.querySelectorAll("table.side-by-side")) {
  const rows = [...table.tHead.rows, ...table.tBodies[0].rows];
  const names = [...table.tHead.rows[0].cells].map((head) => head.textContent.trim());
  const choice = document.createElement("fieldset");
  choice.className = "columns";
  const legend = document.createElement("legend");
  legend.textContent = `Beside ${names[1]}`;
  choice.append(legend);

  const show = () => {
    const shown = new Set([0, 1]);
    for (const box of choice.querySelectorAll(":checked")) shown.add(Number(box.value));
    for (const row of rows) {
      const cells = [...row.cells];
      cells.forEach((cell, column) => { cell.hidden = !shown.has(column); });
      row.hidden = !cells.some((cell, column) => column > 0 && !cell.hidden && cell.textContent.trim());
    }
  };
  names.slice(2).forEach((name, number) => {
    const label = document.createElement("label");
    const box = document.createElement("input");
    Object.assign(box, { type: "checkbox", value: number + 2, checked: number < AT_FIRST });
    label.append(box, name);
    choice.append(label);
  });
  choice.addEventListener("change", show);
  (table.closest(".pst-scrollable-table-container") ?? table).before(choice);
  show();
}
