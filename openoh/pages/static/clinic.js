// One key for each decision of triage. Without this file the buttons work as they are, and no key is promised.
for (const place of document.querySelectorAll("[data-access-key]")) {
  const button = place.querySelector("button");
  const key = place.dataset.accessKey;
  button.accessKey = key;
  const hint = document.createElement("p");
  hint.className = "oh-meta";
  hint.textContent = `Access key: ${button.accessKeyLabel || `Alt + ${key.toUpperCase()}`}`;
  place.append(hint);
}
