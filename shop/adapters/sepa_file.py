"""SEPA credit transfers as files for the bank, built and checked by ``sepaxml``."""

from __future__ import annotations

from datetime import UTC
from xml.etree.ElementTree import Element

from defusedxml import ElementTree
from sepaxml import SepaTransfer
from sepaxml.validation import ValidationError, try_valid_xml

from shop.billing.ports import CreditTransferFile
from shop.kernel.errors import GatewayRefused

REFERENCE_MAX = 35
DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'


class SepaFileWriter:
    """The ``CreditTransferWriter`` of the application."""

    def write(self, order: CreditTransferFile) -> bytes:
        """The file, valid by the schema that it names; the same order gives the same bytes.

        Raises:
            GatewayRefused: the schema does not hold.
        """
        config = {"name": order.debtor, "IBAN": order.iban, "batch": True, "currency": "EUR"}
        if order.bic:
            config["BIC"] = order.bic
        sepa = SepaTransfer(config, schema=order.schema, clean=True)
        for transfer in order.transfers:
            payment = {
                "name": transfer.name,
                "IBAN": transfer.iban,
                "amount": transfer.amount.cents,
                "execution_date": order.execute_on,
                "description": transfer.text,
                "endtoend_id": transfer.reference[:REFERENCE_MAX],
            }
            if transfer.bic:
                payment["BIC"] = transfer.bic
            sepa.add_payment(payment)
        made = _named(sepa.export(validate=False), order)
        try:
            try_valid_xml(made, order.schema)
        except ValidationError as error:
            raise GatewayRefused(reason=str(error.__cause__)[:500]) from error
        return made


def _named(content: bytes, order: CreditTransferFile) -> bytes:
    """The file with our own names in place of the random ones, and no bank left unsaid."""
    root: Element = ElementTree.fromstring(content)
    space = root.tag.partition("}")[0] + "}"
    _say(root, f".//{space}GrpHdr/{space}MsgId", order.message_id)
    made_at = order.made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    _say(root, f".//{space}GrpHdr/{space}CreDtTm", made_at)
    _say(root, f".//{space}PmtInf/{space}PmtInfId", order.message_id)
    for bank in root.iter(f"{space}FinInstnId"):
        if len(bank) == 0:
            other = Element(f"{space}Othr")
            known = Element(f"{space}Id")
            known.text = "NOTPROVIDED"
            other.append(known)
            bank.append(other)
    text: bytes = ElementTree.tostring(root, encoding="UTF-8")
    return DECLARATION + text


def _say(root: Element, path: str, text: str) -> None:
    found = root.find(path)
    if found is None:
        raise GatewayRefused(reason=f"no {path}")
    found.text = text[:REFERENCE_MAX]
