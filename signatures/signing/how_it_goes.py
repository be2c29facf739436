"""What the petition's page tells of how the campaign is going."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date

from signatures.counting.progress import Progress, progress_of
from signatures.counting.published import PublishedNumbers, published_numbers
from signatures.languages import language_with, text_in
from signatures.models import Delivery, Petition, TextVersion, Update
from signatures.models.delivery import Waiting, still_owing
from signatures.texts.opening_words import first_words

NEWS_SHOWN = 3
# About two lines.
NEWS_CHARACTERS = 150
HAND_OVERS_SHOWN = 3


@dataclass(frozen=True)
class Headline:
    """A news item in short.

    :param language: the language of the text
    :param day: the UTC day of publication
    :param opening: what its text begins with
    """

    text: str
    language: str
    day: date
    opening: str


@dataclass(frozen=True)
class HandOverLine:
    """A hand-over in short.

    :param day: the UTC day on which it reached the recipient
    """

    recipient: str
    day: date | None
    is_answered: bool


@dataclass(frozen=True)
class HowItGoes:
    """What is told beside a petition's text.

    :param headlines: the newest news
    :param hand_overs: the newest that reached their recipients
    :param waiting: recipients who owe a reply
    """

    numbers: PublishedNumbers
    progress: Progress
    headlines: list[Headline]
    hand_overs: list[HandOverLine]
    waiting: list[Waiting]


def how_it_goes(version: TextVersion, language: str, *, is_open: bool) -> HowItGoes:
    """Return how the campaign of a text is going, told in a language if available.

    :param is_open: whether it takes signatures
    """
    petition = version.petition
    numbers = published_numbers(petition, version.rules)
    handed_over = list(Delivery.objects.filter(petition=petition).handed_over().with_wait().select_related("recipient"))
    return HowItGoes(
        numbers=numbers,
        progress=progress_of(petition, language, numbers, is_open=is_open),
        headlines=_headlines(petition, language),
        hand_overs=[
            HandOverLine(row.recipient.name_in(language), row.handed_over_on, is_answered=row.answered_on is not None)
            for row in handed_over[:HAND_OVERS_SHOWN]
        ],
        waiting=still_owing(handed_over, language),
    )


def _headlines(petition: Petition, language: str) -> list[Headline]:
    return [
        Headline(
            text=text_in(update, "title", language),
            language=language_with(update, "title", language),
            day=update.published_at.astimezone(UTC).date(),
            opening=first_words(text_in(update, "body", language), NEWS_CHARACTERS),
        )
        for update in Update.objects.filter(petition=petition).published()[:NEWS_SHOWN]
        if update.published_at is not None
    ]
