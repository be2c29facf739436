// Asks the browser for a passkey; without this file there are the app and the recovery codes.
for (const form of document.querySelectorAll("[data-passkey]")) {
  "use strict";

  if (!window.PublicKeyCredential || !navigator.credentials) {
    continue;
  }
  const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  const toText = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const button = form.querySelector("button");
  const failed = form.querySelector("[data-failed]");
  const withId = (one) => ({ ...one, id: toBytes(one.id) });

  const send = async (url, data) => {
    const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
    const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
    const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(data) });
    if (!response.ok) {
      throw new Error(String(response.status));
    }
    return response.json();
  };

  const add = async (options) => {
    const made = await navigator.credentials.create({
      publicKey: {
        ...options,
        challenge: toBytes(options.challenge),
        user: withId(options.user),
        excludeCredentials: (options.excludeCredentials || []).map(withId),
      },
    });
    return {
      clientDataJSON: toText(made.response.clientDataJSON),
      attestationObject: toText(made.response.attestationObject),
      transports: made.response.getTransports ? made.response.getTransports() : [],
      made,
    };
  };

  const show = async (options) => {
    const made = await navigator.credentials.get({
      publicKey: {
        ...options,
        challenge: toBytes(options.challenge),
        allowCredentials: (options.allowCredentials || []).map(withId),
      },
    });
    return {
      clientDataJSON: toText(made.response.clientDataJSON),
      authenticatorData: toText(made.response.authenticatorData),
      signature: toText(made.response.signature),
      userHandle: made.response.userHandle ? toText(made.response.userHandle) : null,
      made,
    };
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    failed.hidden = true;
    try {
      const options = await send(form.dataset.begin, {});
      const { made, ...response } = await (form.dataset.passkey === "add" ? add : show)(options);
      const answer = {
        id: made.id,
        rawId: toText(made.rawId),
        type: made.type,
        response,
        clientExtensionResults: made.getClientExtensionResults(),
      };
      const name = form.querySelector("[data-name]");
      const { goTo } = await send(form.dataset.complete, { answer, name: name ? name.value : "", next: form.dataset.next });
      location.assign(goTo);
    } catch {
      // Broken off by its owner, or refused: the page says what to do in either case.
      failed.hidden = false;
      button.disabled = false;
      button.focus();
    }
  });

  form.querySelector("[data-without]").hidden = true;
  for (const part of form.querySelectorAll("[data-with]")) {
    part.hidden = false;
  }
}
