// Texts can be written without this file. With it, buttons above a field put in the signs of Markdown, and outlines come
// without sending the form. What they do can be undone with Ctrl+Z, and previews notice it.
addEventListener("DOMContentLoaded", () => {
  "use strict";

  const put = (field, start, end, text) => {
    field.focus();
    field.setSelectionRange(start, end);
    // The only way of writing that the browser can undo.
    if (!document.execCommand("insertText", false, text)) {
      field.setRangeText(text, start, end, "end");
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  };

  const around = (field, sign, words) => {
    const { selectionStart: start, selectionEnd: end, value } = field;
    const chosen = value.slice(start, end);
    const outer = value.slice(start - sign.length, start) === sign && value.slice(end, end + sign.length) === sign;
    const isBold = sign === "*" && value.slice(start - 2, start) === "**";
    if (chosen && outer && !isBold) {
      put(field, start - sign.length, end + sign.length, chosen);
      field.setSelectionRange(start - sign.length, end - sign.length);
      return;
    }
    // Markdown takes signs beside a blank for plain stars.
    const inner = chosen.trim() || words;
    const lead = chosen.trim() ? chosen.slice(0, chosen.indexOf(inner)) : "";
    const trail = chosen.trim() ? chosen.slice(lead.length + inner.length) : "";
    put(field, start, end, lead + sign + inner + sign + trail);
    const from = start + lead.length + sign.length;
    field.setSelectionRange(from, from + inner.length);
  };

  const SIGNS = { heading: /^#{1,6} +/, list: /^[-*+] +/, numbers: /^\d+[.)] +/, quote: /^> ?/ };
  const lines = (field, kind) => {
    const { value } = field;
    const start = value.lastIndexOf("\n", field.selectionStart - 1) + 1;
    const last = Math.max(field.selectionStart, field.selectionEnd - (value[field.selectionEnd - 1] === "\n" ? 1 : 0));
    const next = value.indexOf("\n", last);
    const end = next < 0 ? value.length : next;
    const chosen = value.slice(start, end).split("\n");
    const has = chosen.every((line) => SIGNS[kind].test(line) || !line.trim()) && chosen.some((line) => line.trim());
    let number = 0;
    const sign = () => ({ heading: "## ", list: "- ", numbers: `${++number}. `, quote: "> " })[kind];
    const bare = (line) => Object.values(SIGNS).reduce((text, one) => text.replace(one, ""), line);
    const written = chosen.map((line) => (has ? line.replace(SIGNS[kind], "") : !line.trim() && chosen.length > 1 ? line : sign() + bare(line)));
    // A block begins after an empty line.
    const before = value.slice(0, start);
    const gap = !has && before.trim() && !before.endsWith("\n\n") && !SIGNS[kind].test(before.trimEnd().split("\n").pop()) ? "\n" : "";
    put(field, start, end, gap + written.join("\n"));
    const from = start + gap.length;
    field.setSelectionRange(chosen.length > 1 ? from : from + written[0].length, from + written.join("\n").length);
  };

  const link = (field, words) => {
    const { selectionStart: start, selectionEnd: end, value } = field;
    const chosen = value.slice(start, end).trim();
    const isAddress = /^(https?:\/\/|mailto:)\S+$/.test(chosen);
    const text = isAddress || !chosen ? words : chosen;
    const address = isAddress ? chosen : "https://";
    put(field, start, end, `[${text}](${address})`);
    const from = start + 1 + (text === words ? 0 : text.length + 2);
    field.setSelectionRange(from, from + (text === words ? text.length : address.length));
  };

  for (const bar of document.querySelectorAll("[data-toolbar]")) {
    const field = document.getElementById(bar.dataset.toolbar);
    const buttons = [...bar.querySelectorAll("[data-mark]")];
    if (!field || field.disabled || field.readOnly) {
      continue;
    }
    bar.hidden = false;
    // One stop for the Tab key; the arrows go on from there.
    const reach = (button) => buttons.forEach((one) => (one.tabIndex = one === button ? 0 : -1));
    reach(buttons[0]);
    bar.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      const ends = { Home: 0, End: buttons.length - 1 }[event.key];
      const at = buttons.indexOf(document.activeElement);
      if (step === undefined && ends === undefined) {
        return;
      }
      event.preventDefault();
      const button = buttons[ends ?? (at + step + buttons.length) % buttons.length];
      reach(button);
      button.focus();
    });
    bar.addEventListener("click", (event) => {
      const button = event.target.closest("[data-mark]");
      if (!button) {
        return;
      }
      reach(button);
      const { mark } = button.dataset;
      if (mark === "bold" || mark === "italic") {
        around(field, mark === "bold" ? "**" : "*", bar.dataset.words);
      } else if (mark === "link") {
        link(field, bar.dataset.words);
      } else {
        lines(field, mark);
      }
    });
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-outline]");
    if (!button) {
      return;
    }
    event.preventDefault();
    const field = document.getElementById(button.dataset.outline);
    if (!field.value.trim()) {
      put(field, 0, field.value.length, button.dataset.text);
    }
    field.focus();
    button.closest("details").open = false;
  });
});
