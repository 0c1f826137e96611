"""Files of labeled texts as users have them: support tickets in several languages."""

import csv
import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_SHARES = (5, 3, 2)  # of the classes


@dataclass(frozen=True)
class Language:
    """How texts are made: phrases of each class, phrases of all classes, and what joins them."""

    classes: Mapping[str, tuple[str, ...]]
    shared: tuple[str, ...]
    joint: str = " "

    def rows(self, count: int, seed: int = 1) -> list[tuple[str, str]]:
        """Return distinct texts with their labels; half of the rows have the first label."""
        generator = random.Random(seed)  # noqa: S311
        labels = [label for label, n in zip(self.classes, _SHARES, strict=True) for _ in range(n)]
        rows: dict[str, str] = {}
        while len(rows) < count:
            label = labels[len(rows) % len(labels)]
            phrases = generator.sample(self.classes[label], 2) + generator.sample(self.shared, 3)
            generator.shuffle(phrases)
            rows.setdefault(self.joint.join([*phrases, str(len(rows))]), label)
        return list(rows.items())


ENGLISH = Language(
    {
        "billing": (
            *("the invoice is wrong", "I was charged twice", "refund my payment"),
            *("my credit card was declined", "the amount on the bill is too high"),
        ),
        "shipping": (
            *("the parcel is late", "the courier left no note", "tracking shows nothing"),
            *("delivered to the wrong address", "the box was damaged"),
        ),
        "account": (
            *("I cannot sign in", "reset my password", "the login page is blank"),
            *("change my user name", "delete my profile"),
        ),
    },
    (
        "hello",
        "thank you",
        "please answer soon",
        "since Monday",
        "I am not happy",
        "order from May",
    ),
)
GERMAN = Language(
    {
        "Rechnung": (
            *("die Rechnung stimmt nicht", "der Betrag wurde doppelt abgebucht", "falsche Mahnung"),
            *("ich möchte eine Gutschrift", "die Überweisung fehlt"),
        ),
        "Versand": (
            *(
                "das Paket ist verspätet",
                "die Sendungsverfolgung geht nicht",
                "Lieferung beschädigt",
            ),
            *("der Bote war nicht da", "an die falsche Straße geliefert"),
        ),
        "Rückgabe": (
            *("ich schicke die Ware zurück", "der Umtausch dauert", "Größe passt nicht"),
            *("Rücksendeetikett fehlt", "ich widerrufe den Kauf"),
        ),
    },
    (
        "guten Tag",
        "vielen Dank",
        "bitte um Antwort",
        "seit Montag",
        "sehr ärgerlich",
        "schöne Grüße",
    ),
)
JAPANESE = Language(  # without spaces
    {
        "請求": (
            *("請求書の金額が違います", "二重に請求されました", "領収書が届きません"),
            *("支払いを取り消したい", "カードが使えません"),
        ),
        "配送": (
            *("荷物が届きません", "配達が遅れています", "箱が壊れていました"),
            *("住所を変更したい", "追跡番号が無効です"),
        ),
        "返品": (
            *("商品を返品したい", "サイズが合いません", "交換をお願いします"),
            *("不良品でした", "返金の手続きを教えて"),
        ),
    },
    (
        "お世話になります",
        "よろしくお願いします",
        "先週から",
        "困っています",
        "至急です",
        "ありがとう",
    ),
    joint="。",
)
ARABIC = Language(
    {
        "فواتير": (
            *("الفاتورة غير صحيحة", "تم الخصم مرتين", "أريد استرداد المبلغ"),
            *("بطاقتي مرفوضة", "المبلغ أعلى من المتوقع"),
        ),
        "شحن": (
            *("الطرد متأخر", "رقم التتبع لا يعمل", "وصل الصندوق مكسورا"),
            *("العنوان خاطئ", "السائق لم يتصل"),
        ),
        "حساب": (
            *("لا أستطيع تسجيل الدخول", "نسيت كلمة المرور", "صفحة الدخول فارغة"),
            *("أريد حذف حسابي", "تغيير اسم المستخدم"),
        ),
    },
    ("مرحبا", "شكرا جزيلا", "أرجو الرد", "منذ الأحد", "أنا مستاء", "طلب قديم"),
)
EMOJI = Language(
    {
        "😀": ("🎉🥳", "😂😂", "👏🏽👏🏽", "❤️🧡", "🙌✨"),
        "😡": ("🤬💢", "👎🏿👎🏿", "😤🔥", "🗑️🚫", "💩💩"),
        "🧑‍🚀": ("🚀🌕", "👩‍🚀🛰️", "🌌⭐", "🪐☄️", "🔭🌠"),
    },
    ("🇩🇪", "📦", "☕", "🐈", "1️⃣", "🤷‍♀️"),
    joint="",
)
LANGUAGES = {"german": GERMAN, "japanese": JAPANESE, "arabic": ARABIC, "emoji": EMOJI}


def write_csv(path: Path, rows: list[tuple[str, str]], header: tuple[str, str]) -> Path:
    """Write rows to a CSV file with a header; return its path."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path
