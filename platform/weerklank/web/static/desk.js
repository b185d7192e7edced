// Keys in the worklist: j and k go on and back, x marks, / finds, ? tells them. Enter opens, as it does on any link.
const links = [...document.querySelectorAll("[data-list] tbody th a")];
const keys = {
  j: () => go(1),
  k: () => go(-1),
  x: () => document.activeElement.closest("tr")?.querySelector(".mark input")?.click(),
  "/": () => document.getElementById("reference")?.focus(),
  "?": () => {
    const told = document.querySelector(".keys");
    if (!told) return;
    told.open = !told.open;
    told.querySelector("summary").focus();
  },
};

function go(step) {
  const row = document.activeElement.closest("tr");
  const here = links.findIndex((link) => row?.contains(link));
  links[here < 0 ? 0 : Math.min(Math.max(here + step, 0), links.length - 1)]?.focus();
}

// Keys can be turned off, for who speaks to his machine or types by chance.
const turn = document.getElementById("keys-on");
if (turn) {
  turn.checked = localStorage.getItem("keys") !== "off";
  turn.addEventListener("change", () => localStorage.setItem("keys", turn.checked ? "on" : "off"));
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input:not([type=checkbox]), select, textarea");
  if (typing || turn?.checked === false || event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(keys, event.key)) return;
  event.preventDefault();
  keys[event.key]();
});

// Of a step that can end in more than one way, only what goes with the chosen way is asked.
for (const form of document.querySelectorAll("form:has([data-only])")) {
  const show = () => {
    const chosen = form.querySelector("[name$='-outcome']:checked")?.value;
    for (const part of form.querySelectorAll("[data-only]")) part.hidden = !part.dataset.only.split(" ").includes(chosen);
  };
  form.addEventListener("change", show);
  window.addEventListener("pageshow", show);
}
