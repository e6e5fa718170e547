/* Show a message on our own page as a site would; nothing is told to anybody. */
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-on-site-preview]");
  if (!button || document.querySelector("kizuna-message")) return;
  const said = document.getElementById(button.dataset.onSitePreview).textContent;
  button.focus();
  window.kizunaMessages.show(JSON.parse(said), () => {}, async () => true);
});
