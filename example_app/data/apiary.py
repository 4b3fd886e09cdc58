"""The second business: Miel del Puerto, small, and with one customer in common."""

from typing import Final

from example_app.data.identifiers import cif, iban, nif
from example_app.data.mill import TIENDA_SOL
from example_app.data.values import (
    DemoBusiness,
    DemoContact,
    DemoPerson,
    DemoStaff,
    Pays,
    Profile,
)
from example_app.data.wares import HONEY
from portalkit.model import Address, Identifier

__all__ = ("APIARY", "APIARY_CUSTOMERS")

APIARY: Final = DemoBusiness(
    slug="miel",
    name="Miel del Puerto",
    legal_name="Miel del Puerto, S. Coop. And.",
    tax_id=cif("F", 40_326),
    imprint="Registro de Cooperativas Andaluzas, CA-RCA-00 417",
    address=Address(
        lines=("Cuesta de los Colmeneros, 5",),
        postcode="11600",
        city="Ubrique",
        region="Cádiz",
        country="ES",
    ),
    email="oficina@mieldelpuerto.example",
    phone="+34 956 555 070",
    website="https://mieldelpuerto.example",
    iban=iban(1107, 2_200_318),
    bic="MIELES99XXX",
    brand_colour="#b45309",
    logo="miel.svg",
    staff=(DemoStaff(name="Esteban Corrales", email="oficina@mieldelpuerto.example"),),
    products=HONEY,
)

_SMALL: Final = Profile(deals=4.0, lines=(1, 4), boxes=3, shops=0.0, pays=Pays.PROMPTLY)


def _customer(key: str, name: str, *, tax_id: str, city: str, person: str) -> DemoContact:
    postcode, _, town = city.partition(" ")
    email = f"pedidos@cliente-{key.lower()}.example"
    return DemoContact(
        key=key,
        name=name,
        tax_id=Identifier(tax_id, "VAT"),
        address=Address(lines=("Calle Nueva, 1",), postcode=postcode, city=town, country="ES"),
        email=email,
        phone="+34 956 555 071",
        people=(DemoPerson(name=person, email=email),),
        profile=_SMALL,
    )


# The same shop with the same address is another contact here, with a person of its own.
APIARY_CUSTOMERS: Final = (
    DemoContact(
        key="M-01",
        name=TIENDA_SOL.name,
        tax_id=TIENDA_SOL.tax_id,
        address=TIENDA_SOL.address,
        email=TIENDA_SOL.email,
        phone=TIENDA_SOL.phone,
        people=TIENDA_SOL.people[:1],
        profile=_SMALL,
    ),
    _customer(
        "M-02",
        "Confitería Santa Lucía, S.L.",
        tax_id=cif("B", 50_482),
        city="11170 Medina Sidonia",
        person="Dolores Pino",
    ),
    _customer(
        "M-03",
        "Pablo Rincón Heredia",
        tax_id=nif(36_192),
        city="11600 Ubrique",
        person="Pablo Rincón",
    ),
)
