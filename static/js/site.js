// Everything works without this file. It adds a wait state that stops a second press, and folds away what is not needed.
(() => {
  "use strict";

  const rest = (form) => {
    delete form.dataset.sending;
    for (const button of form.querySelectorAll("button[data-label]")) {
      button.textContent = button.dataset.label;
      button.removeAttribute("aria-disabled");
    }
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sending) {
      event.preventDefault();
      return;
    }
    const button = event.submitter || form.querySelector("button[data-wait]");
    form.dataset.sending = "yes";
    if (button && button.dataset.wait) {
      // Not "disabled": that would drop the button's own value from what is sent, and lose the focus.
      button.dataset.label = button.textContent;
      button.textContent = button.dataset.wait;
      button.setAttribute("aria-disabled", "true");
    }
  });

  const fold = (form) => {
    const chosen = form.querySelector("input[name=visibility]:checked");
    for (const part of form.querySelectorAll("[data-not-for], [data-only-for]")) {
      const { notFor, onlyFor } = part.dataset;
      part.hidden = Boolean(chosen) && (chosen.value === notFor || (Boolean(onlyFor) && chosen.value !== onlyFor));
      for (const field of part.querySelectorAll("input, textarea")) {
        // What is folded away is not sent either; it comes back with the choice.
        field.disabled = part.hidden;
      }
    }
  };

  document.addEventListener("change", (event) => {
    if (event.target.name === "visibility") {
      fold(event.target.form);
    }
  });

  // Also after "back", where the browser brings the page back as it was.
  addEventListener("pageshow", () => {
    for (const form of document.forms) {
      rest(form);
      fold(form);
    }
  });

  const problem = document.getElementById("error-summary");
  if (problem) {
    problem.focus();
  }
})();
