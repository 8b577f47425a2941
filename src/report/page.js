"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const narrow = innerWidth <= 800;
  const $ = (id) => document.getElementById(id);
  const dark = matchMedia("(prefers-color-scheme: dark)");

  // All text of the articles comes to the screen by this, as text.
  const element = (name, attributes, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
    made.append(...children.map((c) => (c instanceof Node ? c : String(c))));
    return made;
  };

  const triples = data.triples.map(([s, r, o, status, confidence, doc, sentence, by, marks]) => ({
    s, r, o, status, confidence: confidence / 1000, doc, sentence, by, marks,
    date: data.documents[doc][2],
    haystack: "",
  }));
  const name = (n) => data.entities[n][0];
  const spoken = (n) => data.relations[n].replaceAll("_", " ");
  const TYPES = { PER: ["#3f7fd9", "person"], ORG: ["#c9732b", "organisation"], LOC: ["#3b9a63", "place"] };
  const OTHER = ["#8a6bbf", "other name"];
  const colour = (n) => (TYPES[data.entities[n][1]] || OTHER)[0];
  const whole = (n) => n.toLocaleString("en");

  // ---- totals and choices
  document.title = `dossier: ${data.run}`;
  $("about").textContent = [`Run ${data.run}`, data.model && `model ${data.model}`, data.made].filter(Boolean).join(" · ");
  const t = data.totals;
  for (const [what, count] of [["documents", t.documents], ["words", t.words], ["entities", t.entities], ["triples", t.triples], ["failed inputs", t.failed]]) {
    if (what !== "failed inputs" || count) $("totals").append(element("div", {}, element("dt", {}, what), element("dd", {}, whole(count))));
  }
  const choices = (id, names, at) => {
    const counts = new Map();
    for (const triple of triples) counts.set(triple[at], (counts.get(triple[at]) || 0) + 1);
    [...counts].sort((a, b) => b[1] - a[1]).forEach(([n, count]) =>
      $(id).append(element("option", { value: n }, `${names[n].replaceAll("_", " ")} (${whole(count)})`)));
  };
  choices("relation", data.relations, "r");
  choices("status", data.statuses, "status");
  for (const [colour, what] of [...Object.values(TYPES), OTHER]) {
    const dot = element("span");
    dot.style.background = colour;
    $("legend").append(element("li", {}, dot, what));
  }
  $("legend").append(element("li", {}, element("span", { class: "dash" }), "not asserted: claimed, negated or possible"));

  // ---- filters
  let shown = [], edges = [], entities = [];
  const key = (x) => `${x.s} ${x.r} ${x.o} ${x.status}`;
  const filter = () => {
    const words = $("search").value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const relation = $("relation").value, status = $("status").value;
    const from = $("from").value, to = $("to").value;
    const least = Number($("confidence").value), weight = Math.max(1, Number($("weight").value) || 1);
    $("confidence-value").textContent = least.toFixed(2);
    const fits = (x) => {
      if (relation !== "" && x.r !== Number(relation)) return false;
      if (status !== "" && x.status !== Number(status)) return false;
      if ((from && !(x.date >= from)) || (to && !(x.date && x.date <= to))) return false;
      if (x.confidence < least) return false;
      if (!words.length) return true;
      x.haystack ||= `${name(x.s)} ${name(x.o)} ${data.sentences[x.sentence]}`.toLowerCase();
      return words.every((w) => x.haystack.includes(w));
    };
    const groups = new Map();
    for (const x of triples) {
      if (!fits(x)) continue;
      const k = key(x);
      let edge = groups.get(k);
      if (!edge) groups.set(k, (edge = { s: x.s, r: x.r, o: x.o, status: x.status, triples: [], confidence: 0, first: "", last: "" }));
      edge.triples.push(x);
      edge.confidence = Math.max(edge.confidence, x.confidence);
      if (x.date && (!edge.first || x.date < edge.first)) edge.first = x.date;
      if (x.date > edge.last) edge.last = x.date;
    }
    edges = [...groups.values()].filter((e) => e.triples.length >= weight);
    edges.sort((a, b) => b.triples.length - a.triples.length || b.confidence - a.confidence);
    shown = edges.flatMap((e) => e.triples);
    const seen = new Map();
    for (const e of edges) {
      for (const n of new Set([e.s, e.o])) {
        const entity = seen.get(n) || { n, triples: [], edges: 0 };
        entity.edges += 1;
        for (const triple of e.triples) entity.triples.push(triple);
        seen.set(n, entity);
      }
    }
    entities = [...seen.values()].sort((a, b) => b.triples.length - a.triples.length);
    const held = triples.length < t.triples ? ` The page holds the strongest ${whole(triples.length)} of ${whole(t.triples)}.` : "";
    $("shown").textContent = `${whole(shown.length)} of ${whole(triples.length)} triples, ${whole(edges.length)} edges, ${whole(entities.length)} entities.${held}`;
    drawGraph();
    drawTimeline();
    rows = FIRST_ROWS;
    drawTable();
  };

  // ---- sentences
  const sentence = (x) => {
    const text = data.sentences[x.sentence];
    const p = element("p");
    const spans = [["subject", 0], ["object", 2], ["trigger", 4]]
      .filter(([, at]) => x.marks.length > at + 1)
      .map(([kind, at]) => ({ kind, from: x.marks[at], to: x.marks[at + 1] }))
      .sort((a, b) => a.from - b.from || b.to - a.to);
    let at = 0;
    for (const span of spans) {
      if (span.from < at) continue;
      p.append(text.slice(at, span.from), element("mark", { class: span.kind, title: span.kind }, text.slice(span.from, span.to)));
      at = span.to;
    }
    p.append(text.slice(at));
    return p;
  };
  const MOST_SENTENCES = 100;
  const show = (title, list, move, scroll = true) => {
    const out = [element("h3", {}, title)];
    for (const x of list.slice(0, MOST_SENTENCES)) {
      const [source, headline, date] = data.documents[x.doc];
      const told = `${spoken(x.r)}, ${data.statuses[x.status]}${x.by ? ` by ${x.by}` : ""}, confidence ${x.confidence.toFixed(2)}`;
      out.push(element("article", {}, sentence(x), element("p", { class: "source" }, told),
        element("p", { class: "source" }, [headline, source, date].filter(Boolean).join(" · "))));
    }
    if (list.length > MOST_SENTENCES) out.push(element("p", { class: "note" }, `and ${whole(list.length - MOST_SENTENCES)} more: narrow the filters`));
    $("evidence").replaceChildren(...out);
    $("details").scrollTop = 0;
    if (move) $("details").focus();
    if (narrow && scroll) $("details").scrollIntoView({ block: "nearest" });
  };
  const showEdge = (e, move, scroll) => show(`${name(e.s)} → ${spoken(e.r)} → ${name(e.o)} (${data.statuses[e.status]})`, e.triples, move, scroll);
  const showEntity = (n, move) => {
    const found = entities.find((e) => e.n === n);
    if (found) show(`${name(n)}: ${whole(found.triples.length)} triples`, found.triples, move);
  };

  // ---- graph
  let drawing = null;
  const drawn = () => edges.slice(0, Math.min(600, Math.max(1, Number($("drawn").value) || 80)));
  const drawGraph = () => {
    const some = drawn();
    $("graph-note").textContent = some.length < edges.length
      ? `The ${some.length} strongest of ${whole(edges.length)} edges. Click an edge or a name to read its sentences.`
      : "Click an edge or a name to read its sentences.";
    if (typeof cytoscape === "undefined") return drawCircle(some);
    const most = Math.max(1, ...some.map((e) => e.triples.length));
    const degree = new Map();
    for (const e of some) for (const n of [e.s, e.o]) degree.set(n, (degree.get(n) || 0) + e.triples.length);
    const top = Math.max(1, ...degree.values());
    const nodes = [...degree].map(([n, d]) => ({ data: { id: `n${n}`, n, label: name(n), colour: colour(n), size: 14 + 30 * Math.sqrt(d / top) } }));
    const links = some.map((e, at) => ({
      data: { id: `e${at}`, at, source: `n${e.s}`, target: `n${e.o}`, label: spoken(e.r), width: 1 + 5 * Math.sqrt(e.triples.length / most), line: data.statuses[e.status] === "asserted" ? "solid" : "dashed" },
    }));
    const text = dark.matches ? "#e6eaf0" : "#1c2330", back = dark.matches ? "#1a202a" : "#ffffff", line = dark.matches ? "#6d7a8d" : "#a5afbd";
    if (drawing) drawing.destroy();
    drawing = cytoscape({
      container: $("graph"), elements: [...nodes, ...links], maxZoom: 4, minZoom: 0.1,
      style: [
        { selector: "node", style: { label: "data(label)", width: "data(size)", height: "data(size)", "background-color": "data(colour)", color: text, "font-size": 26, "text-outline-color": back, "text-outline-width": 2, "text-valign": "bottom", "text-margin-y": 3, "min-zoomed-font-size": 3, "text-max-width": 260, "text-wrap": "ellipsis" } },
        { selector: "edge", style: { label: "data(label)", width: "data(width)", "line-color": line, "target-arrow-color": line, "target-arrow-shape": "triangle", "arrow-scale": 0.8, "curve-style": "bezier", "line-style": "data(line)", color: text, "font-size": 9, "text-rotation": "autorotate", "text-outline-color": back, "text-outline-width": 2, "min-zoomed-font-size": 8 } },
        { selector: ":selected", style: { "line-color": "#d9480f", "target-arrow-color": "#d9480f", "border-width": 3, "border-color": "#d9480f" } },
      ],
      layout: { name: "cose", animate: false, randomize: false, nodeDimensionsIncludeLabels: true, idealEdgeLength: () => 90, nodeRepulsion: () => 20000, componentSpacing: 60, padding: 20, numIter: some.length > 200 ? 250 : 600 },
    });
    drawing.on("tap", "edge", (event) => showEdge(some[event.target.data("at")]));
    drawing.on("tap", "node", (event) => showEntity(event.target.data("n")));
  };
  // Without the library: the strongest entities on a circle.
  const drawCircle = (some) => {
    $("graph-note").append(" This program was built without the graph library (scripts/assets), so the names stand on a circle.");
    const SVG = "http://www.w3.org/2000/svg";
    const shape = (kind, attributes) => {
      const made = document.createElementNS(SVG, kind);
      for (const [k, v] of Object.entries(attributes)) made.setAttribute(k, v);
      return made;
    };
    const kept = [...new Set(some.flatMap((e) => [e.s, e.o]))].slice(0, 40);
    const svg = shape("svg", { viewBox: "-420 -300 840 600" });
    const place = new Map(kept.map((n, at) => {
      const angle = (2 * Math.PI * at) / kept.length;
      return [n, [270 * Math.cos(angle), 240 * Math.sin(angle)]];
    }));
    for (const e of some) {
      if (!place.has(e.s) || !place.has(e.o)) continue;
      const [[x1, y1], [x2, y2]] = [place.get(e.s), place.get(e.o)];
      const path = shape("path", { d: `M${x1},${y1} Q0,0 ${x2},${y2}`, fill: "none", stroke: "#8a97a8", "stroke-width": 1 + Math.sqrt(e.triples.length), class: "hit" });
      if (data.statuses[e.status] !== "asserted") path.setAttribute("stroke-dasharray", "5 4");
      const title = shape("title", {});
      title.textContent = `${name(e.s)} ${spoken(e.r)} ${name(e.o)}`;
      path.append(title);
      path.addEventListener("click", () => showEdge(e));
      svg.append(path);
    }
    for (const [n, [x, y]] of place) {
      const dot = shape("circle", { cx: x, cy: y, r: 7, fill: colour(n), class: "hit" });
      dot.addEventListener("click", () => showEntity(n));
      const text = shape("text", { x: x + (x < 0 ? -11 : 11), y: y + 4, "text-anchor": x < 0 ? "end" : "start" });
      text.textContent = name(n).length > 22 ? `${name(n).slice(0, 21)}…` : name(n);
      svg.append(dot, text);
    }
    $("graph").replaceChildren(svg);
  };

  // ---- timeline
  const drawTimeline = () => {
    const months = new Map();
    let undated = 0;
    for (const x of shown) {
      if (x.date) months.set(x.date.slice(0, 7), (months.get(x.date.slice(0, 7)) || 0) + 1);
      else undated += 1;
    }
    const sorted = [...months.keys()].sort();
    const bars = [];
    if (sorted.length) {
      const most = Math.max(...months.values());
      let [year, month] = sorted[0].split("-").map(Number);
      const last = sorted[sorted.length - 1];
      const few = 12 * (Number(last.slice(0, 4)) - year) + Number(last.slice(5)) - month < 13;
      for (let n = 0; n < 1200; n += 1) {
        const at = `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}`;
        const count = months.get(at) || 0;
        const bar = element("i");
        bar.style.height = count ? `${(100 * count) / most}%` : "0";
        const label = n === 0 || month === 1 || few ? (month === 1 && !few ? String(year) : at) : "";
        const button = element("button", { type: "button", title: `${at}: ${whole(count)} triples`, "aria-label": `${at}: ${whole(count)} triples; show only this month` }, bar, element("span", {}, label));
        button.addEventListener("click", () => {
          $("from").value = `${at}-01`;
          $("to").value = `${at}-${new Date(Number(at.slice(0, 4)), Number(at.slice(5)), 0).getDate()}`;
          filter();
        });
        bars.push(button);
        if (at >= last) break;
        month += 1;
        if (month > 12) [year, month] = [year + 1, 1];
      }
    }
    if (undated) bars.push(element("p", { class: "note" }, `${bars.length ? "and " : ""}${whole(undated)} without a date`));
    $("timeline").replaceChildren(...bars);
  };

  // ---- tables
  const FIRST_ROWS = 100;
  let rows = FIRST_ROWS, table = "edges";
  const TABLES = {
    edges: {
      list: () => edges, open: showEdge, sort: [3, -1],
      columns: [["Subject", (e) => name(e.s)], ["Relation", (e) => spoken(e.r), "short"], ["Object", (e) => name(e.o)], ["Triples", (e) => e.triples.length, 0],
        ["Status", (e) => data.statuses[e.status], "short"], ["Confidence", (e) => e.confidence, 2], ["First", (e) => e.first, "short"], ["Last", (e) => e.last, "short"]],
    },
    triples: {
      list: () => shown, open: (x, move) => show(`${name(x.s)} → ${spoken(x.r)} → ${name(x.o)}`, [x], move), sort: [4, -1],
      columns: [["Subject", (x) => name(x.s)], ["Relation", (x) => spoken(x.r), "short"], ["Object", (x) => name(x.o)], ["Status", (x) => data.statuses[x.status], "short"],
        ["Confidence", (x) => x.confidence, 2], ["Date", (x) => x.date, "short"], ["Sentence", (x) => data.sentences[x.sentence], "text"], ["Source", (x) => data.documents[x.doc][0]]],
    },
    entities: {
      list: () => entities, open: (e, move) => showEntity(e.n, move), sort: [2, -1],
      columns: [["Name", (e) => name(e.n)], ["Type", (e) => data.entities[e.n][1]], ["Triples", (e) => e.triples.length, 0], ["Edges", (e) => e.edges, 0],
        ["Mentions", (e) => data.entities[e.n][2], 0], ["Documents", (e) => data.entities[e.n][3], 0]],
    },
  };
  const drawTable = () => {
    const { list, columns, open, sort } = TABLES[table];
    const [by, way] = sort;
    const value = columns[by][1];
    const sorted = [...list()].sort((a, b) => {
      const [x, y] = [value(a), value(b)];
      return way * (typeof x === "number" ? x - y : x < y ? -1 : x > y ? 1 : 0);
    });
    const head = element("tr");
    columns.forEach(([title], at) => {
      const button = element("button", { type: "button" }, title, at === by ? (way > 0 ? " ▲" : " ▼") : "");
      button.addEventListener("click", () => {
        TABLES[table].sort = [at, at === by ? -way : typeof columns[at][2] === "number" ? -1 : 1];
        drawTable();
        $("table").querySelectorAll("th button")[at].focus();
      });
      head.append(element("th", { scope: "col", class: typeof columns[at][2] === "number" ? "number" : "", "aria-sort": at === by ? (way > 0 ? "ascending" : "descending") : "none" }, button));
    });
    const body = element("tbody");
    for (const item of sorted.slice(0, rows)) {
      const row = element("tr", { tabindex: "0" });
      for (const [, of, kind] of columns) {
        const cell = of(item);
        row.append(element("td", { class: typeof kind === "number" ? "number" : kind || "" }, typeof kind === "number" ? (kind ? cell.toFixed(kind) : whole(cell)) : cell));
      }
      row.addEventListener("click", () => open(item, false));
      row.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") {
          event.preventDefault();
          open(item, true);
        }
      });
      body.append(row);
    }
    $("table").replaceChildren(element("thead", {}, head), body);
    $("more").hidden = sorted.length <= rows;
  };
  $("more").addEventListener("click", () => { rows += 500; drawTable(); });
  const tabs = [...document.querySelectorAll("[role=tab]")];
  for (const tab of tabs) {
    tab.addEventListener("click", () => {
      table = tab.dataset.table;
      for (const other of tabs) other.setAttribute("aria-selected", String(other === tab));
      rows = FIRST_ROWS;
      drawTable();
    });
  }

  let waiting = 0;
  const soon = () => { clearTimeout(waiting); waiting = setTimeout(filter, 150); };
  $("filters").addEventListener("input", soon);
  $("filters").addEventListener("reset", () => setTimeout(filter));
  $("filters").addEventListener("submit", (event) => event.preventDefault());
  $("drawn").addEventListener("change", drawGraph);
  $("fit").addEventListener("click", () => drawing && drawing.fit(undefined, 20));
  dark.addEventListener("change", drawGraph);
  if (narrow) $("drawn").value = 40;
  filter();
  if (edges.length) showEdge(edges[0], false, false);
})();
