// Without this file Tab leads through the rows, and Enter sends the form, whose count of rows tells if that was too early.
// With it, Enter leads to the next row that is there, and from the last one to the button.
addEventListener("keydown", (event) => {
  "use strict";

  const row = event.target.closest("[data-row]");
  if (!row || event.key !== "Enter" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) {
    return;
  }
  event.preventDefault();
  const form = row.closest("form");
  const rows = [...form.querySelectorAll("[data-row]")];
  const next = rows[rows.indexOf(row) + 1];
  (next ? next.querySelector("select, input") : form.querySelector("[type=submit]")).focus();
});
