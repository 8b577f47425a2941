#!/usr/bin/env python3
"""Labelled sentences whose text we may not ship: from positions to sentences.

    annotations.py data/annotations.jsonl CORPORA > annotated.jsonl

Each line of annotations.jsonl labels one sentence of an article by position: `file` under CORPORA, `doc` (the
article's id where the file holds several), `start` and `end` of the sentence in the article's text, and entities and
relations as in dossier's native form, their positions counted from the sentence's start. All positions are code points.
`check` is the beginning of the SHA-256 of the sentence, so that another edition of an article is noticed.
"""
import hashlib
import json
import pathlib
import sys


def texts_of(path):
    """The texts of a file of articles, by id; a plain file is one text with the id None."""
    if path.suffix == ".jsonl":
        with path.open(encoding="utf-8") as lines:
            return {row["id"]: row["text"] for row in map(json.loads, lines)}
    return {None: path.read_text(encoding="utf-8")}


def joined(positions, corpora):
    """The rows of a file of positions, each with the text that it labels; what is not there or not the same is counted."""
    opened, missing = {}, 0
    with open(positions, encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            path = pathlib.Path(corpora) / row["file"]
            if path not in opened:
                opened[path] = texts_of(path) if path.is_file() else {}
            text = (opened[path].get(row.get("doc")) or "")[row.get("start"):row.get("end")]
            if hashlib.sha256(text.encode()).hexdigest().startswith(row["check"]):
                yield row, text
            else:
                missing += 1
    if missing:
        print(f"{missing} of {positions} are not in {corpora}, or not the same", file=sys.stderr)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    for row, sentence in joined(*sys.argv[1:]):
        doc = row.get("doc") or pathlib.Path(row["file"]).stem
        print(json.dumps({"id": row["id"], "doc": doc, "text": sentence, "entities": row["entities"],
                          "relations": row["relations"]}, ensure_ascii=False))


if __name__ == "__main__":
    main()
