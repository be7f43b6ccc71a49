"use strict";
(() => {
  const table = document.getElementById("needs");
  if (!table) return;
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  const search = document.getElementById("search");
  const only = document.getElementById("only");
  const shown = document.getElementById("shown");

  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      const fits = words.every((word) => text.includes(word)) && (!only.value || row.dataset.word === only.value);
      row.hidden = !fits;
      count += fits ? 1 : 0;
    }
    shown.textContent = `${count} of ${rows.length} rows shown`;
  };
  search.addEventListener("input", filter);
  only.addEventListener("change", filter);

  const collator = new Intl.Collator(undefined, { numeric: true });
  table.tHead.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const head = button.closest("th");
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const value = (row) => row.cells[head.cellIndex].textContent;
    rows.sort((one, two) => (down ? -1 : 1) * collator.compare(value(one), value(two)));
    body.append(...rows);
  });

  // A cell that a spreadsheet would run as a formula is given an apostrophe, as in the annotated CSV.
  const field = (text) => {
    const safe = /^[\s]*[=+\-@\t\r]/.test(text) && !/^-?[0-9.]+$/.test(text) ? "'" + text : text;
    return '"' + safe.replaceAll('"', '""') + '"';
  };
  document.getElementById("download").addEventListener("click", () => {
    const lines = [Array.from(table.tHead.rows[0].cells), ...rows.filter((row) => !row.hidden).map((row) => Array.from(row.cells))];
    const text = "\ufeff" + lines.map((cells) => cells.map((cell) => field(cell.textContent.trim())).join(",")).join("\r\n") + "\r\n";
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
    link.download = table.dataset.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
  document.getElementById("tools").hidden = false;
  filter();
})();
