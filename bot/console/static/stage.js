// What HTML alone cannot do: Enter sends, a sent message leaves the box.  Everything else works without this file.
document.addEventListener("keydown", (event) => {
  const box = event.target;
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || box.tagName !== "TEXTAREA") return;
  event.preventDefault();
  box.form.requestSubmit(box.form.querySelector("button[value=writes]"));
});

document.addEventListener("submit", (event) => {
  const box = event.target.querySelector("textarea");
  const verb = event.submitter && event.submitter.value;
  if (!box || !["writes", "edits", "replies", "forwards"].includes(verb)) return;
  setTimeout(() => { box.value = ""; });
});
