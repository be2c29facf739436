// Names and reasons are decided on without this file, too. With it one key is enough for each. The keys work only inside
// the form, so that they never get in the way of a screen reader or of another field.
addEventListener("DOMContentLoaded", () => {
  "use strict";

  const form = document.querySelector("form[data-review]");
  if (!form) {
    document.querySelector("form[data-undo] button")?.focus();
    return;
  }
  const rows = [...form.querySelectorAll(".review-row")];
  const save = form.querySelector("input[type=submit]");
  const decided = [];

  const radios = (row) => [...row.querySelectorAll("input[type=radio]")];
  const go = (row) => {
    const there = radios(row);
    (there.find((one) => one.checked) ?? there[0]).focus();
    row.scrollIntoView({ block: "nearest" });
  };
  const current = () => rows.findIndex((row) => row.contains(document.activeElement));
  const step = (by) => {
    const to = current() + by;
    if (rows[to]) {
      go(rows[to]);
    } else if (by > 0) {
      save.focus();
    }
  };
  const choose = (key) => {
    const row = rows[current()];
    const radio = row && radios(row).find((one) => one.dataset.key === key);
    if (!radio) {
      return false;
    }
    decided.push([row, radios(row).find((one) => one.checked)]);
    radio.checked = true;
    step(1);
    return true;
  };
  // Whoever types Russian has the same key in the same place.
  const keyOf = (event) => {
    const isLatin = /^[a-z]$/i.test(event.key) || !event.code.startsWith("Key");
    return isLatin ? event.key : event.code.slice(3).toLowerCase();
  };
  const undo = () => {
    const last = decided.pop();
    if (!last) {
      document.querySelector("form[data-undo]")?.requestSubmit();
      return;
    }
    const [row, before] = last;
    for (const one of radios(row)) {
      one.checked = one === before;
    }
    go(row);
  };

  document.querySelector(".review-keys").hidden = false;
  form.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) {
      return;
    }
    const key = keyOf(event);
    if (key === "j" || key === "ArrowDown") {
      step(1);
    } else if (key === "k" || key === "ArrowUp") {
      step(current() < 0 ? rows.length : -1);
    } else if (key === "u") {
      undo();
    } else if (!choose(key)) {
      return;
    }
    event.preventDefault();
  });
  go(rows[0]);
});
