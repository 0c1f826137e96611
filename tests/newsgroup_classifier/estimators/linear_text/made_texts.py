"""Small made sets of texts in several languages, with two unequal classes."""

import random
from dataclasses import dataclass

GERMAN = (
    ("Rechnung", "Überweisung", "Mahnung", "Betrag", "Konto", "Gebühr", "Zahlung"),
    ("Störung", "Gerät", "Anschluss", "Fehler", "Neustart", "Kabel", "Straße"),
)
JAPANESE = (
    ("請求書", "支払い", "金額", "口座", "振込", "領収書"),
    ("故障", "再起動", "接続", "画面", "電源", "エラー"),
)
ARABIC = (
    ("فاتورة", "دفع", "حساب", "مبلغ", "رسوم", "تحويل"),
    ("عطل", "جهاز", "اتصال", "خطأ", "شاشة", "كهرباء"),
)
EMOJI = (("😀", "🎉", "😍", "👍", "🥳", "💖"), ("😡", "👎", "😭", "💔", "🤬", "😞"))
# The words of each class, and what stands between words.
LANGUAGES = {
    "German": (GERMAN, " "),
    "Japanese": (JAPANESE, ""),
    "Arabic": (ARABIC, " "),
    "emoji": (EMOJI, ""),
}


@dataclass(frozen=True)
class MadeTexts:
    """Texts to train and to test with, and their labels."""

    train: list[str]
    labels: list[str]
    test: list[str]
    test_labels: list[str]


def make_texts(language: str, rows: int = 120) -> MadeTexts:
    """Return texts of words of their class, and of some words of the other class."""
    words, between = LANGUAGES[language]
    rng = random.Random(language)  # noqa: S311 (nothing secret)
    names = [("payments", "defects")[rng.random() < 0.4] for _ in range(rows)]
    texts = []
    for name in names:
        own, other = words if name == "payments" else words[::-1]
        chosen = [rng.choice(own if rng.random() < 0.85 else other) for _ in range(6)]
        texts.append(between.join(chosen))
    half = rows // 2
    return MadeTexts(texts[:half], names[:half], texts[half:], names[half:])
