#!/bin/sh
# Trains models/news-en-fast from its public encoder. Resumable: run it again with --resume.
#   scripts/models/news-en-fast.sh CORPORA WORK_DIR [--resume]
# CORPORA: ner/*.conll, relations/news.*.jsonl and articles/ as MODEL_CARD.md describes them; WORK_DIR: room for checkpoints.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
corpora=$1
work=$2
shift 2
mkdir -p "$work"
[ -f "$work/minilm/model.safetensors" ] || python3 "$here/encoder.py" minilm "$work/minilm"
python3 "$root/scripts/with-attribution" "$root/data/attribution.jsonl" "$corpora/relations/news.train.jsonl" > "$work/news.jsonl"
python3 "$here/annotations.py" "$root/data/annotations.jsonl" "$corpora" > "$work/annotated.jsonl"
exec "$root/target/release/dossier" train all \
    --data "$work/news.jsonl" "$work/annotated.jsonl" "$root/data/samples.jsonl" \
        "$corpora/ner/conll2003.train.conll" "$corpora/ner/worldwide.train.conll" \
    --dev "$corpora/relations/news.dev.jsonl" "$corpora/ner/conll2003.dev.conll" \
    --base "$work/minilm" --schema "$root/data/schema.toml" --output "$work/news-en-fast" \
    --epochs 4 --ner-share 0.4 "$@"
