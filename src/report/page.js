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

  // Of many alike, one is reached by Tab, the others from there by arrow keys.
  const arrows = (box, items, back, on) => {
    items.forEach((item, at) => item.setAttribute("tabindex", at ? "-1" : "0"));
    box.onkeydown = (event) => {
      const at = items.indexOf(document.activeElement);
      const to = { [back]: at - 1, [on]: at + 1, Home: 0, End: items.length - 1 }[event.key];
      if (at < 0 || to === undefined) return;
      event.preventDefault();
      if (!items[to]) return;
      items[at].setAttribute("tabindex", "-1");
      items[to].setAttribute("tabindex", "0");
      items[to].focus();
    };
  };

  const triples = data.triples.map(([s, r, o, status, confidence, doc, sentence, by, marks, turned]) => ({
    s, r, o, status, turned, confidence: confidence / 1000, doc, sentence, by, marks,
    date: data.documents[doc][2],
    haystack: "",
  }));
  const name = (n) => data.entities[n][0];
  const spoken = (n) => data.relations[n].replaceAll("_", " ");
  const TYPES = { PER: ["#3f7fd9", "person"], ORG: ["#c9732b", "organisation"], LOC: ["#3b9a63", "place"] };
  const OTHER = ["#8a6bbf", "other name"];
  const colour = (n) => (TYPES[data.entities[n][1]] || OTHER)[0];
  const whole = new Intl.NumberFormat("en").format;

  // ---- totals and choices
  document.title = `dossier: ${data.run}`;
  $("about").textContent = [`Run ${data.run}`, data.model && `model ${data.model}`, data.made].filter(Boolean).join(" · ");
  const t = data.totals;
  for (const [what, count] of [["documents", t.documents], ["words", t.words], ["entities", t.entities], ["triples", t.triples], ["edges", t.edges], ["failed inputs", t.failed]]) {
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
  let shown = [], edges = [], entities = [], drawingSoon = 0;
  const key = (x) => `${x.s} ${x.r} ${x.o} ${x.status}`;
  // The edge of a triple: of a relation that goes both ways, edges.csv has one direction.
  const edgeOf = ({ s, r, o, status, turned }) => (turned ? { s: o, r, o: s, status } : { s, r, o, status });
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
      const ends = edgeOf(x), k = key(ends);
      let edge = groups.get(k);
      if (!edge) groups.set(k, (edge = { ...ends, triples: [], confidence: 0, first: "", last: "" }));
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
    drawTimeline();
    rows = FIRST_ROWS;
    drawTable();
    // The graph takes longest: the rest is there before it.
    clearTimeout(drawingSoon);
    document.body.dataset.graph = "waiting";
    drawingSoon = setTimeout(() => {
      drawGraph();
      document.body.dataset.graph = "drawn";
      performance.mark("drawn");
    }, 20);
  };

  // ---- sentences
  // A name may stand inside another ("Iran" in "Iran's foreign ministry"): both are marked.
  const sentence = (x) => {
    const text = data.sentences[x.sentence];
    const spans = [["subject", 0], ["object", 2], ["trigger", 4]]
      .filter(([, at]) => x.marks.length > at + 1)
      .map(([kind, at]) => ({ kind, from: x.marks[at], to: x.marks[at + 1] }))
      .sort((a, b) => a.from - b.from || b.to - a.to);
    const marked = (from, to) => {
      const out = [];
      let at = from;
      while (spans.length && spans[0].from < to) {
        const span = spans.shift();
        const end = Math.min(span.to, to);
        out.push(text.slice(at, span.from), element("mark", { class: span.kind, title: span.kind }, ...marked(span.from, end)));
        at = end;
      }
      out.push(text.slice(at, to));
      return out;
    };
    return element("p", {}, ...marked(0, text.length));
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
  const showEdge = (e, move, scroll) => {
    const wanted = key(e);
    select((x) => x.isEdge() && key(drawnEdges[x.data("at")]) === wanted);
    show(`${name(e.s)} → ${spoken(e.r)} → ${name(e.o)} (${data.statuses[e.status]})`, e.triples, move, scroll);
  };
  const showEntity = (n, move) => {
    const found = entities.find((e) => e.n === n);
    if (!found) return;
    select((x) => x.isNode() && x.data("n") === n);
    show(`${name(n)}: ${whole(found.triples.length)} triples`, found.triples, move);
  };

  // ---- graph
  let drawing = null, drawnEdges = [], chosen = () => false;
  const select = (which) => {
    chosen = which;
    if (!drawing) return;
    drawing.elements().unselect();
    drawing.elements().filter(chosen).select();
    sayNames();
  };
  // Of edges with as many triples, those come first whose ends have the most: so the graph hangs together.
  const drawn = () => {
    const most = Math.min(600, Math.max(1, Number($("drawn").value) || 80));
    const weight = new Map(entities.map((e) => [e.n, e.triples.length]));
    return edges.map((e) => ({ e, weight: e.triples.length, ends: weight.get(e.s) * weight.get(e.o) }))
      .sort((a, b) => b.weight - a.weight || b.ends - a.ends || b.e.confidence - a.e.confidence).slice(0, most).map(({ e }) => e);
  };
  const drawGraph = () => {
    const some = (drawnEdges = drawn());
    $("graph-note").textContent = !some.length ? "No edge passes the filters."
      : `${some.length < edges.length ? `The ${whole(some.length)} strongest of ${whole(edges.length)} edges. ` : ""}Choose an edge or a name to read its sentences.`;
    if (typeof cytoscape === "undefined") return drawCircle(some);
    const most = Math.max(1, ...some.map((e) => e.triples.length));
    const degree = new Map();
    for (const e of some) for (const n of [e.s, e.o]) degree.set(n, (degree.get(n) || 0) + e.triples.length);
    const top = Math.max(1, ...degree.values());
    const nodes = [...degree].map(([n, d], at) => ({ position: { x: 40 * Math.sqrt(at) * Math.cos(2.4 * at), y: 40 * Math.sqrt(at) * Math.sin(2.4 * at) }, data: { id: `n${n}`, n, said: "", down: "bottom", across: "center", colour: colour(n), size: 8 + 22 * Math.sqrt(d / top) } }));
    const pairOf = (e) => (e.s < e.o ? `${e.s} ${e.o}` : `${e.o} ${e.s}`);
    const alike = new Map();
    for (const e of some) alike.set(pairOf(e), (alike.get(pairOf(e)) || 0) + 1);
    const links = some.map((e, at) => ({
      data: { id: `e${at}`, at, source: `n${e.s}`, target: `n${e.o}`, said: "", step: Math.min(28, 160 / alike.get(pairOf(e))), width: 1.2 + 4 * Math.sqrt((e.triples.length - 1) / most), line: data.statuses[e.status] === "asserted" ? "solid" : "dashed" },
    }));
    const text = dark.matches ? "#e6eaf0" : "#1c2330", back = dark.matches ? "#1a202a" : "#ffffff", line = dark.matches ? "#6d7a8d" : "#a5afbd";
    const bright = dark.matches ? "#ff922b" : "#d9480f";
    if (drawing) drawing.destroy();
    drawing = cytoscape({
      container: $("graph"), elements: [...nodes, ...links], maxZoom: 8, minZoom: 0.02,
      style: [
        { selector: "node", style: { label: "data(said)", "background-color": "data(colour)", color: text, "text-outline-color": back, "text-valign": "data(down)", "text-halign": "data(across)", "z-index": 1 } },
        { selector: "edge", style: { label: "data(said)", "line-color": line, "target-arrow-color": line, "target-arrow-shape": "triangle", "curve-style": "bezier", "line-style": "data(line)", color: text, "text-rotation": "autorotate", "text-outline-color": back } },
        { selector: ":selected", style: { "line-color": bright, "target-arrow-color": bright, "border-color": bright, "z-index": 2 } },
      ],
      layout: { name: "preset" },
    });
    // Two names that much is said of stand as far apart as others: one edge of a pair is enough.
    const pairs = new Set();
    const single = drawing.edges().filter((e) => {
      const pair = [e.data("source"), e.data("target")].sort().join(" ");
      return !pairs.has(pair) && pairs.add(pair);
    });
    drawing.nodes().union(single).layout({
      name: "cose", animate: false, randomize: false, fit: false, nodeRepulsion: () => 80000, gravity: 0.5,
      idealEdgeLength: (e) => 70 + 25 * Math.sqrt(Math.min(e.source().degree(), e.target().degree())),
      numIter: some.length > 200 ? 150 : 400,
    }).run();
    pack();
    drawing.elements().filter(chosen).select();
    fit();
    // Lines, dots and words keep their size on the screen at every zoom.
    drawing.on("zoom", () => { clearTimeout(labelling); labelling = setTimeout(sayNames, 60); });
    drawing.on("tap", "edge", (event) => showEdge(some[event.target.data("at")]));
    drawing.on("tap", "node", (event) => showEntity(event.target.data("n")));
    drawing.on("mouseover", "node", (event) => event.target.data("said", name(event.target.data("n"))));
    drawing.on("mouseover", "edge", (event) => event.target.data("said", spoken(some[event.target.data("at")].r)));
    drawing.on("mouseout", "node, edge", sayNames);
  };
  // Puts the parts of the graph that no edge joins close together, in the shape of the window.
  const pack = () => {
    const across = $("graph").clientWidth - 120, down = $("graph").clientHeight - 60;
    const parts = drawing.elements().components().map((part) => {
      const nodes = part.nodes();
      const xs = nodes.map((n) => n.position("x")), ys = nodes.map((n) => n.position("y"));
      const [x, y] = [Math.min(...xs), Math.min(...ys)];
      return { nodes, x, y, w: Math.max(...xs) - x + 90, h: Math.max(...ys) - y + 60 };
    }).sort((a, b) => b.w * b.h - a.w * a.h);
    const put = [];
    for (const part of parts) {
      let best = null;
      const corners = [[0, 0], ...put.flatMap((p) => [[p.left + p.w, p.top], [p.left, p.top + p.h]])];
      for (const [left, top] of corners) {
        const worse = Math.max((left + part.w) / across, (top + part.h) / down) + (left / across + top / down) / 1000;
        if (best && worse >= best.worse) continue;
        if (put.every((p) => left + part.w <= p.left || p.left + p.w <= left || top + part.h <= p.top || p.top + p.h <= top)) best = { left, top, worse };
      }
      put.push({ ...part, ...best });
    }
    const width = Math.max(1, ...put.map((p) => p.left + p.w)), height = Math.max(1, ...put.map((p) => p.top + p.h));
    const stretch = Math.min(1.8, Math.max(1 / 1.8, (across / width) / (down / height)));
    drawing.batch(() => put.forEach((p) => p.nodes.forEach((n) => {
      n.position({ x: (n.position("x") - p.x + p.left) * stretch, y: n.position("y") - p.y + p.top });
    })));
    frame();
    spread();
  };
  // Pushes dots apart that would hide one another or the edge between them.
  const spread = () => {
    const zoom = drawing.zoom();
    const dots = drawing.nodes().map((n) => ({ n, ...n.position(), r: n.data("size") / 2 }));
    for (let turn = 0, moved = true; moved && turn < 40; turn += 1) {
      moved = false;
      for (let i = 1; i < dots.length; i += 1) {
        for (let j = 0; j < i; j += 1) {
          const a = dots[i], b = dots[j], apart = (a.r + b.r + 30) / zoom;
          const x = a.x - b.x || 0.1, y = a.y - b.y, far = Math.hypot(x, y);
          if (far >= apart) continue;
          const push = (apart - far) / far / 2;
          a.x += x * push; a.y += y * push; b.x -= x * push; b.y -= y * push;
          moved = true;
        }
      }
    }
    drawing.batch(() => dots.forEach(({ n, x, y }) => n.position({ x, y })));
  };
  const frame = () => {
    const box = drawing.nodes().reduce((b, n) => {
      const { x, y } = n.position();
      return [Math.min(b[0], x), Math.min(b[1], y), Math.max(b[2], x), Math.max(b[3], y)];
    }, [Infinity, Infinity, -Infinity, -Infinity]);
    if (box[0] > box[2]) return; // nothing is drawn
    const width = drawing.width(), height = drawing.height();
    const zoom = Math.min(2, (width - 110) / Math.max(1, box[2] - box[0]), (height - 70) / Math.max(1, box[3] - box[1]));
    drawing.viewport({ zoom, pan: { x: (width - zoom * (box[0] + box[2])) / 2, y: (height - 10 - zoom * (box[1] + box[3])) / 2 } });
  };
  const fit = () => {
    if (!drawing) return;
    drawing.resize();
    frame();
    sayNames();
  };
  // Writes the names that have room, those of the largest dots first; then the relations.
  let labelling = 0;
  const pen = document.createElement("canvas").getContext("2d");
  const sayNames = () => {
    if (!drawing) return;
    const zoom = drawing.zoom(), boxes = [];
    const room = (b) => boxes.every((o) => b[2] <= o[0] || o[2] <= b[0] || b[3] <= o[1] || o[3] <= b[1]);
    drawing.batch(() => {
      const nodes = drawing.nodes().sort((a, b) => b.data("size") - a.data("size"));
      nodes.forEach((n) => {
        const { x, y } = n.renderedPosition(), r = n.data("size") / 2;
        n.style({ width: (2 * r) / zoom, height: (2 * r) / zoom, "font-size": 12 / zoom, "text-outline-width": 2 / zoom, "border-width": n.selected() ? 3 / zoom : 0 });
        boxes.push([x - 0.8 * r, y - 0.8 * r, x + 0.8 * r, y + 0.8 * r]);
      });
      pen.font = "12px Helvetica Neue, Helvetica, sans-serif";
      nodes.forEach((n) => {
        const full = name(n.data("n")), text = full.length > 26 ? `${full.slice(0, 25)}…` : full;
        const { x, y } = n.renderedPosition(), r = n.data("size") / 2, half = pen.measureText(text).width / 2 + 2;
        const places = [["bottom", "center", x, y + r + 9], ["top", "center", x, y - r - 8], ["center", "right", x + r + half, y], ["center", "left", x - r - half, y]]
          .map(([down, across, at, level]) => ({ down, across, box: [at - half, level - 7, at + half, level + 7] }));
        const inside = ({ box }) => box[0] >= 0 && box[2] <= drawing.width();
        const place = places.find((p) => inside(p) && room(p.box)) || (n.selected() && places[0]);
        if (place) boxes.push(place.box);
        n.data(place ? { said: text, down: place.down, across: place.across } : { said: "" });
        n.style("text-margin-y", place && place.across === "center" ? (place.down === "top" ? -2 : 2) / zoom : 0);
      });
      pen.font = "10px Helvetica Neue, Helvetica, sans-serif";
      drawing.edges().forEach((e) => {
        e.style({ width: e.data("width") / zoom, "font-size": 10 / zoom, "text-outline-width": 2 / zoom, "arrow-scale": 0.9, "control-point-step-size": e.data("step") / zoom });
        const text = spoken(drawnEdges[e.data("at")].r), wide = pen.measureText(text).width;
        const a = e.source().renderedPosition(), b = e.target().renderedPosition();
        const long = Math.hypot(b.x - a.x, b.y - a.y), mid = e.renderedMidpoint();
        let said = e.selected() || (long > wide + 30 && Boolean(mid));
        if (said && mid && long) {
          const across = (Math.abs(b.x - a.x) / long) * wide / 2 + 6, down = (Math.abs(b.y - a.y) / long) * wide / 2 + 6;
          const box = [mid.x - across, mid.y - down, mid.x + across, mid.y + down];
          said = e.selected() || room(box);
          if (said) boxes.push(box);
        }
        e.data("said", said ? text : "");
      });
    });
  };
  const zoomBy = (factor) => drawing && drawing.zoom({ level: drawing.zoom() * factor, renderedPosition: { x: drawing.width() / 2, y: drawing.height() / 2 } });
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
      const span = 12 * (Number(last.slice(0, 4)) - year) + Number(last.slice(5)) - month + 1;
      const few = $("timeline").clientWidth / span >= 52;
      for (let n = 0; n < 1200; n += 1) {
        const at = `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}`;
        const count = months.get(at) || 0;
        const bar = element("i");
        bar.style.height = `calc((100% - 2.4rem) * ${count / most})`;
        const label = few || month === 1 || (n === 0 && month < 10) ? (month === 1 && !few ? String(year) : at) : "";
        const button = element("button", { type: "button", title: `${at}: ${whole(count)} triples`, "aria-label": `${at}: ${whole(count)} triples; show only this month` },
          element("b", {}, few && count ? whole(count) : ""), bar, element("span", {}, label));
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
    arrows($("timeline"), [...bars], "ArrowLeft", "ArrowRight");
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
    const words = $("rows").value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (item) => {
      const text = columns.map(([, of]) => of(item)).join(" ").toLowerCase();
      return words.every((w) => text.includes(w));
    };
    const sorted = (words.length ? list().filter(fits) : [...list()]).sort((a, b) => {
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
      const row = element("tr");
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
    arrows(body, [...body.children], "ArrowUp", "ArrowDown");
    $("more").hidden = sorted.length <= rows;
    $("row-count").textContent = `${whole(Math.min(rows, sorted.length))} of ${whole(sorted.length)} rows`;
  };
  $("more").addEventListener("click", () => { rows += 500; drawTable(); });
  const tabs = [...document.querySelectorAll("#tabs button")];
  for (const tab of tabs) {
    tab.addEventListener("click", () => {
      table = tab.dataset.table;
      for (const other of tabs) other.setAttribute("aria-pressed", String(other === tab));
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
  $("fit").addEventListener("click", fit);
  $("closer").addEventListener("click", () => zoomBy(1.4));
  $("farther").addEventListener("click", () => zoomBy(1 / 1.4));
  // The wheel scrolls the page; with Ctrl, or by pinching, it zooms the graph.
  $("graph").addEventListener("wheel", (event) => { if (!event.ctrlKey && !event.metaKey) event.stopImmediatePropagation(); }, { capture: true, passive: true });
  let typing = 0;
  $("rows").addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(() => { rows = FIRST_ROWS; drawTable(); }, 150); });
  $("fold").addEventListener("click", () => {
    const open = $("filters").classList.toggle("open");
    $("fold").setAttribute("aria-expanded", String(open));
  });
  let resizing = 0, wide = innerWidth;
  addEventListener("resize", () => {
    if (innerWidth === wide) return;
    wide = innerWidth;
    clearTimeout(resizing);
    resizing = setTimeout(() => { fit(); drawTimeline(); }, 150);
  });
  dark.addEventListener("change", drawGraph);
  if (narrow) $("drawn").value = 25;
  filter();
  if (edges.length) showEdge(edges[0], false, false);
})();
