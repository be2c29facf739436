"""The people who run campaigns in the admin."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser, Group, Permission
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from signatures.languages import language_choices

# The roles that one can have in a single petition, the smallest first.
ROLES_IN_A_PETITION = ("Typists", "Editors", "Moderators", "Auditors", "Organisers")
# What no role in one petition gives: new petitions, accounts, and what is about the whole site.
OF_THE_SITE = frozenset(
    {
        "add_petition",
        "view_bouncecount",
        "add_organiser",
        "change_organiser",
        "delete_organiser",
        "view_organiser",
        "use_switches",
    }
)


def _by_size() -> models.Case:
    """Return the place of a role among the others, the smallest first."""
    places = (models.When(name=name, then=models.Value(number)) for number, name in enumerate(ROLES_IN_A_PETITION))
    return models.Case(*places, default=models.Value(len(ROLES_IN_A_PETITION)))


class Organiser(AbstractUser):  # type: ignore[django-manager-missing]
    """An account of the admin, with its owner's language."""

    language = models.CharField(
        _("language of the admin"), max_length=2, choices=language_choices, blank=True, default=""
    )

    class Meta(AbstractUser.Meta):
        verbose_name = _("organiser")  # type: ignore[assignment]
        verbose_name_plural = _("People")  # type: ignore[assignment]

    @cached_property
    def site_permissions(self) -> frozenset[str]:
        """Return the codenames that the role in the whole site gives, kept as long as the object."""
        mine = self.rights().filter(content_type__app_label="signatures")
        return frozenset(mine.values_list("codename", flat=True))

    def rights(self) -> models.QuerySet[Permission]:
        """Return all permissions of the account, whether or not it is active."""
        if self.is_superuser:
            return Permission.objects.all()
        return Permission.objects.filter(Q(group__user=self) | Q(user=self))

    def roles_to_give(self) -> models.QuerySet[Group]:
        """Return the roles in the whole site with no permission that the account lacks there."""
        missing = Permission.objects.exclude(pk__in=self.rights().values("pk"))
        return Group.objects.exclude(permissions__in=missing).order_by(_by_size(), "pk")

    def roles_to_give_in(self, petition_id: int) -> models.QuerySet[Group]:
        """Return the roles in a petition with no permission that the account lacks there."""
        roles = Group.objects.filter(name__in=ROLES_IN_A_PETITION)
        # What no role in one petition gives does not count.
        missing = Permission.objects.exclude(pk__in=self._rights_in(petition_id).values("pk")).exclude(
            codename__in=OF_THE_SITE
        )
        return roles.exclude(permissions__in=missing).order_by(_by_size())

    def may_change(self, other: Organiser) -> bool:
        """Return whether another account has no permission that this one lacks, in the site or in any petition."""
        if self.is_superuser or other.is_superuser:
            return self.is_superuser
        if other.rights().exclude(pk__in=self.rights().values("pk")).exists():
            return False
        return all(
            not membership.role.permissions.exclude(codename__in=OF_THE_SITE)
            .exclude(pk__in=self._rights_in(membership.petition_id).values("pk"))
            .exists()
            for membership in other.memberships.select_related("role")
        )

    def is_last_administrator(self) -> bool:
        """Return whether nobody else may do everything and log in."""
        others = Organiser.objects.filter(is_superuser=True, is_active=True, is_staff=True).exclude(pk=self.pk)
        return self.is_superuser and not others.exists()

    def _rights_in(self, petition_id: int) -> models.QuerySet[Permission]:
        """Return the permissions that the account has in a petition, by either kind of role."""
        mine = self.memberships.filter(petition_id=petition_id)
        by_role = Permission.objects.filter(group__in=mine.values("role"))
        return Permission.objects.filter(Q(pk__in=self.rights().values("pk")) | Q(pk__in=by_role.values("pk")))
