"""Declares the fields with a column per language; the plain name reads the active language, without a fallback."""

from __future__ import annotations

from modeltranslation.translator import TranslationOptions, register

from signatures.models import Delivery, LeadPetitioner, Petition, Picture, Recipient, Update


@register(Petition)
class PetitionTranslation(TranslationOptions):
    """The draft text, the responsible body, the notices to signers, and the words after signing and closing."""

    fields = (
        "title",
        "summary",
        "body",
        "consent",
        "responsible_body",
        "safety_notice",
        "sharing_notice",
        "confidentiality",
        "thanks",
        "closing_words",
    )


@register(Recipient)
class RecipientTranslation(TranslationOptions):
    """The recipient's name."""

    fields = ("name",)


@register(Delivery)
class DeliveryTranslation(TranslationOptions):
    """The recipient's reply."""

    fields = ("reply",)


@register(LeadPetitioner)
class LeadPetitionerTranslation(TranslationOptions):
    """The lead petitioner's nationality, for a letter in any language of the text."""

    fields = ("nationality",)


@register(Update)
class UpdateTranslation(TranslationOptions):
    """Title and text of an update."""

    fields = ("title", "body")


@register(Picture)
class PictureTranslation(TranslationOptions):
    """What can be seen on a header picture, and the line below it."""

    fields = ("alt", "caption")
