#!/usr/bin/env python3
"""Writes the teacher's soft labels for windows of plain text, in the form that label_format.py describes.

    python3 label.py --encoder DIR --checkpoint teacher.pt --windows windows.jsonl --out labels.bin [--resume]

Each line of the windows is {"doc": id, "sentences": [text, ...]}: consecutive sentences that are read together.
With --show the labels of a file are printed instead.
"""
from model import Teacher, quiet_allocator

if __name__ == "__main__":
    quiet_allocator()

import argparse
import itertools
import json
import os
import sys
import time

import numpy
import torch
from transformers import AutoTokenizer

from data import STATUSES, Batch, Facts, Pairs, Schema, batches_of, length, mentions_of, pack, tokenize
from label_format import NO_TRIGGER, Labels, pack_header, pack_window, read_header, read_windows


def parse():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--encoder", help="folder of the encoder's configuration and tokenizer")
    ap.add_argument("--checkpoint", help="teacher.pt or checkpoint.pt of train_teacher.py")
    ap.add_argument("--windows")
    ap.add_argument("--out", required=True)
    ap.add_argument("--resume", action="store_true", help="go on after the last whole window of --out")
    ap.add_argument("--threshold", type=float, default=0.05, help="facts more probable than this get status and trigger")
    ap.add_argument("--longest", type=int, default=256, help="subwords; a longer window is read in parts")
    ap.add_argument("--block", type=int, default=1000, help="windows that are sorted by length and written together")
    ap.add_argument("--threads", type=int, default=2)
    ap.add_argument("--show", type=int, metavar="N", help="print the first N windows of --out and write nothing")
    return ap.parse_args()


def byte_spans(sentence):
    """Where the words stand, in bytes."""
    if sentence.text.isascii():
        return sentence.words
    before = [0, *itertools.accumulate(len(c.encode()) for c in sentence.text)]
    return [(before[a], before[b]) for a, b in sentence.words]


def best_trigger(scores, sentence):
    """(first word, last word, probability) of the likeliest trigger in scores [2, 1 + subwords]."""
    start, end = scores[:, : 1 + len(sentence.ids)].softmax(-1)
    inside = torch.triu(start[1:, None] * end[None, 1:])
    none = float(start[0] * end[0])
    best = int(inside.argmax())
    if none >= float(inside.max()):
        return NO_TRIGGER, NO_TRIGGER, none
    first, last = divmod(best, len(sentence.ids))
    return sentence.word_of[first], sentence.word_of[last], float(inside.max())


@torch.inference_mode()
def label(model, group, tokenizer, threshold):
    """The Labels of every sentence of the windows, in their order."""
    batch = Batch(group, tokenizer)
    with torch.autocast("cpu", torch.bfloat16):
        hidden = model.encode(batch)
        tags = batch.by_sentence(model.tags(hidden, batch).softmax(-1))
        mentions = [mentions_of(t.argmax(-1).tolist()) for t in tags]
        pairs, result = Pairs(batch, mentions), []
        for sentence, probabilities, found in zip(batch.sentences, tags, mentions):
            result.append(Labels(byte_spans(sentence), sentence.cut, probabilities.numpy(), found, [], [], []))
        if not len(pairs):
            return zip(batch.sentences, result)
        states = model.pairs(hidden, pairs)
        logits = model.relations(states)
        place = []
        for (n, i, j), row in zip(pairs.of, logits.numpy()):
            place.append(len(result[n].pairs))
            result[n].pairs.append((i, j))
            result[n].relations.append(row)
        rows = (torch.sigmoid(logits) > threshold).nonzero().tolist()
        # In parts: an untrained teacher finds every fact likely, and each keeps a row a subword.
        for k in range(0, len(rows), 512):
            facts = Facts(batch, pairs, rows[k : k + 512])
            status, trigger = model.details(hidden, states, facts)
            for (pair, relation), of_status, of_trigger in zip(facts.rows, status.tolist(), trigger):
                n = pairs.of[pair][0]
                told = best_trigger(of_trigger, batch.sentences[n])
                result[n].facts.append((place[pair], relation, of_status, *told))
    return zip(batch.sentences, result)


def show(path, count):
    with open(path, "rb") as file:
        header = read_header(file)
        for line, sentences, _ in itertools.islice(read_windows(file, header), count):
            for n, s in enumerate(sentences):
                print(f"window {line} sentence {n}: {len(s.words)} words, {s.cut} cut off")
                print("  mentions", [(a, b, header["types"][t]) for a, b, t in s.mentions])
                for pair, relation, status, first, last, sure in s.facts:
                    p = 1 / (1 + numpy.exp(-s.relations[pair][relation]))
                    told = header["statuses"][int(numpy.argmax(status))]
                    where = "no trigger" if first == NO_TRIGGER else f"words {first}-{last}"
                    print(f"  {s.pairs[pair]} {header['relations'][relation]} {p:.2f} {told}, {where} ({sure:.2f})")


def main():
    args = parse()
    if args.show is not None:
        return show(args.out, args.show)
    if not (args.encoder and args.checkpoint and args.windows):
        sys.exit("--encoder, --checkpoint and --windows are needed; see --help")
    torch.set_num_threads(args.threads)
    tokenizer = AutoTokenizer.from_pretrained(args.encoder)
    state = torch.load(args.checkpoint, map_location="cpu", weights_only=True, mmap=True)
    types, relations = state["types"], state["relations"]
    model = Teacher(args.encoder, len(types), len(relations), pretrained=False)
    model.load_state_dict(state["model"])
    model.eval()
    with open(args.windows, encoding="utf-8") as file:
        lines = [json.loads(line)["sentences"] for line in file]

    header = {"tags": Schema(types, relations, set()).tags, "types": types, "relations": relations, "statuses": STATUSES}
    first = 0
    if args.resume and os.path.exists(args.out):
        with open(args.out, "r+b") as file:
            if read_header(file) != header:
                sys.exit(f"{args.out} was written with other types or relations; write to another file")
            whole = file.tell()
            for line, _, whole in read_windows(file, header):
                first = line + 1
            file.truncate(whole)
    counts, clock = {"sentences": 0, "subwords": 0, "words cut off": 0, "mentions": 0, "facts": 0}, time.time()
    with open(args.out, "ab" if first else "wb") as out:
        if not first:
            out.write(pack_header(header))
        for k in range(first, len(lines), args.block):
            block = lines[k : k + args.block]
            sentences = iter(list(tokenize(tokenizer, [text for texts in block for text in texts])))
            windows = [list(itertools.islice(sentences, len(texts))) for texts in block]
            parts, labels = [part for w in windows for part in pack(w, limit=args.longest)], {}
            for group in batches_of(parts, rows=32, budget=2048):
                labels.update((id(s), made) for s, made in label(model, group, tokenizer, args.threshold))
            nothing = Labels([], 0, numpy.zeros((0, len(header["tags"]))), [], [], [], [])
            for line, window in enumerate(windows, k):
                made = [labels.get(id(s), nothing) for s in window]
                out.write(pack_window(line, made))
                counts["sentences"] += len(made)
                counts["words cut off"] += sum(s.cut for s in made)
                counts["mentions"] += sum(len(s.mentions) for s in made)
                counts["facts"] += sum(len(s.facts) for s in made)
            out.flush()
            counts["subwords"] += sum(map(length, parts))
            rate = counts["subwords"] / (time.time() - clock)
            told = ", ".join(f"{n} {name}" for name, n in counts.items())
            print(f"{k + len(block)}/{len(lines)} windows, {told}; {rate:.0f} subwords/s", flush=True)


if __name__ == "__main__":
    main()
