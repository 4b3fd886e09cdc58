// Passkeys: the forms with data-passkey ask the device before they are sent. They stay hidden
// where there is no script or no device, and the page's other ways remain.
(() => {
  const bytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const ids = (list) => (list ?? []).map((each) => ({ ...each, id: bytes(each.id) }));

  const make = async (options) => {
    const made = await navigator.credentials.create({ publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: ids(options.excludeCredentials),
    } });
    return [made, {
      clientDataJSON: text(made.response.clientDataJSON),
      attestationObject: text(made.response.attestationObject),
      transports: made.response.getTransports?.() ?? [],
    }];
  };

  const use = async (options) => {
    const used = await navigator.credentials.get({ publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      allowCredentials: ids(options.allowCredentials),
    } });
    const { clientDataJSON, authenticatorData, signature, userHandle } = used.response;
    return [used, {
      clientDataJSON: text(clientDataJSON),
      authenticatorData: text(authenticatorData),
      signature: text(signature),
      userHandle: userHandle ? text(userHandle) : null,
    }];
  };

  const ask = async (form) => {
    const sent = new URLSearchParams({ csrf_token: form.elements.csrf_token.value });
    if (form.elements.door) sent.set("door", form.elements.door.value);
    const answer = await fetch(form.dataset.options, { method: "POST", body: sent });
    if (!answer.ok) throw new Error(answer.status);
    const { options, ticket } = await answer.json();
    const [credential, response] = await (form.dataset.passkey === "make" ? make : use)(options);
    form.elements.ticket.value = ticket;
    form.elements.credential.value = JSON.stringify({
      id: credential.id, rawId: text(credential.rawId), type: credential.type, response,
    });
    form.submit();
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    if (!window.PublicKeyCredential) continue;
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const button = form.querySelector("button");
      const said = form.querySelector("[data-failed]");
      said.hidden = true;
      button.disabled = true;
      ask(form).catch(() => {
        said.hidden = false;
        said.textContent = said.dataset.failed;
        button.disabled = false;
      });
    });
  }
})();
