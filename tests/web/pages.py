"""Reading pages as a browser does, without one: elements, forms with their fields, and what every page must have.

`Reader` is a client that checks each page it gets for free: landmarks, one first heading, a title, a language, ids that
are unique, a label for every field, and a token in every form that writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from io import BytesIO
from typing import Any
from urllib.parse import urljoin, urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from weerklank.web.texts import TONGUES

VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
FIELDS = ("input", "select", "textarea")


@dataclass
class Element:
    """An element with its attributes and what is in it."""

    tag: str
    attributes: dict[str, str]
    parent: Element | None
    inside: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All words in it, blanks put together."""
        words = "".join(each if isinstance(each, str) else f" {each.text} " for each in self.inside)
        return " ".join(words.split())

    def all(self, tag: str = "", **attributes: str) -> Iterator[Element]:
        """Every element in it with this tag and these attributes, in order."""
        for each in self.inside:
            if isinstance(each, Element):
                if (not tag or each.tag == tag) and all(each.attributes.get(k) == v for k, v in attributes.items()):
                    yield each
                yield from each.all(tag, **attributes)

    def one(self, tag: str, **attributes: str) -> Element:
        found = list(self.all(tag, **attributes))
        assert len(found) == 1, f"{len(found)} x <{tag}> {attributes}"
        return found[0]


class Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = self.here = Element("", {}, None)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, value in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice: {names}"
        element = Element(tag, {name: value or "" for name, value in attrs}, self.here)
        self.here.inside.append(element)
        if tag not in VOID:
            self.here = element

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID or tag in ("path", "circle"):
            return
        assert self.here.tag == tag, f"</{tag}> closes <{self.here.tag}>"
        assert self.here.parent is not None
        self.here = self.here.parent

    def handle_data(self, data: str) -> None:
        self.here.inside.append(data)


def parse(html: str) -> Element:
    """The page's tree; tags that do not match are a mistake."""
    builder = Builder()
    builder.feed(html)
    builder.close()
    assert builder.here is builder.root, f"<{builder.here.tag}> is never closed"
    return builder.root


def check(root: Element, language: str | None = None) -> None:
    """What every page must have; the assertion that fails says which is missing."""
    html = root.one("html")
    assert html.attributes.get("lang") in TONGUES
    if language:
        assert html.attributes["lang"] == language
    title = root.one("title").text
    assert len(title.split(" · ")[0]) > 3, f"the title says nothing: {title!r}"
    assert len(list(root.all("h1"))) == 1, [each.text for each in root.all("h1")]
    for landmark in ("header", "main", "footer"):
        assert len(list(root.all(landmark))) == 1, landmark
    check_headings(root)
    check_ids(root)
    check_names(root)
    check_forms(root)
    assert not [each for each in root.all() if "style" in each.attributes], "a style in an element is blocked"
    assert not [each for each in root.all() if any(name.startswith("on") for name in each.attributes)]
    assert not list(root.all("style"))
    assert all("src" in each.attributes for each in root.all("script"))


def check_headings(root: Element) -> None:
    """No level is skipped on the way down."""
    levels = [int(each.tag[1]) for each in root.one("main").all() if each.tag in ("h1", "h2", "h3", "h4", "h5")]
    last = 1
    for level in levels:
        assert level <= last + 1, f"h{level} after h{last}"
        last = level


def check_ids(root: Element) -> None:
    ids = [each.attributes["id"] for each in root.all() if "id" in each.attributes]
    twice = {each for each in ids if ids.count(each) > 1}
    assert not twice, twice
    for each in root.all():
        for name in ("for", "aria-labelledby", "aria-describedby"):
            missing = set(each.attributes.get(name, "").split()) - set(ids)
            assert not missing, f"{name} of <{each.tag}> names nothing: {missing}"
        target = each.attributes.get("href", "")
        if each.tag == "a" and target.startswith("#"):
            assert target[1:] in ids, target


def check_names(root: Element) -> None:
    """Everything one can use has a name."""
    labelled = {each.attributes["for"] for each in root.all("label") if each.text}
    for each in root.all():
        kind = each.attributes.get("type")
        if each.tag in FIELDS and kind not in ("hidden", "submit"):
            assert each.attributes.get("id") in labelled, f"no label for {each.attributes.get('name')}"
        if each.tag in ("a", "button") and not each.attributes.get("aria-label"):
            images = [image.attributes.get("alt", "") for image in each.all("img")]
            assert each.text or any(images), f"<{each.tag}> without words: {each.attributes}"
        if each.tag == "img":
            assert "alt" in each.attributes
        if each.tag == "nav":
            assert each.attributes.keys() & {"aria-label", "aria-labelledby"}, "a nav without a name"
        if each.tag == "fieldset":
            assert next(iter(each.all("legend")), None) is not None, "a group without a legend"


def check_forms(root: Element) -> None:
    for form in root.all("form"):
        if form.attributes.get("method", "get").lower() == "post":
            assert list(form.all("input", name="csrf_token")), "a form that writes has no token"
        assert not list(form.all("form")), "a form in a form"
        if list(form.all("input", type="file")):
            assert form.attributes.get("enctype") == "multipart/form-data"


@dataclass
class Page:
    """An answer that was read: its tree, and where it came from."""

    response: TestResponse
    root: Element

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def path(self) -> str:
        return self.response.request.path

    @property
    def text(self) -> str:
        """The words of the page itself, without its frame."""
        return self.root.one("main").text

    @property
    def heading(self) -> str:
        return self.root.one("h1").text

    def form(self, action: str = "") -> Element:
        """The form that writes to this path, or the one that has the most fields."""
        forms = [each for each in self.root.one("main").all("form") if action in each.attributes.get("action", "")]
        assert forms, f"no form on {self.path}"
        return max(forms, key=lambda form: len(values_of(form)) + len([*form.all("textarea"), *form.all("input")]))

    def errors(self) -> list[str]:
        """What is said to be wrong, by the list on top."""
        boxes = [each for each in self.root.all("div") if each.attributes.get("class") == "summary"]
        return [item.text for box in boxes for item in box.all("li")]


def values_of(form: Element) -> dict[str, list[str]]:
    """What a browser would send of a form as it stands."""
    values: dict[str, list[str]] = {}
    for each in form.all():
        name, kind = each.attributes.get("name"), each.attributes.get("type", "text")
        if each.tag not in FIELDS or not name or kind in ("file", "submit"):
            continue
        if each.tag == "textarea":
            values.setdefault(name, []).append(
                "".join(part for part in each.inside if isinstance(part, str)).removeprefix("\n")
            )
        elif each.tag == "select":
            options = list(each.all("option"))
            chosen = [one for one in options if "selected" in one.attributes] or options[:1]
            values.setdefault(name, []).extend(one.attributes.get("value", one.text) for one in chosen)
        elif kind not in ("checkbox", "radio") or "checked" in each.attributes:
            values.setdefault(name, []).append(each.attributes.get("value", ""))
    return values


class Reader:
    """Somebody with a browser. `base` is the path of an organisation, such as `/staatvandienst`, or empty."""

    def __init__(self, client: FlaskClient, base: str = "", language: str = "en") -> None:
        self.client = client
        self.base = base
        self.language = language

    def get(self, path: str, status: int = 200, **more: Any) -> Page:
        """A page, redirects followed."""
        return self.read(
            self.client.get(self.base + path, follow_redirects=True, headers=self.headers(), **more), status
        )

    def post(self, path: str, data: Mapping[str, Any], status: int = 200, **more: Any) -> Page:
        """Send exactly this, whatever form there is."""
        answer = self.client.post(
            self.base + path,
            data=data,
            follow_redirects=True,
            headers={**self.headers(), **more.pop("headers", {})},
            **more,
        )
        return self.read(answer, status)

    def send(
        self,
        page: Page,
        values: Mapping[str, str | Sequence[str]] | None = None,
        *,
        action: str = "",
        button: tuple[str, str] | None = None,
        files: Sequence[tuple[bytes, str]] = (),
        field: str = "file",
        status: int = 200,
    ) -> Page:
        """Fill in a form of the page and send it: what is not named stays as it stands. `files` go in `field`."""
        form = page.form(action)
        filled: dict[str, Any] = {**values_of(form), **(values or {})}
        if button:
            filled[button[0]] = button[1]
        if files:
            filled[field] = [(BytesIO(data), name) for data, name in files]
        target = urljoin(page.response.request.path, form.attributes.get("action") or page.response.request.path)
        answer = self.client.post(
            urlsplit(self.whole(page, target)).path,
            data=filled,
            follow_redirects=True,
            headers=self.headers(),
            content_type=form.attributes.get("enctype"),
        )
        return self.read(answer, status)

    def whole(self, page: Page, target: str) -> str:
        """The address from the host on: the page's path is told without the organisation's part."""
        root = page.response.request.script_root
        return target if target.startswith(f"{root}/") or not root else f"{root}{target}"

    def headers(self) -> dict[str, str]:
        return {"Accept-Language": self.language}

    def read(self, response: TestResponse, status: int) -> Page:
        html = response.get_data(as_text=True)
        for each in (*response.history, response):
            each.request.environ["wsgi.input"].close()
        assert response.status_code == status, f"{response.status_code} for {response.request.path}: {html[:3000]}"
        root = parse(html)
        check(root)
        return Page(response, root)


OpenReader = Callable[..., Reader]
