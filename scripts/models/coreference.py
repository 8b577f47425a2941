#!/usr/bin/env python3
"""Chains of mentions whose text we may not ship: from positions to documents.

    coreference.py data/coreference.jsonl CORPORA > chains.jsonl
    dossier eval --coref chains.jsonl

Each line of coreference.jsonl is an article: `file` under CORPORA, `doc` (its id where the file holds several) and
`mentions`: start, end (code points of the text), kind (name, pronoun, nominal) and the number of the chain, null for
words that refer to nothing named. `check` is the beginning of the SHA-256 of the text.
"""
import hashlib
import json
import pathlib
import sys

from annotations import texts_of


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    corpora, opened, missing = pathlib.Path(sys.argv[2]), {}, 0
    with open(sys.argv[1], encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            path = corpora / row["file"]
            if path not in opened:
                opened[path] = texts_of(path) if path.is_file() else {}
            text = opened[path].get(row.get("doc"))
            if text is None or not hashlib.sha256(text.encode()).hexdigest().startswith(row["check"]):
                missing += 1
                continue
            mentions = [{"start": start, "end": end, "kind": kind, "chain": None if chain is None else str(chain)}
                        for start, end, kind, chain in row["mentions"]]
            print(json.dumps({"id": row["id"], "text": text, "mentions": mentions}, ensure_ascii=False))
    if missing:
        print(f"{missing} articles are not there or not the same", file=sys.stderr)


if __name__ == "__main__":
    main()
