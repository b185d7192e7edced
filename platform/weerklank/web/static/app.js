// What is nicer with a script. Without it every page does the same work.
document.documentElement.classList.add("scripted");

for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => window.print());

// How much may still be typed, said out loud only when it gets little.
for (const area of document.querySelectorAll("textarea[data-most]")) {
  const line = document.getElementById(area.id + "-count");
  const tell = () => {
    const left = Number(area.dataset.most) - [...area.value].length;
    line.textContent = line.dataset[left < 0 ? "over" : "left"].replace("#", Math.abs(left).toLocaleString(document.documentElement.lang));
    line.setAttribute("aria-live", left < 200 ? "polite" : "off");
  };
  area.addEventListener("input", tell);
  tell();
}

// A form is sent once, however often one presses; coming back to the page makes it ready again. What cannot arrive,
// without a connection or with more files than go in one time, is not sent at all: the page would be lost.
const unsent = document.getElementById("unsent");
const hinders = (form) => {
  const files = [...form.querySelectorAll("[type=file]")].flatMap((field) => [...field.files]);
  const large = files.reduce((sum, file) => sum + file.size, 0) > Number(unsent.dataset.most) - 65536;
  return navigator.onLine ? large && "large" : "offline";
};
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    const why = hinders(form);
    if (why || form.dataset.sent) event.preventDefault();
    unsent.hidden = !why;
    if (why) event.submitter?.before(unsent);
    if (why) unsent.textContent = unsent.dataset[why];
    else form.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => delete form.dataset.sent);
}

// What is under way on this page is looked at again until it is done; a link does the same by hand.
const under = document.querySelector("[data-under-way]");
const look = async () => {
  const answer = document.hidden ? null : await fetch(location.href).catch(() => null);
  if (answer?.redirected || answer?.ok === false) return;
  const fresh = answer && new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(under.id);
  if (fresh && !("underWay" in fresh.dataset)) return under.replaceWith(fresh);
  const told = fresh?.querySelectorAll("[role=status]") ?? [];
  under.querySelectorAll("[role=status]").forEach((each, n) => told[n] && each.replaceChildren(...told[n].childNodes));
  setTimeout(look, 3000);
};
if (under) setTimeout(look, 3000);

// What is wrong is read first.
document.querySelector(".summary:not(.gallery *)")?.focus();
