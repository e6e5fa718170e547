/* Kizuna: messages on the site, loaded by kizuna-events.js where there are any. Words are set as
   text, never as HTML; styles are a sheet of our own within a shadow root: no inline style. */
(function () {
  "use strict";
  const SHEET = `
    :host { all: initial !important; position: fixed !important; color-scheme: light; }
    .box { box-sizing: border-box; font: 16px/1.6 system-ui, sans-serif; color: #1f2430;
      background: #fff; border: 1px solid #6b7280; border-radius: 10px; padding: 16px 20px;
      box-shadow: 0 6px 24px rgb(0 0 0 / 0.25); overflow-wrap: anywhere; overflow-y: auto; }
    .banner { position: fixed; z-index: 2147483000; inset: auto 12px 12px 12px; max-width: 720px;
      max-height: 50vh; margin: 0 auto; }
    dialog.box { max-width: min(480px, calc(100vw - 32px)); max-height: calc(100vh - 48px); }
    dialog::backdrop { background: rgb(0 0 0 / 0.5); }
    .head { display: flex; gap: 12px; align-items: start; justify-content: space-between; }
    .title { font-size: 18px; font-weight: 700; margin: 8px 0 0; }
    h2 { font-size: 17px; margin: 8px 0; }
    p, ul { margin: 8px 0; }
    ul { padding-left: 1.4em; }
    a { color: #1a4fae; }
    button, .go { box-sizing: border-box; min-width: 44px; min-height: 44px; font: inherit;
      border-radius: 8px; cursor: pointer; }
    button { color: #1f2430; background: #fff; border: 1px solid #6b7280; padding: 6px 14px; flex: none; }
    .go { display: inline-block; padding: 9px 18px; margin: 4px 0; color: #fff; background: #1a4fae;
      text-decoration: none; font-weight: 600; }
    :focus-visible { outline: 3px solid #b45309; outline-offset: 2px; }
    @media (prefers-reduced-motion: no-preference) {
      .box { animation: come 0.2s ease-out; }
      @keyframes come { from { opacity: 0; transform: translateY(8px); } }
    }`;
  const TAGS = ["h2", "p", "ul", "li", "strong", "a", "br"];
  const isJapanese = () => (document.documentElement.lang || navigator.language || "").startsWith("ja");
  const web = (address) => /^https?:\/\//.test(address);

  function make(name, said) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(said || {})) made.setAttribute(key, value);
    return made;
  }
  /* Blocks are lists: name, address of a link, and what is within; names that are not known are left out. */
  function write(into, nodes) {
    for (const node of nodes) {
      if (typeof node === "string") { into.append(node); continue; }
      const [name, href, ...inner] = node;
      if (!TAGS.includes(name)) continue;
      const made = make(name, name === "a" && web(href) ? { href, rel: "noopener" } : {});
      write(made, inner);
      into.append(made);
    }
  }

  /* Show a message; `told(kind)` hears of `shown`, `clicked` and `closed`. Gives what takes it away. */
  function show(said, told) {
    const isPopUp = said.look === "popup", host = make("kizuna-message");
    const root = host.attachShadow({ mode: "open" }), sheet = new CSSStyleSheet();
    sheet.replaceSync(SHEET);
    root.adoptedStyleSheets = [sheet];
    const named = said.title ? { "aria-labelledby": "title" } : { "aria-label": isJapanese() ? "お知らせ" : "Message" };
    const box = make(isPopUp ? "dialog" : "section", {
      class: isPopUp ? "box" : "box banner", ...named,
      ...(isPopUp ? { role: "dialog", "aria-modal": "true" } : { role: "region" }),
    });
    const former = document.activeElement;
    const close = make("button", { type: "button" });
    close.append(isJapanese() ? "閉じる" : "Close");
    const head = make("div", { class: "head" }), title = make("p", { class: "title", id: "title" });
    title.append(said.title || "");
    head.append(title, close);
    box.append(head);
    const body = make("div");
    write(body, said.body || []);
    box.append(body);
    if (said.button && web(said.link)) {
      const go = make("a", { class: "go", href: said.link, rel: "noopener" });
      go.append(said.button);
      box.append(go);
    }
    let over = false;
    function end(kind) {
      if (over) return;
      over = true;
      if (kind) told(kind);
      const was = host.contains(document.activeElement) || document.activeElement === document.body;
      if (isPopUp && box.open) box.close();
      host.remove();
      if (was && former && former.isConnected && former.focus) former.focus();
    }
    close.addEventListener("click", () => end("closed"));
    root.addEventListener("click", (event) => {
      if (event.target.closest && event.target.closest("a[href]")) end("clicked");
    });
    root.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); end("closed"); }
      if (event.key === "Tab" && isPopUp) turn(event, root, box);
    });
    box.addEventListener("cancel", (event) => { event.preventDefault(); end("closed"); });
    root.append(box);
    document.body.prepend(host);
    if (isPopUp) { box.showModal(); close.focus(); }
    told("shown");
    return () => end("");
  }
  /* Within a dialog the last control is followed by the first. */
  function turn(event, root, box) {
    const all = [...box.querySelectorAll("a[href], button")];
    const at = all.indexOf(root.activeElement), next = event.shiftKey ? at - 1 : at + 1;
    event.preventDefault();
    all[(next + all.length) % all.length].focus();
  }

  const kit = window.kizuna && window.kizuna.kit;
  window.kizunaMessages = { show };
  if (!kit) return;

  const post = (path, body) => fetch(kit.home + path, {
    method: "POST", body: JSON.stringify({ key: kit.key, ...body }), credentials: "omit",
    headers: { "Content-Type": "text/plain" }, keepalive: true,
  });
  const fits = (pages) => !pages.length || pages.some((one) => {
    const written = one.split(/\*+/).map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
    return new RegExp("^" + written.join(".*") + "$", "s").test(location.pathname);
  });
  let away = null, asking = false, undo = [], path = "";

  /* Ask when it would come, not before; what was said no to is not asked for again too soon. */
  async function come(rule) {
    if (asking || away || kit.may() !== true || !fits(rule.pages)) return;
    const [user, proof] = kit.proof();
    if (rule.known && !proof) return;
    const name = "os." + rule.id;
    if (Number(kit.get(name) || 0) > Date.now()) return;
    asking = true;
    try {
      const said = await (await post("/v1/on-site/ask", {
        message: rule.id, browser: kit.once("anonymous"), user, proof, path: location.pathname,
        language: document.documentElement.lang || navigator.language,
      })).json();
      if (said.again) kit.put(name, Date.now() + 1000 * said.again);
      if (said.shown && kit.may() === true) {
        const { token } = said.shown;
        away = show(said.shown, (kind) => {
          if (kind === "closed" || kind === "clicked") kit.put(name, Date.now() + 86400000);
          post("/v1/on-site/note", { token, kind }).catch(() => {});
        });
      }
    } catch { /* offline, or turned away: the page goes on without */ }
    asking = false;
  }
  function on(target, name, call) {
    target.addEventListener(name, call, { passive: true });
    undo.push(() => target.removeEventListener(name, call));
  }
  const WAYS = {
    at_once: come,
    seconds(rule) {
      const timer = setTimeout(() => come(rule), 1000 * rule.after);
      undo.push(() => clearTimeout(timer));
    },
    scroll(rule) {
      let done = false;
      const look = () => {
        const whole = document.documentElement.scrollHeight - innerHeight;
        if (done || (whole > 0 && scrollY < (whole * rule.after) / 100 - 1)) return;
        done = true;
        come(rule);
      };
      on(window, "scroll", look);
      look();
    },
    leaving(rule) {
      on(document, "mouseout", (event) => { if (!event.relatedTarget && event.clientY <= 0) come(rule); });
    },
  };
  function arm() {
    if (location.pathname === path) return;
    path = location.pathname;
    undo.splice(0).forEach((call) => call());
    if (away) away();
    away = null;
    kit.messages.filter((rule) => fits(rule.pages) && WAYS[rule.trigger])
      .reduce((before, rule) => before.then(() => WAYS[rule.trigger](rule)), Promise.resolve());
  }
  for (const name of ["pushState", "replaceState"]) {
    const real = history[name];
    history[name] = function (...given) { const made = real.apply(this, given); setTimeout(arm); return made; };
  }
  addEventListener("popstate", () => setTimeout(arm));
  arm();
})();
