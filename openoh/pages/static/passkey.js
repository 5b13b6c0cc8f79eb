// Passkeys: the browser's own ceremony. Where it is missing, forms stay hidden and the authenticator app remains.
const able = window.PublicKeyCredential?.parseCreationOptionsFromJSON !== undefined;
const NOT_DONE = "That did not work, or it was stopped. Try again, or use another way.";

async function optionsOf(form) {
  if (form.dataset.options) return JSON.parse(form.dataset.options);
  const answer = await fetch(form.dataset.fetched, { headers: { "X-Requested-With": "XMLHttpRequest" } });
  return (await answer.json()).request_options;
}

async function credentialFor(form) {
  const { publicKey } = await optionsOf(form);
  const made = form.dataset.passkey === "create"
    ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey) })
    : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey) });
  return JSON.stringify(made);
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.hidden = !able;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      form.elements.credential.value = await credentialFor(form);
      form.submit();
    } catch {
      const problem = form.querySelector("[role=alert]");
      problem.textContent = NOT_DONE;
      problem.hidden = false;
      delete form.dataset.sent;
    }
  });
}
for (const words of document.querySelectorAll("[data-without-passkeys]")) words.hidden = able;
