"""The syntax of crisis phrases, look-alikes, and the real phrase files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from spacy.matcher import Matcher

from bot.languages import languages
from bot.nlu.crisis import BREAK, CLAUSE, DATA, INTENTS, LOOK_ALIKE, WHOLE, WORDS, CrisisPatterns, patterns
from bot.nlu.message_files import read_messages
from bot.nlu.phrases import ARABIZI, PhraseFinder, Word, words_of
from bot.nlu.tokenizer import blank, shared_vocab_doc

ROOT = Path(__file__).parents[2]
FILES = sorted(DATA.glob("*.yml"))


# The same syntax as spaCy's token patterns, which is what the finder has to agree with.
GAPS = {"*": {"OP": "{0,3}", "LOWER": {"NOT_IN": [".", "!", "?", "؟"]}}, "**": {"OP": "{0,12}"}}


def pattern(words: list[Word]) -> list[dict]:
    return [token for word in words for token in _tokens(word)]


def _tokens(word: Word) -> list[dict]:
    if word.gap:
        return [GAPS[word.gap]]
    absent = {"OP": "?"} if word.absent else {}
    if word.partial:
        return [{"LOWER": {"REGEX": f"^(?:{'|'.join(map(_regex, word.options))})$"}, **absent}]
    if len(word.options) == 1:
        return [{"LOWER": piece.text, **absent} for piece in blank("xx").make_doc(word.options[0])]
    return [{"LOWER": {"IN": list(word.options)}, **absent}]


def _regex(option: str) -> str:
    if option.startswith("%"):
        return "[aeiou]*" + "".join(f"{ARABIZI.get(letter, letter)}+[aeiou]*" for letter in option[1:])
    before = r"\w*" if option.startswith("-") else ""
    after = r"\w*" if option.endswith("-") else ""
    return before + re.escape(option.strip("-")) + after


def judge(folder: Path, content: dict, text: str) -> str | None:
    (folder / "en.yml").write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    return CrisisPatterns(folder).find(shared_vocab_doc(text))


def hits(folder: Path, phrase: str, text: str, **words: str) -> bool:
    content: dict = {"emergency_medical": [phrase]}
    if words:
        content[WORDS] = words
    return judge(folder, content, text) == "emergency_medical"


@pytest.mark.parametrize(
    ("phrase", "text", "hit"),
    [
        ("no air", "there is no air here", True),
        ("no air", "NO AIR!!!", True),
        ("no air", "no fresh air", False),
        ("no air", "air no", False),
        # alternatives
        ("heart|chest pain", "my chest pain", True),
        ("heart|chest pain", "heart pain", True),
        ("heart|chest pain", "back pain", False),
        # parts of words
        ("bleed-", "she is bleeding", True),
        ("bleed-", "a nosebleed", False),
        ("-bleed", "a nosebleed", True),
        ("-bleed", "bleeding", False),
        ("-bleed-", "nosebleeding", True),
        ("bleed-|blood", "much blood", True),
        # may be absent
        ("has a? knife", "he has a knife", True),
        ("has a? knife", "he has knife", True),
        ("has a? knife", "he has the knife", False),
        # gaps
        ("not * breathing", "not breathing", True),
        ("not * breathing", "not one two three breathing", True),
        ("not * breathing", "not one two three four breathing", False),
        ("not ** breathing", "not " + "x " * 12 + "breathing", True),
        ("not ** breathing", "not " + "x " * 13 + "breathing", False),
        # the whole message
        ("= help", "help", True),
        ("= help", "Help!!!", True),
        ("= help", "help me with the form", False),
        ("= help", "i need help", False),
        # a whole message of more words
        ("= help me", "Help, me!", False),
        ("= help me", "help me", True),
        # other spellings of the same
        ("can't breathe", "I can’t breathe", True),
        ("أموت", "اموت", True),
        ("здоров'я", "здоровʼя", True),
    ],
)
def test_phrases(tmp_path: Path, phrase: str, text: str, hit: bool) -> None:
    assert hits(tmp_path, phrase, text) is hit


def test_named_sets_of_words(tmp_path: Path) -> None:
    assert hits(tmp_path, "<kin> collapsed", "my son collapsed", kin="son|daughter")
    assert hits(tmp_path, "<kin>|he collapsed", "he collapsed", kin="son|daughter")
    assert not hits(tmp_path, "<kin> collapsed", "my boss collapsed", kin="son|daughter")


def test_an_unknown_set_is_an_error() -> None:
    with pytest.raises(KeyError, match="kin"):
        pattern(words_of("<kin> collapsed", {}))


def test_a_misspelt_intent_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"en\.yml: emergency_medicl is no crisis intent"):
        judge(tmp_path, {"emergency_medicl": ["x"]}, "x")


def test_a_look_alike_cancels_the_phrase_it_covers(tmp_path: Path) -> None:
    content = {"emergency_violence": ["has a knife"], LOOK_ALIKE: ["kitchen has a knife"]}
    assert judge(tmp_path, content, "he has a knife") == "emergency_violence"
    assert judge(tmp_path, content, "the kitchen has a knife") is None


def test_a_look_alike_cancels_nothing_beside_it(tmp_path: Path) -> None:
    content = {"emergency_violence": ["has a knife"], LOOK_ALIKE: ["the kitchen"]}
    assert judge(tmp_path, content, "he has a knife in the kitchen") == "emergency_violence"
    content = {"emergency_violence": ["has a knife"], LOOK_ALIKE: ["kitchen has a knife"]}
    both = "the kitchen has a knife and now he has a knife"
    assert judge(tmp_path, content, both) == "emergency_violence"


def test_the_longest_phrase_decides(tmp_path: Path) -> None:
    content = {"emergency_medical": ["hurt"], "crisis_suicide": ["hurt myself tonight"]}
    assert judge(tmp_path, content, "i will hurt myself tonight") == "crisis_suicide"


def test_languages_may_be_mixed(tmp_path: Path) -> None:
    (tmp_path / "de.yml").write_text("emergency_medical: [bewusstlos]", "utf-8")
    assert (
        judge(tmp_path, {"crisis_suicide": ["want to die"]}, "mein kind ist bewusstlos please") == "emergency_medical"
    )


@pytest.mark.parametrize("text", ["", "!!!", "🙂", "   "])
def test_messages_without_words(text: str) -> None:
    assert patterns().find(shared_vocab_doc(text)) is None


def bare(phrase: str) -> str:
    """A phrase without the mark of its kind."""
    return phrase.removeprefix(WHOLE).removeprefix(CLAUSE)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("he hit me years ago", None),
        ("years ago, he hit me", None),
        ("he hit me, years ago", None),
        ("he left years ago. he hit me", "emergency_violence"),
        ("he left years ago but he hit me", "emergency_violence"),
        ("years ago i want to die", "crisis_suicide"),
        ("he hit me", "emergency_violence"),
    ],
)
def test_a_clause_excuses_emergencies_but_never_a_suicide(tmp_path: Path, text: str, intent: str | None) -> None:
    content = {
        "emergency_violence": ["hit me"],
        "crisis_suicide": ["want to die"],
        LOOK_ALIKE: ["~ years ago"],
        WORDS: {BREAK: "but|now"},
    }
    assert judge(tmp_path, content, text) == intent


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_only_look_alikes_speak_of_clauses(path: Path) -> None:
    """Before an intent's phrase `~` would excuse instead of warn."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert [p for intent in INTENTS for p in content[intent] if p.startswith(CLAUSE)] == []


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_real_phrases_are_text_and_use_known_sets(path: Path) -> None:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    words = content.pop(WORDS, {})
    assert set(content) <= {*INTENTS, LOOK_ALIKE}
    assert set(INTENTS) <= set(content)
    # YAML reads a bare no, on or 110 as something else
    assert [p for phrases in content.values() for p in phrases if not isinstance(p, str)] == []
    assert [w for w in words.values() if not isinstance(w, str)] == []
    for phrases in content.values():
        for phrase in phrases:
            assert pattern(words_of(bare(phrase), words)), phrase


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_anchors_lose_no_phrase(path: Path) -> None:
    """What one Matcher of all phrases finds in this language's crisis messages, the quick finder finds too."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    words = content.pop(WORDS, {})
    matcher = Matcher(blank("xx").vocab)
    phrases = [(f"{intent}{i}", bare(p)) for intent in content for i, p in enumerate(content[intent])]
    for name, phrase in phrases:
        matcher.add(name, [pattern(words_of(phrase, words))])
    finder = PhraseFinder(phrases, words)
    rows = [t for code, intent, t in read_messages(ROOT / "data" / "nlu") if code == path.stem and intent in INTENTS]
    assert len(rows) > 100
    for text in rows[::3]:
        doc = shared_vocab_doc(text)
        slow = {(doc.vocab.strings[key], start, end) for key, start, end in matcher(doc)}
        assert set(finder.find(doc)) == slow, text


def test_gaps_do_not_multiply() -> None:
    """As states of one automaton three wide gaps over a long text are millions; walked through they are thousands."""
    finder = PhraseFinder([("x", "a|b ** a|b ** a|b ** c")])
    assert list(finder.find(shared_vocab_doc("a b " * 400))) == []
    found = set(finder.find(shared_vocab_doc("a b a c")))
    assert found == {("x", 0, 4)}


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_no_phrase_is_only_a_gap(path: Path) -> None:
    """A phrase of gaps and absent words alone would call everything a crisis."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    words = content.pop(WORDS, {})
    for phrases in content.values():
        for phrase in phrases:
            assert any("OP" not in token for token in pattern(words_of(bare(phrase), words))), phrase


def test_every_language_we_answer_in_has_phrases() -> None:
    assert {code for code, language in languages().items() if language.trained} <= {path.stem for path in FILES}


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("I can't breathe", "emergency_medical"),
        ("my husband has a knife", "emergency_violence"),
        ("I want to die", "crisis_suicide"),
        ("ich will nicht mehr leben", "crisis_suicide"),
        ("mein Kind ist bewusstlos", "emergency_medical"),
        ("er hat ein Messer", "emergency_violence"),
    ],
)
def test_the_clearest_words_are_enough(text: str, intent: str) -> None:
    assert patterns().find(shared_vocab_doc(text)) == intent


@pytest.mark.parametrize(
    "text",
    [
        "where can I learn German",
        "Wo finde ich einen Arzt",
        "як знайти роботу",
        "اين اجد دورة لغة",
        "how much does it cost",
    ],
)
def test_ordinary_questions_are_no_crisis(text: str) -> None:
    assert patterns().find(shared_vocab_doc(text)) is None
