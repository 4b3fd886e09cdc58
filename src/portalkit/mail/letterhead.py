"""How a business looks in its mails."""

import msgspec

__all__ = ("Letterhead",)


class Letterhead(msgspec.Struct, frozen=True, kw_only=True):
    """What stands on every mail of a business.

    Attributes:
        sender: Address that its mails come from.
        email: Address that answers go to, if the business has one.
        colour: The brand's, ``#rrggbb``.
        logo: Key of the logo in the store.
        address: Lines.
        portal_url: First page of its portal.
        zone: Time zone that moments are told in.
        locale: Language of first choice.
    """

    business_id: str
    name: str
    sender: str
    email: str | None
    phone: str | None
    website: str | None
    imprint: str | None
    address: tuple[str, ...]
    colour: str
    logo: str | None
    portal_url: str
    zone: str
    locale: str
