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

// A form is sent once, however often one presses; coming back to the page makes it ready again.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => delete form.dataset.sent);
}

// What is wrong is read first.
document.querySelector(".summary")?.focus();
