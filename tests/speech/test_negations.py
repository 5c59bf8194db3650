"""A translation that lost its "not" is named; one that says it in its own way is not."""

from __future__ import annotations

import pytest

from bot.languages import languages
from bot.speech.negations import SIGNS, lost


def test_every_language_people_are_answered_in_is_looked_at() -> None:
    assert {code for code, language in languages().items() if language.trained} - {"en"} == set(SIGNS)


@pytest.mark.parametrize(
    ("code", "good", "bad"),
    [
        ("de", "Sie müssen nicht bezahlen.", "Sie müssen bezahlen."),
        ("ar", "لستم مضطرين إلى الدفع.", "أنتم مضطرون إلى الدفع."),
        ("uk", "Ви не мусите платити.", "Ви мусите платити."),
        ("ru", "Платить не нужно.", "Платить нужно."),
        ("fa", "لازم نیست پول بدهید.", "باید پول بدهید."),
        ("ps", "پیسې ورکول لازم نه دي.", "پیسې ورکړئ."),
        ("ku", "Ne hewce ye hûn pere bidin.", "Divê hûn pere bidin."),
        ("tr", "Ödemek zorunda değilsiniz.", "Ödeyiniz."),
        ("es", "No tiene que pagar.", "Tiene que pagar."),
        ("fr", "Vous ne devez pas payer.", "Vous devez payer."),
        ("ti", "ክትከፍሉ የብልኩምን።", "ክትከፍሉ ኣለኩም።"),
    ],
)
def test_a_lost_negation(code: str, good: str, bad: str) -> None:
    assert lost("You do not have to pay.", bad, code)
    assert not lost("You do not have to pay.", good, code)
    assert not lost("You have to pay.", bad, code)


@pytest.mark.parametrize("text", ["These places cost nothing.", "Report it without delay.", "A letter that says no."])
def test_english_that_negates_nothing(text: str) -> None:
    assert not lost(text, "Gratis.", "es")


def test_a_language_without_signs_passes() -> None:
    assert not lost("You do not have to pay.", "x", "pl")
