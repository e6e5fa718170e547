// a slider beside each number field that asks for one; without script the fields do
(function () {
  "use strict";
  function slide(field) {
    const slider = document.createElement("input");
    slider.type = "range";
    slider.min = field.min;
    slider.max = field.max;
    slider.step = "1";
    slider.value = field.value || field.placeholder || "0";
    slider.setAttribute("aria-label", field.labels[0].textContent.trim());
    slider.addEventListener("input", () => { field.value = slider.value; });
    field.addEventListener("input", () => { slider.value = field.value || "0"; });
    field.before(slider);
  }
  for (const field of document.querySelectorAll("input[data-slider]")) slide(field);
})();
