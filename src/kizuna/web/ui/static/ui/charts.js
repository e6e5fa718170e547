// draws each .chart from its data block, again when the width, the colour scheme or the medium changes
(function () {
  "use strict";
  // widths in CSS pixels: of a narrow screen, and of A4 less its margins
  const NARROW = 560, PRINTED = 685;
  const source = document.currentScript.dataset.plotly;
  const scheme = window.matchMedia("(prefers-color-scheme: dark)");
  const medium = window.matchMedia("print");
  let loading = null;

  // Plotly is large: a page without a chart does not load it
  function plotly() {
    loading = loading || new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = source;
      script.onload = resolve;
      script.onerror = reject;
      document.head.append(script);
    });
    return loading;
  }

  function recoloured(value, dark) {
    if (typeof value === "string") return dark[value] || value;
    if (Array.isArray(value)) return value.map((part) => recoloured(part, dark));
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, recoloured(part, dark)]));
  }

  function put(target, path, value) {
    const names = path.split("."), last = names.pop();
    names.reduce((part, name) => part[name], target)[last] = value;
  }

  function prepared(figure, dark, width, printing) {
    const made = JSON.parse(JSON.stringify(figure));
    const changes = (made.layout.meta && made.layout.meta.narrow) || {};
    if (width < NARROW) for (const path in changes) put(made, path, changes[path]);
    made.layout.width = width;
    return printing || !scheme.matches ? made : recoloured(made, dark);
  }

  // a mark leads to the page that its name leads to: of its row, its column or its line
  function lead(place, links) {
    if (!Object.keys(links).length) return;
    const url = (event) => {
      const { x, y, data } = event.points[0];
      return [y, x, data.name].map((name) => links[name]).find((found) => found && found.startsWith("/"));
    };
    place.on("plotly_click", (event) => { if (url(event)) window.location.assign(url(event)); });
    place.on("plotly_hover", (event) => place.classList.toggle("leads", Boolean(url(event))));
    place.on("plotly_unhover", () => place.classList.remove("leads"));
  }

  function draw(place, printing) {
    const { figure, dark, config } = JSON.parse(document.getElementById(place.dataset.chart).textContent);
    const free = Math.floor(place.getBoundingClientRect().width);
    if (!free) return;
    const width = printing ? Math.min(PRINTED, free) : free;
    const made = prepared(figure, dark, width, printing);
    const first = !place.dataset.drawn;
    if (first) place.replaceChildren();
    Plotly.react(place, made.data, made.layout, config);
    if (first) lead(place, (figure.layout.meta && figure.layout.meta.links) || {});
    place.dataset.drawn = width;
  }

  const watcher = new ResizeObserver((seen) => {
    for (const { target, contentRect } of seen) {
      const moved = Math.floor(contentRect.width) !== Number(target.dataset.drawn);
      if (moved && !medium.matches && window.Plotly) draw(target, false);
    }
  });

  function all(printing) {
    if (window.Plotly) for (const place of document.querySelectorAll(".chart[data-drawn]")) draw(place, printing);
  }

  async function begin() {
    const places = [...document.querySelectorAll(".chart:not([data-drawn])")];
    if (!places.length) return;
    await plotly();
    for (const place of places) {
      draw(place, medium.matches);
      watcher.observe(place);
    }
    document.documentElement.dataset.charts = "drawn";
  }

  begin();
  document.addEventListener("htmx:afterSettle", begin);
  window.addEventListener("beforeprint", () => all(true));
  window.addEventListener("afterprint", () => all(false));
  medium.addEventListener("change", () => all(medium.matches));
  scheme.addEventListener("change", () => all(medium.matches));
})();
