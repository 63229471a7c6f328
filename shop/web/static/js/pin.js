// A pin on a small map that a person moves: by dragging, by pressing on the map, with the arrow
// keys, to where they stand, or by choosing among proposals. What counts are the two fields.
import { land } from "./map.js";

const L = window.L;
const STEP = 0.0002;

for (const box of document.querySelectorAll("[data-pin]")) start(box);

function start(box) {
  const form = box.closest("form");
  const lat = box.querySelector("[name=lat]");
  const lon = box.querySelector("[name=lon]");
  const read = () => [Number(lat.value.replace(",", ".")), Number(lon.value.replace(",", "."))];
  const element = box.querySelector(".map");
  element.hidden = false;
  const map = L.map(element, { zoomSnap: 0.5, scrollWheelZoom: false, preferCanvas: true });
  map.attributionControl.setPrefix(false);
  map.createPane("land").style.zIndex = 210;
  map.createPane("names").style.zIndex = 220;
  map.setView(read(), 13);
  if (box.dataset.tiles) L.tileLayer(box.dataset.tiles, { maxZoom: 19 }).addTo(map);
  else land(map, box.dataset.outlines);
  const icon = L.divIcon({ className: "door-pin", iconSize: [34, 34], iconAnchor: [17, 34] });
  const marker = L.marker(read(), { icon, draggable: true, keyboard: true, title: box.dataset.label, alt: box.dataset.label }).addTo(map);

  const put = (at, byHand) => {
    marker.setLatLng(at);
    lat.value = at.lat.toFixed(6);
    lon.value = at.lng.toFixed(6);
    const free = form.querySelector("[data-pin-free]");
    if (byHand && free) free.checked = true;
  };
  marker.on("dragend", () => put(marker.getLatLng(), true));
  map.on("click", (event) => put(event.latlng, true));
  marker.getElement().addEventListener("keydown", (event) => {
    const steps = { ArrowUp: [1, 0], ArrowDown: [-1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const at = marker.getLatLng();
    put(L.latLng(at.lat + step[0] * STEP, at.lng + step[1] * STEP), true);
    map.panTo(marker.getLatLng());
  });
  for (const field of [lat, lon]) {
    field.addEventListener("change", () => {
      const at = read();
      if (at.every(Number.isFinite)) {
        put(L.latLng(at), true);
        map.panTo(at);
      }
    });
  }
  for (const choice of form.querySelectorAll("[data-pin-spot]")) {
    choice.addEventListener("change", () => {
      const [x, y] = choice.value.split(",").map(Number);
      put(L.latLng(y, x), false);
      map.setView([y, x], 16);
    });
  }
  const tools = box.querySelector("[data-pin-tools]");
  tools.hidden = false;
  const here = box.querySelector("[data-pin-here]");
  if (navigator.geolocation && window.isSecureContext) {
    here.hidden = false;
    here.addEventListener("click", () => {
      navigator.geolocation.getCurrentPosition(({ coords }) => {
        const at = L.latLng(coords.latitude, coords.longitude);
        put(at, true);
        map.setView(at, 17);
      });
    });
  }
}
