"""Small Facturae files of our own: valid by default, every part can be changed."""

from portalkit.model import ImportedDocument

__all__ = ("NAMESPACE", "attached", "facturae_xml", "invoice_xml", "line_xml", "only")

NAMESPACE = "http://www.facturae.gob.es/formato/Versiones/Facturaev3_2_2.xml"

_SPAIN = """<AddressInSpain><Address>Calle Mayor, 1</Address><PostCode>28013</PostCode>
<Town>Madrid</Town><Province>Madrid</Province><CountryCode>ESP</CountryCode></AddressInSpain>"""


def line_xml(
    *,
    before: str = "",
    price: str = "100.00",
    parts: str = "",
    gross: str = "100.00",
    taxes: str = "",
    after: str = "",
) -> str:
    """Return a line of one piece."""
    taxes = taxes or tax_xml("01", "21.00", gross)
    return f"""<InvoiceLine>{before}<ItemDescription>Aceite</ItemDescription>
<Quantity>1</Quantity><UnitOfMeasure>01</UnitOfMeasure>
<UnitPriceWithoutTax>{price}</UnitPriceWithoutTax><TotalCost>{price}</TotalCost>{parts}
<GrossAmount>{gross}</GrossAmount>
<TaxesOutputs>{taxes}</TaxesOutputs>{after}</InvoiceLine>"""


def tax_xml(code: str, rate: str, base: str, amount: str = "", more: str = "") -> str:
    """Return a tax; its amount may be left out."""
    stated = f"<TaxAmount><TotalAmount>{amount}</TotalAmount></TaxAmount>" if amount else ""
    return f"""<Tax><TaxTypeCode>{code}</TaxTypeCode><TaxRate>{rate}</TaxRate>
<TaxableBase><TotalAmount>{base}</TotalAmount></TaxableBase>{stated}{more}</Tax>"""


def invoice_xml(
    *,
    number: str = "F-1",
    head: str = "<InvoiceDocumentType>FC</InvoiceDocumentType><InvoiceClass>OO</InvoiceClass>",
    issue: str = "",
    currency: str = "EUR",
    taxes: str = "",
    withheld: str = "",
    totals: str = "",
    total: str = "121.00",
    outstanding: str = "",
    executable: str = "121.00",
    lines: str = "",
    tail: str = "",
) -> str:
    """Return an invoice of one line at 100.00 and 21 %."""
    taxes = taxes or tax_xml("01", "21.00", "100.00", "21.00")
    return f"""<Invoice><InvoiceHeader><InvoiceNumber>{number}</InvoiceNumber>{head}</InvoiceHeader>
<InvoiceIssueData><IssueDate>2026-03-01</IssueDate>{issue}
<InvoiceCurrencyCode>{currency}</InvoiceCurrencyCode><TaxCurrencyCode>EUR</TaxCurrencyCode>
<LanguageName>es</LanguageName></InvoiceIssueData>
<TaxesOutputs>{taxes}</TaxesOutputs>{withheld}
<InvoiceTotals><TotalGrossAmount>100.00</TotalGrossAmount>
<TotalGrossAmountBeforeTaxes>100.00</TotalGrossAmountBeforeTaxes>
<TotalTaxOutputs>21.00</TotalTaxOutputs><TotalTaxesWithheld>0.00</TotalTaxesWithheld>
<InvoiceTotal>{total}</InvoiceTotal>{totals}
<TotalOutstandingAmount>{outstanding or total}</TotalOutstandingAmount>
<TotalExecutableAmount>{executable}</TotalExecutableAmount></InvoiceTotals>
<Items>{lines or line_xml()}</Items>{tail}</Invoice>"""


def facturae_xml(
    *invoices: str,
    namespace: str = NAMESPACE,
    head: str = "",
    seller: str = "",
    buyer: str = "",
    centres: str = "",
    tail: str = "",
) -> str:
    """Return a file with some invoices, by default one."""
    entity = "<LegalEntity><CorporateName>{}</CorporateName>" + _SPAIN + "</LegalEntity>"
    seller = seller or entity.format("Almazara, S.L.")
    buyer = buyer or entity.format("Tienda Sol, S.L.")
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<fe:Facturae xmlns:fe="{namespace}"><FileHeader><SchemaVersion>3.2.2</SchemaVersion>
<Modality>I</Modality><InvoiceIssuerType>EM</InvoiceIssuerType>{head}</FileHeader>
<Parties><SellerParty><TaxIdentification><PersonTypeCode>J</PersonTypeCode>
<ResidenceTypeCode>R</ResidenceTypeCode>
<TaxIdentificationNumber>B23004179</TaxIdentificationNumber></TaxIdentification>{seller}
</SellerParty><BuyerParty><TaxIdentification><PersonTypeCode>J</PersonTypeCode>
<ResidenceTypeCode>R</ResidenceTypeCode>
<TaxIdentificationNumber>B87012365</TaxIdentificationNumber></TaxIdentification>{centres}{buyer}
</BuyerParty></Parties><Invoices>{"".join(invoices) or invoice_xml()}</Invoices>{tail}
</fe:Facturae>"""


def attached(data: str, *, compression: str = "", encoding: str = "BASE64") -> str:
    """Return the additional data of an invoice with one file in it."""
    packed = f"<AttachmentCompressionAlgorithm>{compression}</AttachmentCompressionAlgorithm>"
    return f"""<AdditionalData><RelatedDocuments><Attachment>{packed if compression else ""}
<AttachmentFormat>pdf</AttachmentFormat><AttachmentEncoding>{encoding}</AttachmentEncoding>
<AttachmentDescription>Plano</AttachmentDescription><AttachmentData>{data}</AttachmentData>
</Attachment></RelatedDocuments></AdditionalData>"""


def only(documents) -> ImportedDocument:
    """Return the one document that there is."""
    (document,) = documents
    return document
