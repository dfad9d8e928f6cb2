"""The protocol: the declared procedure of a project, as typed values. Reading it from YAML is `files/protocol.py`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from middlemost.core.about import AboutRaters
from middlemost.core.assigning import Limits, More, Quotas, Repeats
from middlemost.core.declared import Declared, Mistake, Words, doubled
from middlemost.core.disclosure import Disclosure as Disclosure
from middlemost.core.qualifying import Controls, Qualification
from middlemost.core.questions import AnyQuestion, Choice, Question, Spans
from middlemost.errors import did_you_mean

Paradigm = Literal["prescriptive", "descriptive"]
SignUp = Literal["closed", "open", "approved"]
Show = Literal["text", "markdown", "conversation", "image"]


class Collection(Declared):
    """How answers are collected."""

    answers_per_item: int = Field(3, ge=1, le=1000, description="How many different raters answer each item.")
    lease_minutes: float = Field(
        30, ge=0.01, le=10_080, description="How long an item stays lent to a rater who has not answered."
    )
    rest_every_minutes: float | None = Field(
        None, ge=1, le=600, description="After how much active time raters are reminded to rest; never if absent."
    )
    order: Literal["added", "shuffled"] = Field(
        "added", description="added: items come as they were added. shuffled: mixed, for each rater differently."
    )
    seed: int = Field(0, ge=0, le=2**31, description="What the mixed orders and the repeats are drawn by.")
    priority: Words | None = Field(
        None, description="The field of an item that holds its priority, a whole number: higher ones come first."
    )
    once_in: Annotated[list[Words], Field(max_length=10)] = Field(
        [], description="Fields that make families of items: a rater is given one item of each family only."
    )
    not_own: Words | None = Field(
        None, description="The field of an item that names its author, who is not given it; see the raters' file."
    )
    quotas: Quotas | None = Field(None, description="How many answers come from each group of raters.")
    limits: Limits = Field(default=Limits(), description="How much one rater is given.")
    repeats: Repeats | None = Field(None, description="Items that come to a rater twice.")
    more: More | None = Field(None, description="More answers where raters disagree.")
    qualification: Qualification | None = Field(None, description="What a rater goes through before the first item.")
    controls: Controls | None = Field(None, description="Items with a known answer, mixed in without a sign.")

    @property
    def choosy(self) -> bool:
        """Whether the next item is not simply the next in line."""
        return self.order == "shuffled" or bool(self.once_in or self.not_own or self.quotas)

    def mistakes(self) -> Iterator[Mistake]:
        """Numbers that cannot be together."""
        k = self.answers_per_item
        if self.quotas and (needed := sum(self.quotas.answers.values())) > k:
            message = f"The groups are to give {needed} answers an item, which has {k}."
            yield Mistake(("quotas", "answers"), message, f"Write answers_per_item: {needed}.")
        if self.more and self.more.most <= k:
            message = f"`most` is to be above answers_per_item, which is {k}."
            yield Mistake(("more", "most"), message, f"For example: most: {2 * k}.")
        if self.qualification:
            yield from (one.within("qualification") for one in self.qualification.mistakes())


def _letters(code: str) -> str:
    if not (len(code) == 3 and code.isascii() and code.isupper()):
        raise ValueError("three capital letters, as in EUR")
    return code


class Pay(Declared):
    """What raters earn."""

    per_item: float | None = Field(None, gt=0, le=10_000, description="For each item that is answered.")
    per_hour: float | None = Field(None, gt=0, le=10_000, description="For each hour of active work.")
    currency: Annotated[str, AfterValidator(_letters)] = Field(description="Three letters, as in EUR.")

    def mistakes(self) -> Iterator[Mistake]:
        """Neither or both."""
        if (self.per_item is None) == (self.per_hour is None):
            yield Mistake(("currency",), "Raters are paid `per_item` or `per_hour`.", "Write one of them.", at_key=True)

    def earned(self, pages: int, seconds: float) -> float:
        """What so many answered items, and so much active time, are worth."""
        return pages * self.per_item if self.per_item is not None else seconds / 3600 * (self.per_hour or 0.0)


class Harm(Declared):
    """What raters are warned of, and how they are spared the sight of it until they are ready."""

    warning: Words = Field(description="What is in the items, as raters read it before the first one.")
    help: Words | None = Field(None, description="Where raters find somebody to talk to.")
    cover: Words | None = Field(
        None, description="`all`, or the field of an item that says whether it is covered until the rater uncovers it."
    )

    def covers(self, fields: Mapping[str, object]) -> bool:
        """Whether an item with these fields is covered at first.

        >>> harm = Harm(warning="Insults.", cover="graphic")
        >>> harm.covers({"graphic": "yes"}), harm.covers({"graphic": "no"}), harm.covers({})
        (True, False, False)
        """
        if self.cover is None or self.cover == "all":
            return self.cover is not None
        said = fields.get(self.cover)
        return said not in (None, False, 0) and str(said).strip().lower() not in ("", "no", "false", "0")


class Protocol(Declared):
    """The declared procedure: questions, guidelines, paradigm, collection."""

    name: Words = Field(description="The project's name, as raters and readers see it.")
    paradigm: Paradigm = Field(
        description="prescriptive: each item has one right label, disagreement is noise. "
        "descriptive: opinions differ, their distribution is the result."
    )
    guidelines: Words = Field(
        "guidelines.md", description="The Markdown file with the raters' guidelines, beside this one."
    )
    show: Show = Field(
        "text", description="What an item is: a text, Markdown, a conversation (its `turns`), or an `image` with words."
    )
    questions: Annotated[
        list[AnyQuestion],
        Field(min_length=1, max_length=30, description="What raters are asked of each item, in order."),
    ]
    sign_up: SignUp = Field(
        "closed",
        description="closed: people come by links. open: whoever reaches the server may join as a rater. "
        "approved: the same, once a lead has let them in.",
    )
    collection: Collection = Field(default=Collection(), description="How answers are collected.")
    pay: Pay | None = Field(None, description="What raters earn: tracked, and told by `middlemost pay`.")
    harm: Harm | None = Field(None, description="What raters are warned of before they see it.")
    about_raters: AboutRaters | None = Field(
        None, description="What raters are asked about themselves (demographics), if they like."
    )
    disclosure: Disclosure = Field(default=Disclosure(), description="What only people know about the data.")

    @property
    def question(self) -> Question:
        """The first question."""
        return self.questions[0]

    @property
    def main(self) -> Choice | None:
        """The first choice: what gold and the lead's decisions are about. None where no question is one."""
        return next((one for one in self.questions if isinstance(one, Choice)), None)

    @property
    def looks_at_items(self) -> bool:
        """Whether what can be answered depends on the item."""
        return any(one.of_item() for one in self.questions)

    def named(self, id: str) -> Question | None:
        """The question `id`, None if there is none."""
        return next((one for one in self.questions if one.id == id), None)

    def mistakes(self) -> Iterator[Mistake]:
        """What is wrong with it as a whole, where each of its parts is in order."""
        yield from doubled(self.questions, lambda question: question.id, "questions", "questions")
        yield from self._marked_once()
        yield from self._assigned()
        yield from (one.within("pay") for one in (self.pay.mistakes() if self.pay else ()))
        yield from self._asked_of_raters()
        for number, question in enumerate(self.questions):
            found = [*question.mistakes(), *self._condition(number, question), *self._shown(question)]
            yield from (one.within("questions", number) for one in found)

    def _condition(self, number: int, question: Question) -> Iterator[Mistake]:
        """A condition asks for an earlier question, and for answers that this can have."""
        if question.when is None:
            return
        asked, before = question.when.question, self.questions[:number]
        earlier = next((one for one in before if one.id == asked), None)
        if earlier is None:
            later = any(one.id == asked for one in self.questions)
            message = f"{asked!r} is not asked before this question." if later else f"There is no question {asked!r}."
            mend = "Put it further up." if later else did_you_mean(asked, [one.id for one in before])
            yield Mistake(("when", "question"), message, mend)
            return
        for place, code in enumerate(question.when.is_):
            yield from _possible(earlier, code, place)

    def _marked_once(self) -> Iterator[Mistake]:
        """The item's text is one: two questions cannot both be marked in it."""
        marking = [number for number, question in enumerate(self.questions) if isinstance(question, Spans)]
        for number in marking[1:]:
            yield Mistake(("questions", number, "type"), "Only one question can mark passages.", "Give it more labels.")

    def _assigned(self) -> Iterator[Mistake]:
        """What `collection` declares has to go together with the rest."""
        yield from (one.within("collection") for one in self.collection.mistakes())
        if self.collection.more and self.paradigm == "descriptive":
            message = "A descriptive project does not ask more where raters disagree: disagreement is its result."
            yield Mistake(("collection", "more"), message, "Leave `more` out.", at_key=True)
        elif self.collection.more and self.main is None:
            message = "`more` looks at the votes of the first choice, and no question here is one."
            yield Mistake(("collection", "more"), message, "Leave it out.", at_key=True)
        yield from self._judged()

    def _asked_of_raters(self) -> Iterator[Mistake]:
        """What raters say of themselves decides nothing about what they are given."""
        about, quotas = self.about_raters, self.collection.quotas
        yield from (one.within("about_raters") for one in (about.mistakes() if about else ()))
        if about and quotas and about.named(quotas.by):
            message = (
                "Quotas go by what leads say of raters, never by what raters say of themselves: "
                f"{quotas.by!r} is a question of `about_raters`."
            )
            mend = "Give one of the two another name, and have the quota's in the raters' file."
            yield Mistake(("collection", "quotas", "by"), message, mend)

    def _judged(self) -> Iterator[Mistake]:
        """A test and control items need answers that are right or wrong."""
        qualification, at = self.collection.qualification, ("collection",)
        needing: list[tuple[str, ...]] = [(*at, "controls")] if self.collection.controls else []
        needing += [(*at, "qualification", "test")] if qualification and qualification.test else []
        for path in needing:
            if self.paradigm == "descriptive":
                message = "In a descriptive project no answer is wrong, so that there is nothing to be tested."
                yield Mistake(path, message, "Leave it out.", at_key=True)
            elif self.main is None:
                message = f"`{path[-1]}` looks at the answer to the first choice, and no question here is one."
                yield Mistake(path, message, "Leave it out.", at_key=True)

    def _shown(self, question: Question) -> Iterator[Mistake]:
        if isinstance(question, Spans) and self.show != "text":
            yield Mistake(("type",), f"Passages cannot be marked in items shown as {self.show}.", "Show them as text.")


def _possible(earlier: Question, code: str, place: int) -> Iterator[Mistake]:
    """Whether `code` is an answer that the earlier question can have."""
    at = ("when", "is", place)
    try:
        known = earlier.codes()
    except LookupError:
        message = f"A condition cannot ask for the answer to {earlier.id!r}: it is of type {earlier.type}."
        yield Mistake(("when", "question"), message, "It can ask for a choice, several choices, or a number.")
        return
    if known is not None and code not in known:
        mend = did_you_mean(code, known, otherwise="Its answers are: ")
        yield Mistake(at, f"{code!r} is no answer to {earlier.id!r}.", mend)
    elif known is None and not _on_scale(earlier, code):
        yield Mistake(at, f"{code!r} is no answer to {earlier.id!r}.", "Write a number of its scale.")


def _on_scale(earlier: Question, code: str) -> bool:
    try:
        return earlier.fits(float(code))
    except ValueError:
        return False
