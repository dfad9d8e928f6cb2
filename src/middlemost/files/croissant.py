"""Croissant 1.0 with its vocabulary for responsible AI (RAI) 1.0: a data set described so that machines can read it.

It holds what the protocol and the measures say. What nobody stated is left out.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import quote

import polars as pl

from middlemost.agreement.names import TITLES
from middlemost.core.protocol import Protocol
from middlemost.core.results import Agreement
from middlemost.files.datasheet import NEVER_CHANGED, PREPROCESSING, Facts, conclusions, day, procedure, summary
from middlemost.files.licences import known

CROISSANT = "croissant.json"
CONFORMS_TO = ["http://mlcommons.org/croissant/1.0", "http://mlcommons.org/croissant/RAI/1.0"]
Node = dict[str, Any]

# The context that the specification gives, so that every reader of it knows the words.
_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_FORMATS = {
    ".parquet": "application/x-parquet",
    ".jsonl": "application/jsonlines",
    ".md": "text/markdown",
    ".yaml": "application/yaml",
}
_JSON = {str: "sc:Text", bool: "sc:Boolean", int: "sc:Integer", float: "sc:Float"}


def croissant(facts: Facts, files: Mapping[str, bytes]) -> bytes:
    """The description of the data set that consists of `files`, by path inside its folder, as JSON-LD.

    Every Parquet and JSON Lines file is a set of records whose fields name the columns that they come from.
    """
    node: Node = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS_TO,
        "name": facts.protocol.name,
        "description": " ".join(_description(facts)),
        **_stated(facts.protocol),
        **_responsible(facts),
        "distribution": [_file(name, data) for name, data in files.items()],
        "recordSet": [made for name, data in files.items() if (made := _records(facts, name, data))],
    }
    return (json.dumps(node, ensure_ascii=False, indent=2) + "\n").encode()


def _description(facts: Facts) -> Iterator[str]:
    if facts.protocol.disclosure.purpose:
        yield facts.protocol.disclosure.purpose
    yield summary(facts, source=False)
    yield from (question.ask for question in facts.protocol.questions)


def _stated(protocol: Protocol) -> Node:
    """What the disclosure states, in the words of schema.org."""
    told = protocol.disclosure
    licence = known(told.licence)
    creator: Node | None = {"@type": "sc:Organization", "name": told.creator} if told.creator else None
    contact = {"@type": "sc:ContactPoint", "description": told.contact} if told.contact else None
    if creator and contact:
        creator["contactPoint"], contact = contact, None
    return _without_none(
        {
            "license": licence.url if licence else told.licence,
            "citeAs": told.citation,
            "creator": creator,
            "publisher": {"@type": "sc:Organization", "contactPoint": contact} if contact else None,
            "inLanguage": told.language,
            "url": told.url,
            "datePublished": told.published,
        }
    )


def _responsible(facts: Facts) -> Node:
    told = facts.protocol.disclosure
    first, last = facts.first_answer_at, facts.last_answer_at
    asked = facts.protocol.collection.answers_per_item
    found = {
        "dataCollection": " ".join([*([told.items] if told.items else []), *procedure(facts)]),
        "dataCollectionType": ["Manual Human Curator"],
        "dataCollectionTimeframe": None if first is None or last is None else [day(first), day(last)],
        "dataPreprocessingProtocol": [PREPROCESSING],
        "dataAnnotationProtocol": "\n".join(_protocol(facts)),
        "dataAnnotationPlatform": ["middlemost"],
        "dataAnnotationAnalysis": list(_analysis(facts)) or None,
        "annotationsPerItem": f"{asked}, which {facts.complete:,} of {facts.items:,} items have",
        "annotatorDemographics": [told.raters] if told.raters else None,
        "dataUseCases": [told.purpose] if told.purpose else None,
        "dataLimitations": [told.limitations] if told.limitations else None,
        "dataBiases": [told.biases] if told.biases else None,
        "personalSensitiveInformation": [told.personal] if told.personal else None,
        "dataReleaseMaintenancePlan": NEVER_CHANGED,
    }
    return {f"rai:{name}": value for name, value in _without_none(found).items()}


def _protocol(facts: Facts) -> Iterator[str]:
    protocol = facts.protocol
    kind = {"prescriptive": "one right label for each item", "descriptive": "opinions differ"}[protocol.paradigm]
    yield f"{protocol.paradigm.capitalize()}: {kind}. Guidelines (version {facts.guideline_version}) in guidelines.md."
    for one in protocol.questions:
        options = ", ".join(f"{option.id} ({option.text})" if option.label else option.id for option in one.declared())
        yield f"{one.id} ({one.type}): {one.ask}" + (f" Options: {options}." if options else "")


def _analysis(facts: Facts) -> Iterator[str]:
    main = facts.protocol.main
    if main is not None:
        yield from _agreed(main.id, facts.agreement)
    for told in facts.others:
        yield from _agreed(told.id, told.agreement)
    if facts.protocol.paradigm == "prescriptive":
        yield from (sentence.replace("**", "") for sentence in conclusions(facts))


def _agreed(question: str, found: Sequence[Agreement]) -> Iterator[str]:
    for one in found:
        interval = "" if one.low is None else ", interval at 95 %"
        noted = f"; {one.note}" if one.note else ""
        yield f"Agreement on {question}, {TITLES.get(one.name, one.name)}: {one.estimate}{interval}{noted}."


def _file(name: str, data: bytes) -> Node:
    return {
        "@type": "cr:FileObject",
        "@id": quote(name),
        "name": name,
        "contentUrl": quote(name),
        "contentSize": f"{len(data)} B",
        "encodingFormat": _FORMATS.get(_suffix(name), "text/plain"),
        "sha256": sha256(data).hexdigest(),
    }


def _records(facts: Facts, name: str, data: bytes) -> Node | None:
    if _suffix(name) == ".parquet":
        types = _columns(data)
    elif _suffix(name) == ".jsonl":
        types = _keys(data)
    else:
        return None
    what = facts.files.get(name)
    stem = quote(name.rsplit(".", 1)[0])
    fields = [_field(stem, name, column, *kind) for column, kind in types.items()]
    made: Node = {"@type": "cr:RecordSet", "@id": stem, "name": stem}
    return made | ({"description": what} if what else {}) | {"field": fields} if fields else None


def _field(stem: str, file: str, column: str, kind: str, repeated: bool) -> Node:
    source = {"fileObject": {"@id": quote(file)}, "extract": {"column": column}}
    named = f"{stem}/{quote(column, safe='')}"
    made = {"@type": "cr:Field", "@id": named, "name": named, "dataType": kind, "source": source}
    return made | ({"repeated": True} if repeated else {})


def _columns(data: bytes) -> dict[str, tuple[str, bool]]:
    """The columns of a Parquet file that hold plain values, or lists of them."""
    schema = pl.read_parquet_schema(io.BytesIO(data))
    inner = {name: kind.inner if isinstance(kind, pl.List) else kind for name, kind in schema.items()}
    types = {name: (_type(kind), isinstance(schema[name], pl.List)) for name, kind in inner.items()}
    return {name: (kind, repeated) for name, (kind, repeated) in types.items() if kind is not None}


def _type(kind: Any) -> str | None:
    if kind == pl.String:
        return "sc:Text"
    if kind == pl.Boolean:
        return "sc:Boolean"
    if isinstance(kind, pl.Datetime):
        return "sc:DateTime"
    if kind.is_integer():
        return "sc:Integer"
    return "sc:Float" if kind.is_float() else None


def _keys(data: bytes) -> dict[str, tuple[str, bool]]:
    """The keys of JSON Lines that hold plain values of one kind: what is nested has no column."""
    kinds: dict[str, set[type]] = {}
    for line in data.splitlines():
        for name, value in json.loads(line).items():
            if value is not None:
                kinds.setdefault(name, set()).add(type(value))
    return {name: (_JSON[kind], False) for name, (kind, *more) in kinds.items() if not more and kind in _JSON}


def _suffix(name: str) -> str:
    return "." + name.rsplit(".", 1)[-1] if "." in name else ""


def _without_none(node: Node) -> Node:
    return {name: value for name, value in node.items() if value is not None}
