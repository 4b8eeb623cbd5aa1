"""Refusals of identity."""

from app.kernel.errors import Conflict, Forbidden, NotFound, Rejected


class KeyNotFound(NotFound):
    """No such key, or not one of the caller's organization."""

    code = "identity.key_not_found"
    title = "There is no such API key"


class PersonNotFound(NotFound):
    """No such person, or not one the caller may know of."""

    code = "identity.person_not_found"
    title = "There is no such person"


class PermissionUnknown(Rejected):
    """A permission that this product does not have."""

    code = "identity.permission_unknown"
    title = "There is no such permission"


class PermissionUnfit(Rejected):
    """A permission that an organization of these kinds has no use for."""

    code = "identity.permission_unfit"
    title = "This permission does not fit the kinds of the organization"


class PermissionNotHeld(Forbidden):
    """Nobody hands on what it does not hold."""

    code = "identity.permission_not_held"
    title = "You can only grant permissions that you hold yourself"


class RoleUnknown(Rejected):
    """A role that this product does not have."""

    code = "identity.role_unknown"
    title = "There is no such role"


class ExpiryInThePast(Rejected):
    """A key that would be dead on arrival."""

    code = "identity.expiry_in_the_past"
    title = "A key must expire in the future"


class NotAMember(Rejected):
    """A personal key for somebody who does not belong to the organization."""

    code = "identity.not_a_member"
    title = "The person is not a member of the organization"


class EmailTaken(Conflict):
    """An e-mail address names one person."""

    code = "identity.email_taken"
    title = "There is a person with this e-mail address already"


class NotAPerson(Rejected):
    """A key of the organization itself reads nothing: its language is the organization's."""

    code = "identity.not_a_person"
    title = "This key is the organization's own: its language is the organization's"
