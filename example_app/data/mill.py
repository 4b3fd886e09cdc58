"""The oil mill Almazara Sierra Alta and its customers. All of them are invented."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from example_app.data.identifiers import british_vat, cif, iban, nif
from example_app.data.values import (
    DemoBusiness,
    DemoContact,
    DemoPerson,
    DemoStaff,
    Pays,
    Profile,
    Region,
)
from example_app.data.wares import OIL
from portalkit.model import Address, Identifier

__all__ = ("CUSTOMERS", "DISTRIBUTOR", "MILL", "TIENDA_SOL")

MILL: Final = DemoBusiness(
    slug="almazara",
    name="Almazara Sierra Alta",
    legal_name="Almazara Sierra Alta, S.L.",
    tax_id=cif("B", 40_718),
    imprint="Inscrita en el Registro Mercantil de Jaén, tomo 612, folio 45, hoja J-19 021",
    address=Address(
        lines=("Camino de los Molinos, km 3",),
        postcode="23440",
        city="Baeza",
        region="Jaén",
        country="ES",
    ),
    email="oficina@almazara.example",
    phone="+34 953 555 010",
    website="https://almazara.example",
    iban=iban(2310, 1_004_501),
    bic="MOLIES99XXX",
    brand_colour="#4a6317",
    logo="almazara.svg",
    staff=(
        DemoStaff(name="Carmen Ortega", email="oficina@almazara.example"),
        DemoStaff(name="Julián Cobo", email="ventas@almazara.example", role="sales"),
    ),
    products=OIL,
)

_PROFILES: Final[Mapping[str, Profile]] = {
    "small": Profile(deals=3.4, lines=(1, 4), boxes=2, pays=Pays.PROMPTLY, quotes=0.15),
    "shop": Profile(deals=6.0, lines=(2, 6), boxes=4, shops=0.15),
    "gourmet": Profile(deals=6.6, lines=(3, 8), boxes=5, quotes=0.25, shops=0.15),
    "kitchen": Profile(deals=7.4, lines=(1, 4), boxes=8, terms=60, pays=Pays.LATE, quotes=0.1),
    "hotel": Profile(deals=5.6, lines=(2, 5), boxes=10, terms=60, quotes=0.5, is_debit=True),
    "chain": Profile(
        deals=10.0, lines=(4, 10), boxes=20, terms=60, discount=Decimal(5), is_monthly=True
    ),
    "late": Profile(deals=4.6, lines=(1, 5), boxes=4, pays=Pays.BADLY, quotes=0.3),
    "abroad": Profile(deals=4.2, lines=(3, 8), boxes=16, terms=45, quotes=0.5, is_prepaid=True),
}

TIENDA_SOL: Final = DemoContact(
    key="C-0001",
    name="Tienda Sol, S.L.",
    tax_id=Identifier(cif("B", 12_093), "VAT"),
    address=Address(lines=("Calle del Sol, 14",), postcode="18009", city="Granada", country="ES"),
    ship_to=Address(
        lines=("Polígono Juncaril, nave 27", "Muelle 3, de 8 a 14 h"),
        postcode="18220",
        city="Albolote",
        region="Granada",
        country="ES",
    ),
    email="compras@tiendasol.example",
    phone="+34 958 555 014",
    people=(
        DemoPerson(name="Lucía Romero", email="compras@tiendasol.example", can_sign_in=True),
        DemoPerson(name="Andrés Molina", email="contabilidad@tiendasol.example", role="accountant"),
    ),
    profile=Profile(deals=13.0, lines=(2, 7), boxes=5, quotes=0.3, shops=0.3),
)

DISTRIBUTOR: Final = DemoContact(
    key="C-0002",
    name=(
        "Distribuciones Gastronómicas del Mediterráneo Occidental y Baleares, S.A. "
        "(División de Hostelería y Colectividades)"
    ),
    tax_id=Identifier(cif("A", 1_245), "VAT"),
    address=Address(
        lines=(
            "Parque Logístico de la Zona de Actividades del Puerto, edificio Levante, planta 4.ª",
            "Avenida de los Trabajadores del Mar, 118-126",
        ),
        postcode="08040",
        city="Barcelona",
        country="ES",
    ),
    email="administracion.proveedores@distribuciones-mediterraneo-occidental.example",
    phone="+34 935 550 118",
    people=(
        DemoPerson(
            name="María del Rosario Fernández de Córdoba y Ruiz de Almodóvar",
            email="administracion.proveedores@distribuciones-mediterraneo-occidental.example",
            can_sign_in=True,
        ),
    ),
    profile=Profile(
        deals=14.0,
        lines=(6, 14),
        boxes=60,
        terms=60,
        discount=Decimal("7.5"),
        is_monthly=True,
    ),
)

# Profile, name, number of the tax id (a letter in front for companies), street, postcode and
# city, person, host name of the mailbox.
_SPANISH: Final = (
    ("shop", "Ultramarinos La Merced, S.L.", "B 10284", "Plaza de la Merced, 7", "29012 Málaga", "Rafael Aguilar", "lamerced"),
    ("gourmet", "La Despensa de Triana, S.L.", "B 80533", "Calle San Jacinto, 61", "41010 Sevilla", "Inés Barrera", "despensatriana"),
    ("kitchen", "Restaurante El Pósito, S.L.", "B 50916", "Plaza del Pósito, 3", "23440 Baeza", "Tomás Cejudo", "elposito"),
    ("small", "Ana Belén Soriano Lara", "13076", "Calle Ancha, 22", "14003 Córdoba", "Ana Belén Soriano", "frutosanabelen"),
    ("hotel", "Hoteles Mirador del Darro, S.A.", "A 7742", "Carrera del Darro, 33", "18010 Granada", "Pilar Entrena", "miradordarro"),
    ("chain", "Supermercados Vega Baja, S.A.", "A 23911", "Avenida de la Libertad, 90", "03300 Orihuela", "Ginés Cánovas", "superveg"),
    ("gourmet", "Sabores del Norte, S.L.", "B 70125", "Calle Ledesma, 18", "48001 Bilbao", "Miren Etxeberria", "saboresnorte"),
    ("shop", "Colmado Rambla, S.L.", "B 1933", "Rambla del Poblenou, 54", "08005 Barcelona", "Jordi Puig", "colmadorambla"),
    ("kitchen", "Taberna Los Patios, S.L.", "B 80277", "Calle Céspedes, 12", "14003 Córdoba", "Manuel Luque", "lospatios"),
    ("small", "Francisco Javier Peña Ríos", "87315", "Calle Real, 45", "23400 Úbeda", "Francisco Javier Peña", "panaderiapena"),
    ("gourmet", "Mantequerías Chamberí, S.L.", "B 90164", "Calle de Ponzano, 31", "28010 Madrid", "Beatriz Salcedo", "mantequeriaschamberi"),
    ("late", "Bodegón Puerta Nueva, S.L.", "B 30418", "Calle Puerta Nueva, 9", "29009 Málaga", "Óscar Villena", "puertanueva"),
    ("shop", "Herbolario Aloe, S.L.", "B 30927", "Calle de Colón, 77", "46004 València", "Amparo Ferrer", "herbolarioaloe"),
    ("hotel", "Paradores Rurales de Cazorla, S.L.", "B 30652", "Carretera de la Sierra, km 12", "23470 Cazorla", "Joaquín Marín", "ruralcazorla"),
    ("gourmet", "Delicias Atlánticas, S.L.", "B 60381", "Calle Berdigón, 30", "21003 Huelva", "Rocío Infante", "deliciasatlanticas"),
    ("small", "Mercedes Olmo Prieto", "54213", "Plaza Mayor, 5", "37001 Salamanca", "Mercedes Olmo", "queseriaolmo"),
    ("kitchen", "Asador Castilla Vieja, S.L.", "B 10835", "Calle Correos, 6", "47001 Valladolid", "Emilio Sanz", "castillavieja"),
    ("shop", "Ecotienda Raíces, S. Coop.", "F 80146", "Calle Heroísmo, 24", "50002 Zaragoza", "Nuria Gracia", "ecoraices"),
    ("chain", "Grupo Alimentario Costa Cálida, S.A.", "A 8127", "Polígono Oeste, parcela 21", "30169 Murcia", "Encarna Nicolás", "costacalida"),
    ("late", "Catering Azahar Eventos, S.L.", "B 90772", "Calle Torneo, 40", "41002 Sevilla", "Macarena Rueda", "azahareventos"),
    ("gourmet", "A Tenda do Mar, S.L.", "B 20594", "Rúa do Príncipe, 15", "36202 Vigo", "Xoán Pereira", "tendadomar"),
    ("small", "Iker Zubiaurre Otaegi", "18840", "Kale Nagusia, 8", "20003 Donostia", "Iker Zubiaurre", "zubiaurre"),
    ("shop", "Regalos Gourmet Alcázar, S.L.", "B 11308", "Calle Comercio, 27", "45001 Toledo", "Consuelo Ibarra", "regalosalcazar"),
    ("hotel", "Balneario Sierra Mágina, S.L.", "B 70219", "Camino del Balneario, s/n", "23500 Jódar", "Antonia Quesada", "balneariomagina"),
    ("kitchen", "Freiduría La Bahía, S.L.", "B 20663", "Paseo Marítimo, 2", "11010 Cádiz", "Curro Benítez", "freidurialabahia"),
    ("shop", "Cestas y Detalles Levante, S.L.", "B 30847", "Carrer Major, 112", "12001 Castelló", "Vicent Monfort", "cestaslevante"),
    ("gourmet", "Illa Gourmet, S.L.", "B 90235", "Carrer de Sant Miquel, 39", "07002 Palma", "Catalina Bauzà", "illagourmet"),
    ("small", "Rosario Gallardo Vera", "49027", "Calle Larga, 70", "11402 Jerez de la Frontera", "Rosario Gallardo", "elrincondecharo"),
    ("late", "Obrador Dulce Jara, S.L.", "B 1124", "Avenida de Europa, 3", "06001 Badajoz", "Guadalupe Trejo", "dulcejara"),
    ("chain", "Cooperativa de Consumo El Arco, S. Coop.", "F 20418", "Calle Burgos, 11", "39008 Santander", "Marta Cossío", "consumoelarco"),
)  # fmt: skip

# Region, name, tax id, street, postcode and city, country, person, mailbox, currency.
_ABROAD: Final = (
    ("Olive & Thyme Delicatessen Ltd", british_vat(1046), "18 Northcote Road", "SW11 1NZ", "London", "GB", "Hannah Whitfield", "oliveandthyme"),
    ("The Pantry on Broughton Ltd", british_vat(925), "62 Broughton Street", "EH1 3SA", "Edinburgh", "GB", "Callum Fraser", "broughtonpantry"),
    ("Harbourside Fine Foods Ltd", british_vat(6318), "5 Hotwell Road", "BS8 4UD", "Bristol", "GB", "Priya Nair", "harboursidefoods"),
    ("Cotswold Larder Co. Ltd", british_vat(2704), "3 Sheep Street", "GL54 1AU", "Stow-on-the-Wold", "GB", "Edward Lyle", "cotswoldlarder"),
    ("Épicerie des Quais SARL", "FR99900000017", "27 quai des Chartrons", "33000", "Bordeaux", "FR", "Claire Lacombe", "epiceriedesquais"),
    ("Feinkost Morgenrot GmbH", "DE000000017", "Wörthstraße 19", "81667", "München", "DE", "Jonas Reiter", "feinkostmorgenrot"),
    ("Mercearia do Bairro, Lda.", "PT900000017", "Rua da Boavista, 88", "1200-068", "Lisboa", "PT", "Teresa Vasconcelos", "merceariadobairro"),
    ("Nordlys Delikatesser AB", "SE000000001701", "Storgatan 41", "114 55", "Stockholm", "SE", "Elin Sandberg", "nordlysdeli"),
)  # fmt: skip


def _tax_id(text: str) -> Identifier:
    letter, _, number = text.rpartition(" ")
    return Identifier(cif(letter, int(number)) if letter else nif(int(number)), "VAT")


def _spanish(place: int, row: tuple[str, str, str, str, str, str, str]) -> DemoContact:
    profile, name, tax_id, street, town, person, domain = row
    postcode, _, city = town.partition(" ")
    email = f"pedidos@{domain}.example"
    return DemoContact(
        key=f"C-{place:04d}",
        name=name,
        tax_id=_tax_id(tax_id),
        address=Address(lines=(street,), postcode=postcode, city=city, country="ES"),
        email=email,
        phone=f"+34 9{int(postcode[:2]) % 10}0 555 {place:03d}",
        people=(DemoPerson(name=person, email=email),),
        profile=_PROFILES[profile],
    )


def _abroad(place: int, row: tuple[str, str, str, str, str, str, str, str]) -> DemoContact:
    name, tax_id, street, postcode, city, country, person, domain = row
    is_british = country == "GB"
    email = f"orders@{domain}.example"
    return DemoContact(
        key=f"C-{place:04d}",
        name=name,
        tax_id=Identifier(tax_id, "VAT"),
        address=Address(lines=(street,), postcode=postcode, city=city, country=country),
        email=email,
        phone=f"+{44 if is_british else 33} 20 7946 0{place:03d}",
        people=(DemoPerson(name=person, email=email, can_sign_in=is_british),),
        profile=_PROFILES["abroad"],
        region=Region.BRITAIN if is_british else Region.UNION,
        locale="en",
        currency="GBP" if is_british else "EUR",
    )


CUSTOMERS: Final = (
    TIENDA_SOL,
    DISTRIBUTOR,
    *(_spanish(place, row) for place, row in enumerate(_SPANISH, 3)),
    *(_abroad(place, row) for place, row in enumerate(_ABROAD, 3 + len(_SPANISH))),
)
