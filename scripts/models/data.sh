# What both bundled models are trained on. Sourced with the arguments CORPORA WORK_DIR; sets root, work, data and dev.
root=$here/../..
corpora=$1
work=$2
shift 2
mkdir -p "$work"
python3 "$root/scripts/with-attribution" "$corpora/relations/news.train.jsonl" > "$work/news.jsonl"
python3 "$here/annotations.py" "$root/data/annotations.jsonl" "$corpora" > "$work/annotated.jsonl"
# Every fourth of the own samples is kept apart: by them `dossier train` measures what a retrained model forgets.
awk 'NR % 4 != 0' "$root/data/samples.jsonl" > "$work/samples.jsonl"
data="$work/news.jsonl $work/annotated.jsonl $work/samples.jsonl $root/data/written.jsonl $root/data/written.jsonl
    $corpora/ner/conll2003.train.conll $corpora/ner/conll2003.train.conll $corpora/ner/worldwide.train.conll"
dev="$corpora/relations/news.dev.jsonl $corpora/ner/conll2003.dev.conll"
