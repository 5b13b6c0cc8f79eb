"""What a file really is, decided from its bytes and never from its name or from what the browser says.

Signatures: ISO 32000 (PDF), ISO/IEC 15948 (PNG), ISO/IEC 10918-1 (JPEG), ECMA-376 (DOCX).
"""

from __future__ import annotations

import unicodedata
import zipfile
from dataclasses import dataclass
from io import BytesIO

PDF, PNG, JPEG, TEXT = "application/pdf", "image/png", "image/jpeg", "text/plain"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ENDINGS = {PDF: (".pdf",), PNG: (".png",), JPEG: (".jpg", ".jpeg"), DOCX: (".docx",), TEXT: (".txt", ".text")}

PNG_END = b"\x00\x00\x00\x00IEND\xaeB`\x82"
PDF_TAIL = 2048
TEXT_CONTROLS = "\t\n\r\f"


@dataclass(frozen=True)
class Limits:
    """Sizes in bytes; `unpacked` and `parts` bound a packed file, so that a bomb is refused unopened."""

    largest: int
    unpacked: int
    parts: int


def media_type_of(content: bytes, limits: Limits) -> str | None:
    """One of the five types that are taken, or None. Does not unpack anything."""
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-PDF_TAIL:]:
        return PDF
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content.endswith(PNG_END):
        return PNG
    if content.startswith(b"\xff\xd8\xff") and content.endswith(b"\xff\xd9"):
        return JPEG
    if content.startswith(b"PK\x03\x04"):
        return DOCX if _is_docx(content, limits) else None
    return TEXT if _is_text(content) else None


def problem(*, name: str, declared: str, content: bytes, limits: Limits) -> str | None:
    """Why the file is refused, as a sentence that says what to do; None when it may be kept."""
    if not content:
        return "The file is empty. Choose another."
    if len(content) > limits.largest:
        return f"The file is larger than {limits.largest // 1_000_000} MB. Choose a smaller one."
    found = media_type_of(content, limits)
    if found is None:
        return (
            "We take PDF, PNG, JPEG, Word (DOCX) and plain text files. Save it as one of these and try again."
        )
    ending = name.lower().rpartition(".")[2]
    if found != declared or f".{ending}" not in ENDINGS[found]:
        return "The file is not what its name says it is. Save it again under the right type and try again."
    return None


def safe_name(name: str, longest: int) -> str:
    """The last part of the name, without signs that could hide its ending or leave its folder."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(sign for sign in last if unicodedata.category(sign)[0] != "C" and sign not in '"<>|:*?')
    stem, dot, ending = kept.strip(" .").rpartition(".")
    return f"{stem[: longest - len(ending) - 1]}{dot}{ending}" if dot else ending[:longest]


def _is_docx(content: bytes, limits: Limits) -> bool:
    try:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            parts = packed.infolist()
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError):
        return False
    names = {part.filename for part in parts}
    return (
        {"[Content_Types].xml", "word/document.xml"} <= names
        and not any(name.lower().endswith(("vbaproject.bin", ".exe", ".dll", ".js")) for name in names)
        and len(parts) <= limits.parts
        and sum(part.file_size for part in parts) <= limits.unpacked
    )


def _is_text(content: bytes) -> bool:
    """UTF-8 without control signs that does not begin as markup that a browser would run, or as a PDF cut short."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    if text.lstrip().startswith(("<", "%PDF-")):
        return False
    return not any(unicodedata.category(sign) == "Cc" and sign not in TEXT_CONTROLS for sign in text)
