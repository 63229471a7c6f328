// The plan under one's hands: stops are dragged or moved by keys, each change is sent, judged and
// answered by the server, and only the rounds that changed are drawn anew.
const root = document.querySelector("[data-board]");
if (root) start();

function start() {
  root.addEventListener("submit", onSubmit);
  root.addEventListener("click", onClick);
  root.addEventListener("keydown", onKey);
  root.addEventListener("pointerdown", onPress);
  root.addEventListener("map:drop", onMapDrop);
}

// A stop of the map was put onto another one: it comes right after that one.
function onMapDrop({ detail }) {
  const onto = blockOf(detail.onto);
  const source = blockOf(detail.stop);
  const row = onto?.closest("[data-row]");
  if (!row || !source) return;
  const before = source.closest("[data-row]") === row && Number(source.dataset.step) < Number(onto.dataset.step);
  const rank = Number(onto.dataset.step) + (before ? 0 : 1);
  send({ edit: "move", stop: detail.stop, vehicle: row.dataset.row, rank });
}

function blockOf(stop) {
  return root.querySelector(`.block[data-stop="${CSS.escape(stop)}"]`);
}

let busy = null;

async function send(fields) {
  if (busy) await busy;
  const token = root.querySelector("[name=csrf_token]").value;
  const body = fields instanceof FormData ? fields : new FormData();
  if (body !== fields) for (const [name, value] of Object.entries(fields)) body.set(name, value);
  body.set("csrf_token", token);
  body.set("version", root.dataset.version);
  const began = performance.now();
  busy = fetch(root.dataset.board, { method: "POST", body, headers: { Accept: "application/json" } })
    .then(async (answer) => show(await answer.json(), body, began))
    .catch(() => say(root.dataset.failed, true))
    .finally(() => { busy = null; });
  return busy;
}

function show(answer, body, began) {
  if (answer.refused) return say(answer.refused, true);
  if (answer.moved) {
    say(answer.moved, true);
    setTimeout(() => location.reload(), 2500);
    return;
  }
  root.dataset.version = answer.version;
  const scale = JSON.stringify(answer.scale);
  const known = new Set([...root.querySelectorAll("[data-lane]")].map((lane) => lane.dataset.lane));
  const sameLanes = answer.order.length === known.size && answer.order.every((key) => known.has(key));
  if (!sameLanes || (root.dataset.scale && root.dataset.scale !== scale)) {
    sessionStorage.setItem("board.said", answer.said);
    location.reload();
    return;
  }
  root.dataset.scale = scale;
  for (const [key, html] of Object.entries(answer.lanes)) put(`[data-lane="${key}"]`, html);
  for (const [key, html] of Object.entries(answer.lists)) put(`[data-list="${key}"]`, html);
  for (const part of ["summary", "left_out", "history"]) {
    root.querySelector(`[data-board-part="${part}"]`).innerHTML = answer[part];
  }
  say(answer.said, answer.worse);
  const stop = body.get("stop");
  if (stop) choose(stop);
  requestAnimationFrame(() => { root.dataset.lastMs = Math.round(performance.now() - began); });
  clearTimeout(mapTimer);
  mapTimer = setTimeout(() => root.querySelector("[data-map]").dispatchEvent(new Event("map:refresh")), 400);
}

let mapTimer = 0;

function put(selector, html) {
  const old = root.querySelector(selector);
  const holder = document.createElement("template");
  holder.innerHTML = html.trim();
  old.replaceWith(holder.content);
}

function say(text, worse) {
  const line = root.querySelector("[data-board-said]");
  line.textContent = text;
  line.toggleAttribute("data-worse", Boolean(worse));
}

function choose(stop) {
  for (const each of root.querySelectorAll(".is-chosen")) each.classList.remove("is-chosen");
  const block = blockOf(stop);
  block?.classList.add("is-chosen");
  block?.focus({ preventScroll: true });
  focusMap(block?.closest("[data-row]")?.dataset.row);
}

// The round that is looked at stands out on the map.
function focusMap(vehicle) {
  const detail = vehicle ? `lane-${vehicle}` : "";
  root.querySelector("[data-map]")?.dispatchEvent(new CustomEvent("map:focus", { detail }));
}

function onSubmit(event) {
  const form = event.target.closest("[data-board-form]");
  if (!form) return;
  event.preventDefault();
  const fields = new FormData(form, event.submitter);
  send(fields).then(() => {
    const stop = fields.get("stop");
    if (stop) open(`stop=${encodeURIComponent(stop)}`);
  });
}

async function open(query, focus) {
  const panel = root.querySelector("[data-board-panel]");
  try {
    panel.innerHTML = await (await fetch(`${root.dataset.panel}?${query}`)).text();
  } catch {
    return;
  }
  if (focus) panel.focus();
}

function onClick(event) {
  const link = event.target.closest("[data-board-open], a.block");
  if (!link || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  if (moved) return;
  const stop = link.closest("[data-stop]")?.dataset.stop;
  const query = link.dataset.boardOpen ?? `stop=${encodeURIComponent(stop)}`;
  if (stop) choose(stop);
  else focusMap(link.closest("[data-lane]")?.dataset.lane);
  open(query, true);
}

// Keys on a block: within the round, and to the round above or below.
function onKey(event) {
  const block = event.target.closest?.(".block[data-stop]");
  if (!block) return;
  const row = block.closest("[data-row]");
  const step = Number(block.dataset.step);
  const { stop } = block.dataset;
  if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
    event.preventDefault();
    const rank = step + (event.key === "ArrowLeft" ? -1 : 1);
    if (rank >= 1) send({ edit: "move", stop, vehicle: row.dataset.row, rank });
  } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
    event.preventDefault();
    const rows = [...block.closest(".lanes__group").querySelectorAll(".lane__row[data-row]")];
    rows.push(...root.querySelectorAll(".idle__vehicle"));
    const next = rows[rows.indexOf(row) + (event.key === "ArrowUp" ? -1 : 1)];
    if (next) send({ edit: "move", stop, vehicle: next.dataset.row });
  }
}

const EDGE_PX = 36;

// Dragging, from a lane or from a list, onto a lane or a list.
let moved = false;

function onPress(event) {
  moved = false;
  const source = event.target.closest("[data-stop]");
  if (!source || event.button !== 0) return;
  const begin = { x: event.clientX, y: event.clientY };
  let ghost = null;
  let target = null;
  let frame = 0;
  let at = begin;
  const step = () => {
    frame = 0;
    ghost.style.transform = `translate(${at.x + 12}px, ${at.y + 12}px)`;
    roll(at);
    const next = aim(at, source);
    if (next?.row !== target?.row) {
      light(target?.row, false);
      light(next?.row, true);
    }
    target = next;
  };
  const move = (now) => {
    at = { x: now.clientX, y: now.clientY };
    if (!ghost) {
      if (Math.hypot(at.x - begin.x, at.y - begin.y) < 6) return;
      if (now.pointerType === "touch" && source.closest(".lane__row") === null) return;
      moved = true;
      source.classList.add("is-dragged");
      ghost = document.createElement("div");
      ghost.className = "ghost";
      ghost.textContent = source.getAttribute("aria-label") ?? source.querySelector("strong")?.textContent ?? "";
      document.body.append(ghost);
    }
    now.preventDefault();
    if (!frame) frame = requestAnimationFrame(step);
  };
  const end = (now) => {
    window.removeEventListener("pointermove", move);
    window.removeEventListener("pointerup", end);
    window.removeEventListener("pointercancel", end);
    cancelAnimationFrame(frame);
    source.classList.remove("is-dragged");
    light(target?.row, false);
    ghost?.remove();
    if (!ghost || now.type === "pointercancel") return;
    at = { x: now.clientX, y: now.clientY };
    const drop = aim(at, source);
    if (drop) send({ edit: "move", stop: source.dataset.stop, vehicle: drop.row.dataset.row, rank: drop.rank });
    setTimeout(() => { moved = false; }, 0);
  };
  window.addEventListener("pointermove", move, { passive: false });
  window.addEventListener("pointerup", end);
  window.addEventListener("pointercancel", end);
}

// Near an edge, what is beyond comes closer.
function roll({ y }) {
  const lanes = root.querySelector("[data-lanes]");
  const box = lanes.getBoundingClientRect();
  const edge = y > innerHeight - EDGE_PX ? 1 : y < EDGE_PX ? -1 : 0;
  if (edge) window.scrollBy(0, edge * 24);
  if (y > box.bottom - EDGE_PX && y < box.bottom) lanes.scrollBy(0, 24);
  else if (y < box.top + EDGE_PX && y > box.top) lanes.scrollBy(0, -24);
}

function light(row, on) {
  (row?.closest(".lane") ?? row)?.classList.toggle("is-target", on);
}

// Which round is under the pointer, and the place among its steps.
function aim({ x, y }, source) {
  const under = document.elementFromPoint(x, y);
  const row = under?.closest("[data-row]") ?? under?.closest(".lane")?.querySelector("[data-row]");
  if (!row || !source.isConnected) return null;
  const across = row.tagName.toLowerCase() === "svg";
  let rank = 1;
  for (const step of row.querySelectorAll("[data-step]")) {
    if (step.dataset.stop === source.dataset.stop) continue;
    const box = step.getBoundingClientRect();
    const middle = across ? box.left + box.width / 2 : box.top + box.height / 2;
    if (middle < (across ? x : y)) rank += 1;
  }
  return { row, rank };
}

const said = sessionStorage.getItem("board.said");
if (root && said) {
  sessionStorage.removeItem("board.said");
  say(said);
}
