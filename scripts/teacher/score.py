"""Strict scores of the teacher: a mention counts when its span and type are right, a relation when its mentions are."""
import collections

import torch

from data import Batch, Facts, Pairs, batches_of, gold_pairs, mentions_of


def f1(counts):
    found, predicted, gold = counts
    precision, recall = found / max(1, predicted), found / max(1, gold)
    return {"f1": round(200 * found / max(1, predicted + gold), 2), "p": round(100 * precision, 2), "r": round(100 * recall, 2)}


def spans_of(sentence, mentions):
    """(start, end, type) in characters of (first word, last word, type)."""
    return [(sentence.words[a][0], sentence.words[b][1], kind) for a, b, kind in mentions]


def predicted_relations(model, hidden, batch, mentions, spans, schema, threshold):
    """A set of (subject span, relation, object span) a sentence; symmetric relations once, both directions averaged."""
    found = [set() for _ in batch.sentences]
    pairs = Pairs(batch, mentions)
    if not len(pairs):
        return found
    scores = torch.sigmoid(model.relations(model.pairs(hidden, pairs)))
    index = {key: k for k, key in enumerate(pairs.of)}
    back = torch.tensor([index[n, j, i] for n, i, j in pairs.of])
    both = torch.tensor([r in schema.symmetric for r in schema.relations])
    scores = torch.where(both, (scores + scores[back]) / 2, scores)
    for pair, relation in (scores > threshold).nonzero().tolist():
        n, i, j = pairs.of[pair]
        if not both[relation] or i < j:
            found[n].add((spans[n][i], relation, spans[n][j]))
    return found


def gold_relations(sentence, schema):
    for s, o, relation, _, _ in sentence.facts:
        if schema.relations[relation] in schema.symmetric:
            s, o = sorted((s, o), key=lambda i: sentence.gold[i])
        yield sentence.gold[s], relation, sentence.gold[o]


@torch.inference_mode()
def evaluate(model, windows, tokenizer, schema, threshold=0.5):
    """Figures in per cent: mentions; where sentences have relations also relations, statuses and triggers."""
    model.eval()
    counts = collections.defaultdict(lambda: [0, 0, 0])
    right = collections.Counter()

    def count(name, predicted, gold):
        for k, n in enumerate((len(predicted & gold), len(predicted), len(gold))):
            counts[name][k] += n

    for group in batches_of(windows, rows=32, budget=2048):
        batch = Batch(group, tokenizer)
        with torch.autocast("cpu", torch.bfloat16):
            hidden = model.encode(batch)
            tags = [mentions_of(t.tolist()) for t in batch.by_sentence(model.tags(hidden, batch).argmax(-1))]
            spans = [spans_of(s, m) for s, m in zip(batch.sentences, tags)]
            for sentence, predicted in zip(batch.sentences, spans):
                count("mentions", set(predicted), set(sentence.gold))
            if not any(s.has_relations for s in batch.sentences):
                continue
            placed = [s.placed_gold() for s in batch.sentences]
            gold_spans = [[s.gold[i] for i in kept] for s, (kept, _) in zip(batch.sentences, placed)]
            given = [mentions for _, mentions in placed]
            order = [sorted(range(len(g)), key=g.__getitem__) for g in gold_spans]
            given = [[m[i] for i in o] for m, o in zip(given, order)]
            gold_spans = [[g[i] for i in o] for g, o in zip(gold_spans, order)]
            with_gold = predicted_relations(model, hidden, batch, given, gold_spans, schema, threshold)
            end_to_end = predicted_relations(model, hidden, batch, tags, spans, schema, threshold)
            for sentence, a, b in zip(batch.sentences, with_gold, end_to_end):
                gold = set(gold_relations(sentence, schema))
                count("relations_gold_mentions", a, gold)
                count("relations_end_to_end", b, gold)
            pairs, _, facts, gold = gold_pairs(batch, schema)
            if facts.rows:
                status, trigger = model.details(hidden, model.pairs(hidden, pairs), facts)
                right["facts"] += len(facts.rows)
                right["status"] += int((status.argmax(-1) == gold[:, 0]).sum())
                right["trigger"] += int((trigger.argmax(-1) == gold[:, 1:]).all(-1).sum())
    figures = {name: f1(value) for name, value in counts.items()}
    if right["facts"]:
        figures["status_accuracy"] = round(100 * right["status"] / right["facts"], 2)
        figures["trigger_exact"] = round(100 * right["trigger"] / right["facts"], 2)
    return figures
