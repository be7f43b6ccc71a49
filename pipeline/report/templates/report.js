"use strict";
(() => {
  const table = document.getElementById("needs");
  if (!table) return;
  const body = table.tBodies[0];
  const head = table.tHead.rows[0];
  const pressing = Array.from(body.rows);
  let rows = pressing;
  const words = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const search = document.getElementById("search");
  const only = document.getElementById("only");
  const order = document.getElementById("order");
  const shown = document.getElementById("shown");

  const filter = () => {
    const asked = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const fits = asked.every((word) => words.get(row).includes(word)) && (!only.value || row.dataset.word === only.value);
      row.hidden = !fits;
      count += fits ? 1 : 0;
    }
    shown.textContent = `${count} of ${rows.length} rows shown`;
  };
  search.addEventListener("input", filter);
  only.addEventListener("change", filter);

  const collator = new Intl.Collator(undefined, { numeric: true });
  const sort = (column, down) => {
    const text = (row) => row.cells[column].textContent.trim();
    rows = column < 0 ? pressing : [...pressing].sort((one, two) => (down ? -1 : 1) * collator.compare(text(one), text(two)));
    for (const cell of head.cells) cell.removeAttribute("aria-sort");
    if (column >= 0) head.cells[column].setAttribute("aria-sort", down ? "descending" : "ascending");
    body.append(...rows);
  };
  head.addEventListener("click", (event) => {
    const cell = event.target.closest("th");
    if (cell && event.target.closest("button")) sort(cell.cellIndex, cell.getAttribute("aria-sort") === "ascending");
  });
  order.addEventListener("change", () => sort(order.value === "" ? -1 : Number(order.value), false));

  // What a spreadsheet would run as a formula gets an apostrophe, control characters become blanks: as in the annotated CSV.
  const formula = /^[\s\u200b-\u200f\u2060\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]/;
  const field = (text) => {
    const plain = text.replace(/[\u0000-\u001f\u007f\u0085\u2028\u2029]/g, " ");
    return '"' + (formula.test(plain) ? "'" + plain : plain).replaceAll('"', '""') + '"';
  };
  const said = (cell) => (cell.querySelector("bdi") || cell.querySelector("button") || cell.querySelector(".word")?.lastChild || cell).textContent;
  document.getElementById("download").addEventListener("click", () => {
    const lines = [head, ...rows.filter((row) => !row.hidden)].map((row) => Array.from(row.cells, (cell) => field(said(cell))).join(","));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(["\ufeff" + lines.join("\r\n") + "\r\n"], { type: "text/csv;charset=utf-8" }));
    link.download = table.dataset.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
  document.getElementById("tools").hidden = false;
  filter();
})();
