"""The people who run campaigns in the admin."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser, Group, Permission
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from signatures.languages import language_choices


class Organiser(AbstractUser):
    """An account of the admin, with its owner's language."""

    language = models.CharField(
        _("language of the admin"), max_length=2, choices=language_choices, blank=True, default=""
    )

    class Meta(AbstractUser.Meta):
        verbose_name = _("organiser")  # type: ignore[assignment]
        verbose_name_plural = _("organisers")  # type: ignore[assignment]

    def rights(self) -> models.QuerySet[Permission]:
        """Return all permissions of the account, whether or not it is active."""
        if self.is_superuser:
            return Permission.objects.all()
        return Permission.objects.filter(Q(group__user=self) | Q(user=self))

    def roles_to_give(self) -> models.QuerySet[Group]:
        """Return the roles with no permission that the account lacks."""
        missing = Permission.objects.exclude(pk__in=self.rights().values("pk"))
        return Group.objects.exclude(permissions__in=missing).order_by("pk")

    def may_change(self, other: Organiser) -> bool:
        """Return whether another account has no permission that this one lacks."""
        if self.is_superuser or other.is_superuser:
            return self.is_superuser
        return not other.rights().exclude(pk__in=self.rights().values("pk")).exists()
