// Rows of tabs: one is in the tab order, arrow keys choose.

import { h, refill, roving } from "./dom.js";

/// Fills a tab list. `tabs`: `[{ id, words, count?, tone? }]`; `chosen` is the id of the one that shows;
/// `panel(id)` names the element it controls.
export function fillTabs(list, tabs, chosen, panel, pick) {
  if (!list.dataset.roving) {
    list.dataset.roving = "yes";
    roving(list, "[role=tab]", (tab) => tab.click());
  }
  refill(list, tabs.map((tab) => button(tab, tab.id === chosen, panel(tab.id), pick)));
  list.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function button(tab, selected, controls, pick) {
  return h(
    "button",
    {
      type: "button", role: "tab", id: `tab-${tab.id}`, class: "tab", "aria-selected": String(selected), "aria-controls": controls,
      tabindex: selected ? "0" : "-1", data: { key: tab.id }, on: { click: () => pick(tab.id) },
    },
    tab.words,
    tab.count === undefined ? null : h("span", { class: "count", data: { tone: tab.tone ?? "plain" } }, String(tab.count)),
  );
}
