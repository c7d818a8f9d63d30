"""What a text seems to want: conservative, in English and French."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notices.compose.whole import compose
from notices.replies.hints import ENCODED, kind_of, own_words, without_data
from tests.notices import OPERATOR, notice
from tests.unit.notices.replies.messages import PICTURE

TEXTS = {
    "removed": [
        "Hello,\n\nThe content has been removed.\n\nRegards",
        "We have removed the files and suspended the account.",
        "All reported URLs were taken down today.",
        "The account is now disabled.",
        "Le contenu a été supprimé.",
        "Bonjour, nous avons retiré les images.",
        "Les pages ont bien été effacées.",
        "Le compte est désormais suspendu.",
    ],
    "question": [
        "Which URL do you mean?",
        "Please provide the exact location.",
        "We have removed one of them. Could you send us the others again",
        "Merci de nous préciser l'adresse.",
        "Le contenu a été supprimé. Y en a-t-il d'autres ?",
    ],
    "appeal": [
        "We appeal against this notice.",
        "This notice is wrong: it has been removed for nothing.",
        "We dispute your claim. Is there somebody to talk to?",
        "It is a false positive.",
        "Nous contestons cette notification.",
        "C'est un faux positif.",
        "Nous souhaitons introduire un recours.",
    ],
    "other": [
        "",
        "Thank you.",
        "The content will be removed within 24 hours.",
        "It has not been removed.",
        "If it has been removed, ignore this.",
        "We cannot say that it was removed.",
        "Le contenu n'a pas été supprimé.",
        "Il sera supprimé demain.",
        "> The content has been removed.",
        "Merci.\n\nLe 14 nov. 2023 à 22:13, Example Hotline <n@h.example> a écrit :\nLe contenu a été supprimé.",
        "Thanks\n-----Original Message-----\nThe content has been removed.",
        "Noted.\nFrom: Example Hotline\nWe appeal.",
    ],
}


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in TEXTS.items() for text in texts])
def test_kinds(kind: str, text: str) -> None:
    assert kind_of(text) == kind


@pytest.mark.parametrize("language", ["en", "fr"])
def test_our_own_words_quoted_back_are_no_hint(language: str) -> None:
    sent = compose(notice(language=language), OPERATOR).text
    assert kind_of("Noted.\n\n" + "\n".join(f"> {line}" for line in sent.splitlines())) == "other"
    assert kind_of(f"Noted.\n\n{sent}") == "other"


def test_own_words_end_where_the_quotation_begins() -> None:
    assert own_words("a\n> b\nc\nOn Tuesday somebody wrote:\nd") == "a\nc"


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(PICTURE[at : at + 76] for at in range(0, 4_000, 76)),
        "begin 644 a.jpg\n" + "M" + "#" * 60 + "\n" + ("M" + "'1" * 30 + "\n") * 20 + "end",
        PICTURE[:4_000],
        f"<img src='data:image/jpeg;base64,{PICTURE[:3_000]}'>",
    ],
)
def test_a_picture_pasted_as_text_is_thrown_away(text: str) -> None:
    kept = without_data(f"Look:\n{text}\nGoodbye")
    assert kept.startswith("Look:") and kept.endswith("Goodbye") and ENCODED in kept
    assert len(kept) < 200


def test_plain_words_and_urls_stay() -> None:
    text = "See https://host.example/tickets/2023/11/14/0123456789abcdef?view=all\n" + "A short line\n" * 10
    assert without_data(text) == text.strip()


@given(st.text(max_size=400))
def test_any_text_has_a_kind(text: str) -> None:
    assert kind_of(text) in ("removed", "question", "appeal", "other")
    without_data(text)
