"""Labelled text -> windows of subwords -> batches of tensors.

A word is what the tokenizer's pre-tokenizer gives (runs of letters and digits, single punctuation marks), a
window one or more sentences of a document that the encoder reads together.
"""
import dataclasses
import json
import tomllib

import torch

STATUSES = ["asserted", "claimed", "negated", "possible"]
LONGEST_SENTENCE = 254  # subwords; what a longer sentence has beyond them is cut off


@dataclasses.dataclass
class Schema:
    types: list
    relations: list
    symmetric: set

    @classmethod
    def load(cls, path):
        """Reads the types and relations, in the order of the model's outputs, from a schema in TOML."""
        with open(path, "rb") as file:
            table = tomllib.load(file)
        relations = [r["name"] for r in table["relation"]]
        return cls([t["name"] for t in table["entity"]], relations, {r["name"] for r in table["relation"] if r["symmetric"]})

    @property
    def tags(self):
        """O, then B- and I- of each type."""
        return ["O"] + [f"{prefix}-{t}" for t in self.types for prefix in "BI"]


@dataclasses.dataclass
class Sentence:
    text: str
    ids: list  # vocabulary id of each subword
    word_of: list  # word of each subword, rising
    words: list  # (start, end) of each word, in characters of the text
    shapes: list  # case shape of each word
    gold: list = dataclasses.field(default_factory=list)  # (start, end, type) of each mention, in characters
    facts: list = dataclasses.field(default_factory=list)  # (subject, object, relation, status, trigger or None)
    has_relations: bool = False
    cut: int = 0  # words lost to LONGEST_SENTENCE

    def subwords_of(self, first, last):
        """First and last subword of the words first..=last."""
        inside = [i for i, w in enumerate(self.word_of) if first <= w <= last]
        return inside[0], inside[-1]

    def words_in(self, start, end):
        """First and last word that the characters start..end touch, or None."""
        hit = [i for i, (a, b) in enumerate(self.words) if a < end and b > start]
        return (hit[0], hit[-1]) if hit else None

    def gold_tags(self):
        """BIO tag of each word: 0 is O, 1 + 2 t begins a mention of type t, 2 + 2 t goes on with it."""
        tags = [0] * len(self.words)
        for start, end, kind in self.gold:
            if hit := self.words_in(start, end):
                for word in range(hit[0], hit[1] + 1):
                    tags[word] = 1 + 2 * kind + (word > hit[0])
        return tags

    def placed_gold(self):
        """Indices into `gold` of the mentions that were not cut off, and their (first word, last word, type)."""
        hits = [(i, self.words_in(a, b), kind) for i, (a, b, kind) in enumerate(self.gold)]
        return [i for i, hit, _ in hits if hit], [(*hit, kind) for _, hit, kind in hits if hit]


def mentions_of(tags):
    """(first word, last word, type) of each mention that a sequence of tags tells; a stray I- begins one."""
    found, before = [], 0
    for word, tag in enumerate(tags):
        if tag and (tag % 2 or before not in (tag, tag - 1)):
            found.append((word, word, (tag - 1) // 2))
        elif tag:
            found[-1] = (found[-1][0], word, found[-1][2])
        before = tag
    return found


def shape_of(word):
    """1 lower, 2 Capitalised, 3 ALL CAPITALS, 4 miXed, 5 one capital letter, 6 digits, 7 anything else."""
    letters = [c for c in word if c.isalpha()]
    if not letters:
        return 6 if any(c.isnumeric() for c in word) else 7
    upper = sum(c.isupper() for c in letters[1:])
    lower = len(letters) - 1 - upper
    if letters[0].isupper():
        return 5 if len(letters) == 1 else 2 if upper == 0 else 3 if lower == 0 else 4
    return 1 if upper == 0 else 4


def tokenize(tokenizer, texts):
    """A Sentence for each text, without labels."""
    for text, encoding in zip(texts, tokenizer(texts, add_special_tokens=False).encodings):
        sentence, last = Sentence(text, [], [], [], []), None
        for token, (start, end), word in zip(encoding.ids, encoding.offsets, encoding.word_ids):
            if end <= start:
                continue
            new = word is None or word != last
            last = word
            if new and (sentence.cut or len(sentence.ids) >= LONGEST_SENTENCE):
                sentence.cut += 1
            if sentence.cut:
                continue
            if new:
                sentence.words.append((start, end))
            sentence.words[-1] = (sentence.words[-1][0], max(sentence.words[-1][1], end))
            sentence.ids.append(token)
            sentence.word_of.append(len(sentence.words) - 1)
        sentence.shapes = [shape_of(text[a:b]) for a, b in sentence.words]
        yield sentence


def read_conll(path, tokenizer, schema):
    """Documents of a file of `token<white space>tag` lines in BIO, each a list of Sentences."""
    documents, rows, gold, texts = [[]], [], [], []

    def close():
        if not rows:
            return
        text, mentions = "", []
        for token, tag in rows:
            start = len(text) + bool(text)
            text = f"{text} {token}" if text else token
            if tag.startswith("B-"):
                mentions.append((start, len(text), schema.types.index(tag[2:])))
            elif tag.startswith("I-") and mentions:
                mentions[-1] = (mentions[-1][0], len(text), mentions[-1][2])
        documents[-1].append(len(texts))
        texts.append(text), gold.append(mentions), rows.clear()

    for line in open(path, encoding="utf-8"):
        if line.startswith("-DOCSTART-"):
            close()
            documents.append([])
        elif line.strip():
            rows.append((line.split()[0], line.split()[-1]))
        else:
            close()
    close()
    sentences = list(tokenize(tokenizer, texts))
    for sentence, mentions in zip(sentences, gold):
        sentence.gold = mentions
    return [[sentences[i] for i in document] for document in documents if document]


def read_relations(path, tokenizer, schema):
    """Sentences with mentions and relations of a JSON lines file in dossier's own form."""
    samples = [json.loads(line) for line in open(path, encoding="utf-8")]
    sentences = list(tokenize(tokenizer, [s["text"] for s in samples]))
    for sentence, sample in zip(sentences, samples):
        sentence.has_relations = True
        position = {}
        for e in sample["entities"]:
            position[e["id"]] = len(sentence.gold)
            sentence.gold.append((e["start"], e["end"], schema.types.index(e["type"])))
        for r in sample["relations"]:
            s, o, relation = position[r["subject"]], position[r["object"]], schema.relations.index(r["relation"])
            trigger = tuple(r["trigger"]) if r.get("trigger") else None
            sentence.facts.append((s, o, relation, STATUSES.index(r["status"]), trigger))
    return sentences


def pack(document, rng=None, single=0.0, limit=128):
    """Consecutive sentences put together into windows of up to `limit` subwords; some stand alone."""
    windows, open_window, size, alone = [], [], 2, False
    for sentence in document:
        if not sentence.ids:
            continue
        if open_window and (alone or size + len(sentence.ids) > limit):
            windows.append(open_window)
            open_window, size = [], 2
        if not open_window:
            alone = rng is not None and rng.random() < single
        open_window.append(sentence)
        size += len(sentence.ids)
    return windows + [open_window] if open_window else windows


def length(window):
    return 2 + sum(len(s.ids) for s in window)


def batches_of(windows, rng=None, rows=16, budget=1024):
    """Groups windows of like length into batches of at most `rows` windows and `budget` padded subwords."""
    result, block = [], 320 if rng else max(1, len(windows))
    for k in range(0, len(windows), block):
        batch = []
        for window in sorted(windows[k : k + block], key=length):
            if batch and (len(batch) == rows or (len(batch) + 1) * length(window) > budget):
                result.append(batch)
                batch = []
            batch.append(window)
        result.append(batch)
    if rng:
        rng.shuffle(result)
    return [batch for batch in result if batch]


class Batch:
    """Windows as tensors. Positions are flat: row * width + column of the padded rectangle."""

    def __init__(self, windows, tokenizer):
        self.windows, self.width = windows, max(length(w) for w in windows)
        size = (len(windows), self.width)
        self.tokens = torch.full(size, tokenizer.pad_token_id)
        self.shapes, self.mask = torch.zeros(size, dtype=torch.long), torch.zeros(size, dtype=torch.long)
        self.sentences, self.offsets, firsts = [], [], []
        for row, window in enumerate(windows):
            ids, shapes = [tokenizer.cls_token_id], [0]
            for sentence in window:
                self.sentences.append(sentence)
                offset = row * self.width + len(ids)
                self.offsets.append(offset)
                firsts += [offset + i for i, w in enumerate(sentence.word_of) if i == 0 or w != sentence.word_of[i - 1]]
                ids += sentence.ids
                shapes += [sentence.shapes[w] for w in sentence.word_of]
            ids.append(tokenizer.sep_token_id)
            self.tokens[row, : len(ids)] = torch.tensor(ids)
            self.shapes[row, : len(shapes)] = torch.tensor(shapes)
            self.mask[row, : len(ids)] = 1
        self.firsts = torch.tensor(firsts, dtype=torch.long)  # the first subword of every word of every sentence

    def by_sentence(self, per_word):
        """Cuts a tensor with a row a word into one tensor a sentence."""
        return torch.split(per_word, [len(s.words) for s in self.sentences])

    def opening(self, sentence):
        """Flat position of the token that opens the sentence's window."""
        return self.offsets[sentence] // self.width * self.width


class Pairs:
    """All ordered pairs of the given mentions, (first word, last word, type), a list a sentence of the batch."""

    def __init__(self, batch, mentions):
        self.of, ends, types, distances, between = [], [], [], [], []
        for n, (sentence, found) in enumerate(zip(batch.sentences, mentions)):
            offset = batch.offsets[n]
            spans = [sentence.subwords_of(first, last) for first, last, _ in found]
            for i, (a1, b1) in enumerate(spans):
                for j, (a2, b2) in enumerate(spans):
                    if i == j:
                        continue
                    self.of.append((n, i, j))
                    ends.append([offset + a1, offset + b1, offset + a2, offset + b2])
                    types.append([found[i][2], found[j][2]])
                    gap, low, high = (a2 - b1, b1 + 1, a2) if a1 < a2 else (b2 - a1, b2 + 1, a1)
                    distances.append(max(-9, min(9, int(gap / 4))) + 10)
                    between.append([offset + k for k in range(low, high)] or [batch.opening(n)])
        widest = max(map(len, between), default=1)
        self.ends, self.types = torch.tensor(ends).view(-1, 4), torch.tensor(types).view(-1, 2)
        self.distances = torch.tensor(distances, dtype=torch.long)
        # A repeated position leaves a maximum as it is, so no mask is needed.
        self.between = torch.tensor([b + [b[0]] * (widest - len(b)) for b in between]).view(-1, widest)

    def __len__(self):
        return len(self.of)


class Facts:
    """(pair, relation) rows to give a status and a trigger; gold values where the pairs are of gold mentions."""

    def __init__(self, batch, pairs, rows):
        self.rows = rows  # (index of the pair, relation)
        self.pair = torch.tensor([p for p, _ in rows], dtype=torch.long)
        self.relation = torch.tensor([r for _, r in rows], dtype=torch.long)
        # Candidates for the ends of a trigger: the opening token (no trigger), then the sentence's subwords.
        where = [pairs.of[p][0] for p, _ in rows]
        sizes = [1 + len(batch.sentences[n].ids) for n in where]
        widest = max(sizes, default=1)
        self.candidates = torch.tensor(
            [[batch.opening(n)] + [batch.offsets[n] + min(k, s - 2) for k in range(widest - 1)] for n, s in zip(where, sizes)]
        ).view(-1, widest)
        self.allowed = torch.arange(widest)[None, :] < torch.tensor(sizes, dtype=torch.long)[:, None]


def gold_pairs(batch, schema):
    """Pairs of gold mentions of the sentences with relations, their labels [pairs, relations], and the gold Facts."""
    placed = [s.placed_gold() if s.has_relations else ([], []) for s in batch.sentences]
    pairs = Pairs(batch, [mentions for _, mentions in placed])
    index = {key: k for k, key in enumerate(pairs.of)}
    labels, rows = torch.zeros(len(pairs), len(schema.relations)), {}
    for n, sentence in enumerate(batch.sentences):
        position = {gold: k for k, gold in enumerate(placed[n][0])}
        for s, o, relation, status, trigger in sentence.facts:
            both_ways = schema.relations[relation] in schema.symmetric
            hit = trigger and sentence.words_in(*trigger)
            first, last = sentence.subwords_of(*hit) if hit else (-1, -1)
            for a, b in ((s, o), (o, s)) if both_ways else ((s, o),):
                if a in position and b in position and a != b:
                    pair = index[n, position[a], position[b]]
                    labels[pair, relation] = 1
                    rows[pair, relation] = (status, 1 + first, 1 + last)
    facts = Facts(batch, pairs, list(rows))
    gold = torch.tensor(list(rows.values()), dtype=torch.long).view(-1, 3)
    return pairs, labels, facts, gold
