/* Kizuna: pages, sessions and events of a site, sent to the company's own Kizuna and nowhere else.
   No cookie, no third party's code. What is set on the script's tag is in docs/snippet.md. */
(function () {
  "use strict";
  const early = window.kizuna || [];
  if (early.version) return;
  const tag = document.currentScript, set = tag.dataset;
  const to = (set.host || new URL(tag.src).origin).replace(/\/$/, "") + "/v1/b";
  const idle = 60000 * (Number(set.session) || 30);
  const MOST = 200, AT_ONCE = 40, BYTES = 50000, LONGEST = 300000;
  const heap = {};
  let waiting = [], timer = 0, calling = false, pause = 0, alone = false, shut = false, count = 0;

  /* What is kept, in localStorage, or in memory where there is none. */
  function get(name) {
    try { return localStorage.getItem("kz." + name); } catch { return heap[name] ?? null; }
  }
  function put(name, value) {
    try { localStorage.setItem("kz." + name, value); } catch { heap[name] = value; }
  }
  function drop(name) {
    delete heap[name];
    try { localStorage.removeItem("kz." + name); } catch { /* nothing is kept there */ }
  }
  function names() {
    let found = Object.keys(heap);
    try {
      const kept = Object.keys(localStorage).filter((name) => name.startsWith("kz."));
      found = found.concat(kept.map((name) => name.slice(3)));
    } catch { /* nothing is kept there */ }
    return [...new Set(found)].sort();
  }
  const queued = () => names().filter((name) => name.startsWith("q."));

  function number() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  /* Consent first: until it is known nothing is kept and nothing is sent. */
  function may() {
    const said = get("consent");
    if (said) return said === "yes";
    if (set.consent === "given" && !navigator.globalPrivacyControl) return true;
    return null;
  }
  function forget() { names().filter((name) => name !== "consent").forEach(drop); }
  function consent(given) {
    put("consent", given ? "yes" : "no");
    const held = waiting;
    waiting = [];
    if (given) { held.forEach(keep); meet(); } else forget();
  }

  function once(name) {
    if (!get(name)) put(name, number());
    return get(name);
  }
  function session(now) {
    const [id, last] = (get("session") || "").split(" ");
    const goes = id && now - Number(last) < idle;
    const found = goes ? id : number();
    put("session", found + " " + now);
    return goes ? { id: found } : { id: found, first: true };
  }

  /* Addresses without what may name a person: of a query only where a visitor came from. */
  function bare(text) {
    if (!text) return "";
    const url = new URL(text, location.href);
    if (set.query === "all") return url.href;
    const kept = [...url.searchParams].filter(([name]) => name.startsWith("utm_"));
    const query = new URLSearchParams(kept).toString();
    return url.origin + url.pathname + (query ? "?" + query : "");
  }
  function place() {
    const url = bare(location.href), referrer = bare(document.referrer);
    return { url, path: location.pathname, search: new URL(url).search, title: document.title, referrer };
  }

  function message(type, body) {
    const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const context = {
      page: place(), locale: navigator.language, timezone, userAgent: navigator.userAgent,
      library: { name: "kizuna-snippet", version: "1" },
    };
    const at = Date.now();
    return { type, messageId: number(), originalTimestamp: new Date(at).toISOString(), at, context, ...body };
  }
  function say(type, body) {
    const made = message(type, body);
    const allowed = may();
    if (allowed) keep(made);
    else if (allowed === null && waiting.length < MOST) waiting.push(made);
  }
  function keep({ at, ...made }) {
    if (made.type === "identify") become(made.userId);
    const user = get("user");
    if (made.type === "reset") { ["user", "anonymous", "session"].forEach(drop); return; }
    made.anonymousId = once("anonymous");
    if (user && !made.userId) made.userId = user;
    if (!made.userId) delete made.userId;
    made.context.session = session(at);
    const old = queued();
    old.slice(0, Math.max(0, old.length - MOST + 1)).forEach(drop);
    // a key of its own each, so that two tabs never write over one another
    const order = at.toString(36).padStart(9, "0") + (count++).toString(36).padStart(4, "0");
    put("q." + order + made.messageId.slice(0, 6), JSON.stringify(made));
    soon(300);
  }
  /* Another person at the same screen is not the one before. */
  function become(user) {
    const former = get("user");
    if (former && user && former !== user) ["anonymous", "session"].forEach(drop);
    if (user) put("user", user);
  }

  function bundle() {
    const taken = [];
    let bytes = 0;
    for (const name of queued()) {
      const text = get(name);
      if (text === null) continue;
      bytes += new Blob([text]).size;
      if (taken.length && (bytes > BYTES || taken.length >= (alone ? 1 : AT_ONCE))) break;
      taken.push([name, text]);
    }
    const head = { writeKey: set.key, sentAt: new Date().toISOString() };
    const batch = taken.map(([, text]) => text).join(",");
    const body = JSON.stringify(head).slice(0, -1) + ',"batch":[' + batch + "]}";
    return { names: taken.map(([name]) => name), body, small: bytes <= BYTES };
  }
  function soon(wait) {
    if (!timer && !shut) timer = setTimeout(() => { timer = 0; flush(); }, wait);
  }
  async function flush() {
    if (calling || shut || may() !== true) return;
    const sent = bundle();
    if (!sent.names.length) return;
    calling = true;
    let status = 0;
    try {
      // text/plain, so that no browser asks before it sends
      const headers = { "Content-Type": "text/plain" };
      const given = { method: "POST", body: sent.body, headers, keepalive: sent.small, credentials: "omit" };
      status = (await fetch(to, given)).status;
    } catch { /* offline: tried again */ }
    calling = false;
    answered(status, sent.names);
  }
  function answered(status, sent) {
    if (status >= 200 && status < 300) {
      sent.forEach(drop);
      pause = 0;
      alone = false;
    } else if (status === 400 || status === 413) {
      // one message must not keep the others: each goes alone, and what is hopeless goes
      if (sent.length === 1) sent.forEach(drop);
      alone = sent.length > 1;
    } else if (status === 401 || status === 403 || status === 404) {
      shut = true;
    } else {
      pause = Math.min(LONGEST, pause * 2 || 1000);
    }
    if (queued().length) soon(pause || 1);
  }
  /* The page goes: what is left is sent blindly, and once more by the next page; it counts once. */
  function leave() {
    if (document.visibilityState !== "hidden" || may() !== true || shut) return;
    const left = bundle();
    if (left.names.length) navigator.sendBeacon(to, new Blob([left.body], { type: "text/plain" }));
  }

  let seen = "";
  function page(name, properties) {
    seen = location.href;
    say("page", { name: name || document.title, properties: { ...place(), ...properties } });
  }
  function moved() { if (set.pages !== "off" && location.href !== seen) page(); }
  function watch(name) {
    const real = history[name];
    history[name] = function (...given) {
      const result = real.apply(this, given);
      setTimeout(moved);
      return result;
    };
  }

  /* Messages on the site have a script of their own, which comes only where there are any. */
  let proven = [], met = false;
  async function meet() {
    if (set.messages !== "on" || met || may() !== true) return;
    met = true;
    const home = new URL(tag.src).origin, key = set.key;
    try {
      const ask = home + "/v1/on-site?key=" + encodeURIComponent(key);
      const said = await (await fetch(ask, { credentials: "omit" })).json();
      if (!said.src) return;
      kizuna.kit = { home, key, may, get, put, once, proof: () => proven, messages: said.messages };
      const script = document.createElement("script");
      script.src = new URL(said.src, home);
      script.nonce = tag.nonce;
      document.head.append(script);
    } catch { /* the page goes on without */ }
  }

  const kizuna = {
    version: "1", consent, page, flush,
    prove: (userId, proof) => { proven = [String(userId), String(proof)]; },
    track: (event, properties) => say("track", { event, properties: properties || {} }),
    identify: (userId, traits) => say("identify", { userId: String(userId), traits: traits || {} }),
    group: (groupId, traits) => say("group", { groupId: String(groupId), traits: traits || {} }),
    reset: () => { proven = []; say("reset", {}); },
    push: ([name, ...given]) => kizuna[name](...given),
  };
  window.kizuna = kizuna;
  watch("pushState");
  watch("replaceState");
  addEventListener("popstate", () => setTimeout(moved));
  document.addEventListener("visibilitychange", leave);
  addEventListener("online", () => { pause = 0; flush(); });
  moved();
  Array.from(early).forEach(kizuna.push);
  if (may() === true) flush();
  meet();
})();
