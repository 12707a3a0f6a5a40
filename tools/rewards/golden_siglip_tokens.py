# SPDX-License-Identifier: Apache-2.0
"""A small tokenizer of SigLIP's kind, in both of its published files' layouts, and what the reference makes of prompts.

    python tools/rewards/golden_siglip_tokens.py steering-core/src/test/resources/golden/tokenizers

SigLIP reads texts with a sentencepiece unigram model; the published folders hold it as spiece.model, which transformers'
SiglipTokenizer reads, and as tokenizer.json, which Tiller reads. Here a model of 400 pieces is trained on this
repository's own documents, with a few of the rules of NFKC (all of them are 240 KB), written as tokenizer.json (spiece.model
is not kept), and the prompts of the CLIP golden beside it are given to SiglipTokenizer: ids.json has a row for each, up to
the first </s>, with which all 64 places after it are filled. Needs sentencepiece, protobuf and transformers.
"""
import base64
import json
import pathlib
import string
import sys
import tempfile

import sentencepiece
from sentencepiece import sentencepiece_model_pb2 as proto
from transformers import SiglipTokenizer

LENGTH = 64
# Source and target of a normalisation, in hexadecimal code points.
RULES = {"ﬁ": "fi", "½": "1\u20442", "²": "2", "…": "...", "\xa0": " ", "\u2003": " ", "\u3000": " ", "™": "TM", "Ａ": "A", "ａ": "a",
         "\u200b": " ", "e\u0301": "é"}


def train(folder, repository):
    texts = [p.read_text() for p in sorted(repository.glob("docs/*.md")) + [repository / "README.md"]]
    lines = [" ".join(line.lower().split()) for text in texts for line in text.splitlines() if line.strip()]
    lines += ["naïve café é ü ö ß 中文 🐱"] * 3
    rules = folder / "rules.tsv"
    rules.write_text("".join(
        " ".join(f"{ord(c):X}" for c in a) + "\t" + " ".join(f"{ord(c):X}" for c in b) + "\n" for a, b in RULES.items()))
    model = folder / "spiece"
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_prefix=str(model), vocab_size=400, character_coverage=0.9995,
        normalization_rule_tsv=str(rules), pad_id=0, eos_id=1, unk_id=2, bos_id=-1, minloglevel=2, num_threads=1)
    return pathlib.Path(str(model) + ".model")


def as_json(model):
    """The layout of the published tokenizer.json: what is read is made canonical, then spaces are pieces' beginnings."""
    read = proto.ModelProto()
    read.ParseFromString(model.read_bytes())
    special = [{"id": i, "content": p.piece, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
                "special": True} for i, p in enumerate(read.pieces) if p.type in (2, 3)]
    punctuation = "[" + "".join("\\" + c for c in string.punctuation) + "]"
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": special,
        "normalizer": {"type": "Sequence", "normalizers": [
            {"type": "Lowercase"},
            {"type": "Replace", "pattern": {"Regex": punctuation}, "content": ""},
            {"type": "Replace", "pattern": {"Regex": "\\s+"}, "content": " "},
            {"type": "Strip", "strip_left": True, "strip_right": True},
            {"type": "Precompiled",
             "precompiled_charsmap": base64.b64encode(read.normalizer_spec.precompiled_charsmap).decode()},
            {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}]},
        "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
        "post_processor": {"type": "TemplateProcessing", "single": [
            {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}], "pair": [],
            "special_tokens": {"</s>": {"id": "</s>", "ids": [1], "tokens": ["</s>"]}}},
        "decoder": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
        "model": {"type": "Unigram", "unk_id": 2, "vocab": [[p.piece, round(p.score, 5)] for p in read.pieces],
                  "byte_fallback": False},
    }


def main():
    out = pathlib.Path(sys.argv[1]) / "siglip"
    out.mkdir(parents=True, exist_ok=True)
    repository = pathlib.Path(__file__).resolve().parents[2]
    with tempfile.TemporaryDirectory() as temp:
        model = train(pathlib.Path(temp), repository)
        (out / "tokenizer.json").write_text(json.dumps(as_json(model), ensure_ascii=False, separators=(",", ":")) + "\n")
        reference = SiglipTokenizer(str(model))
        prompts = [p["prompt"] for p in json.loads((out.parent / "clip" / "prompts.json").read_text())]
        rows = []
        for prompt in prompts:
            ids = reference(prompt, padding="max_length", truncation=True, max_length=LENGTH)["input_ids"]
            end = ids.index(1) + 1
            assert ids[end:] == [1] * (LENGTH - end)
            rows.append(ids[:end])
        (out / "ids.json").write_text("[\n" + ",\n".join(json.dumps(r, separators=(",", ":")) for r in rows) + "\n]\n")


if __name__ == "__main__":
    main()
