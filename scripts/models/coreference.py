#!/usr/bin/env python3
"""Chains of mentions whose text we may not ship: from positions to documents.

    coreference.py data/coreference.jsonl CORPORA > chains.jsonl
    dossier eval --coref chains.jsonl

Each line of coreference.jsonl, pronouns.jsonl, references.jsonl and judged_references.jsonl is an article: `file` under CORPORA, `doc` (its id
where the file holds several) and `mentions`: start, end (code points of the text), kind (name, pronoun, nominal) and the
number of the chain, null for words that refer to nothing named (in judged_references.jsonl, not to what was proposed;
words that are not listed there are not judged, so it is for references.py alone). `check` is the beginning of the SHA-256 of the text.
"""
import json
import sys

from annotations import joined


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    for row, text in joined(*sys.argv[1:]):
        mentions = [{"start": start, "end": end, "kind": kind, "chain": None if chain is None else str(chain)}
                    for start, end, kind, chain in row["mentions"]]
        print(json.dumps({"id": row["id"], "text": text, "mentions": mentions}, ensure_ascii=False))


if __name__ == "__main__":
    main()
