// The desk works without this file: a text is shown as it was saved last. With it, as it is being written.
addEventListener("DOMContentLoaded", () => {
  "use strict";

  for (const shown of document.querySelectorAll("[data-url][data-for]")) {
    const field = document.getElementById(shown.dataset.for);
    let timer;
    let newest = 0;
    const show = async () => {
      const number = ++newest;
      const body = new FormData();
      body.append("text", field.value);
      body.append("csrfmiddlewaretoken", field.form.elements.csrfmiddlewaretoken.value);
      try {
        const answer = await fetch(shown.dataset.url, { method: "POST", body });
        const html = await answer.text();
        // Whoever was logged out is led to the form for logging in, which belongs elsewhere.
        if (answer.ok && !answer.redirected && number === newest) {
          shown.innerHTML = html;
        }
      } catch {
        // Without a connection the last one stays.
      }
    };
    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(show, 400);
    });
  }
});
