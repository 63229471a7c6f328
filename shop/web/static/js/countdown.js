// How long something is still kept: data-countdown holds the instant.
export function startCountdowns(root) {
  const all = [...root.querySelectorAll("[data-countdown]")].map((element) => ({
    element,
    text: element.querySelector("[data-countdown-text]") ?? element,
    end: Date.parse(element.dataset.countdown),
  }));
  if (!all.length) return;
  const timer = setInterval(tick, 1000);
  tick();

  function tick() {
    let running = 0;
    for (const { element, text, end } of all) {
      const left = Math.floor((end - Date.now()) / 1000);
      if (Number.isNaN(left)) continue;
      if (left <= 0) {
        text.textContent = element.dataset.ended ?? "";
        element.classList.add("is-urgent");
        continue;
      }
      running += 1;
      element.classList.toggle("is-urgent", left < 120);
      text.textContent = (element.dataset.running ?? "{time}").replace("{time}", spoken(left));
    }
    if (!running) clearInterval(timer);
  }
}

const DAY = document.documentElement.lang === "fr" ? "j" : "d";

function spoken(seconds) {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const two = (value) => String(value).padStart(2, "0");
  if (hours >= 24) return `${Math.floor(hours / 24)}\u00a0${DAY} ${hours % 24}\u00a0h`;
  if (hours) return `${hours}\u00a0h ${two(minutes)}`;
  return `${minutes}\u00a0min ${two(seconds % 60)}\u00a0s`;
}
