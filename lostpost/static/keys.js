// Keys of the list of customer queries and of a query's page; all that they do can be done without them.
// They rest while somebody types, and can be switched off on this computer.

const OFF = "keys-off";
const rows = () => [...document.querySelectorAll("[data-row] [data-open]")];
const click = (selector) => document.querySelector(selector)?.click();
const focus = (selector) => {
  const field = document.querySelector(selector);
  if (!field) return;
  field.closest("details")?.setAttribute("open", "");
  field.focus();
};

function move(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.findIndex((link) => link === document.activeElement || link.closest("tr").contains(document.activeElement));
  all[at < 0 ? 0 : Math.min(Math.max(at + step, 0), all.length - 1)].focus();
}

function chooseAll() {
  const boxes = [...document.querySelectorAll("[data-row] input[name=query]")];
  const all = boxes.every((box) => box.checked);
  for (const box of boxes) box.checked = !all;
}

const help = document.querySelector("[data-keys]");
const keys = {
  j: () => (rows().length ? move(1) : click("[data-next]")),
  k: () => (rows().length ? move(-1) : click("[data-previous]")),
  o: () => document.activeElement?.closest("[data-row]")?.querySelector("[data-open]").click(),
  x: () => document.activeElement?.closest("[data-row]")?.querySelector("input[type=checkbox]")?.click(),
  a: () => focus("#together [type=submit]"),
  "*": chooseAll,
  n: () => click("[data-next], .pager [rel=next]"),
  p: () => click("[data-previous], .pager [rel=prev]"),
  r: () => focus("form[data-draft*='/answer-'] textarea"),
  s: () => focus("#follow-up-on"),
  u: () => click("[data-list]"),
  "/": () => focus("input[type=search]"),
  "?": () => {
    if (!help) return;
    help.open = !help.open;
    if (help.open) help.querySelector("summary").focus();
  },
};

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
  if (event.target.closest("input:not([type=checkbox]), select, textarea, [contenteditable]")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (localStorage.getItem(OFF) && event.key !== "?") return;
  const act = keys[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

const chooser = document.querySelector("[data-choose-all]");
if (chooser) {
  chooser.hidden = false;
  chooser.addEventListener("click", chooseAll);
}

const box = help?.querySelector("input[type=checkbox]");
if (box) {
  box.closest("[hidden]")?.removeAttribute("hidden");
  help.hidden = false;
  box.checked = !localStorage.getItem(OFF);
  box.addEventListener("change", () => (box.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")));
}
