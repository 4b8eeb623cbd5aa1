// Keys for the queue of suggestions; everything works without them, too.
"use strict";

const cards = [...document.querySelectorAll(".suggestion")];

function current() {
  return document.activeElement.closest(".suggestion") ?? cards[0];
}

function step(by) {
  const next = cards[Math.max(0, Math.min(cards.length - 1, cards.indexOf(current()) + by))];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

function choose(key) {
  const choice = current()?.querySelector(`input[data-key="${key}"]:enabled`);
  if (!choice) return;
  choice.checked = true;
  (choice.closest(".candidate").querySelector(".more :is(select, input)") ?? choice).focus();
}

document.addEventListener("keydown", (event) => {
  const writes = event.target.matches("input:not([type=radio]), select, textarea");
  if (writes || event.ctrlKey || event.metaKey || event.altKey || cards.length === 0) return;
  if (event.key === "j" || event.key === "k") step(event.key === "j" ? 1 : -1);
  else if (/^[1-5nr]$/.test(event.key)) choose(event.key);
  else if (event.key === "Enter" && event.target.matches(".suggestion")) {
    current().querySelector("fieldset:enabled")?.form.requestSubmit();
  } else return;
  event.preventDefault();
});

if (document.activeElement === document.body) cards[0]?.focus({ preventScroll: true });
