"use strict";
// Mounts Stripe's Payment Element: what the payer types goes to Stripe and never reaches this platform.
(() => {
  const form = document.getElementById("payment");
  const button = form.querySelector("button");
  const message = document.getElementById("message");
  const stripe = Stripe(form.dataset.publishableKey);
  const elements = stripe.elements({ clientSecret: form.dataset.clientSecret });
  const element = elements.create("payment");
  element.on("ready", () => { button.disabled = false; });
  element.on("loaderror", (event) => { message.textContent = event.error.message; });
  element.mount("#element");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    message.textContent = "";
    const back = window.location.origin + window.location.pathname;
    const { error } = await stripe.confirmPayment({ elements, confirmParams: { return_url: back } });
    message.textContent = error.message;
    button.disabled = false;
  });
})();
