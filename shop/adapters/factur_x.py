"""Factur-X: typst writes PDF/A-3b with the XML attached; here the file says so of itself.

The standard asks for four words in the file's metadata (XMP) and for the schema that declares
them, which typst cannot write. They are added as an incremental update: everything that typst
wrote stays where it is, byte by byte.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from shop.adapters.typst_printer import TypstPrinter

NAMESPACE = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
LEVEL = "EN 16931"

_SAID = f"""<rdf:Description rdf:about="" xmlns:fx="{NAMESPACE}">\
<fx:DocumentType>INVOICE</fx:DocumentType><fx:DocumentFileName>factur-x.xml</fx:DocumentFileName>\
<fx:Version>1.0</fx:Version><fx:ConformanceLevel>{LEVEL}</fx:ConformanceLevel></rdf:Description>"""

_PROPERTIES = (
    ("DocumentFileName", "The name of the embedded XML document"),
    ("DocumentType", "The type of the hybrid document in capital letters"),
    ("Version", "The actual version of the standard applying to the embedded XML document"),
    ("ConformanceLevel", "The conformance level of the embedded XML document"),
)

_SCHEMA = (
    '<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>Factur-X PDFA Extension Schema'
    f"</pdfaSchema:schema><pdfaSchema:namespaceURI>{NAMESPACE}</pdfaSchema:namespaceURI>"
    "<pdfaSchema:prefix>fx</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq>"
    + "".join(
        f'<rdf:li rdf:parseType="Resource"><pdfaProperty:name>{name}</pdfaProperty:name>'
        "<pdfaProperty:valueType>Text</pdfaProperty:valueType>"
        "<pdfaProperty:category>external</pdfaProperty:category>"
        f"<pdfaProperty:description>{words}</pdfaProperty:description></rdf:li>"
        for name, words in _PROPERTIES
    )
    + "</rdf:Seq></pdfaSchema:property></rdf:li>"
)

_TRAILER = re.compile(rb"trailer\s*<<(.*?)>>\s*startxref\s*(\d+)\s*%%EOF\s*$", re.DOTALL)


class FacturXPrinter:
    """The ``InvoicePrinter`` of the application."""

    def __init__(self, typst: TypstPrinter) -> None:
        self._typst = typst

    def print_invoice(self, document: str, data: Mapping[str, Any]) -> bytes:
        """The file of ``document`` with ``data["xml"]`` attached and declared."""
        return declare(self._typst.archive(document, data))


def declare(pdf: bytes) -> bytes:
    """``pdf`` with the metadata of Factur-X added at its end.

    Raises:
        ValueError: the file is not written as typst writes PDF/A.
    """
    trailer = _TRAILER.search(pdf)
    root = trailer and re.search(rb"/Root (\d+) 0 R", trailer[1])
    if trailer is None or root is None:
        raise ValueError("no trailer with a root")
    catalog = _object(pdf, int(root[1]))
    named = re.search(rb"/Metadata (\d+) 0 R", catalog)
    if named is None:
        raise ValueError("no metadata")
    number = int(named[1])
    packet = re.search(rb"stream\r?\n(.*?)\r?\nendstream", _object(pdf, number), re.DOTALL)
    if packet is None or b"</pdfaExtension:schemas>" not in packet[1]:
        raise ValueError("no metadata that can be read")
    xmp = packet[1].decode()
    end = "</rdf:Bag></pdfaExtension:schemas>"
    xmp = xmp.replace(end, _SCHEMA + end).replace("</rdf:RDF>", _SAID + "</rdf:RDF>")
    body = xmp.encode()
    start = len(pdf) + 1
    head = b"%d 0 obj\n<<\n/Type/Metadata\n/Subtype/XML\n/Length %d\n>>" % (number, len(body))
    added = b"%b\nstream\n%b\nendstream\nendobj\n" % (head, body)
    free = b"0 1\n0000000000 65535 f\r\n"
    table = b"xref\n%b%d 1\n%010d 00000 n\r\n" % (free, number, start)
    ended = b"trailer\n<<%b/Prev %b>>\nstartxref\n%d\n%%%%EOF\n" % (
        trailer[1],
        trailer[2],
        start + len(added),
    )
    return b"%b\n%b%b%b" % (pdf, added, table, ended)


def _object(pdf: bytes, number: int) -> bytes:
    """An object of the file; its end is where the next word ``endobj`` stands."""
    start = re.search(rb"(?:^|[\r\n])%d 0 obj" % number, pdf)
    if start is None:
        raise ValueError(f"no object {number}")
    return pdf[start.end() : pdf.index(b"endobj", start.end())]
