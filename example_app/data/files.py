"""A certificate of analysis as a small PDF, written by hand so that its bytes never change."""

from portalkit.model import AttachmentRole, FileInput

__all__ = ("certificate",)

_ROWS = (
    ("Acidez (% oleico)", "0,17"),
    ("Indice de peroxidos (meq O2/kg)", "6,2"),
    ("K270", "0,14"),
    ("K232", "1,61"),
    ("Mediana del defecto", "0,0"),
    ("Mediana del frutado", "5,4"),
)


def certificate(lot: str) -> FileInput:
    """Return the certificate of analysis of a lot of oil."""
    return FileInput(
        role=AttachmentRole.SUPPORTING,
        filename=f"analisis-{lot}.pdf",
        media_type="application/pdf",
        content=_pdf(lot),
        description=f"Certificado de análisis, lote {lot}",
    )


def _pdf(lot: str) -> bytes:
    texts = [f"Certificado de analisis, lote {lot}", ""]
    texts += [f"{name}: {value}" for name, value in _ROWS]
    shown = " T* ".join(f"({_escaped(text)}) Tj" for text in texts)
    stream = f"BT /F1 12 Tf 16 TL 72 770 Td {shown} ET".encode("latin-1")
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
            b"/Resources << /Font << /F1 5 0 R >> >> >>"
        ),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        start,
    )
    return bytes(out)


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
