"""Uses the HTML report of a run in a headless Chromium, and compares what it shows with the run's CSV files."""

import contextlib
import csv
import decimal
import os
import pathlib
import random
import re
import sys
import time
from collections import Counter, defaultdict

GUARDED = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
TABLES = ("triples", "edges", "entities", "documents")
DESKTOP, PHONE = (1400, 900), (390, 844)
# Of a page of 20,000 triples and 5,000 entities: from the start of loading to the drawn graph, and
# from a changed filter to the drawn graph.
SECONDS_TO_OPEN = 5
SECONDS_TO_FILTER = 3
csv.field_size_limit(1 << 30)


def bare(cell):
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(GUARDED) else cell


def read_run(folder):
    run = {}
    for name in TABLES:
        with open(pathlib.Path(folder, f"{name}.csv"), encoding="utf-8-sig", newline="") as file:
            run[name] = [{k: bare(v) for k, v in row.items()} for row in csv.DictReader(file)]
    # Of a relation that goes both ways, edges.csv has one direction.
    key = lambda row, s="subject_id", o="object_id": (row[s], row["relation"], row[o], row["status"])
    known = set(map(key, run["edges"]))
    for t in run["triples"]:
        turned = key(t) not in known and key(t, "object_id", "subject_id") in known
        t["edge"] = key(t, "object_id", "subject_id") if turned else key(t)
        t["ends"] = (t["object"], t["subject"]) if turned else (t["subject"], t["object"])
    return run


def equal(found, wanted, what):
    if isinstance(found, Counter) and isinstance(wanted, Counter):
        found, wanted = found - wanted, wanted - found
    assert found == wanted, f"{what}: the page has {str(found)[:300]}, the CSV files {str(wanted)[:300]}"


# ---- a run of made-up rows

def make(folder, triples=20_000, entities=5_000, documents=3_000):
    """Writes the four tables of a large run and a `run.json` that tells nothing; some of its names are out to do harm."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True)
    dice = random.Random(1)
    hostile = ["<img src=x onerror=document.title='hacked'>", "</script><b onclick=alert(1)>Bo", "😀 Élan", "=1+1", "عربي"]
    people = [(f"E-{n}", hostile[n] if n < len(hostile) else f"Name {n} of Town {n % 97}", ("PER", "ORG", "LOC", "MISC")[n % 4])
              for n in range(entities)]
    relations = ["accuses", "meets", "supports", "works_for", "located_in", "attacks", "visits", "sanctions"]
    articles = [(f"d{n}", f"in/article-{n}.txt", f"Article {n}", f"{2015 + n % 10}-{1 + n % 12:02}-{1 + n % 28:02}" if n % 20 else "")
                for n in range(documents)]
    some = lambda n: n if n < entities else int(entities * dice.random() ** 3)
    rows, edges, seen = [], defaultdict(list), Counter()
    for n in range(triples):
        s = some(n)
        o = int(entities * dice.random() ** 3)
        o = (o + 1) % entities if o == s else o
        subject, object_, article = people[s], people[o], dice.choice(articles)
        relation = dice.choice(relations)
        status = dice.choices(["asserted", "claimed", "negated", "possible"], [8, 2, 1, 1])[0]
        sentence = f"On day {n % 365} {subject[1]} did {relation} to {object_[1]}, said the paper in a sentence of usual length."
        at = sentence.index(subject[1]), sentence.index(f"to {object_[1]}") + 3, sentence.index(f"{relation} to")
        row = dict(
            triple_id=f"{article[0]}#t{n}", doc_id=article[0], source_file=article[1], title=article[2], date=article[3],
            sentence_id=f"{article[0]}#s{n}", subject=subject[1], subject_type=subject[2], subject_id=subject[0],
            relation=relation, object=object_[1], object_type=object_[2], object_id=object_[0], trigger=relation,
            status=status, attributed_to="", confidence=f"{dice.uniform(0.3, 1):.3f}", subject_mention=subject[1],
            object_mention=object_[1], sentence=sentence, subject_start=at[0], subject_end=at[0] + len(subject[1]),
            object_start=at[1], object_end=at[1] + len(object_[1]), trigger_start=at[2], trigger_end=at[2] + len(relation),
            plover="", cameo="", subject_via="name", object_via="name")
        rows.append(row)
        edges[row["subject_id"], relation, row["object_id"], status].append(row)
        seen.update([s, o])

    def write(name, table):
        with open(folder / f"{name}.csv", "w", encoding="utf-8", newline="") as file:
            out = csv.DictWriter(file, table[0])
            out.writeheader()
            out.writerows({k: f"'{v}" if str(v).startswith(GUARDED) else v for k, v in row.items()} for row in table)

    (folder / "run.json").write_text("{}", encoding="utf-8")
    write("triples", rows)
    write("edges", [dict(
        subject_id=s, subject=of[0]["subject"], relation=r, object_id=o, object=of[0]["object"], status=status,
        triples=len(of), documents=len({t["doc_id"] for t in of}), first_date=min((t["date"] for t in of if t["date"]), default=""),
        last_date=max(t["date"] for t in of), max_confidence=max(t["confidence"] for t in of),
        best_sentence=of[0]["sentence"], best_triple_id=of[0]["triple_id"], best_doc_id=of[0]["doc_id"])
        for (s, r, o, status), of in edges.items()])
    write("entities", [dict(entity_id=i, name=name, type=kind, country="", aliases="", mentions=seen[n], documents=1, first_date="", last_date="")
                       for n, (i, name, kind) in enumerate(people)])
    write("documents", [dict(doc_id=a[0], source_file=a[1], title=a[2], date=a[3], words=400, words_read=400, sentences=20,
                             mentions=20, triples=7, status="ok", duplicate_of="", message="") for a in articles])


# ---- what the page should show

def filtered(run, relation="", status="", since="", until="", confidence=0, weight=1, search=""):
    words = search.lower().split()
    edges = defaultdict(list)
    for t in run["triples"]:
        text = f"{t['subject']} {t['object']} {t['sentence']}".lower()
        if ((not relation or t["relation"] == relation) and (not status or t["status"] == status)
                and (not since or t["date"] >= since) and (not until or "" < t["date"] <= until)
                and float(t["confidence"]) >= confidence and all(w in text for w in words)):
            edges[t["edge"]].append(t)
    return {k: of for k, of in edges.items() if len(of) >= weight}


def line(run, edges):
    count = sum(map(len, edges.values()))
    entities = {i for s, _, o, _ in edges for i in (s, o)}
    return f"{count:,} of {len(run['triples']):,} triples, {len(edges):,} edges, {len(entities):,} entities."


def two_digits(x):
    return str(decimal.Decimal(float(x)).quantize(decimal.Decimal("0.01"), decimal.ROUND_HALF_UP))


def row_of(of):
    dates = sorted(t["date"] for t in of if t["date"]) or [""]
    t = of[0]
    return (t["ends"][0], t["relation"].replace("_", " "), t["ends"][1], f"{len(of):,}", t["status"],
            two_digits(max(float(t["confidence"]) for t in of)), dates[0], dates[-1])


# ---- what the page shows

class Page:
    def __init__(self, browser, path, size=DESKTOP, dark=False):
        phone = size == PHONE
        self.context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme="dark" if dark else "light",
            is_mobile=phone, has_touch=phone, locale="en-GB")
        self.context.set_offline(True)
        self.page = self.context.new_page()
        self.said, self.asked, url = [], [], pathlib.Path(path).resolve().as_uri()
        self.page.on("console", lambda m: self.said.append(m.text) if m.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda e: self.said.append(str(e)))
        self.page.on("dialog", lambda d: (self.said.append(f"dialog {d.message}"), d.dismiss()))
        self.page.on("request", lambda r: self.asked.append(r.url) if r.url != url and not r.url.startswith("data:") else None)
        self.page.on("websocket", lambda w: self.asked.append(w.url))
        self.page.goto(url)
        self.drawn()

    def drawn(self):
        self.page.wait_for_selector("body[data-graph=drawn]", state="attached")

    def settle(self):
        """Waits for what typing starts, which waits a little itself."""
        self.page.evaluate("new Promise((done) => setTimeout(done, 200))")
        self.drawn()

    def set(self, field, value):
        place = self.page.locator(f"#{field}")
        if field in ("relation", "status"):
            wanted = [o for o in place.locator("option").all_inner_texts() if re.sub(r" \([\d,]+\)$", "", o) == value.replace("_", " ")]
            place.select_option(label=wanted[0] if wanted else "all")
        else:
            place.fill(str(value))

    def reset(self):
        self.page.locator("#filters button[type=reset]").click()
        self.settle()

    def text(self, selector):
        return self.page.locator(selector).inner_text()

    def bars(self):
        """Of each month the count told, and the height drawn."""
        bars = self.page.evaluate("[...document.querySelectorAll('#timeline button')].map((b) => [b.getAttribute('aria-label'), b.querySelector('i').getBoundingClientRect().height])")
        found = {}
        for label, height in bars:
            month, count = re.match(r"(\d{4}-\d\d): ([\d,]+) triples", label).groups()
            found[month] = int(count.replace(",", "")), height
        undated = re.search(r"([\d,]+) without a date", self.text("#timeline"))
        return found, int(undated[1].replace(",", "")) if undated else 0

    def all_rows(self):
        while self.page.locator("#more").is_visible():
            self.page.locator("#more").click()
        return [tuple(r) for r in self.page.evaluate("[...document.querySelectorAll('#table tbody tr')].map((r) => [...r.cells].map((c) => c.textContent))")]

    def table(self, name):
        self.page.locator(f"#tabs [data-table={name}]").click()

    def evidence(self):
        return self.page.evaluate(EVIDENCE)


# Where `_cyreg` is, the graph library keeps its drawing.
GRAPH = "document.getElementById('graph')._cyreg.cy"
EVIDENCE = """(() => ({
    title: document.querySelector('#evidence h3').textContent,
    articles: [...document.querySelectorAll('#evidence article')].map((a) => ({
        sentence: a.querySelector('p').textContent,
        subject: [...a.querySelectorAll('mark.subject')].map((m) => m.textContent),
        object: [...a.querySelectorAll('mark.object')].map((m) => m.textContent),
        seen: [...a.querySelectorAll('mark.subject, mark.object')].every((m) => getComputedStyle(m).backgroundColor !== getComputedStyle(a).backgroundColor),
        source: a.textContent,
    })),
}))()"""


def same_state(page, run, what, **filters):
    edges = filtered(run, **filters)
    equal(page.text("#shown"), line(run, edges), what)
    months = Counter(t["date"][:7] for of in edges.values() for t in of)
    undated = months.pop("", 0)
    found, without = page.bars()
    equal({m: n for m, (n, _) in found.items() if n}, dict(months), f"{what}: months")
    equal(without, undated, f"{what}: triples without a date")
    tallest = max((h for _, h in found.values()), default=0)
    for month, (count, height) in found.items():
        assert abs(height - tallest * count / max(months.values())) < 1.5, f"{what}: the bar of {month} is {height} high"
    if found:
        assert tallest > 60, f"{what}: the tallest bar is {tallest} high"
    drawn = page.page.evaluate(f"{GRAPH}.edges().length")
    equal(drawn, min(len(edges), int(page.page.locator("#drawn").input_value())), f"{what}: edges drawn")
    return edges


def sentences_of(found, of):
    """Whether an edge's sentences are there, with both names marked."""
    articles = found["articles"]
    equal(len(articles), min(100, len(of)), f"sentences of {found['title']}")
    fold = lambda text: " ".join(text.split())
    wanted = Counter(t["sentence"] for t in of)
    if len(of) <= 100:
        equal(Counter(a["sentence"] for a in articles), wanted, f"sentences of {found['title']}")
    free = list(of)
    for a in articles:
        t = next((t for t in free if t["sentence"] == a["sentence"] and t["source_file"] in a["source"]
                  and (a["subject"], a["object"]) in (([fold(t["subject_mention"])], [fold(t["object_mention"])]), ([], []))), None)
        assert t, f"sentence of {found['title']} with its names marked: {a}"
        free.remove(t)
        s, o = fold(t["subject_mention"]), fold(t["object_mention"])
        there = s in t["sentence"] and o in t["sentence"] and (s != o or t["sentence"].count(s) > 1)
        assert not there or (a["subject"] and a["seen"]), f"both names marked in: {a}"
    return len(articles)


# ---- the checks

def opens(browser, run, path):
    page = Page(browser, path)
    html = pathlib.Path(path).read_text(encoding="utf-8")
    assert not re.search(r"<(?:link|iframe|object|embed|img)\b", html.split('<script type="application/json"')[0]), "the page refers to something outside"
    assert page.page.evaluate("typeof cytoscape") != "undefined", "the program was built without the graph library (scripts/assets)"
    same_state(page, run, "the page as opened")
    return page


def totals(page, run):
    found = dict(reversed(pair) for pair in page.page.evaluate("[...document.querySelectorAll('#totals div')].map((d) => [d.querySelector('dd').textContent, d.querySelector('dt').textContent])"))
    wanted = {name: f"{len(run[name]):,}" for name in ("documents", "entities", "triples", "edges")}
    wanted["words"] = f"{sum(int(d['words']) for d in run['documents']):,}"
    failed = sum(d["status"] == "failed" for d in run["documents"])
    if failed:
        wanted["failed inputs"] = f"{failed:,}"
    equal(found, wanted, "totals")
    return f"{len(found)} totals"


def tables(page, run):
    page.table("edges")
    edges = filtered(run)
    equal(Counter(page.all_rows()), Counter(map(row_of, edges.values())), "table of edges")
    equal(Counter((e["subject"], e["relation"].replace("_", " "), e["object"], e["triples"], e["status"], two_digits(e["max_confidence"]), e["first_date"]) for e in run["edges"]),
          Counter((*r[:3], r[3].replace(",", ""), *r[4:7]) for r in map(row_of, edges.values())), "edges.csv and triples.csv")
    page.table("triples")
    equal(Counter(page.all_rows()), Counter(
        (t["subject"], t["relation"].replace("_", " "), t["object"], t["status"], two_digits(t["confidence"]), t["date"], t["sentence"], t["source_file"])
        for t in run["triples"]), "table of triples")
    page.table("entities")
    joined = {i for e in edges for i in (e[0], e[2])}
    said = Counter(i for t in run["triples"] for i in {t["subject_id"], t["object_id"]})
    at = Counter(i for e in edges for i in {e[0], e[2]})
    equal(Counter((r[0], *r[2:]) for r in page.all_rows()), Counter(
        (e["name"], f"{said[e['entity_id']]:,}", f"{at[e['entity_id']]:,}", f"{int(e['mentions']):,}", f"{int(e['documents']):,}")
        for e in run["entities"] if e["entity_id"] in joined), "table of entities")
    return "every row of 3 tables"


def number(cell):
    return float(cell.replace(",", "")) if re.fullmatch(r"[\d,]+(\.\d+)?", cell) else cell.encode("utf-16-be")


def sorting(page, run):
    count = 0
    for name in ("edges", "triples", "entities"):
        page.table(name)
        rows = page.all_rows()
        heads = page.page.locator("#table th")
        for at in range(heads.count()):
            orders = set()
            for _ in range(2):
                heads.nth(at).locator("button").click()
                order = heads.nth(at).get_attribute("aria-sort")
                cells = [number(r[at]) for r in page.all_rows()]
                if any(isinstance(c, float) for c in cells) and any(isinstance(c, bytes) for c in cells):
                    cells = [r[at].encode("utf-16-be") for r in page.all_rows()]
                equal(cells, sorted(cells, reverse=order == "descending"), f"{name} sorted by column {at}, {order}")
                orders.add(order)
                count += 1
            equal(orders, {"ascending", "descending"}, "both ways to sort")
        word = rows[0][0].split()[0].lower()
        page.page.locator("#rows").fill(word)
        page.settle()
        wanted = [r for r in rows if word in " ".join(r).lower()]
        equal(Counter(page.all_rows()), Counter(wanted), f"{name} with '{word}' in the row")
        equal(page.text("#row-count"), f"{len(wanted):,} of {len(wanted):,} rows", "rows counted")
        page.page.locator("#rows").fill("")
        page.settle()
    page.table("edges")
    return f"{count} orders, 3 filters of rows"


def filters(page, run):
    triples = run["triples"]
    most = lambda of: [k for k, _ in Counter(t[of] for t in triples).most_common()]
    dates = sorted(t["date"] for t in triples if t["date"])
    sizes = sorted({float(t["confidence"]) for t in triples})
    tried = [dict(relation=r) for r in most("relation")] + [dict(status=s) for s in most("status")]
    tried += [dict(confidence=round(x, 2)) for x in (sizes[len(sizes) // 2], sizes[-1], 0.9)] + [dict(weight=w) for w in (2, 3, 1000)]
    if dates:
        mid = dates[len(dates) // 2]
        tried += [dict(since=mid), dict(until=mid), dict(since=mid, until=mid), dict(since=dates[0], until=dates[-1])]
        tried += [dict(since=dates[0], confidence=0.5, status=most("status")[0])]
    tried += [dict(relation=most("relation")[0], status=most("status")[0], confidence=0.6)]
    strongest = max(filtered(run).values(), key=len)[0]
    searches = [strongest["subject"].lower(), strongest["object"].upper(), strongest["subject"] + " " + strongest["object"].split()[0],
                strongest["sentence"].split()[-1], "zzqqzz"]
    tried += [dict(search=s) for s in searches]
    tried += [dict(search=searches[0], relation=strongest["relation"])]
    fields = dict(since="from", until="to")
    for each in tried:
        for name, value in each.items():
            page.set(fields.get(name, name), value)
        page.settle()
        edges = same_state(page, run, str(each), **each)
        assert len(edges) or each in (dict(weight=1000), dict(search="zzqqzz")) or not filtered(run, **each), each
        if len(edges) <= 600:
            equal(Counter(page.all_rows()), Counter(map(row_of, edges.values())), f"{each}: table")
        page.reset()
    same_state(page, run, "after Reset")
    return f"{len(tried)} settings"


def graph(page, run):
    """Clicks edges where no name and no other edge is near, with the mouse."""
    by_name = defaultdict(list)
    for of in filtered(run).values():
        t = of[0]
        by_name[f"{t['ends'][0]} → {t['relation'].replace('_', ' ')} → {t['ends'][1]} ({t['status']})"].append(of)
    page.page.locator("#graph").scroll_into_view_if_needed()
    box = page.page.locator("#graph canvas").first.bounding_box()
    points = page.page.evaluate(f"""(() => {{
        const cy = {GRAPH}, w = cy.width(), h = cy.height();
        const others = cy.nodes().map((n) => [n.renderedPosition().x, n.renderedPosition().y, n.renderedWidth() / 2 + 14]);
        const mids = cy.edges().filter((e) => e.source().id() !== e.target().id()).map((e) => [e.id(), e.renderedMidpoint().x, e.renderedMidpoint().y]);
        return mids.filter(([id, x, y]) => x > 0 && y > 0 && x < w && y < h && others.every(([a, b, r]) => Math.hypot(x - a, y - b) > r)
            && mids.every(([other, a, b]) => other === id || Math.hypot(x - a, y - b) > 16));
    }})()""")
    assert points, "no edge of the graph can be clicked"
    exact = 0
    for wanted, x, y in points[:25]:
        page.page.mouse.click(box["x"] + x, box["y"] + y)
        chosen = page.page.evaluate(f"{GRAPH}.$(':selected').map((e) => e.id())")
        exact += chosen == [wanted]
        found = page.evidence()
        if chosen and chosen[0].startswith("e"):
            # Two names may be written alike: one of their edges has these sentences.
            of = next((of for of in by_name[found["title"]] if Counter(t["sentence"] for t in of) == Counter(a["sentence"] for a in found["articles"])), by_name[found["title"]][0])
            sentences_of(found, of)
    assert exact * 2 >= len(points[:25]), f"{exact} of {len(points[:25])} clicks chose the edge under the mouse"
    said = page.page.evaluate(f"{GRAPH}.nodes().filter((n) => n.data('said')).length")
    nodes = page.page.evaluate(f"{GRAPH}.nodes().length")
    assert said * 2 >= nodes, f"only {said} of {nodes} names are written"
    small = page.page.evaluate(f"(() => {{ const cy = {GRAPH}; return Math.min(...cy.nodes().map((n) => parseFloat(n.style('font-size')) * cy.zoom())) }})()")
    assert small > 11, f"names are written {small} pixels high"
    spot = page.page.evaluate(f"(() => {{ const p = {GRAPH}.nodes().max((n) => n.data('size')).ele.renderedPosition(); return [p.x, p.y] }})()")
    page.page.mouse.click(box["x"] + spot[0], box["y"] + spot[1])
    assert re.search(r": [\d,]+ triples$", page.evidence()["title"]), "a click on a name shows its sentences"
    return f"{exact} edges clicked, {said} of {nodes} names written"


def sentences(page, run):
    """Of every edge, by its row in the table."""
    page.table("edges")
    by_row = defaultdict(list)
    for of in filtered(run).values():
        by_row[row_of(of)].append(of)
    rows = page.all_rows()
    found = page.page.evaluate("(() => [...document.querySelectorAll('#table tbody tr')].slice(0, 3000).map((row) => { row.click(); return %s; }))()" % EVIDENCE)
    count = 0
    for row, each in zip(rows, found):
        equal(each["title"], f"{row[0]} → {row[1]} → {row[2]} ({row[4]})", "title")
        texts = Counter(a["sentence"] for a in each["articles"])
        of = next((of for of in by_row[row] if Counter(t["sentence"] for t in of) == texts), by_row[row][0])
        count += sentences_of(each, of)
    return f"{count} sentences of {len(found)} edges"


def timeline(page, run):
    months = Counter(t["date"][:7] for t in run["triples"] if t["date"])
    for month in [m for m, _ in months.most_common(2)] + sorted(months)[:1]:
        page.page.locator(f"#timeline button[aria-label^='{month}:']").click()
        page.settle()
        same_state(page, run, month, since=f"{month}-01", until=f"{month}-31")
        page.reset()
    return f"{len(months)} months"


# What Tab must reach: all controls, but of the months only the first, which arrow keys lead on from.
CONTROLS = "[...document.querySelectorAll('a[href], button, input, select, [tabindex]')].filter((e) => e.checkVisibility() && (e.tabIndex >= 0 || e.matches('a, button, input, select') && !e.closest('#timeline')))"
NAME = "(e) => e.id || `${e.tagName} ${[...document.querySelectorAll(e.tagName)].indexOf(e)}`"


def keyboard(page, run):
    p = page.page
    p.evaluate("(document.activeElement.blur(), scrollTo(0, 0))")
    page.table("edges")
    p.evaluate("document.activeElement.blur()")
    wanted = set(p.evaluate(f"{CONTROLS}.map({NAME})"))
    reached = set()
    p.evaluate("(() => { const t = document.querySelector('h1'); t.tabIndex = -1; t.focus(); t.removeAttribute('tabindex'); })()")
    for _ in range(len(wanted) + 40):
        p.keyboard.press("Tab")
        # The scrolling boxes may be stops of the browser's own.
        name, seen = p.evaluate(f"(() => {{ const e = document.activeElement; return e === document.body ? ['', true] : [({NAME})(e), getComputedStyle(e).outlineStyle !== 'none']; }})()")
        assert seen, f"no outline where the keyboard is: {name}"
        reached.add(name)
    assert wanted <= reached, f"not reached by Tab: {sorted(wanted - reached)}"

    def press(selector, key, n=0):
        p.locator(selector).nth(n).focus()
        p.keyboard.press(key)

    for key in ("Enter", "Space"):
        press("#tabs [data-table=triples]", key)
        equal(p.locator("#tabs [aria-pressed=true]").inner_text(), "Triples", f"table chosen by {key}")
        before = p.locator("#table th").nth(0).get_attribute("aria-sort")
        press("#table th button", key)
        assert p.locator("#table th").nth(0).get_attribute("aria-sort") != before, f"{key} sorts"
        equal(p.evaluate("document.activeElement.closest('th').cellIndex"), 0, "the heading pressed keeps the focus")
        press("#tabs [data-table=edges]", key)
        press("#table tbody tr", "ArrowDown")
        row = p.evaluate("[...document.activeElement.cells].map((c) => c.textContent)")
        if len(run["edges"]) > 1:
            equal(p.evaluate("document.activeElement.sectionRowIndex"), 1, "row reached by an arrow key")
        p.keyboard.press(key)
        equal(page.evidence()["title"], f"{row[0]} → {row[1]} → {row[2]} ({row[4]})", f"sentences by {key}")
        equal(p.evaluate("document.activeElement.id"), "details", "focus moves to the sentences")
        zoom = p.evaluate(f"{GRAPH}.zoom()")
        press("#closer", key)
        assert p.evaluate(f"{GRAPH}.zoom()") > zoom, f"{key} zooms in"
        press("#farther", key)
        press("#fit", key)
        assert abs(p.evaluate(f"{GRAPH}.zoom()") - zoom) < zoom / 50, f"{key} fits the graph"
        if p.locator("#timeline button").count():
            press("#timeline button", key)
            page.settle()
            assert p.locator("#from").input_value(), f"{key} chooses a month"
        press("#filters button[type=reset]", key)
        page.settle()
        same_state(page, run, f"Reset by {key}")
    press("#relation", "ArrowDown")
    page.settle()
    first = Counter(t["relation"] for t in run["triples"]).most_common(1)[0][1]
    assert page.text("#shown").startswith(f"{first:,} of"), "an arrow key chooses a relation"
    press("#confidence", "End")
    page.settle()
    assert p.locator("#confidence").input_value() == "1", "a key moves the confidence"
    page.reset()
    return f"{len(wanted)} controls"


# Text whose contrast to what is behind it is below 4.5 (3 where it is large).
CONTRAST = """(() => {
    const parse = (c) => { const [r, g, b, a = 1] = c.match(/[\\d.]+/g).map(Number); return [r, g, b, a]; };
    const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
    const light = (c) => { const [r, g, b] = c.map((v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
    const behind = (e) => { const chain = []; for (; e; e = e.parentElement) chain.push(parse(getComputedStyle(e).backgroundColor));
        return chain.reverse().reduce((below, top) => over(top, below), matchMedia('(prefers-color-scheme: dark)').matches ? [0, 0, 0, 1] : [255, 255, 255, 1]); };
    const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
    const bad = [];
    let count = 0;
    const test = (e, colour, what) => {
        const style = getComputedStyle(e), back = behind(e), size = parseFloat(style.fontSize);
        const found = ratio(over(parse(colour), back), back);
        count += 1;
        if (size < 11) bad.push(`${what} is ${size} pixels high`);
        if (found < (size >= 24 || (size >= 18.6 && style.fontWeight >= 700) ? 3 : 4.5)) bad.push(`${what}: ${found.toFixed(2)}`);
    };
    for (const e of document.querySelectorAll('body *')) {
        if (!e.checkVisibility() || e.closest('script, style, noscript, canvas')) continue;
        const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
        if (own || e.matches('input, select')) test(e, getComputedStyle(e).color, `${e.tagName}.${e.className} ${e.textContent.slice(0, 20)}`);
        if (e.placeholder) test(e, getComputedStyle(e, '::placeholder').color, 'placeholder');
    }
    const graph = document.getElementById('graph'), cy = graph._cyreg.cy;
    if (cy.nodes().length) {
        const back = behind(graph), node = cy.nodes()[0], edge = cy.edges()[0];
        if (ratio(parse(node.style('color')), back) < 4.5) bad.push('names in the graph');
        for (const [what, c] of [['edges', cy.$('edge:unselected')[0]?.style('line-color')], ...cy.nodes().map((n) => ['dots', n.style('background-color')])])
            if (c && ratio(parse(c), back) < 1.9) bad.push(`${what} of the graph: ${ratio(parse(c), back)}`);
    }
    return [count, bad];
})()"""

OVERFLOW = """(() => {
    const bad = [];
    if (document.documentElement.scrollWidth > innerWidth) bad.push(`the page is ${document.documentElement.scrollWidth} wide`);
    for (const e of document.querySelectorAll('body *')) {
        if (!e.checkVisibility() || e.closest('script, style') || e.parentElement.closest('.scroll, #timeline, #graph')) continue;
        const r = e.getBoundingClientRect();
        if (r.right > innerWidth + 1 || r.left < -1) bad.push(`${e.tagName} ${e.id} ${e.textContent.slice(0, 30)}`);
        if (e.matches('button, input, select') && (r.height < 24 || r.width < 24)) bad.push(`${e.tagName} ${e.id} is too small for a finger`);
    }
    return bad;
})()"""


def looks(browser, path, pictures):
    """Contrast in light and dark, nothing too wide on a phone, and the pictures."""
    count = 0
    for size in (DESKTOP, PHONE):
        for dark in (False, True):
            page = Page(browser, path, size, dark)
            p = page.page
            p.wait_for_timeout(300)
            if pictures:
                pathlib.Path(pictures).mkdir(parents=True, exist_ok=True)
                name = f"{size[0]}x{size[1]}-{'dark' if dark else 'light'}"
                p.screenshot(path=f"{pictures}/{name}.png")
                p.screenshot(path=f"{pictures}/{name}-whole.png", full_page=True)
            steps = [lambda: None]
            if size == PHONE:
                assert not p.locator("#relation").is_visible(), "a phone shows the filters only when asked"
                steps.append(lambda: (p.locator("#fold").tap(), p.locator("#relation").wait_for()))
                steps.append(lambda: p.locator("#table tbody tr").first.tap())
                steps.append(lambda: (p.set_viewport_size({"width": 360, "height": 740}), p.wait_for_timeout(300)))
            steps += [lambda name=name: page.table(name) for name in ("triples", "entities")]
            for step in steps:
                step()
                equal(p.evaluate(OVERFLOW), [], f"too wide or small at {size}")
                tested, bad = p.evaluate(CONTRAST)
                assert not bad, f"hard to read, {'dark' if dark else 'light'}: {bad[:8]}"
                count += tested
            if not dark:
                before = p.evaluate("getComputedStyle(document.body).backgroundColor")
                p.emulate_media(color_scheme="dark")
                page.settle()
                assert p.evaluate("getComputedStyle(document.body).backgroundColor") != before, "the page follows the system into the dark"
                assert not p.evaluate(CONTRAST)[1], "hard to read after the change to dark"
            quiet(page)
            page.context.close()
    return f"{count} texts"


def quiet(page, *_):
    assert not page.said, f"console: {page.said[:5]}"
    assert not page.asked, f"asked of the network: {page.asked[:5]}"
    return "nothing said, nothing asked of the network"


def large(browser, run, path):
    page = Page(browser, path)
    opened = page.page.evaluate("performance.getEntriesByName('drawn')[0].startTime") / 1000
    totals(page, run)
    same_state(page, run, "large page")
    words = [dict(search="town 7"), dict(relation="meets"), dict(weight=2)]
    slowest = 0
    for each in words:
        began = time.monotonic()
        for name, value in each.items():
            page.set(name, value)
        page.settle()
        slowest = max(slowest, time.monotonic() - began)
        same_state(page, run, str(each), **each)
        page.reset()
    # Names that are markup are shown as text.
    page.set("search", "onerror onclick")
    page.set("search", "onerror")
    page.settle()
    same_state(page, run, "hostile names", search="onerror")
    page.page.locator("#table tbody tr").first.click()
    sentence = page.evidence()["articles"][0]["sentence"]
    assert "<img src=x onerror=" in sentence, sentence
    assert page.page.title().startswith("dossier"), "a name ran as a program"
    quiet(page)
    page.context.close()
    size = pathlib.Path(path).stat().st_size / 1e6
    told = f"{len(run['triples']):,} triples, {size:.1f} MB: open after {opened:.1f} s, filtered after {slowest:.1f} s at most"
    assert opened < SECONDS_TO_OPEN and slowest < SECONDS_TO_FILTER, f"{told}; allowed {SECONDS_TO_OPEN} and {SECONDS_TO_FILTER} s"
    return told


def check(folder, path, big_folder, big_path, pictures=None):
    from playwright.sync_api import sync_playwright

    failed = 0

    def report(name, of, *about):
        nonlocal failed
        try:
            result = of(*about)
            print(f"{name:10} ok, {result}" if isinstance(result, str) else f"{name:10} ok", flush=True)
            return result
        except Exception as error:  # every check is to be told about
            failed += 1
            print(f"{name:10} FAILED {type(error).__name__}: {str(error)[:900]}", flush=True)

    run = read_run(folder)
    assert 0 < len(run["triples"]) <= 20_000, "a run of 1 to 20,000 triples is needed: of more a page holds the strongest"
    checks = (totals, tables, sorting, filters, graph, sentences, timeline, keyboard, quiet)
    with sync_playwright() as play, contextlib.closing(play.chromium.launch(executable_path=os.environ["CHROMIUM"])) as browser:
        print(f"Chromium {browser.version}")
        page = report("opens", opens, browser, run, path)
        for each in checks if page else ():
            report(each.__name__, each, page, run)
        report("looks", looks, browser, path, pictures)
        report("large", large, browser, read_run(big_folder), big_path)
    print(f"{len(checks) + 3 - failed} passed, {failed} failed" if page else "the page did not open as it should")
    sys.exit(failed > 0)


if __name__ == "__main__":
    {"make": make, "check": check}[sys.argv[1]](*sys.argv[2:])
