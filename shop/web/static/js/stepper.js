// Minus and plus around a number. The number can be typed as well.
export function startSteppers(root) {
  for (const stepper of root.querySelectorAll("[data-stepper]")) start(stepper);
}

function start(stepper) {
  const input = stepper.querySelector("input");
  const buttons = [...stepper.querySelectorAll("[data-step]")];
  const number = (text, otherwise) => (text === "" || text === null ? otherwise : Number(text));
  const low = () => number(input.min, 0);
  const high = () => number(input.max, Infinity);
  const paint = () => {
    for (const button of buttons) {
      const next = Number(input.value) + Number(button.dataset.step) * Number(input.step || 1);
      button.disabled = next < low() || next > high();
    }
  };
  for (const button of buttons) {
    button.addEventListener("click", () => {
      const next = Number(input.value || 0) + Number(button.dataset.step) * Number(input.step || 1);
      input.value = String(Math.min(high(), Math.max(low(), next)));
      paint();
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }
  input.addEventListener("input", paint);
  if ("auto" in stepper.dataset) {
    let waiting;
    input.addEventListener("change", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => input.form?.requestSubmit(), 600);
    });
  }
  paint();
}
