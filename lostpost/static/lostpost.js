// What pages do better with a script; each of them works without it.

// ---- What was typed is kept: over the end of a session, a detour, a change of language --------------------------------
// A form with data-draft is written down while it is filled in, for this tab and this person alone. It comes back where
// the form is empty, and goes once a page says with data-done that it was sent, or when somebody signs out.

const draftName = (name) => `draft ${document.body.dataset.user} ${name}`;

for (const done of document.querySelectorAll("[data-done]")) {
  sessionStorage.removeItem(draftName(done.dataset.done));
}

for (const form of document.querySelectorAll("form[data-draft]")) {
  const name = draftName(form.dataset.draft);
  const fields = [...form.elements].filter((field) => field.name && !["hidden", "submit", "button", "file"].includes(field.type));
  const chosen = (field) => ["radio", "checkbox"].includes(field.type);
  const kept = JSON.parse(sessionStorage.getItem(name) || "null");
  const isOlder = ({ name, value }) => !value || `${kept?.[name] ?? ""}`.startsWith(value);  // What the server kept before.
  const untouched = fields.every((field) => chosen(field) || field.tagName === "SELECT" || isOlder(field));
  if (kept && untouched) {
    for (const field of fields) {
      if (chosen(field)) field.checked = kept[field.name] === field.value;
      else if (field.name in kept) field.value = kept[field.name];
    }
    form.closest("details")?.setAttribute("open", "");
  }
  form.addEventListener("input", () => {
    const typed = fields.filter((field) => !chosen(field) || field.checked).map((field) => [field.name, field.value]);
    const empty = fields.every((field) => chosen(field) || field.tagName === "SELECT" || !field.value);
    if (empty) sessionStorage.removeItem(name);
    else sessionStorage.setItem(name, JSON.stringify(Object.fromEntries(typed)));
  });
}

// What is true for some seconds alone goes when they are over: "Undo" of an answer that is sent then.
for (const said of document.querySelectorAll("[data-gone-after]")) {
  setTimeout(() => (said.closest(".messages > li") ?? said).remove(), said.dataset.goneAfter * 1000);
}

// An answer is kept by the server too, while it is written and when its page is left.
for (const form of document.querySelectorAll("form[data-save]")) {
  let changed = false;
  form.addEventListener("input", () => { changed = true; });
  form.addEventListener("submit", () => { changed = false; });
  addEventListener("pagehide", () => {
    const typed = new FormData(form);
    for (const field of form.querySelectorAll("input[type=file]")) typed.delete(field.name);
    if (changed) navigator.sendBeacon(form.dataset.save, typed);
  });
}

for (const form of document.querySelectorAll("form[data-forget]")) {
  form.addEventListener("submit", () => sessionStorage.clear());
}

// ---- The write-off screen: its address holds the ticks, so that a reload and the way back keep them --------------------
// Beside them stands what was shown; where that has changed since, the server says so and ticks nothing after a write-off.

for (const form of document.querySelectorAll("form[data-ticks]")) {
  form.addEventListener("change", () => {
    const ticks = new URLSearchParams();
    for (const box of form.querySelectorAll("input[name=unit]:checked")) {
      ticks.append("unit", box.value);
      ticks.append(`quantity-${box.value}`, form.elements[`quantity-${box.value}`].value);
    }
    if (`${ticks}`) ticks.append("token", form.dataset.token);
    const parameters = [`${ticks}`, form.dataset.place].filter(Boolean).join("&");
    const address = form.dataset.ticks + (parameters && `?${parameters}`);
    if (address.length > 2000) return;
    history.replaceState(history.state, "", address);
    for (const next of document.querySelectorAll("form[data-language] input[name=next]")) next.value = address;
  });
}

// A page that the browser took out of its memory shows what was, not what is.
addEventListener("pageshow", (event) => {
  if (event.persisted && document.querySelector("[data-fresh], form[data-ticks]")) location.reload();
});

// ---- Parts that could not be loaded say so where they should stand -----------------------------------------------------

for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.body.addEventListener(failure, ({ detail: { elt } }) => {
    const instead = document.getElementById(elt.dataset.failed);
    if (!instead) return;
    elt.replaceChildren(instead.content.cloneNode(true));
    elt.querySelector("[data-again]").addEventListener("click", () => htmx.trigger(elt, "again"));
  });
}

// ---- Menus close on Esc and on a click beside them ---------------------------------------------------------------------

const openMenus = () => document.querySelectorAll("details.menu[open]");

addEventListener("click", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
  }
});
