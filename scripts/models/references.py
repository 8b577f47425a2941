#!/usr/bin/env python3
"""Fits the weights by which `it`, `they` and noun phrases are given an entity: src/entities/references/weights.rs.

    references.py RUN CHAINS...

RUN and CHAINS are those of pronouns.py; of CHAINS, give only files in which `it`, `they` and noun phrases are annotated
(references.jsonl, judged_references.jsonl and OntoGUM). Of judged_references.jsonl only the words that are listed were
judged: those that an earlier model thought more probable than not. Prints precision and recall by cross-validation, then the weights.

The models are logistic regressions as in pronouns.py, one for pronouns of things and one for noun phrases; their
features are those of things.rs and phrases.rs, and the word lists are read from there. What `he` and `she` mean is taken
from RUN. A document of OntoGUM weighs less: most of its chains have no name. Needs numpy (OPENBLAS_NUM_THREADS=1).
"""
import collections
import csv
import math
import pathlib
import re
import sys

import numpy as np

import pronouns
from pronouns import TENTATIVE, Mention, chain_of, fit, rust_list, words

THRESHOLDS = (0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85)


def lists(file, *names):
    return [rust_list(file, name) for name in names]


PERSONS, BODIES, PLACES, NOT_IN_POST, RULERS = lists(
    "nouns.rs", "PERSONS", "ORGANISATIONS", "PLACES", "NOT_IN_POST", "RULERS")
TOLD_PERSONS, TOLD_BODIES, TOLD_PLACES = lists("nouns.rs", "TOLD_PERSONS", "TOLD_ORGANISATIONS", "TOLD_PLACES")
TOLD = TOLD_PERSONS | TOLD_BODIES | TOLD_PLACES
LABELS = {noun: label for label, nouns in (("LOC", PLACES | TOLD_PLACES), ("ORG", BODIES | TOLD_BODIES),
                                           ("PER", PERSONS | TOLD_PERSONS)) for noun in nouns}
SAME = dict(re.findall(r'\("(\w+)", "(\w+)"\)', (pronouns.RUST / "nouns.rs").read_text()))
OF_THINGS, CONTINUED = lists("propose.rs", "OF_THINGS", "CONTINUED")
NO_TITLE, SHORT, ENDS, CLAUSE = lists("titles.rs", "NO_TITLE", "SHORT", "ENDS", "VERBS")
PREPOSITIONS, SAYING, VERBS = lists("place.rs", "PREPOSITIONS", "SAYING", "VERBS")
PLURAL, OWNING, OF_STATES, BE, MODALS, BE_AFTER_MODAL, DETERMINERS, PEOPLE, SINGULARS = lists(
    "things.rs", "PLURAL", "OWNING", "OF_STATES", "BE", "MODALS", "BE_AFTER_MODAL", "DETERMINERS", "PEOPLE", "SINGULARS")
COUNTRIES, PARTS, KINGDOMS, AFTER_PHRASE = lists(
    "phrases.rs", "COUNTRIES", "PARTS", "KINGDOMS", "AFTER_PHRASE")
DATA = pathlib.Path(__file__).parents[2] / "data"
SHARED, = lists("../states.rs", "SHARED")
with open(DATA / "states.csv", encoding="utf-8", newline="") as table:
    STATES = {row["name"] + " (U.S. state)" * (row["name"] in SHARED) for row in csv.DictReader(table)}
with open(DATA / "countries.csv", encoding="utf-8", newline="") as table:
    COUNTRY_NAMES = {row["name"].rstrip("?") for row in csv.DictReader(table)}
SENTENCES = {"thing": 3, "PER": 100, "ORG": 6, "LOC": 8}
FEATURES = {
    "thing": """last mentioned in the same sentence
        last mentioned in the sentence before
        the mention is the subject of a verb behind it
        the mention says something, and so does the pronoun, outside quotations
        the mention is such a pronoun, of the same number
        the mention is such a pronoun, of the other number
        a country
        a place that is no country
        mention and pronoun are among the first words of two sentences
        the pronoun is its
        it is, it would be
        the pronoun is no subject
        the mention is among the first words of the same sentence
        a country, and the pronoun owns what states have
        the mention is a country's adjective
        a person is mentioned in between
        other candidates that are mentioned later
        how often it is named, as logarithm
        nouns without a name that come between
        plurals that come between, if the pronoun is they
        the mention is part of what the noun behind it means
        always""",
    "phrase": """last mentioned in the same sentence
        last mentioned in the sentence before
        last mentioned two sentences before
        the mention is the subject of a verb behind it
        the noun has meant it before
        its titles or names hold the noun
        those of no other candidate do
        those of another candidate do, and its own do not
        its name has the very noun
        a place that is no country
        the phrase goes on behind its noun
        the only candidate
        the last mentioned one
        one of mention and phrase is in a quotation, the other is not
        the noun is country or nation
        the noun is president
        the noun is state
        the noun has meant another one before
        how often it is named, as logarithm
        always""",
}
FEATURES = {kind: [line.strip() for line in text.splitlines()] for kind, text in FEATURES.items()}


def usual(noun):
    return SAME.get(noun, noun)


def nouns_of(text):
    found, parts = set(), [word.lower() for word in words(text)]
    for n, word in enumerate(parts):
        noun = usual(word)
        if noun in LABELS and not NOT_IN_POST & set(parts[max(0, n - 2):n]):
            found.add(noun)
            if noun == "minister" and n and parts[n - 1] == "prime":
                found.add("premier")
    return found


def title_before(lead):
    title = []
    for word in reversed(lead.split() if lead[-1:].isspace() else []):
        word = word.strip("'’\"“”(")
        bare = word.rstrip(".").lower()
        if not word or word[-1] in ",;:!?)" or word[-1] == "." and bare not in SHORT and usual(bare) == bare:
            break
        is_capital = word[0].isupper() and bare not in NO_TITLE
        if len(title) == 6 or not (is_capital or bare in LABELS or bare in NOT_IN_POST or bare == "prime"):
            break
        title.append(word)
    return " ".join(reversed(title))


def called_behind(after):
    match = re.match(r"(,| is| was) (the |a |an |one )?([^,.;:()'’]*)(['’]?)", after)
    if not match or not match[2] and match[1] != ",":
        return ""
    said = match[3].split()
    end = next((n for n, word in enumerate(said) if word.lower() in ENDS | CLAUSE or word.endswith("ed")), None)
    is_clause = end is not None and said[end].lower() not in ENDS and (match[2] or "the")[0] != "a"
    if match[1] == "," and is_clause or match[4] and end is None:
        return ""
    return " ".join(said[:end][:6])


def phrases(text):
    """Start, end, noun and whether it is `prime minister`, of `the NOUN` and `this NOUN`."""
    spans = [match.span() for match in re.finditer(r"[^\W_]+", text)]
    for n, (start, end) in enumerate(spans):
        noun, following = text[start:end], text[end:end + 1]
        if noun.lower() not in LABELS or noun not in (noun.lower(), noun.capitalize()) or following == "-":
            continue
        if following == " " and n + 1 < len(spans) and spans[n + 1][0] == end + 1:
            word = text[slice(*spans[n + 1])]
            if word.lower() in CONTINUED or word[0].isupper() or word.lower() in LABELS:
                continue
        is_prime = n > 0 and text[slice(*spans[n - 1])].lower() == "prime"
        first = n - 1 - is_prime
        joined = all(text[spans[m][1]:spans[m + 1][0]] in (" ", "-") for m in range(max(first, 0), n))
        if first >= 0 and joined and text[slice(*spans[first])].lower() in ("the", "this"):
            yield spans[first][0], end, noun.lower(), is_prime


class Word(Mention):
    """A mention of pronouns.py with what the words around it tell of its part in the sentence."""

    def __init__(self, doc, start, end, kind, entity=None, label=None, noun="", is_prime=False):
        super().__init__(doc, start, end, None if kind == "pronoun" else "", kind == "name")
        self.kind, self.entity, self.label, self.noun, self.is_prime = kind, entity, label, noun, is_prime
        self.lead, self.after = doc.text[doc.starts[self.sentence]:start], doc.text[end:doc.ends[self.sentence]]
        self.last_word = "".join(words(self.lead)[-1:]).lower()
        following = [word.lower() for word in words(self.after)[:2]] + ["", ""]
        self.next = following[0]
        self.opens = self.led <= 3
        self.acts = self.after[:1] == " " and (
            self.next in VERBS or self.next in SAYING or self.next.endswith("ed"))
        self.plural, self.thing = self.form in PLURAL, kind == "pronoun" and self.form in OF_THINGS
        ends = self.after[:1] in ".,;:!?"
        self.object = self.form not in OWNING and (
            ends or self.last_word in PREPOSITIONS or self.next in PREPOSITIONS)
        self.copula = self.form in ("it", "itself") and (
            self.next in BE or self.next in MODALS and following[1] in BE_AFTER_MODAL)
        self.goes_on = not (self.after[:1] in ".,;:!?\"”'’)" or self.next in AFTER_PHRASE)
        behind = re.match(r" ([^\W_]+)", self.after)
        self.is_part = kind == "name" and bool(behind) and not (
            behind[1].lower() in AFTER_PHRASE | SAYING | VERBS or behind[1][0].isupper() or behind[1].endswith("ed"))
        self.owns_of_states = self.form in OWNING and bool(OF_STATES & set(following))


class Document(pronouns.Document):
    """A text with all that the program finds in it."""

    def read(self, rows, chains):
        self.mentions = [
            Word(self, int(row["start"]), int(row["end"]), "pronoun" if row["via"] == "pronoun" else "name",
                 row["entity_id"], row["entity_id"].partition("-")[0])
            for row in rows if row["via"] != "nominal" and not (row["via"] == "pronoun" and row["type"] != "PER")]
        taken = list(self.mentions)
        new = [Word(self, m.start(), m.end(), "pronoun", label="thing")
               for m in re.finditer(rf"(?<!\w)(?:{'|'.join(OF_THINGS)})(?!\w)", self.text, re.I)]
        new += [Word(self, start, end, "phrase", None, LABELS[noun], noun, is_prime)
                for start, end, noun, is_prime in phrases(self.text)]
        self.mentions += [m for m in new if not any(n.start < m.end and m.start < n.end for n in taken)]
        self.mentions.sort(key=lambda m: m.start)
        self.labels = {m.entity: m.label for m in taken}
        self.times = collections.Counter(m.entity for m in taken if m.kind == "name")
        self.nouns, self.words, self.chains = (collections.defaultdict(set) for _ in range(3))
        judged = {end: chain for _, end, chain in chains}
        for m in self.mentions:
            m.judged, m.chain = m.end in judged or self.weight < 1, judged.get(m.end)
            if m.kind != "name":
                continue
            names = (m.form, self.names.get(m.entity, ""))
            for text in (*names, title_before(m.lead), called_behind(m.after)):
                self.nouns[m.entity] |= nouns_of(text)
            if m.label == "PER" and m.next == "administration":
                self.nouns[m.entity].add("president")
            self.words[m.entity] |= {word.lower() for name in names for word in words(name)}
            chain = chain_of(m, chains)
            if chain is not None:
                self.chains[m.entity].add(chain)
        self.named = {c for found in self.chains.values() for c in found}

    def is_country(self, entity):
        return self.labels[entity] == "LOC" and self.names.get(entity) in COUNTRY_NAMES

    def is_state(self, entity):
        return self.labels[entity] == "LOC" and self.names.get(entity) in STATES

    def is_adjective(self, mention):
        """`Iranian`, of a country"""
        return (mention.kind == "name" and mention.form not in self.names.get(mention.entity, "").lower()
                and mention.form.endswith(("an", "ans", "ish", "ese", "ch", "i", "is")))

    def can_mean(self, word, entity):
        if word.label == "thing":
            return self.labels[entity] in ("ORG", "LOC")
        country, state = self.is_country(entity), self.is_state(entity)
        fits = (country if word.noun in COUNTRIES else not country and not state if word.noun in PARTS
                else word.noun != "state" or state or country)
        return fits and self.labels[entity] == word.label and (word.noun not in TOLD or self.holds(word, entity))

    def holds(self, word, entity):
        noun, known = usual(word.noun), self.nouns[entity]
        if noun == "minister" and word.is_prime:
            named = "premier" in known
        else:
            named = bool(RULERS & known) if noun == "leader" else noun in known
        return (named or word.noun == "state" and self.is_state(entity)
                or word.noun == "kingdom" and bool(KINGDOMS & self.words[entity]))

    def candidates(self, n, entities):
        """The entities that can be meant and their last mentions, the last mentioned first."""
        word, found = self.mentions[n], {}
        for m in range(n - 1, -1, -1):
            if word.sentence - self.mentions[m].sentence > SENTENCES[word.label]:
                break
            if entities[m] is not None and self.can_mean(word, entities[m]):
                found.setdefault(entities[m], self.mentions[m])
        return found

    def of_thing(self, word, entity, last, later, person):
        distance, country = word.sentence - last.sentence, self.is_country(entity)
        same = distance == 0
        between = self.text[last.end:word.start] if same else word.lead
        told = between.split()
        nouns = sum(a.strip('"“(').lower() in DETERMINERS and b[0].islower() for a, b in zip(told, told[1:]))
        plurals = sum(w.lower() in PEOPLE or len(w) > 3 and w[-1] == "s" and w[-2] != "s" and w.lower() not in SINGULARS
                      for w in words(between)) if word.plural else 0
        return [same, distance == 1, last.acts, last.says and word.says and not word.quoted,
                last.thing and last.plural == word.plural, last.thing and last.plural != word.plural,
                country, self.labels[entity] == "LOC" and not country,
                not same and word.opens and last.opens, word.form == "its",
                word.copula, word.object, same and last.opens,
                country and word.owns_of_states, country and self.is_adjective(last), person,
                min(later, 6), min(math.log1p(self.times[entity]), 2.5), min(nouns, 3), min(plurals, 3), last.is_part, 1]

    def of_phrase(self, word, entity, last, later, found, before):
        distance, own = word.sentence - last.sentence, self.holds(word, entity)
        others = any(other != entity and self.holds(word, other) for other in found)
        return [distance == 0, distance == 1, distance == 2, last.acts, entity in before, own,
                own and not others, others and not own, word.noun in self.words[entity],
                self.labels[entity] == "LOC" and not self.is_country(entity), word.goes_on, len(found) == 1, later == 0,
                word.quoted != last.quoted, usual(word.noun) == "country", word.noun == "president",
                word.noun == "state", bool(before - {entity}),
                min(math.log1p(self.times[entity]), 2.5), 1]

    def decode(self, choose):
        """Reads the document: for each word its kind, candidates, their features, and what is chosen."""
        entities = [m.entity for m in self.mentions]
        for n, word in enumerate(self.mentions):
            if word.label != "thing" and word.kind != "phrase":
                continue
            found, kind = self.candidates(n, entities), "thing" if word.label == "thing" else "phrase"
            before = {entities[m] for m in range(n) if entities[m] is not None and kind == "phrase"
                      and self.mentions[m].kind == "phrase" and self.mentions[m].noun == word.noun}
            people = [m.start for m, entity in zip(self.mentions[:n], entities) if self.labels.get(entity) == "PER"]
            rows = [self.of_thing(word, entity, last, later, any(last.start < at for at in people)) if kind == "thing"
                    else self.of_phrase(word, entity, last, later, found, before)
                    for later, (entity, last) in enumerate(found.items())]
            rows = np.array(rows, float).reshape(-1, len(FEATURES[kind]))
            chosen, probability = choose(self, kind, word, list(found), rows)
            entities[n] = chosen if probability >= TENTATIVE else None
            yield word, kind, list(found), rows, chosen if probability >= self.threshold else None


def examples(docs, kind, choose):
    """As in pronouns.py, of one kind of words."""
    parts = [(rows, [doc.means(word, e) for e in found], doc.weight)
             for doc in docs for word, of, found, rows, _ in doc.decode(choose) if of == kind and found and word.judged]
    return (np.concatenate([rows for rows, _, _ in parts]), np.concatenate([np.array(ok, float) for _, ok, _ in parts]),
            np.repeat(np.arange(len(parts)), [len(ok) for _, ok, _ in parts]), np.array([w for _, _, w in parts]))


def rightly(doc, _, word, found, __):
    return next((entity for entity in found if doc.means(word, entity)), None), 1


def chooser(weights):
    def choose(_, kind, __, found, rows):
        power = np.exp(rows @ weights[kind])
        best = int(power.argmax()) if found else None
        return (found[best], power[best] / (1 + power.sum())) if found else (None, 0)
    return choose


def train(docs):
    first = {kind: examples(docs, kind, rightly) for kind in FEATURES}
    own = chooser({kind: fit(*first[kind]) for kind in FEATURES})
    weights = {}
    for kind, one in first.items():
        two = examples(docs, kind, own)
        joined = [np.concatenate(pair) for pair in zip(one, two)]
        joined[2][len(one[2]):] += len(one[3])
        weights[kind] = fit(*joined[:3], joined[3] / 2)
    return weights


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    run = pathlib.Path(sys.argv[1])
    with open(run / "entities.csv", encoding="utf-8", newline="") as lines:
        Document.names = {row["entity_id"]: row["name"] for row in csv.DictReader(lines)}
    docs = list(pronouns.documents(run, sys.argv[2:], Document))
    counts = collections.defaultdict(lambda: np.zeros(3))
    for rest, held in pronouns.folds(docs):
        weights = train(rest)
        for threshold in THRESHOLDS:
            for doc in held:
                doc.threshold = threshold
                for word, kind, _, _, chosen in doc.decode(chooser(weights)):
                    if word.judged:
                        kind = "they" if kind == "thing" and word.plural else kind
                        kind = f"{kind:6} {'OntoGUM' if doc.weight < 1 else 'news'}"
                        right = chosen is not None and doc.means(word, chosen)
                        counts[kind, threshold] += [right, chosen is not None, word.chain in doc.named]
    for (kind, threshold), (right, linked, gold) in sorted(counts.items()):
        print(f"{kind} {threshold}: precision {100 * right / max(linked, 1):.1f} ({right:.0f} of {linked:.0f}), "
              f"recall {100 * right / max(gold, 1):.1f} (of {gold:.0f})")
    for kind, weights in train(docs).items():
        print(kind)
        for name, weight in zip(FEATURES[kind], weights):
            print(f"        {weight:.2f}, // {name}")


if __name__ == "__main__":
    main()
