#!/usr/bin/env python3
"""Fits the weights by which a pronoun is given a person: in src/entities/references/weights.rs.

    pronouns.py RUN CHAINS...

CHAINS are documents whose mentions are put into chains, a JSON line each: `id`, `text`, `mentions` (start, end, kind,
chain; what coreference.py makes) or OntoGUM's `id`, `tokens`, `clusters`. RUN is the folder that `dossier extract`
wrote for their texts, all in one run ({"id", "text"} a line; tokens joined by one space): candidates are the people
that the program itself finds. Prints precision and recall by cross-validation, then the weights.

The model is a logistic regression over the candidates of a pronoun and "nobody", whose score is 0: the features of a
pair are those of pronoun.rs, and so are the word lists, which are read from there. It is fitted twice: on documents
read with the right people for all pronouns before, then also on documents as its first self reads them. A person who is
only TENTATIVE-ly probable counts as mentioned for the pronouns after, without a link. A document of OntoGUM weighs less:
most are biographies. Needs numpy (OPENBLAS_NUM_THREADS=1).
"""
import bisect
import collections
import csv
import difflib
import json
import pathlib
import random
import re
import sys

import numpy as np

RUST = pathlib.Path(__file__).parents[2] / "src/entities/references"
PRONOUN = re.compile(r"(?<!\w)(?:he|him|his|himself|she|her|herself)(?!\w)", re.I)
QUOTES = re.compile(r'["“”]')
SENTENCE_END = re.compile(r"(?<!\b[A-Z])(?<!Mr)(?<!Mrs)(?<!Ms)(?<!Dr)(?<!Sen)(?<!Rep)(?<!Gov)(?<!Gen)(?<!Lt)(?<!St)"
                          r"[.!?][\"”’')\]]*(?=\s+[\"“‘'(\[—]*\s?[A-Z0-9])|\n+")
ONTOGUM_WEIGHT, PENALTY, TENTATIVE, FOLDS = 0.4, 1.0, 0.5, 8
THRESHOLDS = (0.7, 0.75, 0.8, 0.85, 0.9)


def rust_list(file, name):
    value = re.search(rf"const {name}\b[^=]*=\s*(.*?);", (RUST / file).read_text(), re.S).group(1)
    return set(re.sub(r'[\[\]",\\&]', " ", value).split())


PREPOSITIONS, SAYING, BODIES = (rust_list("place.rs", name) for name in ("PREPOSITIONS", "SAYING", "BODIES"))
OPENING, STRANGERS, NOT_OWNED = (rust_list("pronoun.rs", name) for name in ("OPENING", "STRANGERS", "NOT_OWNED"))
WINDOW = int(re.search(r"const SENTENCES: usize = (\d+)", (RUST / "pronoun.rs").read_text()).group(1))
TITLES = {g: rust_list("gender.rs", f"{g}_TITLES") for g in ("HE", "SHE")}
GIVEN = {g: rust_list("gender.rs", f"{g}_NAMES") for g in ("HE", "SHE")}
FEATURES = {
    "same": "last mentioned in the same sentence",
    "before": "last mentioned in the sentence before",
    "most": "nobody is named more often in the document",
    "known": "known to be spoken of so",
    "unknown_she": "not known to be, and the pronoun is she or her",
    "own": "his or her, and last mentioned in the same sentence",
    "subject": "he or she, and last mentioned in the same sentence",
    "opens": "the mention is among the first words of its sentence",
    "oblique": "the mention is a name after a preposition, with 's, or part of another name",
    "long": "the mention is a name of several words",
    "says": "the mention says something",
    "both_say": "so does the pronoun, outside quotations",
    "quotes": "speaks the quotation in which the pronoun stands",
    "side": "one of mention and pronoun is in a quotation, the other is not",
    "stranger": "somebody without a name comes between, or earlier in the pronoun's sentence",
    "later": "other candidates that are mentioned later",
    "bias": "always",
}


def words(text):
    return re.findall(r"[^\W_]+", text)


class Mention:
    def __init__(self, doc, start, end, entity=None, is_name=False):
        self.start, self.end, self.entity, self.is_name = start, end, entity, is_name
        self.is_pronoun = entity is None
        self.sentence = max(bisect.bisect_right(doc.starts, start) - 1, 0)
        text, begin = doc.text, doc.starts[self.sentence]
        lead, after = text[begin:start], text[end:doc.ends[self.sentence]]
        self.form = text[start:end].lower()
        line = text.rfind("\n", 0, start) + 1
        quoted = QUOTES.findall(text[line if start - line <= 1000 else begin:start])
        self.quoted = quoted.count('"') % 2 == 1 or quoted.count("“") > quoted.count("”")
        led_by, self.led = [w.lower() for w in words(lead)], len(words(lead))
        following = [w.lower() for w in words(after)[:2]]
        last = led_by[-1] if led_by else ""
        self.says = last in SAYING or any(w in SAYING for w in following)
        self.opens_with = led_by[0] if led_by else ""
        self.oblique = not self.is_pronoun and (
            last in PREPOSITIONS or last in ("the", "a", "an") or lead[-1:] in ("-", "–") or after[:1] in ("-", "–")
            or after.lstrip(" ")[:1] in ("'", "’") or self.form.endswith(("'s", "’s"))
            or any(w in BODIES for w in following[:1]))
        self.long = not self.is_pronoun and len(self.form.split()) > 1
        owned = re.match(r" ([^\W_]+)", after)
        self.owns = self.form == "his" or self.form == "her" and bool(owned) and owned[1].lower() not in NOT_OWNED
        self.gender = "SHE" if self.form in ("she", "her", "herself") else "HE"


class Document:
    """A text as the program reads it, with the people it finds and the chains they belong to."""

    threshold = 1.0

    def __init__(self, text, rows, chains, weight):
        self.text, self.weight = text, weight
        cuts = [0] + [m.end() for m in SENTENCE_END.finditer(text)]
        self.starts = [cut + len(text[cut:]) - len(text[cut:].lstrip()) for cut in cuts]
        self.ends = cuts[1:] + [len(text)]
        self.read(rows, chains)

    def read(self, rows, chains):
        self.mentions = [
            Mention(self, int(row["start"]), int(row["end"]), row["entity_id"], row["via"] != "nominal")
            for row in rows if row["type"] == "PER" and row["via"] != "pronoun"]
        names = list(self.mentions)
        self.mentions += [Mention(self, m.start(), m.end()) for m in PRONOUN.finditer(self.text)
                          if not any(n.start < m.end() and m.start() < n.end for n in names)]
        self.mentions.sort(key=lambda m: m.start)
        self.times = collections.Counter(m.entity for m in self.mentions if m.is_name)
        self.most = max(self.times.values(), default=0)
        self.genders, self.chains = {}, collections.defaultdict(set)
        for m in self.mentions:
            m.chain = next((c for a, b, c in chains if (a, b) == (m.start, m.end)), None)
            if m.is_name:
                gender = self.told(m)
                if gender:
                    self.genders.setdefault(m.entity, gender)
                chain = chain_of(m, chains)
                if chain is not None:
                    self.chains[m.entity].add(chain)
        self.named = {c for found in self.chains.values() for c in found}

    def told(self, mention):
        before = self.text[:mention.start].split()[-1:]
        name = re.sub(r"['’]s$", "", self.text[mention.start:mention.end]).lower().split()
        given = name[0] if len(name) > 1 else ""
        for word, tables in ((before[0] if before else "", TITLES), (given, TITLES), (given, GIVEN)):
            found = [g for g in tables if word.lower().rstrip(".") in tables[g]]
            if len(found) == 1:
                return found[0]
        return None

    def means(self, pronoun, entity):
        return pronoun.chain is not None and pronoun.chain in self.chains.get(entity, ())

    def ahead(self, n):
        """`In his speech, Rama ...`"""
        pronoun = self.mentions[n]
        sentence = [m for m in self.mentions if m.sentence == pronoun.sentence]
        opens = pronoun.opens_with in PREPOSITIONS | OPENING and 1 <= pronoun.led <= 3
        if not (pronoun.owns and opens and sentence[0] is pronoun):
            return None
        name = next((m for m in sentence if m.is_name), None)
        if name is None or self.genders.get(name.entity, pronoun.gender) != pronoun.gender:
            return None
        gap = self.text[pronoun.end:name.start].split(",")
        direct = len(gap) == 2 and len(gap[1].split()) <= 2 and self.text[name.end:name.end + 1] != ","
        return name.entity if direct else None

    def candidates(self, n, entities, genders):
        """The people who can be meant and their last mentions, the last mentioned first."""
        pronoun, found = self.mentions[n], {}
        for m in range(n - 1, -1, -1):
            if pronoun.sentence - self.mentions[m].sentence > WINDOW:
                break
            entity = entities[m]
            if entity is not None and genders.get(entity, pronoun.gender) == pronoun.gender:
                found.setdefault(entity, self.mentions[m])
        return found

    def features(self, n, entity, mention, later, genders):
        pronoun, known = self.mentions[n], entity in genders
        same = mention.sentence == pronoun.sentence
        speaks = same and mention.says and not mention.quoted
        ahead = any(m.entity == entity and m.sentence == pronoun.sentence and m.says and not m.quoted
                    for m in self.mentions[n + 1:])
        between = self.text[mention.end if same else self.starts[pronoun.sentence]:pronoun.start]
        if same and between.lstrip(" ").startswith(","):
            between = between.lstrip(" ,").partition(",")[2]
        told = words(between)
        values = {
            "same": same, "before": pronoun.sentence - mention.sentence == 1, "most": self.times[entity] == self.most,
            "known": known, "unknown_she": not known and pronoun.gender == "SHE", "own": same and pronoun.owns,
            "subject": same and pronoun.form in ("he", "she"), "opens": mention.led <= 3, "oblique": mention.oblique,
            "long": mention.long, "says": mention.says, "both_say": mention.says and pronoun.says and not pronoun.quoted,
            "quotes": pronoun.quoted and (speaks or ahead), "side": pronoun.quoted != mention.quoted,
            "stranger": any(a.lower() in STRANGERS and not b[:1].isupper() for a, b in zip(told, told[1:] + ["x"])),
            "later": later, "bias": True}
        return [float(values[name]) for name in FEATURES]

    def decode(self, choose):
        """Reads the document: for each pronoun its candidates, their features, and the person that is chosen."""
        entities, genders = [m.entity for m in self.mentions], dict(self.genders)
        for n, pronoun in enumerate(self.mentions):
            if not pronoun.is_pronoun:
                continue
            found = self.candidates(n, entities, genders)
            rows = np.array([self.features(n, entity, m, later, genders)
                             for later, (entity, m) in enumerate(found.items())]).reshape(-1, len(FEATURES))
            ahead = self.ahead(n)
            chosen, probability = (ahead, 1) if ahead else choose(self, pronoun, list(found), rows)
            if chosen and probability >= TENTATIVE:
                entities[n] = chosen
                genders.setdefault(chosen, pronoun.gender)
            linked = chosen if probability >= self.threshold else None
            yield pronoun, list(found) if ahead is None else [], rows, linked


def chain_of(name, chains):
    """The chain of the shortest span around a name, else of the longest within it."""
    longest = name.end - name.start + 40
    chains = [chain for chain in chains if chain[2] is not None]
    around = [(b - a, c) for a, b, c in chains if a <= name.start and name.end <= b and b - a <= longest]
    within = [(a - b, c) for a, b, c in chains if name.start <= a and b <= name.end]
    return min(around or within, default=(0, None))[1]


def documents(run, paths, kind=Document):
    rows, texts = collections.defaultdict(list), {}
    with open(run / "mentions.csv", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            rows[row["doc_id"]].append(row)
    for line in open(run / "texts.jsonl", encoding="utf-8"):
        row = json.loads(line)
        texts[row["doc_id"]] = row["text"]
    for path in paths:
        for line in open(path, encoding="utf-8"):
            gold = json.loads(line)
            text = texts[gold["id"]]
            if "tokens" in gold:
                ends = np.cumsum([len(token) + 1 for token in gold["tokens"]])
                chains = [(int(ends[a]) - 1 - len(gold["tokens"][a]), int(ends[b - 1]) - 1, chain)
                          for chain, spans in enumerate(gold["clusters"]) for a, b in spans]
            else:
                moved = places(gold["text"], text)
                chains = [(moved[m["start"]], moved[m["end"] - 1] + 1, m["chain"]) for m in gold["mentions"]
                          if m["start"] in moved and m["end"] - 1 in moved]
            yield kind(text, rows[gold["id"]], chains, ONTOGUM_WEIGHT if "tokens" in gold else 1.0)


def places(raw, text):
    """Where the characters of a text are once extract has taken lines out of it."""
    old, new = raw.splitlines(keepends=True), text.splitlines(keepends=True)
    strip = [[line.rstrip("\n") for line in lines] for lines in (old, new)]
    at, to = ([0, *np.cumsum([len(line) for line in lines])] for lines in (old, new))
    return {int(at[a + k]) + c: int(to[b + k]) + c
            for a, b, size in difflib.SequenceMatcher(None, *strip, autojunk=False).get_matching_blocks()
            for k in range(size) for c in range(len(strip[0][a + k]))}


def examples(docs, choose):
    """Features of all pairs, which of them are right, the pronoun of each, and the weight of each pronoun."""
    parts = [(rows, [doc.means(pronoun, e) for e in found], doc.weight)
             for doc in docs for pronoun, found, rows, _ in doc.decode(choose) if found]
    return (np.concatenate([rows for rows, _, _ in parts]), np.concatenate([np.array(ok, float) for _, ok, _ in parts]),
            np.repeat(np.arange(len(parts)), [len(ok) for _, ok, _ in parts]), np.array([w for _, _, w in parts]))


def fit(x, right, pronoun, weight):
    """Newton's method on the probability of the right people, or of nobody where none is right."""
    number, weights = len(weight), np.zeros(x.shape[1])
    penalty = np.full(len(weights), PENALTY)
    penalty[-1] = 0.01
    for _ in range(30):
        power = np.exp(np.clip(x @ weights, -30, 30))
        p = power / (1 + np.bincount(pronoun, power, number))[pronoun]
        of_right = np.bincount(pronoun, power * right, number)
        wanted = power * right / np.where(of_right > 0, of_right, 1)[pronoun]
        mean = np.add.reduceat(x * p[:, None], np.searchsorted(pronoun, np.arange(number)))
        hessian = (x * (p * weight[pronoun])[:, None]).T @ x - (mean * weight[:, None]).T @ mean + np.diag(penalty)
        step = np.linalg.solve(hessian, x.T @ ((p - wanted) * weight[pronoun]) + penalty * weights)
        weights -= step * min(1, 4 / (np.abs(step).max() + 1e-9))
        if np.abs(step).max() < 1e-4:
            break
    return weights


def rightly(doc, pronoun, found, _):
    return next((entity for entity in found if doc.means(pronoun, entity)), None), 1


def chooser(weights):
    def choose(_, __, found, rows):
        power = np.exp(rows @ weights)
        best = int(power.argmax()) if found else None
        return (found[best], power[best] / (1 + power.sum())) if found else (None, 0)
    return choose


def train(docs):
    first = examples(docs, rightly)
    own = examples(docs, chooser(fit(*first)))
    number = len(first[3])
    return fit(np.concatenate([first[0], own[0]]), np.concatenate([first[1], own[1]]),
               np.concatenate([first[2], own[2] + number]), np.concatenate([first[3], own[3]]) / 2)


def score(docs, choose, threshold):
    """Right links, links, and pronouns of somebody with a name."""
    counts = np.zeros(3)
    for doc in docs:
        doc.threshold = threshold
        for pronoun, _, _, chosen in doc.decode(choose):
            counts += [doc.means(pronoun, chosen), chosen is not None, pronoun.chain in doc.named]
    return counts


def folds(docs):
    """Cross-validation: the documents to train on and those held out, as many of each kind in every fold. Orders docs."""
    random.Random(0).shuffle(docs)
    docs.sort(key=lambda doc: doc.weight)
    for fold in range(FOLDS):
        held = docs[fold::FOLDS]
        yield [doc for doc in docs if doc not in held], held


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    docs = list(documents(pathlib.Path(sys.argv[1]), sys.argv[2:]))
    counts = collections.defaultdict(lambda: np.zeros(3))
    for rest, held in folds(docs):
        weights = train(rest)
        for threshold in THRESHOLDS:
            for kind, share in (("OntoGUM", ONTOGUM_WEIGHT), ("news", 1.0)):
                part = score([doc for doc in held if doc.weight == share], chooser(weights), threshold)
                counts[threshold, kind] += part
    for (threshold, kind), (right, linked, gold) in sorted(counts.items()):
        print(f"{threshold} {kind}: precision {100 * right / max(linked, 1):.1f} ({right:.0f} of {linked:.0f}), "
              f"recall {100 * right / max(gold, 1):.1f} (of {gold:.0f} pronouns)")
    for name, weight in zip(FEATURES, train(docs)):
        print(f"        {weight:.2f}, // {FEATURES[name]}")


if __name__ == "__main__":
    main()
