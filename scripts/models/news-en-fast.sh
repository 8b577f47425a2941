#!/bin/sh
# Trains models/news-en-fast from its public encoder. Resumable: run it again with --resume; --replace begins again.
#   scripts/models/news-en-fast.sh CORPORA WORK_DIR [--resume | --replace]
# With WORK_DIR/taught.jsonl there (distil.sh), it learns from that, too.
# CORPORA: ner/*.conll, relations/news.*.jsonl and articles/ as MODEL_CARD.md describes them; WORK_DIR: room for checkpoints.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/data.sh"
[ -f "$work/minilm/model.safetensors" ] || python3 "$here/encoder.py" minilm "$work/minilm"
[ -f "$work/taught.jsonl" ] && data="$data $work/taught.jsonl"
exec "$root/target/release/dossier" train all --data $data --dev $dev \
    --base "$work/minilm" --schema "$root/data/schema.toml" --output "$work/news-en-fast" \
    --epochs 4 --ner-share 0.5 "$@"
