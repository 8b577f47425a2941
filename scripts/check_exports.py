"""Compares each exported format, read by a library made for it, with the run's CSV files."""

import csv
import datetime
import json
import pathlib
import sys
from collections import Counter

import networkx
import openpyxl
import polars
import rdflib
from followthemoney import model

GUARDED = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
TABLES = ("triples", "edges", "entities", "mentions", "documents")
csv.field_size_limit(1 << 30)


def bare(cell):
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(GUARDED) else cell


def read_csv(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return [{k: bare(v) for k, v in row.items()} for row in csv.DictReader(file)]


def same(cell, value):
    """Whether a CSV cell says what a typed value says."""
    if value is None:
        return cell == ""
    if isinstance(value, list):
        return [a for a in cell.split("; ") if a] == value
    if isinstance(value, datetime.datetime):
        value = value.date()
    if isinstance(value, datetime.date):
        return cell == value.isoformat()
    if isinstance(value, (int, float)):
        return float(cell) == float(value)
    return cell == value


def same_tables(run, tables):
    for name, rows in tables.items():
        expected = run[name]
        assert len(rows) == len(expected), (name, len(rows), len(expected))
        for row, wanted in zip(rows, expected):
            for column, cell in wanted.items():
                assert same(cell, row[column]), (name, column, cell, row[column])


def xlsx(run, path):
    book = openpyxl.load_workbook(open(path, "rb"))
    sheets = [s for s in book.sheetnames if s != "review"]
    assert sheets == ["triples", "edges", "entities", "documents", "verdicts"], sheets
    tables = {}
    for name in sheets[:-1]:
        sheet = book[name]
        assert sheet.freeze_panes == "A2" and sheet.auto_filter.ref, name
        header, *rows = sheet.iter_rows(values_only=True)
        tables[name] = [dict(zip(header, row)) for row in rows]
    for table in tables.values():
        for row in table:
            assert not any(isinstance(v, str) and v.startswith("'=") for v in row.values())
    same_tables(run, tables)
    for row in book["triples"].iter_rows(min_row=2):
        assert all(cell.data_type != "f" for cell in row)
    choices = book["triples"].data_validations.dataValidation
    assert [c.type for c in choices] == ["list"] and str(choices[0].sqref).startswith("A2")
    assert len(book["triples"].conditional_formatting) == 1
    if "review" in book.sheetnames:
        assert book.sheetnames[0] == "review"
        assert book["review"].cell(1, 1).value == "verdict"
    return sum(map(len, tables.values()))


def jsonl(run, path):
    tables = {p.stem: [json.loads(line) for line in open(p, encoding="utf-8")] for p in path.iterdir()}
    assert set(tables) == set(TABLES)
    same_tables(run, tables)
    for name in TABLES:
        frame = polars.read_ndjson(path / f"{name}.jsonl", infer_schema_length=None) if tables[name] else []
        assert len(frame) == len(run[name])
    return sum(map(len, tables.values()))


def parquet(run, path):
    frames = {p.stem: polars.read_parquet(p) for p in path.iterdir()}
    assert set(frames) == set(TABLES)
    assert frames["triples"].schema["date"] == polars.Date
    assert frames["triples"].schema["confidence"] == polars.Float64
    assert frames["triples"].schema["subject_start"] == polars.Int64
    assert frames["triples"].schema["cameo"] == polars.String
    same_tables(run, {name: frame.to_dicts() for name, frame in frames.items()})
    return sum(map(len, frames.values()))


def ntriples(run, path):
    graph = rdflib.Graph().parse(path, format="nt")
    rdf, rdfs = rdflib.RDF, rdflib.RDFS
    statements = set(graph.subjects(rdf.type, rdf.Statement))
    assert len(statements) == len(run["triples"])
    said = rdflib.URIRef("urn:dossier:vocabulary:sentence")
    assert Counter(str(o) for o in graph.objects(None, said)) == Counter(
        t["sentence"] for t in run["triples"] if t["sentence"])
    assert Counter(str(o) for o in graph.objects(None, rdfs.label)) == Counter(
        e["name"] for e in run["entities"])
    relation = "urn:dossier:relation:"
    direct = [(s, p, o) for s, p, o in graph if str(p).startswith(relation)]
    assert len(direct) == sum(e["status"] == "asserted" for e in run["edges"])
    return len(graph)


def graph(run, read, name):
    joined = {e[k] for e in run["edges"] for k in ("subject_id", "object_id")}
    assert set(read.nodes) == joined
    names = {e["entity_id"]: e["name"] for e in run["entities"]}
    for node, about in read.nodes(data=True):
        assert about[name] == names[node], (about, names[node])
    key = lambda e: (e["subject_id"], e["relation"], e["object_id"], e["status"], int(e["triples"]), e["best_sentence"])
    edges = Counter((s, d["relation"], o, d["status"], d["triples"], d["best_sentence"]) for s, o, d in read.edges(data=True))
    assert edges == Counter(key(e) for e in run["edges"])
    return read.number_of_nodes() + read.number_of_edges()


def graphml(run, path):
    return graph(run, networkx.read_graphml(path, force_multigraph=True), "name")


def gexf(run, path):
    read = networkx.read_gexf(path, version="1.3")
    return graph(run, read, "label")


def neo4j(run, path):
    """No import tool is a Python package: the rules of the manual, by hand."""
    tables = {p.stem: list(csv.reader(open(p, encoding="utf-8", newline=""))) for p in path.iterdir()}
    ids = {}
    for name in ("entities", "documents"):
        header, *rows = tables[name]
        (column,) = [n for n, h in enumerate(header) if ":ID(" in h]
        space = header[column].split(":ID(")[1][:-1]
        ids[space] = {row[column] for row in rows}
        assert len(ids[space]) == len(rows) == len(run[name]), name
        assert header[-1] == ":LABEL"
    for name, expected in (("relations", len(run["edges"])), ("evidence", 2 * len(run["triples"]))):
        header, *rows = tables[name]
        assert len(rows) == expected
        for n in (0, 1):
            space = header[n].split("(")[1][:-1]
            assert all(row[n] in ids[space] for row in rows), name
        assert header[2] == ":TYPE" and all(row[2] for row in rows)
    for header, *rows in tables.values():
        assert all(len(row) == len(header) for row in rows)
        assert not any("\n" in cell for row in rows for cell in row)
        for n, title in enumerate(header):
            kind = title.rpartition(":")[2]
            for row in rows:
                if row[n] and kind == "date":
                    datetime.date.fromisoformat(row[n])
                elif row[n] and kind in ("long", "double"):
                    float(row[n])
    return sum(len(t) - 1 for t in tables.values())


def ftm(run, path):
    proxies = [model.get_proxy(json.loads(line), cleaned=False) for line in open(path, encoding="utf-8")]
    raw = [json.loads(line) for line in open(path, encoding="utf-8")]
    by_id = {p.id: p for p in proxies}
    assert len(by_id) == len(proxies) == sum(len(run[t]) for t in ("entities", "documents", "edges"))
    for proxy, source in zip(proxies, raw):
        proxy.schema.validate(proxy.to_dict())
        for prop, values in source["properties"].items():
            kept = proxy.get(prop)
            assert kept or prop == "country", (source, prop)
        for prop, value in proxy.itervalues():
            if prop.type.name == "entity":
                assert by_id[value].schema.is_a(prop.range), (proxy, prop)
    return len(proxies)


def main():
    folder, out = map(pathlib.Path, sys.argv[1:])
    run = {name: read_csv(folder / f"{name}.csv") for name in TABLES}
    failed = 0
    for check in (xlsx, jsonl, parquet, ntriples, graphml, gexf, neo4j, ftm):
        path = out / check.__name__
        try:
            print(f"{check.__name__:10} ok, {check(run, path)} items")
        except Exception as error:  # every format is to be told about
            failed += 1
            print(f"{check.__name__:10} FAILED {type(error).__name__}: {str(error)[:600]}")
    print(f"{8 - failed} passed, {failed} failed")
    sys.exit(failed > 0)


main()
