// draws the charts from the data block, again when the width, the colour scheme or the medium changes
(function () {
  "use strict";
  // widths in CSS pixels: of a narrow screen, of A4 less its margins, of half of that
  const NARROW = 560, PRINTED = 685, HALF = 330, SHORTER = 0.74;
  const { figures, config, dark } = JSON.parse(document.getElementById("chart-data").textContent);
  const scheme = window.matchMedia("(prefers-color-scheme: dark)");
  const medium = window.matchMedia("print");

  function recoloured(value) {
    if (typeof value === "string") return dark[value] || value;
    if (Array.isArray(value)) return value.map(recoloured);
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, recoloured(part)]));
  }

  function put(target, path, value) {
    const names = path.split("."), last = names.pop();
    names.reduce((part, name) => part[name], target)[last] = value;
  }

  function prepared(figure, width, printing) {
    const made = JSON.parse(JSON.stringify(figure)), changes = made.layout.meta.narrow;
    if (width < NARROW) for (const path in changes) put(made, path, changes[path]);
    made.layout.width = width;
    if (printing) {
      made.layout.height = Math.max(170, Math.round(made.layout.height * SHORTER));
      made.layout.font.size = 11;
    }
    return printing || !scheme.matches ? made : recoloured(made);
  }

  function draw(printing) {
    for (const [name, figure] of Object.entries(figures)) {
      const place = document.getElementById(name);
      const paper = place.closest(".pair") ? HALF : PRINTED;
      const width = printing ? paper : Math.floor(place.getBoundingClientRect().width);
      const made = prepared(figure, width, printing);
      Plotly.react(place, made.data, made.layout, config);
      place.style.minHeight = "";
    }
  }

  // narrow screens begin with the contents folded; print opens nothing and shows all charts
  if (window.innerWidth < 900) document.querySelector("nav details").open = false;
  let waiting = 0, drawn = window.innerWidth;
  function later() {
    if (window.innerWidth === drawn || medium.matches) return;
    drawn = window.innerWidth;
    clearTimeout(waiting);
    waiting = setTimeout(() => draw(false), 120);
  }
  draw(medium.matches);
  window.addEventListener("resize", later);
  window.addEventListener("beforeprint", () => draw(true));
  window.addEventListener("afterprint", () => draw(false));
  medium.addEventListener("change", () => draw(medium.matches));
  scheme.addEventListener("change", () => draw(medium.matches));
  document.documentElement.dataset.ready = "yes";
})();
