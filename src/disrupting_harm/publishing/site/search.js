"use strict";
(() => {
  const input = document.getElementById("query");
  const list = document.getElementById("found");
  const count = document.getElementById("count");
  const most = 20;
  const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  const pages = (window.searchIndex || []).map((page) => ({
    ...page, head: plain(`${page.title} ${page.section}`), body: plain(page.text),
  }));
  const make = (name, text) => Object.assign(document.createElement(name), { textContent: text });

  /* All words must occur; a word in the heading or the country's name counts more. */
  const score = (page, words) => {
    let sum = 0;
    for (const word of words) {
      const inHead = page.head.includes(word);
      const times = page.body.split(word).length - 1;
      if (!inHead && !times) return 0;
      sum += (inHead ? 20 : 0) + Math.min(times, 5);
    }
    return sum;
  };
  const excerpt = (page, words) => {
    const places = words.map((word) => page.body.indexOf(word)).filter((place) => place >= 0);
    const start = places.length ? Math.max(0, Math.min(...places) - 60) : 0;
    const text = (start ? "… " : "") + page.text.slice(start, start + 200) + "…";
    const line = make("p", "");
    let rest = text;
    while (rest) {
      const low = plain(rest);
      const hits = words.map((word) => [low.indexOf(word), word.length]).filter(([place]) => place >= 0);
      /* Accents that were taken off would shift the places: then nothing is marked. */
      if (!hits.length || low.length !== rest.length) { line.append(rest); break; }
      const [place, length] = hits.reduce((a, b) => (b[0] < a[0] ? b : a));
      line.append(rest.slice(0, place), make("mark", rest.slice(place, place + length)));
      rest = rest.slice(place + length);
    }
    return line;
  };
  const search = () => {
    const words = plain(input.value).split(/\s+/).filter((word) => word.length > 1);
    list.replaceChildren();
    if (!words.length) { count.textContent = ""; return; }
    const hits = pages.map((page) => [score(page, words), page]).filter(([sum]) => sum)
      .sort((a, b) => b[0] - a[0] || a[1].url.localeCompare(b[1].url));
    count.textContent = hits.length
      ? `${hits.length} ${hits.length === 1 ? "page" : "pages"}${hits.length > most ? `, the first ${most} shown` : ""}`
      : "No page has all these words.";
    hits.slice(0, most).forEach(([, page]) => {
      const item = document.createElement("li");
      const link = make("a", page.section ? `${page.title} · ${page.section}` : page.title);
      link.href = page.url;
      item.append(link, excerpt(page, words));
      list.append(item);
    });
  };
  input.addEventListener("input", search);
  if (location.hash === "#search") input.focus();
})();
