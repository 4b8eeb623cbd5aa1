// Storefront pages work without this: it suggests while one types, applies filters at once, and
// opens the filters where there is room for them.
"use strict";

const filters = document.querySelector("[data-instant]");
if (filters) {
  if (matchMedia("(min-width: 56rem)").matches) filters.querySelector("details").open = true;
  filters.addEventListener("change", (event) => {
    if (event.target.matches("select, [type=checkbox]")) filters.requestSubmit();
  });
  // Empty fields would only lengthen the address.
  filters.addEventListener("formdata", (event) => {
    for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
  });
}

const form = document.querySelector("[data-suggest]");
if (form) {
  const input = form.querySelector("[type=search]");
  const list = document.createElement("ul");
  let asked = 0;
  let timer = 0;
  list.className = "suggestions";
  list.id = "suggestions";
  list.role = "listbox";
  list.hidden = true;
  form.append(list);
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-expanded": "false", "aria-controls": "suggestions",
    "aria-autocomplete": "list",
  })) input.setAttribute(name, value);

  const show = (items) => {
    list.replaceChildren(...items.map((item, number) => {
      const row = document.createElement("li");
      const link = document.createElement("a");
      const text = document.createElement("span");
      const note = document.createElement("small");
      row.role = "option";
      row.id = `suggestion-${number}`;
      link.href = item.href;
      link.tabIndex = -1;
      text.textContent = item.text;
      note.textContent = item.note;
      link.append(text, note);
      row.append(link);
      return row;
    }));
    list.hidden = items.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    input.removeAttribute("aria-activedescendant");
  };

  const ask = async () => {
    const number = ++asked;
    const prefix = input.value.trim();
    if (prefix.length < 2) return show([]);
    const url = new URL(form.dataset.suggest, location.href);
    url.searchParams.set("q", prefix);
    const answer = await fetch(url);
    if (answer.ok && number === asked) show((await answer.json()).items);
  };

  const move = (step) => {
    const rows = [...list.children];
    if (!rows.length) return;
    const now = rows.findIndex((row) => row.getAttribute("aria-selected") === "true");
    const next = (now + step + rows.length + (now < 0 && step < 0 ? 1 : 0)) % rows.length;
    rows.forEach((row, number) => row.setAttribute("aria-selected", String(number === next)));
    input.setAttribute("aria-activedescendant", rows[next].id);
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 120);
  });
  input.addEventListener("keydown", (event) => {
    const chosen = list.querySelector("[aria-selected=true] a");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Escape") {
      show([]);
    } else if (event.key === "Enter" && chosen && !list.hidden) {
      event.preventDefault();
      chosen.click();
    }
  });
  input.addEventListener("blur", () => setTimeout(() => show([]), 150));
}
