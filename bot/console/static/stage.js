// What HTML alone cannot do: Enter sends, a sent message leaves the box, a refused or half-written one does not, and a
// stage that does not answer says so.  Everything else works without this file.
const notice = document.getElementById("notice");
let sent = null;
document.addEventListener("keydown", (event) => {
  const box = event.target;
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || box.tagName !== "TEXTAREA") return;
  event.preventDefault();
  box.form.requestSubmit(box.form.querySelector("button[value=writes]"));
});

document.addEventListener("submit", (event) => {
  event.target.closest("details.sheet")?.removeAttribute("open");
  const box = event.target.querySelector("textarea");
  const verb = event.submitter && event.submitter.value;
  if (!box || !["writes", "edits", "replies", "forwards"].includes(verb)) return;
  setTimeout(() => {
    sent = { box, text: box.value };
    box.value = "";
    sessionStorage.removeItem(box.id);
  });
});
document.addEventListener("htmx:finally:request", () => {
  if (sent && notice.querySelector(".refused")) sent.box.value ||= sent.text;
  sent = null;
});

document.addEventListener("input", (event) => {
  if (event.target.tagName === "TEXTAREA") sessionStorage.setItem(event.target.id, event.target.value);
});
for (const box of document.querySelectorAll("textarea")) box.value ||= sessionStorage.getItem(box.id) ?? "";

function tell(text) {
  const said = Object.assign(document.createElement("p"), { className: "refused cut-off", textContent: text });
  notice.replaceChildren(...(text ? [said] : []));
}
notice.addEventListener("click", () => tell(""));
for (const name of ["htmx:error", "htmx:sse:error"]) document.addEventListener(name, () => tell(notice.dataset.cutOff));
document.addEventListener("htmx:sse:after:connection", () => { if (notice.querySelector(".cut-off")) tell(""); });
