// small comforts; every page works without them
(function () {
  "use strict";
  // a menu closes by Escape and by a click elsewhere
  function closeMenus(except) {
    for (const menu of document.querySelectorAll("details.menu[open], details.burger[open]"))
      if (!except || !menu.contains(except)) menu.open = false;
  }
  document.addEventListener("click", (event) => closeMenus(event.target));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = document.querySelector("details.menu[open] > summary, details.burger[open] > summary");
    closeMenus(null);
    if (open) open.focus();
  });
  // what cannot be taken back is asked once more, in the words of data-confirm
  document.addEventListener("submit", (event) => {
    const question = (event.submitter && event.submitter.dataset.confirm) || event.target.dataset.confirm;
    if (question && !window.confirm(question)) event.preventDefault();
  });
  // data-submit-on-change: a filter takes effect when it is chosen
  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (form && event.target.matches("[data-submit-on-change]")) form.requestSubmit();
  });
})();
