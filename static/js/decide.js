// Every decision is a button that works without this file. With it, one key presses it, as written on the button.
addEventListener("keydown", (event) => {
  "use strict";

  const typing = event.target.closest("input, select, textarea, [contenteditable]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || event.repeat || !/^[a-z]$/.test(event.key)) {
    return;
  }
  const found = document.querySelector(`[data-key="${event.key}"]`);
  if (!found) {
    return;
  }
  event.preventDefault();
  if (found.matches("button, a")) {
    found.click();
  } else {
    // More than one can be meant: the next press, or the tabulator, says which.
    found.parentElement.querySelector("button").focus();
  }
});
