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


def sentence_of(row, texts):
    text = texts.get(row.get("doc"))
    if text is None:
        return None
    sentence = text[row["start"]:row["end"]]
    same = hashlib.sha256(sentence.encode()).hexdigest().startswith(row["check"])
    return sentence if same else None


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    corpora, opened, missing = pathlib.Path(sys.argv[2]), {}, 0
    with open(sys.argv[1], encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            path = corpora / row["file"]
            if path not in opened:
                opened[path] = texts_of(path) if path.is_file() else {}
            sentence = sentence_of(row, opened[path])
            if sentence is None:
                missing += 1
                continue
            doc = row.get("doc") or path.stem
            print(json.dumps({"id": row["id"], "doc": doc, "text": sentence, "entities": row["entities"],
                              "relations": row["relations"]}, ensure_ascii=False))
    if missing:
        print(f"{missing} sentences were not found in {corpora}", file=sys.stderr)


if __name__ == "__main__":
    main()
