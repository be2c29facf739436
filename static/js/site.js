// Everything works without this file. It adds a wait state that stops a second press, and folds away what is not needed.
(() => {
  "use strict";

  const rest = (form) => {
    delete form.dataset.sending;
    // Some buttons of a form stand before it.
    for (const button of [...form.elements].filter((one) => one.dataset.label)) {
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
      // What is folded away is not sent either; it comes back with the choice.
      part.disabled = Boolean(chosen) && (chosen.value === notFor || (Boolean(onlyFor) && chosen.value !== onlyFor));
      part.closest(".field").hidden = part.disabled;
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

  // Only shown where they work.
  for (const button of document.querySelectorAll("[data-copy], [data-share]")) {
    button.hidden = button.dataset.copy ? !navigator.clipboard : !navigator.share;
  }

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy], [data-share]");
    if (!button) {
      return;
    }
    try {
      if (button.dataset.copy) {
        await navigator.clipboard.writeText(button.dataset.copy);
        button.textContent = button.dataset.done;
      } else {
        await navigator.share({ title: button.dataset.title, url: button.dataset.share });
      }
    } catch {
      // Whoever closes the sheet has changed their mind; a clipboard that refuses leaves the address to be marked by hand.
    }
  });

  // The count, asked for politely: not in hidden tabs, more and more seldom, and never again after a failure.
  const counter = document.querySelector("[data-count-url]");
  const figures = counter ? document.querySelectorAll("[data-figure] strong") : [];

  const show = (number) => {
    const language = document.documentElement.lang;
    const text = new Intl.NumberFormat(language).format(number);
    const kinds = new Intl.PluralRules(language);
    // The page brings the word after the number as it is after 1, 2 and 5: each language has its forms among these.
    const like = [1, 2, 5].find((one) => kinds.select(one) === kinds.select(number)) || 5;
    for (const figure of figures) {
      if (figure.textContent !== text) {
        figure.textContent = text;
        figure.nextElementSibling.textContent = counter.getAttribute(`data-label-${like}`);
      }
    }
    const bar = counter.querySelector("progress");
    if (bar) {
      bar.value = number;
      // The page knows the goal after this one, and is read anew in the end.
      bar.closest(".goal").hidden = number >= bar.max;
    }
  };

  const ask = async (seconds) => {
    if (!document.hidden) {
      try {
        const answer = await fetch(counter.dataset.countUrl, { credentials: "omit" });
        const number = (await answer.json()).signature_count;
        if (number !== null) {
          show(number);
        }
      } catch {
        return;
      }
    }
    setTimeout(ask, seconds * 1000, Math.min(seconds * 1.5, 600));
  };
  if (figures.length && window.fetch && window.Intl) {
    setTimeout(ask, 30000, 45);
  }

  const problem = document.getElementById("error-summary");
  if (problem) {
    problem.focus();
  }
})();
