// Maps that need no tiles: communes as soft land, places as numbered pins, rounds as lines that
// differ by colour, by dashes and by their number.
const L = window.L;

const ROUNDS = [
  ["#b8331f", null],
  ["#2c5d7a", "10 7"],
  ["#7a4f05", "2 8"],
  ["#2f5231", "16 6 3 6"],
  ["#6b3f7c", "6 6"],
  ["#8a2a5b", "18 9"],
  ["#0f6f6a", "3 5 12 5"],
  ["#3d3f8f", "1 6"],
];
const LETTERS = { farm: "P", depot: "D", relay: "R", drive: "V", home: "H" };

// Places nearer to each other than this are drawn as one, with their number.
const TOGETHER_PX = 26;
const NEAR_PX = 48;
// With more rounds their numbers would hide the places; each still says its name when pressed.
const MANY_ROUNDS = 24;

for (const element of document.querySelectorAll("[data-map]")) draw(element);

async function draw(element) {
  const first = await ask(element.dataset.map);
  if (!first) return;
  element.replaceChildren();
  const map = L.map(element, { preferCanvas: true, zoomSnap: 0.5, scrollWheelZoom: false });
  map.attributionControl.setPrefix(false);
  map.createPane("land").style.zIndex = 210;
  map.createPane("names").style.zIndex = 220;
  const seen = { element, map, features: [], layers: L.layerGroup().addTo(map), pins: L.layerGroup().addTo(map), focus: "" };
  show(seen, first);
  const bounds = boundsOf(seen.features);
  if (bounds.isValid()) map.fitBounds(bounds.pad(0.08), { maxZoom: 13 });
  else map.setView([43.4, 6.1], 9);
  place(seen);
  map.on("zoomend", () => place(seen));
  if (element.dataset.tiles) L.tileLayer(element.dataset.tiles, { maxZoom: 19 }).addTo(map);
  else if (element.dataset.outlines) land(map, element.dataset.outlines);
  link(seen);
  element.addEventListener("map:refresh", async () => {
    const now = await ask(element.dataset.map);
    if (!now) return;
    show(seen, now);
    place(seen);
    element.dataset.drawnMs = Math.round(performance.now());
  });
  element.addEventListener("map:focus", (event) => light(seen, event.detail));
  element.dataset.drawnMs = Math.round(performance.now());
}

async function ask(address) {
  try {
    return (await (await fetch(address)).json()).features ?? [];
  } catch {
    return null;
  }
}

const isPoint = ({ geometry }) => geometry.type === "Point";
const latLng = ({ geometry }) => L.latLng(geometry.coordinates[1], geometry.coordinates[0]);

function boundsOf(features) {
  return L.geoJSON(features).getBounds();
}

// Lines and areas stay as they are while one zooms; places are put together anew.
function show(seen, features) {
  seen.features = features;
  seen.layers.clearLayers();
  L.geoJSON(features.filter((each) => !isPoint(each)), {
    style: (feature) => lineStyle(feature.properties),
    onEachFeature: (feature, layer) => describe(feature.properties, layer),
  }).addTo(seen.layers);
  number(features, seen);
  light(seen, seen.focus);
}

// One round stands out, the others step back.
function light(seen, id) {
  seen.focus = id ?? "";
  const known = seen.features.some((each) => each.properties.id === seen.focus);
  for (const group of seen.layers.getLayers()) {
    for (const layer of group.getLayers?.() ?? []) {
      const { properties } = layer.feature;
      if (!properties.round || !layer.setStyle) continue;
      const mine = properties.id === seen.focus;
      layer.setStyle({ opacity: !known || mine ? 0.9 : 0.18, weight: known && mine ? 6 : 4 });
      if (mine) layer.bringToFront();
    }
  }
}

function place(seen) {
  const { map, pins } = seen;
  pins.clearLayers();
  seen.markers = new Map();
  const groups = [];
  const cells = new Map();
  for (const feature of seen.features.filter(isPoint)) {
    const at = map.project(latLng(feature), map.getZoom());
    const cell = [Math.floor(at.x / TOGETHER_PX), Math.floor(at.y / TOGETHER_PX)];
    const near = feature.properties.kind === "depot" ? null : neighbour(cells, cell, at);
    if (near) {
      near.features.push(feature);
      continue;
    }
    const group = { at, features: [feature] };
    groups.push(group);
    if (feature.properties.kind === "depot") continue;
    const key = cell.join();
    cells.set(key, [...(cells.get(key) ?? []), group]);
  }
  for (const { features } of groups) {
    const marker = features.length === 1 ? single(seen, features[0]) : several(seen, features);
    for (const feature of features) seen.markers.set(String(feature.properties.id), marker);
    marker.addTo(pins);
  }
}

function neighbour(cells, [x, y], at) {
  for (let across = x - 1; across <= x + 1; across += 1) {
    for (let down = y - 1; down <= y + 1; down += 1) {
      const found = (cells.get(`${across},${down}`) ?? []).find((group) => group.at.distanceTo(at) < TOGETHER_PX);
      if (found) return found;
    }
  }
  return null;
}

function single(seen, feature) {
  const marker = pin(feature.properties, latLng(feature), "drag" in seen.element.dataset && Boolean(feature.properties.round));
  describe(feature.properties, marker);
  if (marker.options.draggable) carry(seen, feature, marker);
  return marker;
}

// Several places too near to be told apart: their number, and all of them when it is pressed.
function several(seen, features) {
  const names = features.map((feature) => feature.properties.label ?? "");
  const label = names.slice(0, 6).join(", ") + (names.length > 6 ? "…" : "");
  const icon = L.divIcon({ className: "pin pin--many", html: String(features.length), iconSize: [32, 32] });
  const marker = L.marker(latLng(features[0]), { icon, title: label, alt: label, keyboard: true });
  marker.on("click keypress", (event) => {
    if (event.originalEvent?.type === "keypress" && event.originalEvent.key !== "Enter") return;
    const bounds = boundsOf(features);
    const zoom = seen.map.getBoundsZoom(bounds.pad(0.2));
    if (zoom > seen.map.getZoom() && seen.map.getZoom() < 15) seen.map.fitBounds(bounds.pad(0.2), { maxZoom: 16 });
    else marker.bindPopup(listOf(features)).openPopup();
  });
  return marker;
}

function listOf(features) {
  const list = document.createElement("ul");
  list.className = "map-names";
  for (const { properties } of features) {
    const item = document.createElement("li");
    item.append(titleOf(properties));
    if (properties.text) item.append(` · ${properties.text}`);
    list.append(item);
  }
  return list;
}

// A stop carried onto another one: the page says what that means.
function carry(seen, feature, marker) {
  const home = latLng(feature);
  let onto = null;
  const target = (id, on) => seen.markers.get(String(id))?.getElement()?.classList.toggle("is-target", on);
  marker.on("drag", () => {
    const next = nearest(seen, marker.getLatLng(), feature);
    if (next === onto) return;
    if (onto) target(onto, false);
    if (next) target(next, true);
    onto = next;
  });
  marker.on("dragend", () => {
    if (onto) target(onto, false);
    marker.setLatLng(home);
    const detail = { stop: feature.properties.id, onto };
    if (onto) seen.element.dispatchEvent(new CustomEvent("map:drop", { bubbles: true, detail }));
    onto = null;
  });
}

function nearest(seen, at, but) {
  const here = seen.map.latLngToLayerPoint(at);
  let best = null;
  let least = NEAR_PX;
  for (const feature of seen.features) {
    if (!isPoint(feature) || feature === but || !feature.properties.round) continue;
    const far = seen.map.latLngToLayerPoint(latLng(feature)).distanceTo(here);
    if (far < least) [best, least] = [feature.properties.id, far];
  }
  return best;
}

function lineStyle({ round, kind }) {
  if (kind === "area") return { color: "#2f5231", weight: 2, fillOpacity: 0.12 };
  const [color, dashArray] = ROUNDS[((round ?? 1) - 1) % ROUNDS.length];
  return { color, dashArray, weight: 4, opacity: 0.9 };
}

// The number of a round stands on its line, so that colour is never alone.
function number(features, seen) {
  if (features.filter(({ properties }) => properties.kind === "round").length > MANY_ROUNDS) return;
  for (const { geometry, properties } of features) {
    if (geometry.type !== "LineString" || !properties.round) continue;
    const middle = Math.max(1, Math.floor(geometry.coordinates.length / 2));
    const [one, other] = [geometry.coordinates[middle - 1], geometry.coordinates[middle]];
    if (!other) continue;
    const label = document.createElement("span");
    label.textContent = properties.round;
    const marker = L.marker([(one[1] + other[1]) / 2, (one[0] + other[0]) / 2], {
      icon: L.divIcon({ className: "round-number", html: label, iconSize: [26, 20] }),
      interactive: false,
      keyboard: false,
    }).addTo(seen.layers);
    const { color } = lineStyle(properties);
    const paint = () => Object.assign(marker.getElement().style, { color, borderColor: color });
    if (marker.getElement()) paint();
    else marker.on("add", paint);
  }
}

function pin({ kind = "relay", number, label }, at, draggable = false) {
  const size = kind === "home" ? 20 : 26;
  const text = number ?? LETTERS[kind] ?? "";
  const icon = L.divIcon({
    className: `pin pin--${kind}`,
    html: document.createTextNode(String(text)).textContent.replace(/[^\w-]/g, ""),
    iconSize: [size, size],
  });
  return L.marker(at, { icon, draggable, title: label ?? "", alt: label ?? "", keyboard: true });
}

function titleOf({ label, url }) {
  const name = document.createElement(url ? "a" : "strong");
  if (url) name.href = url;
  name.textContent = label ?? "";
  return name;
}

function describe(properties, layer) {
  const { label, text, round } = properties;
  if (round && layer.getLatLngs) layer.on("mouseover", () => layer.bringToFront());
  if (!label) return;
  layer.bindPopup(() => {
    const box = document.createElement("div");
    box.append(titleOf(properties));
    if (text) {
      const more = document.createElement("div");
      more.textContent = text;
      box.append(more);
    }
    return box;
  });
}

export async function land(map, address) {
  const box = map.getBounds().pad(0.3);
  const clip = (low, high) => {
    const middle = (low + high) / 2;
    const half = Math.min((high - low) / 2, 1.95);
    return [middle - half, middle + half];
  };
  const [west, east] = clip(box.getWest(), box.getEast());
  const [south, north] = clip(box.getSouth(), box.getNorth());
  const asked = [west, south, east, north].map((edge) => edge.toFixed(2)).join(",");
  let places;
  try {
    places = await (await fetch(`${address}?box=${asked}`)).json();
  } catch {
    return;
  }
  const canvas = L.canvas({ pane: "land", padding: 0.5 });
  const radii = reaches(places);
  places.forEach(([, lon, lat], index) => {
    L.circle([lat, lon], {
      renderer: canvas, pane: "land", radius: radii[index], stroke: false, fillColor: "#f7f1df", fillOpacity: 1, interactive: false,
    }).addTo(map);
  });
  for (const [, lon, lat, people] of places) {
    L.circleMarker([lat, lon], {
      renderer: canvas, pane: "land", radius: people > 20000 ? 5 : people > 5000 ? 3.5 : 2,
      stroke: false, fillColor: "#a79f80", fillOpacity: 1, interactive: false,
    }).addTo(map);
  }
  const names = L.layerGroup().addTo(map);
  const paint = () => {
    names.clearLayers();
    const taken = [];
    const inside = map.getBounds();
    for (const [name, lon, lat, people] of places) {
      if (!name) continue;
      if (taken.length >= 24) break;
      if (!inside.contains([lat, lon])) continue;
      const at = map.latLngToContainerPoint([lat, lon]);
      const width = 14 + name.length * 8;
      if (taken.some((other) => Math.abs(other.y - at.y) < 22 && at.x < other.x + other.width && other.x < at.x + width)) continue;
      taken.push({ x: at.x, y: at.y, width });
      const label = document.createElement("span");
      label.textContent = name;
      const className = people > 30000 ? "map-place map-place--big" : "map-place";
      const icon = L.divIcon({ className, html: label, iconSize: null, iconAnchor: [-7, 8] });
      L.marker([lat, lon], { icon, pane: "names", interactive: false, keyboard: false }).addTo(names);
    }
  };
  map.on("zoomend moveend", paint);
  paint();
}

// How far the land of each commune goes, in meters: about as far as its fifth neighbour.
function reaches(places) {
  const order = places.map((_, index) => index).sort((one, other) => places[one][1] - places[other][1]);
  const found = new Array(places.length);
  order.forEach((index, rank) => {
    const [, lon, lat] = places[index];
    const near = [];
    const look = (step) => {
      for (let at = rank + step; at >= 0 && at < order.length; at += step) {
        const east = Math.abs(places[order[at]][1] - lon) * 81000;
        if (near.length === 5 && east > near[4]) return;
        near.push(Math.hypot(east, (places[order[at]][2] - lat) * 111000));
        near.sort((one, other) => one - other);
        near.length = Math.min(near.length, 5);
      }
    };
    look(1);
    look(-1);
    found[index] = Math.min(11000, Math.max(3600, (near[3] ?? 6000) * 0.85));
  });
  return found;
}

// An entry of the list beside the map (data-map-id) shows its place.
function link(seen) {
  document.addEventListener("click", (event) => {
    const entry = event.target.closest("[data-map-id]");
    if (!entry || event.target.closest("a[href]")) return;
    const feature = seen.features.find((each) => String(each.properties.id) === entry.dataset.mapId);
    if (!feature) return;
    if (isPoint(feature)) {
      seen.map.setView(latLng(feature), Math.max(seen.map.getZoom(), 13));
      seen.markers.get(entry.dataset.mapId)?.openPopup?.();
    } else {
      seen.map.fitBounds(boundsOf([feature]));
      light(seen, feature.properties.id);
    }
  });
}
