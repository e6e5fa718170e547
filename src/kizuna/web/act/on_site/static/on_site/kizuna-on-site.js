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
    .question { font-weight: 700; }
    .ways { display: flex; flex-wrap: wrap; gap: 6px; }
    .scale { display: grid; grid-auto-flow: column; grid-auto-columns: minmax(24px, 1fr); gap: 4px; }
    .scale button { min-width: 24px; padding: 6px 0; }
    [aria-pressed=true] { color: #fff; background: #1a4fae; border-color: #1a4fae; font-weight: 700; }
    .ends { display: flex; justify-content: space-between; gap: 16px; margin: 4px 0; font-size: 14px; }
    .note { font-size: 13px; color: #4b5563; }
    [role=status]:focus { outline: none; }
    textarea { box-sizing: border-box; width: 100%; font: inherit; color: inherit; background: #fff;
      border: 1px solid #6b7280; border-radius: 8px; padding: 8px; margin: 4px 0; }
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

  function put(into, name, words, more) {
    const made = make(name, more);
    made.append(words);
    into.append(made);
    return made;
  }
  /* A question: one press answers it, another changes that, words may follow. `answer(reply, words)`
     promises whether it arrived. */
  function question(into, said, answer) {
    put(into, "p", said.question, { class: "question", id: "question" });
    const ways = make("div", { role: "group", "aria-labelledby": "question", class: said.ends.length ? "scale" : "ways" });
    into.append(ways);
    if (said.ends.length) {
      const ends = put(into, "p", "", { class: "ends", "aria-hidden": "true" });
      for (const end of said.ends) put(ends, "span", end);
    }
    const status = make("p", { role: "status", tabindex: "-1" }), more = make("div");
    let chosen = "", busy = false;
    async function send(reply, words) {
      if (busy) return false;
      busy = true;
      const came = await answer(reply, words);
      busy = false;
      status.textContent = came ? said.thanks : said.failed;
      return came;
    }
    const area = () => more.querySelector("textarea");
    function offer() {
      const label = put(more, "label", said.reason + " " + said.optional, { for: "words" });
      label.after(make("textarea", { id: "words", rows: "3", maxlength: "5000" }));
      put(more, "button", said.send, { type: "button", class: "send" }).addEventListener("click", async () => {
        if (!(await send(chosen, area().value))) return;
        more.remove();
        status.focus();
      });
    }
    said.options.forEach(([value, words], at) => {
      const end = said.ends[at === 0 ? 0 : at === said.options.length - 1 ? 1 : 2];
      const one = put(ways, "button", words, { type: "button", "aria-pressed": "false", ...(end ? { "aria-label": words + ": " + end } : {}) });
      one.addEventListener("click", async () => {
        if (!(await send(value, area() ? area().value : ""))) return;
        chosen = value;
        for (const other of ways.children) other.setAttribute("aria-pressed", String(other === one));
        if (said.reason && more.isConnected && !area()) offer();
      });
    });
    into.append(status, more);
    put(into, "p", said.note, { class: "note" });
  }

  /* Show a message; `told(kind)` hears of `shown`, `clicked` and `closed`. Gives what takes it away. */
  function show(said, told, answer) {
    const isPopUp = said.look === "popup", host = make("kizuna-message");
    const root = host.attachShadow({ mode: "open" }), sheet = new CSSStyleSheet();
    sheet.replaceSync(SHEET);
    root.adoptedStyleSheets = [sheet];
    const label = said.title ? "title" : said.survey ? "question" : "";
    const named = label ? { "aria-labelledby": label } : { "aria-label": isJapanese() ? "お知らせ" : "Message" };
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
    let over = false, answered = false;
    if (said.survey) {
      question(body, said.survey, async (reply, words) => {
        const came = await answer(reply, words);
        answered = answered || came;
        return came;
      });
    }
    function end(kind) {
      if (over) return;
      over = true;
      if (kind && !answered) told(kind);
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
    const all = [...box.querySelectorAll("a[href], button, textarea")];
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
        }, async (reply, words) => {
          const came = await post("/v1/on-site/answer", { token, reply, words }).then((r) => r.ok, () => false);
          if (came) kit.put(name, Date.now() + 86400000);
          return came;
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
