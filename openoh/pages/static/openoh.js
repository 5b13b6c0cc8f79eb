// Comfort only: everything works without this file.
import { initAll } from "/assets/vendor/nhsuk-frontend-10.6.1/nhsuk-frontend.min.js";

initAll();

// A second press of a submit button must not send the form twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  window.setTimeout(() => delete form.dataset.sent, 5000);
});

// Printing needs JavaScript, so its button is there only where it works.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
