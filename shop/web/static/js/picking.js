// The price follows the weight while it is typed; Enter goes on; a page that comes back gets new keys.
const TYPED = /^(\d{1,6}(?:[.,]\d{1,3})?)\s*(kg|g)?$/i;
const money = new Intl.NumberFormat(document.documentElement.lang || "fr", {
  style: "currency",
  currency: "EUR",
});

function gramsOf(typed) {
  const found = TYPED.exec(typed.trim());
  if (!found) return null;
  const unit = (found[2] ?? "").toLowerCase();
  const [whole, part = ""] = found[1].replace(",", ".").split(".");
  if (unit === "kg" || (!unit && part)) return Number(whole) * 1000 + Number(part.padEnd(3, "0"));
  return part ? null : Number(whole);
}

function preview(input) {
  const output = document.getElementById(input.dataset.output);
  if (!output) return;
  const grams = gramsOf(input.value);
  output.classList.toggle("is-price", Boolean(grams));
  if (!grams) {
    output.textContent = output.dataset.max;
    return;
  }
  const cents = Math.floor((2 * Number(input.dataset.priceCents) * grams + 1000) / 2000);
  const ceiling = Number(input.dataset.ceilingCents);
  const price = money.format(Math.min(cents, ceiling) / 100);
  output.textContent = cents > ceiling ? `${price} (${output.dataset.max})` : price;
}

for (const input of document.querySelectorAll("[data-price-cents]")) {
  input.addEventListener("input", () => preview(input));
  preview(input);
}

const first = document.querySelector("[data-focus], [autofocus]");
if (first) {
  first.focus({ preventScroll: true });
  first.select?.();
  first.closest(".pick:not(.pick--big)")?.scrollIntoView({ block: "center" });
}

// The back button shows an old form: what it sends then is said anew.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted || !globalThis.crypto?.randomUUID) return;
  for (const key of document.querySelectorAll("[data-key]")) key.value = crypto.randomUUID();
});
