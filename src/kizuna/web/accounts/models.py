"""Who may use the application, and as what."""

from __future__ import annotations

import json
import uuid
from typing import Any, ClassVar, NoReturn

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a person may do, from most to least."""

    OWNER = "owner", _("Owner")
    MANAGER = "manager", _("Manager")
    MEMBER = "member", _("Member")
    VIEWER = "viewer", _("Viewer")

    @property
    def rank(self) -> int:
        """4 for an owner down to 1 for a viewer."""
        return 4 - list(Role).index(self)

    def covers(self, other: Role) -> bool:
        """Whether this role may do what the other may."""
        return self.rank >= other.rank


class People(BaseUserManager["Person"]):
    """Finds people by their address, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> Person:
        """Find by e-mail address, as signing in does."""
        return self.get(email=(username or "").strip().lower())


class Person(AbstractBaseUser):
    """Someone who signs in."""

    email = models.EmailField(_("E-mail address"), unique=True)
    name = models.CharField(_("Name"), max_length=200)
    role = models.CharField(_("Role"), max_length=10, choices=Role, default=Role.VIEWER)
    language = models.CharField(_("Language"), max_length=2, default="en")
    timezone = models.CharField(_("Time zone"), max_length=64, default="UTC")
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[People] = People()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        """One person an address, whatever its case: it is kept in lower case."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="email_is_lower"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="role_is_known"),
        ]

    def __str__(self) -> str:
        return self.name

    def may(self, role: Role) -> bool:
        """Whether the person holds a role or a higher one."""
        return self.is_active and Role(self.role).covers(role)


class Installation(models.Model):
    """The one row that says that the first owner was made; its key shuts the door for ever."""

    THE_ONE = 1
    id = models.SmallIntegerField(primary_key=True, default=THE_ONE)
    set_up_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """At most one row."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(id=1), name="one_installation")
        ]

    def __str__(self) -> str:
        return f"set up at {self.set_up_at:%Y-%m-%d}"


class Organisation(models.Model):
    """The one row that says how this organisation counts: its year, its margin, its horizon."""

    THE_ONE = 1
    id = models.SmallIntegerField(primary_key=True, default=THE_ONE)
    name = models.CharField(max_length=200, blank=True)
    fiscal_year_start = models.PositiveSmallIntegerField(default=1)
    margin = models.FloatField(default=1.0)
    horizon_days = models.PositiveIntegerField(default=365)
    discount = models.FloatField(default=0.10)
    version = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(null=True)
    changed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        """At most one row; a month is a month, a share is a share."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(id=1), name="one_organisation"),
            models.CheckConstraint(
                condition=models.Q(fiscal_year_start__range=(1, 12)), name="year_starts_in_a_month"
            ),
            models.CheckConstraint(
                condition=models.Q(margin__gt=0, margin__lte=1), name="margin_is_a_share"
            ),
            models.CheckConstraint(
                condition=models.Q(horizon_days__range=(1, 3650)), name="horizon_is_in_sight"
            ),
            models.CheckConstraint(
                condition=models.Q(discount__gte=0, discount__lte=1), name="discount_is_a_share"
            ),
        ]

    def __str__(self) -> str:
        return self.name or "organisation"


class Invitation(models.Model):
    """A link by which one person may join, once, in a role, until a moment."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    note = models.CharField(_("For whom"), max_length=200, blank=True)
    role = models.CharField(_("Role"), max_length=10, choices=Role)
    invited_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_by = models.OneToOneField(
        Person, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Accepted or withdrawn, not both."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="invited_role_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(accepted_at=None) | models.Q(withdrawn_at=None),
                name="accepted_or_withdrawn",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.note}"


class Session(AbstractBaseSession):
    """A browser in which someone is signed in, or is about to be."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, related_name="+")
    started_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)
    address = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=300, blank=True)

    @classmethod
    def get_session_store_class(cls) -> Any:
        """Give the engine that reads these rows."""
        from kizuna.web.accounts.sessions import SessionStore

        return SessionStore


class SignInAttempt(models.Model):
    """A try to sign in, under a digest of the address or of the network address it came from."""

    subject = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        """Counted by subject since a moment."""

        indexes: ClassVar = [models.Index(fields=["subject", "at"], name="attempts_of_subject")]

    def __str__(self) -> str:
        return f"{self.subject[:8]} {self.at}"


class SecondFactor(models.Model):
    """A person's authenticator app: its secret, encrypted, and the last code that was used."""

    person = models.OneToOneField(
        Person, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    secret = models.TextField()
    last_step = models.BigIntegerField()
    made_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"since {self.made_at:%Y-%m-%d}"


class RecoveryCode(models.Model):
    """A code on paper, good for one time; only a digest of it is kept."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return "used" if self.used_at else "unused"


class Scope(models.TextChoices):
    """What a key of the programming interface may do."""

    READ = "read", _("Read customers and results")
    WRITE = "write", _("Bring data in")
    SCENARIOS = "scenarios", _("Save and change scenarios")
    UNDO = "undo", _("Undo imports")

    @property
    def role(self) -> Role:
        """The role that whoever holds such a key must have."""
        roles = {Scope.READ: Role.VIEWER, Scope.UNDO: Role.MANAGER}
        return roles.get(self, Role.MEMBER)


class ApiKey(models.Model):
    """A key for a program, in a person's name; only a digest of it is kept."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("Name"), max_length=100)
    start = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    made_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name

    @property
    def scope_labels(self) -> list[str]:
        """What the key may do, in words."""
        return [str(Scope(scope).label) for scope in self.scopes]


class AuditIsAppendOnlyError(TypeError):
    """Raised when code tries to change or to remove what was recorded."""


class AuditEntries(models.QuerySet["AuditEntry"]):
    """Reads entries; refuses to change them."""

    def _refuse(self, *args: object, **kwargs: object) -> NoReturn:
        raise AuditIsAppendOnlyError

    update = _refuse
    delete = _refuse
    bulk_update = _refuse
    bulk_create = _refuse
    update_or_create = _refuse


class AuditEntry(models.Model):
    """One thing that someone did. Each carries the seal of the one before it."""

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    actor = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=100, db_index=True)
    target = models.CharField(max_length=300)
    before_text = models.TextField(null=True)
    after_text = models.TextField(null=True)
    address = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=300, blank=True)
    previous = models.CharField(max_length=64)
    seal = models.CharField(max_length=64, unique=True)

    objects = AuditEntries.as_manager()

    def __str__(self) -> str:
        return f"{self.number} {self.action} {self.target}"

    @property
    def before(self) -> Any:
        """What it was."""
        return json.loads(self.before_text) if self.before_text else None

    @property
    def after(self) -> Any:
        """What it became."""
        return json.loads(self.after_text) if self.after_text else None

    def save(self, **kwargs: Any) -> None:
        """Add; never change."""
        if not self._state.adding:
            raise AuditIsAppendOnlyError
        super().save(**{**kwargs, "force_insert": True})

    def delete(self, using: Any = None, keep_parents: bool = False) -> NoReturn:
        """Refuse."""
        raise AuditIsAppendOnlyError


class AuditRedaction(models.Model):
    """An entry lost what named somebody who was erased; sealed, so that nothing else was changed.

    The entry keeps its own seal, by which the entry after it is held; this one is over what the
    entry says now.
    """

    entry = models.OneToOneField(AuditEntry, models.PROTECT, primary_key=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    seal = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.entry_id} at {self.at:%Y-%m-%d}"


class AuditHead(models.Model):
    """Where the chain of entries ends; its row is locked while one is added."""

    THE_ONE = 1
    id = models.SmallIntegerField(primary_key=True, default=THE_ONE)
    number = models.BigIntegerField(default=0)
    seal = models.CharField(max_length=64, default="")

    class Meta:
        """At most one row."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(id=1), name="one_audit_head")
        ]

    def __str__(self) -> str:
        return str(self.number)
