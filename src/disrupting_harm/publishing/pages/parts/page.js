"use strict";
(() => {
  const body = document.body;
  const root = body.dataset.root;
  const make = (name, text, attributes = {}) => {
    const element = document.createElement(name);
    element.textContent = text;
    Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
    return element;
  };

  /* Light, dark, or as the system has it */
  const button = document.getElementById("theme");
  const themes = ["", "light", "dark"];
  const word = Object.assign(document.createElement("span"), { className: "word", textContent: "Theme: " });
  const show = () => { button.replaceChildren(word, document.documentElement.dataset.theme || "auto"); };
  button.hidden = false;
  button.addEventListener("click", () => {
    const next = themes[(themes.indexOf(document.documentElement.dataset.theme || "") + 1) % themes.length];
    document.documentElement.dataset.theme = next;
    try { localStorage.setItem("theme", next); } catch (nothing) { /* not remembered */ }
    show();
  });
  show();

  /* Menus: the same insight elsewhere, other insights here. site.js is written when all pages are there. */
  const site = window.siteMap;
  const menu = (label, entries) => {
    if (!entries.length) return;
    const details = make("details", "", { class: "menu" });
    const list = make("ul", "");
    entries.forEach(({ heading, text, href, current }) => {
      const item = make("li", "");
      item.append(heading ? make("span", heading) : make("a", text, { href, ...(current && { "aria-current": "page" }) }));
      list.append(item);
    });
    details.append(make("summary", label), list);
    document.getElementById("menus").append(details);
  };
  if (site) {
    const { country, insight } = body.dataset;
    const place = site.countries.find((one) => one.iso3 === country);
    const subject = site.insights.find((one) => one.slug === insight);
    if (subject) {
      const entries = [];
      if (subject.comparison) entries.push({ text: "All countries compared", href: root + subject.comparison, current: !place });
      let group = "";
      site.countries.filter((one) => one.insights.includes(insight)).forEach((one) => {
        if (one.region !== group) entries.push({ heading: one.region });
        group = one.region;
        entries.push({ text: one.name, href: `${root}${one.iso3}/${insight}.html`, current: one === place });
      });
      menu(place ? place.name : "Countries", entries);
    }
    menu(subject ? subject.title : "Insights", site.insights
      .filter((one) => (place ? place.insights.includes(one.slug) : one.comparison))
      .map((one) => ({
        text: one.title,
        href: root + (place ? `${country}/${one.slug}.html` : one.comparison),
        current: one === subject,
      })));
    if (site.quality.length) {
      const there = site.quality.includes(country) ? `#${country}` : "";
      document.getElementById("menus").append(make("a", "Data quality", { href: `${root}data_quality.html${there}` }));
    }
    document.getElementById("menus").append(make("a", "Search", { href: root + "index.html#search" }));
  }
  const menus = [...document.querySelectorAll(".menu")];
  const close = (but) => menus.forEach((one) => { if (one !== but) one.open = false; });
  menus.forEach((one) => one.addEventListener("toggle", () => { if (one.open) close(one); }));
  document.addEventListener("click", (event) => { if (!event.target.closest(".menu")) close(); });
  document.addEventListener("keydown", (event) => {
    const open = menus.find((one) => one.open);
    if (event.key === "Escape" && open) { open.open = false; open.querySelector("summary").focus(); }
  });

  /* What a link leads to is opened, where it is folded; not every browser does it by itself */
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let one = target.closest("details"); one; one = one.parentElement.closest("details")) one.open = true;
    target.scrollIntoView();
  };
  window.addEventListener("hashchange", reveal);
  reveal();

  /* Contents: folded on a narrow screen, the present section marked on a wide one */
  const contents = document.getElementById("contents");
  if (contents) {
    const wide = window.matchMedia("(min-width: 68rem)");
    const fold = () => { contents.open = wide.matches; };
    wide.addEventListener("change", fold);
    fold();
    const links = new Map([...contents.querySelectorAll("a")].map((link) => [link.hash.slice(1), link]));
    const headings = [...links.keys()].map((name) => document.getElementById(name)).filter(Boolean);
    const mark = () => {
      const passed = headings.filter((heading) => heading.getBoundingClientRect().top < 120);
      const present = passed.length ? passed[passed.length - 1].id : "";
      links.forEach((link, name) => (name === present ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current")));
    };
    document.addEventListener("scroll", mark, { passive: true });
    mark();
  }
})();
