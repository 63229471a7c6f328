// The provider's own card form, on the payment page only.
const form = document.getElementById("payment");
if (form && window.Stripe) start(form);

function start(form) {
  const { key, secret, keeps, language } = form.dataset;
  const stripe = window.Stripe(key, { locale: language });
  const elements = stripe.elements({ clientSecret: secret });
  elements.create("payment", { layout: "tabs" }).mount("#payment-element");
  const problem = document.getElementById("payment-error");
  const button = form.querySelector("button");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    problem.hidden = true;
    const request = { elements, confirmParams: { return_url: form.dataset.return } };
    const { error } = keeps ? await stripe.confirmSetup(request) : await stripe.confirmPayment(request);
    problem.textContent = error?.message ?? "";
    problem.hidden = !error;
    button.disabled = false;
  });
}
