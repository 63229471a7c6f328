"""Bank files are read without trust, and matches are suggested, never decided."""

from datetime import date

import pytest

from shop.adapters.camt_reader import CamtReader
from shop.adapters.spreadsheet_reader import FileSpreadsheetReader
from shop.billing.domain import bank_list
from shop.billing.domain.bank_line import BankLine
from shop.billing.domain.matching import Candidate, Movement, exact_pairs, suggest
from shop.billing.errors import BankFileRefused
from shop.billing.services.reconciling import keys_of
from shop.kernel.money import Money

DAY = date(2026, 11, 27)

CAMT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt><Stmt>
<Acct><Id><IBAN>FR7630006000011234567890189</IBAN></Id></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">100.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">950.10</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>
<Ntry><Amt Ccy="EUR">1000.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>{status}</Sts>
<BookgDt><Dt>2026-11-27</Dt></BookgDt><AcctSvcrRef>B1</AcctSvcrRef>
<NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>
<RltdPties><Dbtr><Nm>STRIPE</Nm></Dbtr></RltdPties>
<RmtInf><Ustrd>po_123</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="EUR">149.90</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>{status}</Sts>
<BookgDt><Dt>2026-11-28</Dt></BookgDt><AcctSvcrRef>B2</AcctSvcrRef>
<NtryDtls>
<TxDtls><Refs><EndToEndId>CARRIOLE-1-7</EndToEndId></Refs><Amt Ccy="EUR">100.00</Amt><CdtDbtInd>DBIT</CdtDbtInd>
<RltdPties><Cdtr><Nm>Ferme</Nm></Cdtr></RltdPties></TxDtls>
<TxDtls><Refs><EndToEndId>CARRIOLE-1-8</EndToEndId></Refs><Amt Ccy="EUR">49.90</Amt><CdtDbtInd>DBIT</CdtDbtInd></TxDtls>
</NtryDtls></Ntry>
</Stmt></BkToCstmrStmt></Document>"""  # noqa: E501


@pytest.mark.parametrize(("version", "status"), [("02", "BOOK"), ("08", "<Cd>BOOK</Cd>")])
def test_a_statement_of_any_version_is_read_with_its_batches_taken_apart(
    version: str, status: str
) -> None:
    (found,) = CamtReader().read(CAMT.format(version=version, status=status).encode())
    assert (found.opening, found.closing) == (Money(10000), Money(95010))
    assert [(line.amount.cents, line.reference, line.counterparty) for line in found.lines] == [
        (100000, "", "STRIPE"),
        (-10000, "CARRIOLE-1-7", "Ferme"),
        (-4990, "CARRIOLE-1-8", ""),
    ]
    assert found.lines[0].text == "po_123"


def test_what_is_only_announced_is_not_read() -> None:
    (found,) = CamtReader().read(CAMT.format(version="02", status="PDNG").encode())
    assert found.lines == []


@pytest.mark.parametrize(
    "content",
    [
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>',
        b"<html></html>",
        b"not at all",
        CAMT.format(version="02", status="BOOK").replace('Ccy="EUR"', 'Ccy="USD"').encode(),
        CAMT.format(version="02", status="BOOK").replace("1000.00", "10.001").encode(),
    ],
)
def test_a_file_that_asks_for_more_or_is_something_else_is_refused(content: bytes) -> None:
    with pytest.raises(BankFileRefused):
        CamtReader().read(content)


def test_a_list_is_read_by_its_headings_or_by_columns_somebody_chose() -> None:
    content = (
        "Date;Libellé;Débit;Crédit\n"
        "27/11/2026;VIR STRIPE po_123;;1 000,00\n"
        "28/11/2026;FRAIS;-4,50;\n"
        "29/11/2026;SOLDE;;\n"
        "pas une date;X;;1,00\n"
    ).encode()
    table = FileSpreadsheetReader().read_table(content, "banque.csv")
    found = bank_list.read(table)
    assert found.columns == {"date": 0, "text": 1, "debit": 2, "credit": 3}
    assert [(line.on.day, line.amount.cents, line.text) for line in found.lines] == [
        (27, 100000, "VIR STRIPE po_123"),
        (28, -450, "FRAIS"),
    ]
    assert found.problems == ((5, "date"),)
    again = bank_list.read(table, {"date": 0, "amount": 3})
    assert [line.amount.cents for line in again.lines] == [100000]


def test_equal_lines_of_a_day_are_two_and_stay_the_same_two_when_read_again() -> None:
    line = BankLine(DAY, Money(-500), "", "Boulangerie", "CB")
    once = [key for key, _ in keys_of(1, [line, line])]
    assert len(set(once)) == 2
    assert [key for key, _ in keys_of(1, [line, line])] == once
    assert keys_of(2, [line])[0][0] not in once


def movement(cents: int, words: str = "", key: int = 1) -> Movement:
    return Movement(key, DAY, Money(cents), words)


def candidate(key: str, cents: int, *names: str, on: date = DAY) -> Candidate:
    return Candidate(key, on, Money(cents), names)


def test_names_go_before_amounts_and_near_before_far() -> None:
    found = suggest(
        movement(4232, "ch_1 S81-305"),
        [
            candidate("far", 4232, on=date(2026, 1, 1)),
            candidate("near", 4232, on=date(2026, 11, 25)),
            candidate("named", 4000, "S81-305"),
            candidate("both", 4232, "s81 305"),
        ],
    )
    assert [each.candidate.key for each in found] == ["both", "named", "near"]
    assert [each.is_exact for each in found] == [True, False, False]


def test_a_reference_is_not_a_longer_one_that_begins_like_it() -> None:
    (found,) = suggest(movement(-100, "CARRIOLE-1-16"), [candidate("x", -100, "CARRIOLE-1-1")])
    assert (found.by_name, found.is_exact) == (False, False)


def test_a_pair_is_sure_only_when_nothing_else_fits() -> None:
    one, two = movement(100, "A-1", 1), movement(100, "A-1 again", 2)
    assert exact_pairs([one], [candidate("x", 100, "A-1")]) == [(one, candidate("x", 100, "A-1"))]
    assert exact_pairs([one, two], [candidate("x", 100, "A-1")]) == []
    both = [candidate("x", 100, "A-1"), candidate("y", 100, "A-1")]
    assert exact_pairs([one], both) == []
    assert exact_pairs([one], [candidate("x", 99, "A-1")]) == []
