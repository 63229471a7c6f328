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

for (const element of document.querySelectorAll("[data-map]")) draw(element);

async function draw(element) {
  let features;
  try {
    features = await (await fetch(element.dataset.map)).json();
  } catch {
    return;
  }
  element.replaceChildren();
  const map = L.map(element, { preferCanvas: true, zoomSnap: 0.5, scrollWheelZoom: false });
  map.attributionControl.setPrefix(false);
  map.createPane("land").style.zIndex = 210;
  map.createPane("names").style.zIndex = 220;
  const drawn = L.geoJSON(features, {
    style: (feature) => lineStyle(feature.properties),
    pointToLayer: (feature, at) => pin(feature.properties, at),
    onEachFeature: (feature, layer) => describe(feature.properties, layer),
  }).addTo(map);
  const bounds = drawn.getBounds();
  if (bounds.isValid()) map.fitBounds(bounds.pad(0.08), { maxZoom: 13 });
  else map.setView([43.4, 6.1], 9);
  number(features.features ?? [], map);
  if (element.dataset.tiles) L.tileLayer(element.dataset.tiles, { maxZoom: 19 }).addTo(map);
  else if (element.dataset.outlines) land(map, element.dataset.outlines);
  link(map, drawn);
}

function lineStyle({ round, kind }) {
  if (kind === "area") return { color: "#2f5231", weight: 2, fillOpacity: 0.12 };
  const [color, dashArray] = ROUNDS[((round ?? 1) - 1) % ROUNDS.length];
  return { color, dashArray, weight: 4, opacity: 0.9 };
}

// The number of a round stands on its line, so that colour is never alone.
function number(features, map) {
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
    }).addTo(map);
    marker.getElement().style.color = lineStyle(properties).color;
    marker.getElement().style.borderColor = lineStyle(properties).color;
  }
}

function pin({ kind = "relay", number, label }, at) {
  const size = kind === "home" ? 20 : 26;
  const text = number ?? LETTERS[kind] ?? "";
  const icon = L.divIcon({
    className: `pin pin--${kind}`,
    html: document.createTextNode(String(text)).textContent.replace(/[^\w-]/g, ""),
    iconSize: [size, size],
  });
  return L.marker(at, { icon, title: label ?? "", alt: label ?? "", keyboard: true });
}

function describe({ label, text, url, round }, layer) {
  const box = document.createElement("div");
  const name = document.createElement(url ? "a" : "strong");
  if (url) name.href = url;
  name.textContent = label ?? "";
  box.append(name);
  if (text) {
    const more = document.createElement("div");
    more.textContent = text;
    box.append(more);
  }
  if (label) layer.bindPopup(box);
  if (round && layer.getLatLngs) layer.on("mouseover", () => layer.bringToFront());
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
function link(map, drawn) {
  for (const entry of document.querySelectorAll("[data-map-id]")) {
    entry.addEventListener("click", (event) => {
      if (event.target.closest("a[href]")) return;
      drawn.eachLayer((layer) => {
        if (String(layer.feature.properties.id) !== entry.dataset.mapId) return;
        if (layer.getLatLng) map.setView(layer.getLatLng(), Math.max(map.getZoom(), 12));
        else map.fitBounds(layer.getBounds());
        layer.openPopup?.();
      });
    });
  }
}
