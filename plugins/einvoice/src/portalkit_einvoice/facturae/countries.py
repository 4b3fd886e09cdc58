"""Countries: Facturae writes three letters, everything else two (ISO 3166-1)."""

from typing import Final

__all__ = ("ALPHA_2", "ALPHA_3", "EUROPEAN_UNION", "PROVINCES")

_COUNTRIES: Final = (
    "AFG:AF ALB:AL DZA:DZ ASM:AS AND:AD AGO:AO AIA:AI ATG:AG ARG:AR ARM:AM ABW:AW AUS:AU "
    "AUT:AT AZE:AZ BHS:BS BHR:BH BGD:BD BRB:BB BLR:BY BEL:BE BLZ:BZ BEN:BJ BMU:BM BTN:BT "
    "BOL:BO BIH:BA BWA:BW BRA:BR BRN:BN BGR:BG BFA:BF BDI:BI KHM:KH CMR:CM CAN:CA CPV:CV "
    "CYM:KY CAF:CF TCD:TD CHL:CL CHN:CN COD:CD COL:CO COM:KM COG:CG COK:CK CRI:CR CIV:CI "
    "HRV:HR CUB:CU CYP:CY CZE:CZ DNK:DK DJI:DJ DMA:DM DOM:DO ECU:EC EGY:EG SLV:SV GNQ:GQ "
    "ERI:ER EST:EE ETH:ET FLK:FK FRO:FO FJI:FJ FIN:FI FRA:FR GUF:GF PYF:PF GAB:GA GMB:GM "
    "GEO:GE GGY:GG DEU:DE GHA:GH GIB:GI GRC:GR GRL:GL GRD:GD GLP:GP GUM:GU GTM:GT GIN:GN "
    "GNB:GW GUY:GY HTI:HT HND:HN HKG:HK HUN:HU ISL:IS IND:IN IDN:ID IMN:IM IRN:IR IRQ:IQ "
    "IRL:IE ISR:IL ITA:IT JAM:JM JEY:JE JPN:JP JOR:JO KAZ:KZ KEN:KE KIR:KI PRK:KP KOR:KR "
    "KWT:KW KGZ:KG LAO:LA LVA:LV LBN:LB LSO:LS LBR:LR LBY:LY LIE:LI LTU:LT LUX:LU MAC:MO "
    "MKD:MK MDG:MG MWI:MW MYS:MY MDV:MV MLI:ML MLT:MT MHL:MH MTQ:MQ MRT:MR MUS:MU MYT:YT "
    "MEX:MX FSM:FM MDA:MD MCO:MC MNE:ME MNG:MN MSR:MS MAR:MA MOZ:MZ MMR:MM NAM:NA NRU:NR "
    "NPL:NP NLD:NL ANT:AN NCL:NC NZL:NZ NIC:NI NER:NE NGA:NG NIU:NU NFK:NF MNP:MP NOR:NO "
    "OMN:OM PAK:PK PLW:PW PAN:PA PNG:PG PRY:PY PSE:PS PER:PE PHL:PH PCN:PN POL:PL PRT:PT "
    "PRI:PR QAT:QA REU:RE ROU:RO RUS:RU RWA:RW KNA:KN LCA:LC VCT:VC WSM:WS SMR:SM STP:ST "
    "SAU:SA SEN:SN SRB:RS SYC:SC SLE:SL SGP:SG SVK:SK SVN:SI SLB:SB SOM:SO ZAF:ZA ESP:ES "
    "LKA:LK SHN:SH SPM:PM SDN:SD SUR:SR SJM:SJ SWZ:SZ SWE:SE CHE:CH SYR:SY TWN:TW TJK:TJ "
    "TZA:TZ THA:TH TGO:TG TKL:TK TON:TO TTO:TT TUN:TN TUR:TR TKM:TM TLS:TL TCA:TC TUV:TV "
    "UGA:UG UKR:UA ARE:AE GBR:GB USA:US URY:UY UZB:UZ VUT:VU VAT:VA VEN:VE VNM:VN VGB:VG "
    "VIR:VI WLF:WF ESH:EH YEM:YE ZMB:ZM ZWE:ZW"
)
ALPHA_2: Final = dict(pair.split(":") for pair in _COUNTRIES.split())
"""Two letters by three, for every country of the schema that still exists."""

ALPHA_3: Final = {two: three for three, two in ALPHA_2.items()}
"""Three letters by two."""

_UNION: Final = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
EUROPEAN_UNION: Final = frozenset(_UNION.split())
"""Member states."""

# The first two digits of a postcode are the province's number (INE); twenty letters fit.
PROVINCES: Final = dict(
    enumerate(
        (
            "Álava",
            "Albacete",
            "Alicante",
            "Almería",
            "Ávila",
            "Badajoz",
            "Illes Balears",
            "Barcelona",
            "Burgos",
            "Cáceres",
            "Cádiz",
            "Castellón",
            "Ciudad Real",
            "Córdoba",
            "A Coruña",
            "Cuenca",
            "Girona",
            "Granada",
            "Guadalajara",
            "Gipuzkoa",
            "Huelva",
            "Huesca",
            "Jaén",
            "León",
            "Lleida",
            "La Rioja",
            "Lugo",
            "Madrid",
            "Málaga",
            "Murcia",
            "Navarra",
            "Ourense",
            "Asturias",
            "Palencia",
            "Las Palmas",
            "Pontevedra",
            "Salamanca",
            "S.C. de Tenerife",
            "Cantabria",
            "Segovia",
            "Sevilla",
            "Soria",
            "Tarragona",
            "Teruel",
            "Toledo",
            "Valencia",
            "Valladolid",
            "Bizkaia",
            "Zamora",
            "Zaragoza",
            "Ceuta",
            "Melilla",
        ),
        start=1,
    )
)
"""Provinces of Spain by the first two digits of their postcodes."""
