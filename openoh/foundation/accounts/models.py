"""The account that somebody signs in with. What it may do is in `access`; who it is in a record is in `people`."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower

from openoh.foundation.core import clock
from openoh.foundation.core.classification import ANY_ROW, Classified
from openoh.foundation.core.identifiers import new_id

# No mail server answers for this name (RFC 2606), so nobody can sign in as a program, and none is written to.
NO_MAILBOX = "program.invalid"
OWN = "id = (SELECT oh_account())"
# The roles that the reader sees are those of their own service: row security holds inside this question too.
IN_THE_SERVICE = f"{OWN} OR EXISTS (SELECT 1 FROM access_roleassignment r WHERE r.user_id = accounts_user.id)"


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, name: str = "", **extra: object) -> User:
        """An account without a password: people sign in with a one-time code, a passkey or their employer."""
        user = self.model(email=self.normalize_email(email).lower(), name=name or email, **extra)
        user.set_unusable_password()
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """An account. There is no superuser."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True)

    USERNAME_FIELD = "email"
    objects = UserManager()

    classified = Classified(
        purpose="sign-in",
        retention="while-account",
        rows={
            "person": OWN,
            "employer": OWN,
            "clinical": IN_THE_SERVICE,
            "service": IN_THE_SERVICE,
            "worker": ANY_ROW,
        },
        write="service worker",
        # Whoever is let in has no role yet.
        write_rows={"service": ANY_ROW},
        door="SELECT, INSERT, UPDATE",
        technical="id password last_login is_active",
        identity="email name",
    )

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="one_account_per_address")]

    @property
    def is_staff(self) -> bool:
        """No Django admin is mounted; libraries ask all the same."""
        return False

    def __str__(self) -> str:
        return self.name


class KeptForm(models.Model):
    """A form that was sent after the session had expired: encrypted, given back after sign-in, then deleted.

    `token_digest` is a digest of a random token that only the sender's browser holds; `account` is whose session
    it was, and nobody else gets the form.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    token_digest = models.CharField(max_length=64, unique=True)
    account = models.UUIDField()
    sealed = models.BinaryField()
    kept_at = models.DateTimeField(default=clock.now)

    classified = Classified(
        purpose="running-the-service",
        retention="short",
        rows={"worker": ANY_ROW},
        delete="worker",
        door="SELECT, INSERT, DELETE",
        technical="id token_digest account kept_at",
        sealed="sealed",
    )

    class Meta:
        indexes = [models.Index(fields=["kept_at"])]
