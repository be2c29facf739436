"""The files of a hand-over: one registry for packing, README.txt, manifest and admin."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from signatures.delivering.columns import fields_in
from signatures.delivering.letter import letter_of
from signatures.delivering.letter_words import document_of
from signatures.delivering.rows import list_of
from signatures.delivering.source import Source, csv_list
from signatures.delivering.texts import readme, text_files, text_name
from signatures.delivering.totals import Totals, signed_versions, totals_table
from signatures.delivering.writers.pdf.document import DOCUMENT, pdf_files
from signatures.delivering.writers.xlsx_file import xlsx_file
from signatures.models import Delivery, Packing, TextVersion
from signatures.models.choices import Profile
from signatures.models.packing import MANIFEST, PUBLIC_KEY, SIGNATURE
from signatures.safeguarding import manifest_signing

README = "README.txt"
TOTALS = "totals.csv"
LIST = "signatures.csv"
WORKBOOK = "signatures.xlsx"
TEXT = "text/plain; charset=utf-8"
CSV = "text/csv; charset=utf-8"
JSON = "application/json"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Files = Iterator[tuple[str, Iterator[bytes]]]
Lines = list[tuple[str, str]]


@dataclass(frozen=True)
class Artifact:
    """A file of a hand-over, or several of one kind.

    :param name: the file's name, or None if the names depend on the texts
    :param content_type: HTTP content type
    :param other_types: content types by file extension, for files of the kind that have another
    :param describe: returns its lines in README.txt, in the active language
    :param write: yields each file's name with its chunks, which must be consumed before the next file is requested
    :param prove: used instead of write by files that prove the others: returns the content for a packing
    :param names: pattern that matches the names of all files of the kind, if there can be several
    :param holds_names: whether it contains signers' names if the recipient gets any
    :param wanted: returns whether a hand-over includes it
    """

    name: str | None
    content_type: str
    describe: Callable[[Delivery, Sequence[TextVersion]], Lines]
    write: Callable[[Source], Files] | None = None
    prove: Callable[[Packing], bytes] | None = None
    names: str = ""
    other_types: Mapping[str, str] = field(default_factory=dict)
    holds_names: bool = False
    wanted: Callable[[Delivery], bool] = lambda _delivery: True

    def is_called(self, name: str) -> bool:
        """Return whether a file of this name is of this kind."""
        return re.fullmatch(self.names, name) is not None if self.names else name == self.name


def gives_names(delivery: Delivery) -> bool:
    """Return whether a hand-over was prepared to hold names."""
    return delivery.profile == Profile.NAMES


def artifact_of(name: str) -> Artifact | None:
    """Return the kind of file with this name, or None if no hand-over has one."""
    return next((artifact for artifact in ARTIFACTS if artifact.is_called(name)), None)


def content_type_of(name: str) -> str:
    """Return the HTTP content type for a file name."""
    artifact = artifact_of(name)
    if artifact is None:
        return "application/octet-stream"
    return artifact.other_types.get(name.rpartition(".")[2], artifact.content_type)


def files_of(source: Source) -> Files:
    """Yield each file's name with its chunks, except the proof, which depends on the others' digests."""
    for artifact in ARTIFACTS:
        if artifact.write is not None and artifact.wanted(source.delivery):
            yield from artifact.write(source)


def proof_of(packing: Packing) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of the files that prove the others of a packing."""
    for artifact in ARTIFACTS:
        if artifact.prove is not None and artifact.name is not None:
            yield artifact.name, artifact.prove(packing)


def described(delivery: Delivery, versions: Sequence[TextVersion]) -> Lines:
    """Return name and description of each file for README.txt, files with signers' names first."""
    ordered = sorted(ARTIFACTS, key=lambda artifact: not artifact.holds_names)
    wanted = [artifact for artifact in ordered if artifact.wanted(delivery)]
    return [line for artifact in wanted for line in artifact.describe(delivery, versions)]


def file_names(delivery: Delivery, *, proof_only: bool = False) -> list[str]:
    """Return the files that can be downloaded singly: those in the manifest, or before that the ones with fixed names.

    :param proof_only: whether only the proof is still available
    """
    packing = delivery.latest_packing
    proof = [name for name, _content in proof_of(packing)] if packing else []
    if proof_only:
        return proof
    if packing is not None:
        return [*(entry["name"] for entry in packing.files if entry["name"] not in proof), *proof]
    wanted = (artifact for artifact in ARTIFACTS if artifact.write is not None and artifact.wanted(delivery))
    return [artifact.name for artifact in wanted if artifact.name is not None]


def readme_of(delivery: Delivery, totals: Totals, watermark: str) -> bytes:
    """Return the content of README.txt for a hand-over."""
    versions = signed_versions(delivery, totals)
    return readme(delivery, totals, versions, watermark, lambda: described(delivery, versions))


def _readme(source: Source) -> Files:
    yield README, iter([readme_of(source.delivery, source.totals, source.watermarks.of(README))])


def _totals(source: Source) -> Files:
    yield TOTALS, iter([totals_table(source.delivery, source.totals, source.watermarks.of(TOTALS))])


def _texts(source: Source) -> Files:
    for name, content in text_files(signed_versions(source.delivery, source.totals)):
        yield name, iter([content])


def _list(source: Source) -> Files:
    yield LIST, csv_list(list_of(source.delivery, source.snapshot), source.watermarks.of(LIST), source.written)


def _workbook(source: Source) -> Files:
    delivery = source.delivery
    names = list_of(delivery, source.snapshot)
    yield (
        WORKBOOK,
        xlsx_file(
            fields_in(names.layout),
            source.written.count(names.rows()),
            title=f"{delivery.petition.slug} {delivery.pk}",
            made_at=delivery.prepared_at,
            watermark=source.watermarks.of(WORKBOOK),
        ),
    )


def _document(source: Source) -> Files:
    total = source.totals.listed if gives_names(source.delivery) else 0
    names = list_of(source.delivery, source.snapshot).rows() if total else iter(())
    document = document_of(letter_of(source.delivery, source.totals), total)
    yield from pdf_files(document, source.written.count(names), total, source.watermarks.of)


def _described_in_it(_delivery: Delivery, _versions: Sequence[TextVersion]) -> Lines:
    return []


def _describe_document(delivery: Delivery, _versions: Sequence[TextVersion]) -> Lines:
    if not gives_names(delivery):
        return [(DOCUMENT, _("Covering letter, petition and numbers."))]
    about = _(
        "Covering letter, petition and numbers, and the names; where there are many, they follow in "
        "petition-names-1.pdf and so on."
    )
    return [(DOCUMENT, about)]


def _describe_texts(_delivery: Delivery, versions: Sequence[TextVersion]) -> Lines:
    as_shown = _("Version %(number)s of the text, as it was shown to those who signed it.")
    in_one = _("The same in one file, whose SHA-256 is the digest of this version.")
    lines: Lines = []
    for version in versions:
        texts = ", ".join(text_name(version.number, language) for language in sorted(version.languages))
        lines += [(texts, as_shown % {"number": version.number}), (f"petition-{version.number}.json", in_one)]
    return lines


# In their order within the package.
ARTIFACTS = (
    Artifact(README, TEXT, _described_in_it, _readme),
    Artifact(
        TOTALS,
        CSV,
        lambda *_of: [
            (TOTALS, _("The numbers. The words in the first column are for programs, and the same in every language."))
        ],
        _totals,
    ),
    Artifact(
        None, TEXT, _describe_texts, _texts, names=r"petition-\d+\.([a-z]+\.txt|json)", other_types={"json": JSON}
    ),
    Artifact(
        LIST,
        CSV,
        lambda *_of: [(LIST, _("The list of names. Opens in any spreadsheet program (UTF-8)."))],
        _list,
        holds_names=True,
        wanted=gives_names,
    ),
    Artifact(
        WORKBOOK,
        XLSX,
        lambda *_of: [(WORKBOOK, _("The same list as a workbook."))],
        _workbook,
        holds_names=True,
        wanted=lambda delivery: gives_names(delivery) and delivery.with_workbook,
    ),
    Artifact(
        DOCUMENT,
        "application/pdf",
        _describe_document,
        _document,
        names=r"petition(-names-\d+)?\.pdf",
        holds_names=True,
        wanted=lambda delivery: delivery.with_document,
    ),
    # The key comes before the signature that it checks.
    Artifact(
        PUBLIC_KEY,
        "application/x-pem-file",
        _described_in_it,
        prove=lambda packing: manifest_signing.pem(bytes(packing.public_key)).encode(),
    ),
    Artifact(
        MANIFEST,
        JSON,
        lambda *_of: [
            (
                MANIFEST,
                _("What was handed over: the recipient, the numbers, and the SHA-256 digest of every file."),
            )
        ],
        prove=lambda packing: packing.manifest.encode(),
    ),
    Artifact(
        SIGNATURE,
        "application/octet-stream",
        lambda *_of: [
            (
                f"{SIGNATURE}, {PUBLIC_KEY}",
                _("The signature of manifest.json (Ed25519), and the key that checks it."),
            )
        ],
        prove=lambda packing: bytes(packing.signature),
    ),
)
