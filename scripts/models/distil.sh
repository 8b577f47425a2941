#!/bin/sh
# Has news-en label sentences of articles that nobody has labelled, with probabilities, for news-en-fast to learn from.
#   scripts/models/distil.sh CORPORA WORK_DIR        writes WORK_DIR/taught.jsonl
# CORPORA and WORK_DIR as for news-en-fast.sh. Relations are written from a probability of 0.05 up.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/data.sh"
release=$root/target/release
"$release/examples/sentences" --samples "$corpora/articles/world-politics.jsonl" "$corpora/articles/wikinews" \
    > "$work/sentences.jsonl"
python3 "$here/unlabelled.py" "$work/sentences.jsonl" --dev "$corpora/relations/news.dev.jsonl" \
    --labelled "$work/annotated.jsonl" "$work/news.jsonl" > "$work/plain.jsonl"
mkdir -p "$work/teacher"
cp "$root/models/news-en/"* "$work/teacher/"
python3 - "$work/teacher/config.json" <<'PYTHON'
import json, sys
with open(sys.argv[1], encoding="utf-8") as file:
    config = json.load(file)
config |= {"relation_threshold": 0.05, "relation_thresholds": {}}
with open(sys.argv[1], "w", encoding="utf-8") as file:
    json.dump(config, file, indent=2)
PYTHON
"$release/dossier" eval --model "$work/teacher" --data "$work/plain.jsonl" --predictions "$work/labelled.jsonl" \
    --json > "$work/labelled.json"
# A sentence with fewer than two names teaches nothing about relations, and little about names.
awk 'gsub(/"start":/, "&") > 1' "$work/labelled.jsonl" > "$work/taught.jsonl"
