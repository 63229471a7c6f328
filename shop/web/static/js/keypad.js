// Digits to press with wet hands: data-keypad names the input they write into.
const KEYS = ["7", "8", "9", "4", "5", "6", "1", "2", "3", ",", "0", "←"];

export function startKeypads(root) {
  for (const pad of root.querySelectorAll("[data-keypad]")) start(pad);
}

function start(pad) {
  const input = document.getElementById(pad.dataset.keypad);
  if (!input) return;
  let fresh = true;
  input.addEventListener("input", () => {
    fresh = false;
  });
  for (const key of KEYS) {
    if (key === "," && input.inputMode === "numeric") {
      pad.append(document.createElement("span"));
      continue;
    }
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = key;
    if (key === "←") button.setAttribute("aria-label", document.body.dataset.textErase ?? "←");
    button.addEventListener("click", () => {
      if (key === "←") input.value = input.value.slice(0, -1);
      else input.value = fresh ? key : input.value + key;
      fresh = false;
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });
    pad.append(button);
  }
  pad.hidden = false;
}
