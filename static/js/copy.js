// Buttons that copy a field; without scripts, or without a clipboard, the field is there to be marked by hand.
addEventListener("DOMContentLoaded", () => {
  "use strict";

  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
      const field = document.getElementById(button.dataset.copy);
      try {
        await navigator.clipboard.writeText(field.value);
        button.textContent = button.dataset.done;
      } catch {
        field.select();
      }
    });
  }
});
