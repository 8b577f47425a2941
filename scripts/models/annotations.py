#!/usr/bin/env python3
"""Labelled sentences whose text we may not ship: from positions to sentences.

    annotations.py data/annotations.jsonl CORPORA > annotated.jsonl

Each line of annotations.jsonl labels one sentence of an article by position: `file` under CORPORA, `doc` (the
article's id where the file holds several; its number from 0 in a CoNLL file, whose words are joined as prose is written),
`start` and `end` of the sentence in the article's text, and entities and relations as in dossier's native form, their
positions counted from the sentence's start. All positions are code points.
`check` is the beginning of the SHA-256 of the sentence, so that another edition of an article is noticed.
"""
import hashlib
import json
import pathlib
import sys


NO_SPACE_BEFORE = {",", ".", ";", ":", "!", "?", ")", "]", "}", "%", "...", "'s", "'S", "n't", "'re", "'ve", "'ll", "'d", "'m", "’s", "”"}
NO_SPACE_AFTER = {"(", "[", "{", "$", "£", "#", "“"}


def prose(words):
    """Words joined as prose is written, and where each begins. Straight quotes open and close in turn."""
    text, starts, glue, quoted = "", [], True, False
    for word in words:
        closes = word == '"' and quoted
        possessive = word == "s" and text.endswith(("’", "'"))
        if possessive and text[-2:-1] == " ":
            text = text[:-2] + text[-1]
            starts[-1] -= 1
        if not (glue or closes or possessive or word in NO_SPACE_BEFORE):
            text += " "
        starts.append(len(text))
        text += word
        glue = word in NO_SPACE_AFTER or word == '"' and not quoted
        quoted ^= word == '"'
    return text, starts


def conll_documents(path):
    """The documents of a CoNLL file: a list of blocks of (word, tag) each."""
    documents, block = [], []
    with path.open(encoding="utf-8") as lines:
        for line in [*lines, "\n"]:
            columns = line.split()
            if columns and columns[0] != "-DOCSTART-":
                block.append((columns[0], columns[-1]))
                continue
            if block:
                documents[-1].append(block)
                block = []
            if columns:
                documents.append([])
    return documents


def conll_text(blocks):
    return "\n".join(prose([word for word, _ in block])[0] for block in blocks)


def texts_of(path):
    """The texts of a file of articles, by id; a plain file is one text with the id None."""
    if path.suffix == ".conll":
        return {number: conll_text(blocks) for number, blocks in enumerate(conll_documents(path))}
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
        doc = row.get("doc", pathlib.Path(row["file"]).stem)
        print(json.dumps({"id": row["id"], "doc": str(doc), "text": sentence, "entities": row["entities"],
                          "relations": row["relations"]}, ensure_ascii=False))


if __name__ == "__main__":
    main()
