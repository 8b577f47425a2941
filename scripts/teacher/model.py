"""The teacher: one encoder pass gives the tags of words, the relations of pairs of mentions, their status and trigger."""
import os
import sys

import torch
from torch import nn
from transformers import AutoConfig, AutoModel

SHAPES = 8
NOWHERE = -1e4


def quiet_allocator():
    """Starts the program again with settings that must stand before the process begins.

    Without them every large tensor is mapped and unmapped by the kernel, and idle threads spin on cores that
    other programs share.
    """
    wanted = {
        "MALLOC_TOP_PAD_": str(256 << 20),
        "MALLOC_MMAP_MAX_": "0",
        "MALLOC_TRIM_THRESHOLD_": str(8 << 30),
        "OMP_WAIT_POLICY": "PASSIVE",
        "TOKENIZERS_PARALLELISM": "false",
    }
    if any(key not in os.environ for key in wanted):
        os.execve(sys.executable, [sys.executable, *sys.argv], {**wanted, **os.environ})


class Teacher(nn.Module):
    """Heads over an encoder of the BERT family without case.

    Pairs are represented as in Baldini Soares et al. 2019 (the ends of both mentions), with the types, the
    maximum over the words between and the product of the two sides.
    """

    def __init__(self, encoder, types, relations, pretrained=True):
        super().__init__()
        if pretrained:
            self.encoder = AutoModel.from_pretrained(encoder, add_pooling_layer=False, attn_implementation="eager")
        else:
            config = AutoConfig.from_pretrained(encoder)
            self.encoder = AutoModel.from_config(config, attn_implementation="eager", add_pooling_layer=False)
        h = self.encoder.config.hidden_size
        self.drop = nn.Dropout(0.1)
        self.shape_in, self.shape_beside = nn.Embedding(SHAPES, h), nn.Embedding(SHAPES, 32)
        nn.init.zeros_(self.shape_in.weight)
        self.tag = nn.Linear(h + 32, 1 + 2 * types)
        self.kind, self.distance = nn.Embedding(types, 64), nn.Embedding(20, 64)
        self.subject, self.object, self.context = nn.Linear(2 * h + 64, h), nn.Linear(2 * h + 64, h), nn.Linear(h, h)
        self.pair = nn.Sequential(nn.Dropout(0.1), nn.Linear(4 * h + 64, 2 * h), nn.GELU(), nn.Dropout(0.1))
        self.relation = nn.Linear(2 * h, relations)
        self.relation_name = nn.Embedding(relations, 128)
        self.status = nn.Sequential(nn.Linear(2 * h + 128, 256), nn.GELU(), nn.Dropout(0.1), nn.Linear(256, 4))
        self.pointer, self.pointed = nn.Linear(2 * h + 128, 2 * 256), nn.Linear(h, 2 * 256)

    def encode(self, batch):
        """Last hidden state by flat position, [rows * width, hidden]."""
        words = self.encoder.get_input_embeddings()(batch.tokens)
        hidden = self.encoder(inputs_embeds=words + self.shape_in(batch.shapes), attention_mask=batch.mask)
        return self.drop(hidden.last_hidden_state.float().flatten(0, 1))

    def tags(self, hidden, batch):
        """Logits of the tags of every word, [words, tags]."""
        shapes = self.shape_beside(batch.shapes.flatten()[batch.firsts])
        return self.tag(torch.cat([hidden[batch.firsts], shapes], -1)).float()

    def pairs(self, hidden, pairs):
        """The representation of every pair, [pairs, 2 * hidden]."""
        ends, kinds = hidden[pairs.ends], self.kind(pairs.types)
        subject = self.subject(torch.cat([ends[:, 0], ends[:, 1], kinds[:, 0]], -1))
        object_ = self.object(torch.cat([ends[:, 2], ends[:, 3], kinds[:, 1]], -1))
        between = self.context(hidden[pairs.between].amax(1))
        return self.pair(torch.cat([subject, object_, subject * object_, between, self.distance(pairs.distances)], -1))

    def relations(self, pair_states):
        """Logits of the relations, [pairs, relations]."""
        return self.relation(pair_states).float()

    def details(self, hidden, pair_states, facts):
        """For (pair, relation) rows: logits of the status [rows, 4]; of a trigger's two ends [rows, 2, 1 + subwords]."""
        query = torch.cat([pair_states[facts.pair], self.relation_name(facts.relation)], -1)
        asks = self.pointer(query).float().view(-1, 1, 2, 256)
        keys = self.pointed(hidden)[facts.candidates].float().view(*facts.candidates.shape, 2, 256)
        scores = (asks * keys).sum(-1).transpose(1, 2) / 16
        return self.status(query).float(), scores.masked_fill(~facts.allowed[:, None, :], NOWHERE)
