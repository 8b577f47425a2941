#!/bin/sh
# Trains models/news-en from its public encoder: the lower seven of MPNet's twelve layers. Resumable: run it again with
# --resume; --replace begins again.
#   scripts/models/news-en.sh CORPORA WORK_DIR [--resume | --replace]
# CORPORA: ner/*.conll, relations/news.*.jsonl and articles/ as MODEL_CARD.md describes them; WORK_DIR: room for checkpoints.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/data.sh"
[ -f "$work/mpnet/model.safetensors" ] || python3 "$here/encoder.py" mpnet "$work/mpnet"
exec "$root/target/release/dossier" train all --data $data --dev $dev \
    --base "$work/mpnet" --keep-layers 0,1,2,3,4,5,6 --schema "$root/data/schema.toml" --weights int8 \
    --output "$work/news-en" --epochs 2 --learning-rate 1e-4 --ner-share 0.5 "$@"
