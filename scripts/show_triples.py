"""Prints the first rows of a triples.csv for reading: show_triples.py FILE NUMBER."""

import csv
import sys
import textwrap


def main() -> None:
    path, number = sys.argv[1], int(sys.argv[2])
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows[:number]:
        print(f"{row['subject']} | {row['relation']} | {row['object']}   ({row['status']}, {row['confidence']})")
        print(textwrap.fill(row["sentence"], 96, initial_indent="    ", subsequent_indent="    "))
    left = len(rows) - number
    if left > 0:
        print(f"... and {left} more rows")


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    main()
