#!/usr/bin/env python3
"""How often a surname by itself leads to the person who is meant, in a run over the articles of data/surnames.jsonl.

    surnames.py RUN

Of each article that names no bearer of a surname in full, data/surnames.jsonl tells whom the surname means there, as
somebody who read it decided. RUN is the folder of a run over all the articles, since the others decide whose a surname is.
A mention is right or wrong by the person it leads to, or apart where the run leaves the surname by itself.
"""
import collections
import csv
import json
import pathlib
import re
import sys

NO_PERSON = {"unclear", "several", "not a person"}


def parts(name):
    return set(re.findall(r"\w+", name.lower()))


def main():
    run = pathlib.Path(sys.argv[1])
    rows = [json.loads(line) for line in open(pathlib.Path(__file__).parents[2] / "data/surnames.jsonl")]
    meant = {(row["id"], row["surname"]): parts(row["meant"]) for row in rows if row["meant"] not in NO_PERSON}
    with open(run / "entities.csv", encoding="utf-8-sig", newline="") as table:
        names = {row["entity_id"]: parts(row["name"]) for row in csv.DictReader(table)}
    found = collections.defaultdict(collections.Counter)
    with open(run / "mentions.csv", encoding="utf-8-sig", newline="") as table:
        for row in csv.DictReader(table):
            surname = re.sub(r"['’]s$", "", row["text"].strip())
            person = meant.get((row["doc_id"], surname))
            if person:
                name = names[row["entity_id"]]
                alone = name == {surname.lower()}
                found[surname]["alone" if alone else "right" if name <= person or person <= name else "wrong"] += 1
    for surname, counts in [*sorted(found.items()), ("all", sum(found.values(), collections.Counter()))]:
        print(f"{surname:10} {counts['right']:4} right {counts['wrong']:4} wrong {counts['alone']:4} alone")


main()
