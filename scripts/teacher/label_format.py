"""The file of soft labels that label.py writes. All numbers are little-endian, without padding between them.

    file      "DSLABEL1", u32 length of the header, header (JSON: tags, types, relations, statuses), windows
    window    u32 bytes that follow, u32 line of the input (from 0), u16 sentences, then the sentences
    sentence  u16 words, u16 words cut off (beyond the longest sentence; they have no labels), u16 mentions,
              u16 pairs, u32 facts, then:
      words     each u32 start, u32 end, in bytes of the sentence's text in UTF-8
      tags      words x tags x f16, probabilities in the order of the header's tags
      mentions  each u16 first word, u16 last word, u8 type: what the teacher's likeliest tags tell
      pairs     each u16 subject, u16 object (positions in mentions), relations x f16 logits (apply the sigmoid);
                all ordered pairs, subject by subject
      facts     each u16 position in pairs, u16 relation, statuses x f16 logits (apply the softmax),
                u16 first word, u16 last word of the trigger (both 65535: none), f16 probability of that trigger;
                every (pair, relation) more probable than the threshold
"""
import dataclasses
import json
import struct

import numpy

MAGIC = b"DSLABEL1"
NO_TRIGGER = 0xFFFF


@dataclasses.dataclass
class Labels:
    words: list  # (start, end) in bytes
    cut: int
    tags: numpy.ndarray  # [words, tags] probabilities
    mentions: list  # (first word, last word, type)
    pairs: list  # (subject, object)
    relations: numpy.ndarray  # [pairs, relations] logits
    facts: list  # (pair, relation, [status logits], first word, last word, probability of the trigger)


def _half(values):
    return numpy.asarray(values, dtype="<f2").tobytes()


def pack_header(header):
    text = json.dumps(header, ensure_ascii=False).encode()
    return MAGIC + struct.pack("<I", len(text)) + text


def pack_window(line, sentences):
    parts = [struct.pack("<IH", line, len(sentences))]
    for s in sentences:
        parts.append(struct.pack("<4HI", len(s.words), s.cut, len(s.mentions), len(s.pairs), len(s.facts)))
        parts.append(numpy.asarray(s.words, dtype="<u4").tobytes())
        parts.append(_half(s.tags))
        parts += [struct.pack("<HHB", *m) for m in s.mentions]
        parts += [struct.pack("<HH", *pair) + _half(logits) for pair, logits in zip(s.pairs, s.relations)]
        for pair, relation, status, first, last, sure in s.facts:
            parts.append(struct.pack("<HH", pair, relation) + _half(status) + struct.pack("<HH", first, last) + _half([sure]))
    body = b"".join(parts)
    return struct.pack("<I", len(body)) + body


def read_header(file):
    """The header; the file then stands at the first window."""
    if file.read(len(MAGIC)) != MAGIC:
        raise ValueError(f"{file.name} is no file of soft labels: it does not begin with {MAGIC.decode()}")
    return json.loads(file.read(struct.unpack("<I", file.read(4))[0]))


def read_windows(file, header):
    """(line, sentences, position after it) of every whole window; a last one that was not finished is left out."""
    tags, relations, statuses = len(header["tags"]), len(header["relations"]), len(header["statuses"])
    while len(size := file.read(4)) == 4:
        body = file.read(struct.unpack("<I", size)[0])
        if len(body) < struct.unpack("<I", size)[0]:
            return
        at = 0

        def take(form):
            nonlocal at
            at += struct.calcsize(form)
            return struct.unpack_from(form, body, at - struct.calcsize(form))

        line, count = take("<IH")
        sentences = []
        for _ in range(count):
            words, cut, mentions, pairs, facts = take("<4HI")
            s = Labels([take("<II") for _ in range(words)], cut, None, [], [], [], [])
            s.tags = numpy.array(take(f"<{words * tags}e")).reshape(words, tags)
            s.mentions = [take("<HHB") for _ in range(mentions)]
            for _ in range(pairs):
                s.pairs.append(take("<HH"))
                s.relations.append(take(f"<{relations}e"))
            s.relations = numpy.array(s.relations).reshape(pairs, relations)
            for _ in range(facts):
                pair, relation = take("<HH")
                s.facts.append((pair, relation, take(f"<{statuses}e"), *take("<HH"), *take("<e")))
            sentences.append(s)
        yield line, sentences, file.tell()
