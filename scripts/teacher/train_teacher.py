#!/usr/bin/env python3
"""Trains the multi-task teacher (mentions, relations, status, trigger) on the CPU in bf16 autocast.

    python3 train_teacher.py --encoder DIR --schema schema.toml --ner A.conll B.conll --relations news.jsonl \\
        --ner-dev A.dev.conll B.dev.conll --relations-dev news.dev.jsonl --out DIR [--resume]
"""
from model import Teacher, quiet_allocator

if __name__ == "__main__":
    quiet_allocator()

import argparse
import json
import os
import pathlib
import random
import signal
import time

import torch
from torch import nn
from transformers import AutoTokenizer, get_linear_schedule_with_warmup

from data import Batch, Schema, batches_of, gold_pairs, length, pack, read_conll, read_relations
from score import evaluate


def parse():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--encoder", required=True, help="folder of the pretrained encoder and its tokenizer")
    ap.add_argument("--schema", required=True)
    ap.add_argument("--ner", nargs="+", required=True)
    ap.add_argument("--ner-dev", nargs="*", default=[])
    ap.add_argument("--relations", required=True)
    ap.add_argument("--relations-dev")
    ap.add_argument("--out", required=True)
    ap.add_argument("--resume", action="store_true", help="go on from the checkpoint in --out, if there is one")
    ap.add_argument("--epochs", type=int, default=4)
    ap.add_argument("--ner-share", type=float, default=1 / 3, help="share of the NER windows in an epoch")
    ap.add_argument("--single", type=float, default=0.3, help="share of NER windows that hold one sentence")
    ap.add_argument("--packed", type=float, default=0.25, help="share of relation sentences read two or three at a time")
    ap.add_argument("--lr", type=float, default=5e-5)
    ap.add_argument("--head-lr", type=float, default=1e-3)
    ap.add_argument("--threads", type=int, default=2)
    ap.add_argument("--save-every", type=int, default=150, metavar="STEPS")
    ap.add_argument("--limit", type=int, default=0, help="train on and score the first N sentences: a check of the program")
    ap.add_argument("--seed", type=int, default=0)
    return ap.parse_args()


def epoch_batches(args, documents, sentences, epoch):
    """The batches of an epoch: every relation sentence once, a random share of the NER windows."""
    rng = random.Random(f"{args.seed} {epoch}")
    ner = [w for d in documents for w in pack(d, rng, args.single)]
    rng.shuffle(ner)
    ner = ner[: round(len(ner) * args.ner_share)]
    order = rng.sample(sentences, len(sentences))
    together = round(len(order) * args.packed)
    windows, k = [[s] for s in order[together:]], 0
    while k < together:
        size = min(rng.choice((2, 3)), together - k)
        windows.append(order[k : k + size])
        k += size
    rng.shuffle(windows)
    batches = batches_of(windows, rng) + batches_of(ner, rng)
    rng.shuffle(batches)
    return batches


def loss_of(model, batch, schema):
    """The weighted sum of the losses, each summed and divided by the batch's sentences; and each by name."""
    with torch.autocast("cpu", torch.bfloat16):
        hidden = model.encode(batch)
        tags = model.tags(hidden, batch)
        pairs, labels, facts, gold = gold_pairs(batch, schema)
        relations = status = trigger = None
        if len(pairs):
            states = model.pairs(hidden, pairs)
            relations = model.relations(states)
            if facts.rows:
                status, trigger = model.details(hidden, states, facts)
    tag_gold = torch.tensor([t for s in batch.sentences for t in s.gold_tags()])
    parts = {"tags": nn.functional.cross_entropy(tags, tag_gold, reduction="sum")}
    if relations is not None:
        parts["relations"] = nn.functional.binary_cross_entropy_with_logits(relations, labels, reduction="sum")
    if status is not None:
        parts["status"] = nn.functional.cross_entropy(status, gold[:, 0], reduction="sum")
        parts["trigger"] = sum(nn.functional.cross_entropy(trigger[:, k], gold[:, 1 + k], reduction="sum") for k in (0, 1))
    parts = {name: part / len(batch.sentences) for name, part in parts.items()}
    weights = {"status": 0.5, "trigger": 0.3}
    return sum(weights.get(name, 1.0) * part for name, part in parts.items()), parts


def save(path, state):
    """Writes beside the file and renames, so that a stop leaves the old file whole."""
    unfinished = path.with_suffix(".tmp")
    torch.save(state, unfinished)
    os.replace(unfinished, path)


def main():
    args = parse()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    out = pathlib.Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    say = lambda text: print(time.strftime("%H:%M:%S"), text, flush=True)
    schema, tokenizer = Schema.load(args.schema), AutoTokenizer.from_pretrained(args.encoder)
    documents = [d for path in args.ner for d in read_conll(path, tokenizer, schema)]
    sentences = read_relations(args.relations, tokenizer, schema)
    dev = {pathlib.Path(p).stem: [w for d in read_conll(p, tokenizer, schema) for w in pack(d)] for p in args.ner_dev}
    if args.relations_dev:
        dev[pathlib.Path(args.relations_dev).stem] = [[s] for s in read_relations(args.relations_dev, tokenizer, schema)]
    if args.limit:
        documents, sentences = [[s for d in documents for s in d][: args.limit]], sentences[: args.limit]
        dev = {"ner.train": pack(documents[0]), "relations.train": [[s] for s in sentences]}

    model = Teacher(args.encoder, len(schema.types), len(schema.relations))
    encoder = list(model.encoder.parameters())
    known = {id(p) for p in encoder}
    heads = [p for p in model.parameters() if id(p) not in known]
    groups = [{"params": encoder, "lr": args.lr}, {"params": heads, "lr": args.head_lr}]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01, fused=True)
    plan = [epoch_batches(args, documents, sentences, e) for e in range(args.epochs)]
    steps = sum(map(len, plan))
    schedule = get_linear_schedule_with_warmup(optimizer, max(1, steps // 10), steps)
    subwords = lambda batch: sum(map(length, batch))
    left = sum(subwords(b) for batches in plan for b in batches)
    say(f"{len(documents)} NER documents, {len(sentences)} relation sentences; {steps} steps, {left} subwords in all")

    checkpoint, start, at = out / "checkpoint.pt", (0, 0), 0
    if args.resume and checkpoint.exists():
        state = torch.load(checkpoint, map_location="cpu", weights_only=True)
        model.load_state_dict(state["model"]), optimizer.load_state_dict(state["optimizer"])
        schedule.load_state_dict(state["schedule"]), torch.set_rng_state(state["rng"])
        start, at = tuple(state["position"]), state["step"]
        left -= state["subwords"]
        say(f"resumed at epoch {start[0]}, batch {start[1]}, step {at}")
    done = sum(subwords(b) for batches in plan for b in batches) - left
    labels = {"types": schema.types, "relations": schema.relations}

    def keep(position):
        state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "schedule": schedule.state_dict()}
        save(checkpoint, {**state, **labels, "rng": torch.get_rng_state(), "position": position, "step": at, "subwords": done})

    stop = []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(True))
    mean, clock, seen = {}, time.time(), 0
    for epoch in range(start[0], args.epochs):
        first = start[1] if epoch == start[0] else 0
        for n in range(first, len(plan[epoch])):
            model.train()
            batch = Batch(plan[epoch][n], tokenizer)
            loss, parts = loss_of(model, batch, schema)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step(), schedule.step(), optimizer.zero_grad(set_to_none=True)
            at, tokens = at + 1, subwords(plan[epoch][n])
            done, left, seen = done + tokens, left - tokens, seen + tokens
            for name, part in {**parts, "all": loss}.items():
                mean.setdefault(name, []).append(float(part.detach()))
            if at % 20 == 0 or at == 1:
                rate = seen / (time.time() - clock)
                told = " ".join(f"{name} {sum(v) / len(v):.3f}" for name, v in mean.items())
                say(f"epoch {epoch} step {at}/{steps} {told} | {rate:.0f} subwords/s, {left / rate / 3600:.2f} h left")
                mean, clock, seen = {}, time.time(), 0
            if at % args.save_every == 0 or stop:
                keep((epoch, n + 1))
                clock, seen = time.time(), 0
            if stop:
                say(f"stopped at step {at}; --resume goes on")
                return
        keep((epoch + 1, 0))
        save(out / "teacher.pt", {"model": model.state_dict(), **labels, "epoch": epoch})
        figures = {name: evaluate(model, windows, tokenizer, schema) for name, windows in dev.items()}
        line = json.dumps({"epoch": epoch, "step": at, **figures})
        say(line)
        with open(out / "scores.jsonl", "a", encoding="utf-8") as file:
            file.write(line + "\n")
        clock, seen = time.time(), 0
    say("done")


if __name__ == "__main__":
    main()
