// A <select data-complete> becomes a line to type in, with a list under it that completes. Without this file it stays
// the select that it is; its value is what is sent in either case.

const fold = (text) => text.toLocaleLowerCase().replaceAll("ё", "е");
let numbered = 0;

export function enhance(within) {
  within.querySelectorAll("select[data-complete]:not([data-enhanced])").forEach(complete);
}

function complete(select) {
  select.dataset.enhanced = "";
  const all = [...select.options].map((option) => ({
    value: option.value, text: option.text, group: option.parentElement.label ?? "", folded: fold(option.text),
  }));
  const list = Object.assign(document.createElement("ul"), {id: `options-${++numbered}`, className: "completes", hidden: true});
  list.setAttribute("role", "listbox");
  const line = Object.assign(document.createElement("input"), {
    type: "text", autocomplete: "off", value: select.value ? select.selectedOptions[0].text : "",
    placeholder: select.options[0]?.value === "" ? select.options[0].text : "", id: select.id, className: select.className,
  });
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id,
    "aria-label": select.getAttribute("aria-label") ?? "",
  })) line.setAttribute(name, value);
  for (const name of ["aria-invalid", "aria-describedby"]) {
    if (select.hasAttribute(name)) line.setAttribute(name, select.getAttribute(name));
  }
  select.removeAttribute("id");
  select.hidden = true;
  const box = Object.assign(document.createElement("span"), {className: "complete"});
  select.before(box);
  box.append(line, list, select);

  let shown = [];
  let at = -1;

  function open(filter) {
    const words = fold(filter).split(/\s+/).filter(Boolean);
    shown = all.filter((one) => one.value && words.every((word) => one.folded.includes(word)));
    list.replaceChildren(...shown.map((one, place) => item(one, place)));
    if (!shown.length && select.dataset.none) {
      list.append(Object.assign(document.createElement("li"), {className: "none", textContent: select.dataset.none}));
    }
    list.hidden = false;
    line.setAttribute("aria-expanded", "true");
    mark(words.length && shown.length ? 0 : shown.findIndex((one) => one.value === select.value));
  }

  function item(one, place) {
    const li = Object.assign(document.createElement("li"), {id: `${list.id}-${place}`});
    li.setAttribute("role", "option");
    const group = Object.assign(document.createElement("span"), {className: "muted", textContent: one.group});
    li.append(Object.assign(document.createElement("span"), {textContent: one.text}), group);
    // Before the line loses the caret.
    li.addEventListener("mousedown", (event) => { event.preventDefault(); choose(one); });
    return li;
  }

  function mark(place) {
    at = place;
    [...list.children].forEach((li, here) => li.setAttribute("aria-selected", String(here === at)));
    if (at >= 0) {
      line.setAttribute("aria-activedescendant", `${list.id}-${at}`);
      list.children[at].scrollIntoView({block: "nearest"});
    } else {
      line.removeAttribute("aria-activedescendant");
    }
  }

  function close() {
    list.hidden = true;
    line.setAttribute("aria-expanded", "false");
  }

  function choose(one) {
    select.value = one.value;
    line.value = one.text;
    close();
    if (select.dataset.complete === "submits") select.form.requestSubmit();
  }

  line.addEventListener("focus", () => { line.select(); open(""); });
  line.addEventListener("input", () => { if (!line.value.trim()) select.value = ""; open(line.value); });
  line.addEventListener("blur", () => {
    close();
    // Half a word is no choice: what was chosen stands, or nobody if the line was emptied.
    line.value = select.value ? select.selectedOptions[0].text : "";
  });
  line.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) open("");
      else if (shown.length) mark((at + (event.key === "ArrowDown" ? 1 : -1) + shown.length) % shown.length);
    } else if (event.key === "Enter" && !list.hidden && at >= 0) {
      event.preventDefault();
      choose(shown[at]);
    } else if (event.key === "Tab" && !list.hidden && at >= 0 && line.value.trim()) {
      select.value = shown[at].value;
    }
  });
}
