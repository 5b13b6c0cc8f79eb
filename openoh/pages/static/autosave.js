// Saves a draft while it is being written. Without this file “Save draft” does the same.
//
// The form carries the revision that it was made from. The server refuses a save from an older one, so that two
// windows never overwrite each other; then this file stops, and “Save draft” shows both versions.
const WHILE_TYPING = 10_000; // milliseconds from the first unsaved letter
const AFTER_A_CHOICE = 1_500; // after a field was left or a choice made

for (const form of document.querySelectorAll("form[data-autosave]")) keepSaving(form);

function keepSaving(form) {
  const revision = form.elements.revision;
  const status = form.querySelector("[data-autosave-status]");
  const problem = status.dataset.problem;
  let timer = null;
  let due = Infinity;
  let saving = null;
  let stopped = false;

  // A screen reader speaks each change once: the same words again are no change.
  const say = (words) => {
    if (status.textContent !== words) status.textContent = words;
  };

  const save = () => {
    timer = clearTimeout(timer);
    due = Infinity;
    if (stopped) return;
    const mine = (saving ?? Promise.resolve()).then(send).finally(() => {
      if (saving === mine) saving = null;
    });
    saving = mine;
  };

  const send = async () => {
    if (stopped) return;
    const body = new FormData(form);
    let answer;
    try {
      const response = await fetch(form.action, {
        method: "POST",
        body,
        headers: { Accept: "application/json" },
        redirect: "manual",
        keepalive: document.visibilityState === "hidden",
      });
      answer = response.headers.get("Content-Type")?.startsWith("application/json") ? await response.json() : {};
    } catch {
      answer = {};
    }
    if (answer.revision !== undefined) revision.value = answer.revision;
    stopped = Boolean(answer.conflict);
    say(answer.words ?? problem);
  };

  const saveWithin = (wait) => {
    if (stopped || Date.now() + wait >= due) return;
    clearTimeout(timer);
    due = Date.now() + wait;
    timer = setTimeout(save, wait);
  };

  form.addEventListener("input", () => saveWithin(WHILE_TYPING));
  form.addEventListener("change", () => saveWithin(AFTER_A_CHOICE));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && timer) save();
  });

  // A press of a button waits for a save that is under way: it would come from an older revision otherwise.
  form.addEventListener(
    "submit",
    (event) => {
      stopped = true;
      clearTimeout(timer);
      if (!saving) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const pressed = event.submitter;
      // Later, because a form that is just being submitted ignores being asked again.
      saving.finally(() => setTimeout(() => form.requestSubmit(pressed)));
    },
    { capture: true },
  );
}
