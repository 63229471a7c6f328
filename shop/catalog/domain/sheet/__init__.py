"""A producer's list: from the cells of a spreadsheet to products or named problems, and back."""

from shop.catalog.domain.sheet.allergens import Allergen, AllergenStatement
from shop.catalog.domain.sheet.columns import Column
from shop.catalog.domain.sheet.difference import Difference, FieldChange, ProductChange, compare
from shop.catalog.domain.sheet.problems import (
    Fact,
    Notice,
    NoticeCode,
    ProblemCode,
    RowProblem,
    SheetEmpty,
    SheetEncrypted,
    SheetFormatUnknown,
    SheetTooLarge,
    SheetUnreadable,
    WarningCode,
)
from shop.catalog.domain.sheet.product import DEFAULT_STEPS, SheetProduct, WeightRange
from shop.catalog.domain.sheet.reading import ColumnGuess, Correction, SheetReading
from shop.catalog.domain.sheet.rows import read_rows
from shop.catalog.domain.sheet.table import Cell, Row, Table, column_letter
from shop.catalog.domain.sheet.template import (
    TEMPLATE_COLUMNS,
    TemplateColumn,
    template_headings,
    template_rows,
)

__all__ = [
    "DEFAULT_STEPS",
    "TEMPLATE_COLUMNS",
    "Allergen",
    "AllergenStatement",
    "Cell",
    "Column",
    "ColumnGuess",
    "Correction",
    "Difference",
    "Fact",
    "FieldChange",
    "Notice",
    "NoticeCode",
    "ProblemCode",
    "ProductChange",
    "Row",
    "RowProblem",
    "SheetEmpty",
    "SheetEncrypted",
    "SheetFormatUnknown",
    "SheetProduct",
    "SheetReading",
    "SheetTooLarge",
    "SheetUnreadable",
    "Table",
    "TemplateColumn",
    "WarningCode",
    "WeightRange",
    "column_letter",
    "compare",
    "read_rows",
    "template_headings",
    "template_rows",
]
