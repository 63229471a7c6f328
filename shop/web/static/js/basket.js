// Adding from the shelf without leaving one's place on the page.
export function startBasket(root) {
  for (const form of root.querySelectorAll("form.product__form")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      add(form);
    });
  }
}

async function add(form) {
  const button = form.querySelector("button:not([data-step])");
  button.setAttribute("aria-busy", "true");
  button.disabled = true;
  let answer;
  let report;
  try {
    const headers = { Accept: "application/json" };
    answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers });
    report = await answer.json();
    if (!report.text) throw new Error(String(answer.status));
  } catch {
    // The usual way says what is wrong.
    form.submit();
    return;
  }
  button.removeAttribute("aria-busy");
  button.disabled = false;
  tell(form, answer.ok ? "" : (report.text ?? ""));
  if (!answer.ok) return;
  form.closest(".product")?.classList.add("product--in-basket");
  const label = button.querySelector("span:not(.hidden-text)");
  if (label) label.textContent = report.text;
  const link = document.querySelector(".basket-link");
  const [spoken, shown] = link?.querySelectorAll("span") ?? [];
  if (spoken) spoken.textContent = report.spoken;
  if (shown) shown.textContent = report.total;
}

function tell(form, words) {
  let place = form.parentElement.querySelector("[data-basket-text]");
  if (!place) {
    place = document.createElement("p");
    place.dataset.basketText = "";
    place.className = "product__stock product__stock--low";
    place.setAttribute("role", "alert");
    form.after(place);
  }
  place.textContent = words;
  place.hidden = !words;
}
