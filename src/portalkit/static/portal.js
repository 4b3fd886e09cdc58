// Small comforts on top of pages that work without: keys, menus that close, choices that send
// themselves, a count of chosen rows, what is said aloud after a list has changed.
(() => {
  const doc = document;
  const one = (selector, from = doc) => from.querySelector(selector);
  const menus = () => doc.querySelectorAll(".pk-menu[open], .pk-tabbar [open], .pk-how[open]");
  const typing = (node) => node.closest("input, textarea, select, [contenteditable]");

  for (const button of doc.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
  doc.addEventListener("click", async ({ target }) => {
    const button = target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(one(button.dataset.copy).value);
    one("span", button).textContent = one("#pk-live").textContent = button.dataset.said;
  });

  doc.addEventListener("click", (event) => {
    for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
    const print = event.target.closest("[data-print]");
    if (print && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      window.print();
    }
    const ask = event.target.closest('a[href^="#ask-"]');
    if (ask) one(ask.hash)?.closest("details")?.setAttribute("open", "");
  });

  doc.addEventListener("change", ({ target }) => {
    if (target.matches("select[data-submit]")) target.form.requestSubmit();
    if (target.matches("[data-all]"))
      for (const box of target.form.querySelectorAll("td:first-child [type=checkbox]")) box.checked = target.checked;
    const count = target.form && one("[data-count]", target.form);
    if (count && target.type === "checkbox") {
      const chosen = target.form.querySelectorAll("td:first-child :checked").length;
      count.textContent = count.dataset.count.replace("%n", chosen);
    }
  });

  const go = (rel) => one(`a[rel="${rel}"]`)?.click();
  const move = (by) => {
    const rows = [...doc.querySelectorAll("main .pk-row")];
    const at = rows.indexOf(doc.activeElement);
    rows[at < 0 ? 0 : Math.min(Math.max(at + by, 0), rows.length - 1)]?.focus();
  };
  doc.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      for (const menu of menus()) {
        if (menu.contains(doc.activeElement)) one("summary", menu).focus();
        menu.open = false;
      }
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const ahead = doc.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
    const back = doc.dir === "rtl" ? "ArrowRight" : "ArrowLeft";
    if (event.key === "/") {
      event.preventDefault();
      one('main [type="search"]')?.focus();
    } else if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else if (event.key === ahead && one(".pk-doc")) go("next");
    else if (event.key === back && one(".pk-doc")) go("prev");
  });

  doc.addEventListener("htmx:after:swap", () => {
    const live = one("#pk-live");
    const said = one("#pk-list [data-say], #pk-list .pk-empty h2");
    if (live && said) live.textContent = said.textContent;
  });
  doc.addEventListener("htmx:before:request", () => one("#pk-notice")?.replaceChildren());
  doc.addEventListener("htmx:error", () => {
    const notice = one("#pk-notice");
    if (!notice?.dataset.offline) return;
    const box = doc.createElement("div");
    box.className = "pk-notice";
    box.dataset.tone = "critical";
    box.textContent = notice.dataset.offline;
    notice.replaceChildren(box);
  });
})();
