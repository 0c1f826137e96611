"use strict";
const SECONDS = 3;
const byId = (id) => document.getElementById(id);
let shownLog = "", lastText = "";

function element(name, text, kind) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

function kindOf(status) {
  if (/fail|rollback|^outof/i.test(status)) return "bad";
  if (/progress|creating|updating|deleting|stopping|pending/i.test(status)) return "busy";
  return /inservice|complete/i.test(status) ? "good" : "";
}

function tableOf(title, columns, rows) {
  const table = element("table"), head = element("tr");
  table.setAttribute("aria-label", title);
  const shown = columns.map((_, place) => rows.some((row) => row[place]));
  for (const column of columns.filter((_, place) => shown[place])) {
    const cell = element("th", column);
    cell.scope = "col";
    head.append(cell);
  }
  table.append(element("thead"), element("tbody"));
  table.tHead.append(head);
  for (const row of rows) {
    const line = element("tr");
    row.forEach((text, place) => {
      if (!shown[place]) return;
      const isStatus = columns[place] === "status";
      const cell = element("td", text, isStatus ? `status ${kindOf(text)}` : "");
      cell.dataset.column = columns[place];
      line.append(cell);
    });
    table.tBodies[0].append(line);
  }
  return table;
}

function card(title, content) {
  const section = element("section", undefined, "card");
  section.append(element("h2", title), content);
  return section;
}

function show(state) {
  const cards = state.tables.map(({ title, columns, rows, count }) => {
    const heading = count > rows.length ? `${title}: the newest ${rows.length} of ${count}` : title;
    return card(heading, count ? tableOf(title, columns, rows) : element("p", "None."));
  });
  const list = element("div");
  for (const group of state.logs) {
    const button = element("button", group);
    button.addEventListener("click", () => { shownLog = group; showLog(true); });
    list.append(button, element("br"));
  }
  cards.push(card("Logs", state.logs.length ? list : element("p", "None.")));
  const focused = document.activeElement.textContent;
  byId("tables").replaceChildren(...cards);
  [...document.querySelectorAll("#tables button")].find((one) => one.textContent === focused)?.focus();
}

async function get(path, parameters) {
  const query = new URLSearchParams({ region: byId("region").value, ...parameters });
  const token = document.querySelector("meta[name=token]").content;
  const response = await fetch(`/_local_aws/${path}?${query}`, { headers: { "Local-AWS-Page": token } });
  if (response.status === 403) throw new Error("The local AWS was started again. Reload this page.");
  const content = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(content.error ?? `The local AWS failed with status ${response.status}.`);
  return content;
}

async function showLog(asked) {
  const group = shownLog;
  if (!group) return;
  const { lines } = await get("log", { group });
  if (group !== shownLog) return; // another one was chosen meanwhile
  const place = byId("lines"), atEnd = place.scrollHeight - place.scrollTop - place.clientHeight < 5;
  byId("log").hidden = false;
  byId("log-title").textContent = group;
  place.textContent = lines.join("\n") || "No lines.";
  if (asked || atEnd) place.scrollTop = place.scrollHeight;
  if (asked) place.focus();
}

// A screen reader reads every change, also one to the same text.
function tell(text, kind) {
  const state = byId("state");
  if (state.textContent !== text) Object.assign(state, { textContent: text, className: kind });
}

async function refresh() {
  try {
    const region = byId("region").value, content = await get("overview", {});
    if (region !== byId("region").value) return;
    const text = JSON.stringify(content);
    if (text !== lastText) show(content);
    lastText = text;
    await showLog(false);
    tell(`Updated every ${SECONDS} seconds.`, "");
  } catch (error) {
    tell(error instanceof TypeError
      ? "The local AWS does not answer; it has probably stopped." : error.message, "bad");
  }
}

async function keepRefreshing() {
  if (!document.hidden) await refresh();
  setTimeout(keepRefreshing, SECONDS * 1000);
}

byId("region").addEventListener("change", () => {
  shownLog = "";
  byId("log").hidden = true;
  refresh();
});
keepRefreshing();
