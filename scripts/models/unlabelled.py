#!/usr/bin/env python3
"""Sentences for a larger model to label: what of SENTENCES is in none of the labelled files.

    unlabelled.py SENTENCES.jsonl --dev FILE... --labelled FILE... > plain.jsonl

All files are samples in dossier's native form. No document that has a sentence of a development file is taken, no sentence
that is labelled or was there before, and none of fewer than 40 or more than 600 characters.
"""
import argparse
import json
import re
import sys


def parse():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("sentences")
    ap.add_argument("--dev", nargs="+", required=True)
    ap.add_argument("--labelled", nargs="+", required=True)
    return ap.parse_args()


def rows(path):
    with open(path, encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def letters(row):
    """What two editions of a sentence have in common."""
    return re.sub(r"\W+", "", row["text"]).lower()


def main():
    args = parse()
    judged = {letters(row) for path in args.dev for row in rows(path)}
    seen = {letters(row) for path in args.labelled for row in rows(path)}
    sentences = list(rows(args.sentences))
    kept_apart = {row["doc"] for row in sentences if letters(row) in judged}
    taken = 0
    for row in sentences:
        key = letters(row)
        if row["doc"] in kept_apart or key in seen or not 40 <= len(row["text"]) <= 600:
            continue
        seen.add(key)
        taken += 1
        print(json.dumps(row, ensure_ascii=False))
    print(f"{taken} of {len(sentences)} sentences; {len(kept_apart)} documents kept apart", file=sys.stderr)


if __name__ == "__main__":
    main()
