// Small manners of the page. Everything works without this file; it saves keystrokes and says what happened.

import {enhance} from "./complete.js";

const body = document.body;
const lines = body.dataset; // the page's own words, in the reader's language

// -- The line at the bottom: what was done, and a way back ------------------------------------------------------------
let fading;
function say({text, undo}) {
  const toast = document.getElementById("toast");
  toast.replaceChildren(Object.assign(document.createElement("span"), {textContent: text}));
  if (undo) {
    const back = Object.assign(document.createElement("button"), {type: "button", textContent: lines.undo});
    back.dataset.undo = "";
    back.addEventListener("click", () => { toast.hidden = true; takeBack(undo); });
    toast.append(back);
  }
  toast.hidden = false;
  clearTimeout(fading);
  fading = setTimeout(() => { toast.hidden = true; }, undo ? 12000 : 6000);
}

function takeBack({url, values, target}) {
  const at = document.getElementById(target);
  if (at) return htmx.ajax("POST", url, {target: at, swap: "outerHTML", values});
  // No such row on this page: the plain form does the same and comes back here.
  const form = Object.assign(document.createElement("form"), {method: "post", action: url, hidden: true});
  for (const [name, value] of Object.entries({...values, next: location.pathname + location.search})) {
    form.append(Object.assign(document.createElement("input"), {name, value, type: "hidden"}));
  }
  body.append(form);
  form.requestSubmit();
}

document.addEventListener("auftakt:said", (event) => say(event.detail));
document.addEventListener("htmx:error", () => say({text: lines.offline}));

// A page that was opened by a plain form carries its line in the toast already.
const told = document.getElementById("toast");
if (told && !told.hidden) fading = setTimeout(() => { told.hidden = true; }, 8000);

// -- Keys --------------------------------------------------------------------------------------------------------------
const typing = (at) => at.closest?.("input, select, textarea, [contenteditable]");

function move(by) {
  const rows = [...document.querySelectorAll("tr[id^=task-]")];
  if (!rows.length) return;
  const now = rows.findIndex((row) => row.getAttribute("aria-selected") === "true");
  const next = rows[Math.min(rows.length - 1, Math.max(0, now + by))];
  rows[now]?.removeAttribute("aria-selected");
  next.setAttribute("aria-selected", "true");
  next.querySelector("a.title, a")?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape") {
    const cancel = event.target.closest?.("form")?.querySelector("[data-cancel]");
    if (cancel) { event.preventDefault(); cancel.click(); return; }
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
    return;
  }
  if (typing(event.target)) return;
  const act = {
    "/": () => document.querySelector("[data-search]")?.focus(),
    j: () => move(1),
    k: () => move(-1),
    n: () => document.querySelector("[data-new]")?.click(),
    u: () => document.querySelector("#toast:not([hidden]) [data-undo]")?.click(),
  }[event.key];
  if (act) { event.preventDefault(); act(); }
});

// -- Small conveniences ------------------------------------------------------------------------------------------------
document.addEventListener("click", (event) => {
  document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});

document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-submits]")) event.target.form.requestSubmit();
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  event.preventDefault();
  const from = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(from.value ?? from.textContent);
    say({text: lines.copied});
    if ("sends" in button.dataset) button.form.requestSubmit();
  } catch {
    from.focus();
    from.select?.();
  }
});

// What was typed outlives a closed tab or a lost connection, until it is sent.
const keyOf = (field) => `auftakt:${location.pathname}:${field.form?.getAttribute("action") ?? ""}:${field.name}`;
document.addEventListener("input", (event) => {
  if (event.target.matches?.("[data-keep]")) sessionStorage.setItem(keyOf(event.target), event.target.value);
});
function recall(within) {
  within.querySelectorAll?.("[data-keep]").forEach((field) => {
    const kept = sessionStorage.getItem(keyOf(field));
    if (kept && !field.value) field.value = kept;
  });
}
document.addEventListener("submit", (event) => {
  event.target.querySelectorAll("[data-keep]").forEach((field) => {
    if (navigator.onLine) sessionStorage.removeItem(keyOf(field));
  });
});
recall(document);

// On the phone the navigation is longer than the screen: it stands where the reader is.
const here = document.querySelector(".nav [aria-current]");
if (here) here.parentElement.scrollLeft = here.offsetLeft - (here.parentElement.clientWidth - here.offsetWidth) / 2;

// A cell that has become a form takes the caret; a saved one gives it back to where it was opened.
let opened;
document.addEventListener("click", (event) => {
  opened = event.target.closest?.("a.cell")?.getAttribute("href") ?? opened;
});
// Buttons that only this script can serve are hidden without it.
document.querySelectorAll("[data-needs-script]").forEach((button) => { button.hidden = false; });
enhance(document);
document.addEventListener("htmx:after:swap", () => {
  enhance(document);
  const field = document.querySelector("tr.editing :is(input:not([type=hidden]), select:not([hidden]), textarea)");
  if (!field && opened && document.activeElement === body) {
    document.querySelector(`a.cell[href="${CSS.escape(opened)}"]`)?.focus();
    opened = undefined;
  }
  if (field && !field.form.contains(document.activeElement)) {
    field.focus();
    field.select?.();
  }
});
