"""The tables that notebooks display."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
import upscope
from upscope import display

VISITOR = upscope.Visitor.from_dict(
    {
        "short_id": "V1",
        "unique_id": "joe+x@acme.example",
        "email": "joe at acme",
        "name": "<b>Joe & Co</b>",
        "identities": ["Joe", "joe@acme.example", "JOE@localhost"],
        "last_url": "https://acme.example/?u=joe%40acme.example&ip=192.0.2.7",
        "ip_address": "2001:db8::7",
        "nickname": "from 2001:db8:0:1::beef or 192.0.2.8.",
        "browser_name": "Chrome 120.0.6099.71",
        "last_seen_at": "2018-07-05T11:53:38Z",
        "watch_link": "https://cobrowsing.example/session/a964e00a",
        "sessions": [{"id": "s_1"}],
    }
)

PERSONAL = ["joe+x", "joe at acme", "joe@", "JOE@", "joe%40", "192.0.2.7", "192.0.2.8", "2001:db8"]


class Cells(HTMLParser):
    """The text of each element of a table."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: set[str] = set()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.fixture(autouse=True)
def hide_again() -> Iterator[None]:
    yield
    display.show_personal_data(False)


def test_addresses_are_hidden() -> None:
    html = VISITOR._repr_html_()
    for text in PERSONAL:
        assert text not in html, text
    assert html.count("[hidden]") >= 8
    cells = Cells(html)
    for text in ("Visitor", "short_id", "V1", "Chrome 120.0.6099.71", "2018-07-05 11:53:38+00:00", "1 session"):
        assert text in cells.texts


def test_addresses_are_shown_on_request() -> None:
    display.show_personal_data()
    html = VISITOR._repr_html_()
    for text in PERSONAL:
        assert text in html, text
    display.show_personal_data(False)
    assert "joe@" not in VISITOR._repr_html_()


@pytest.mark.parametrize("show", [False, True])
def test_secrets_are_never_shown(show: bool) -> None:
    display.show_personal_data(show)
    secret = "https://cobrowsing.example/session/a964e00a"
    for answer in (
        VISITOR,
        upscope.WatchUrl.from_dict({"watch_url": secret, "other": secret}),
        upscope.OnpremiseToken.from_dict({"authorized": True, "token": secret}),
        upscope.Session.from_dict({"id": "s", "metadata": {"link": secret}}),
        upscope.SessionPage.from_dict({"cobrowsing_sessions": [{"id": "s", "metadata": {"link": secret}}]}),
    ):
        assert "a964e00a" not in answer._repr_html_()


def test_text_is_escaped() -> None:
    cells = Cells(VISITOR._repr_html_())
    assert cells.tags == {"table", "caption", "tbody", "tr", "td", "b"}
    assert "<b>Joe & Co</b>" in "".join(cells.texts)


def test_a_page_has_a_row_for_each_session() -> None:
    sessions = [
        {"id": "s_1", "agents": [{"id": 7}, {"name": "Joe"}, {"name": "a@b.example"}], "features_used": ["draw"]},
        {"id": "s_2", "length_seconds": 61, "went_live": True},
    ]
    page = upscope.SessionPage.from_dict({"cobrowsing_sessions": sessions, "has_more": True, "last_id": "s_2"})
    html = page._repr_html_()
    assert html.count("<tr>") == 3
    cells = Cells(html).texts
    for text in ("2 sessions, and there are more", "s_1", "7, Joe, [hidden]", "draw", "s_2", "61", "True"):
        assert text in cells, text


def test_long_text_is_shortened_after_addresses_are_hidden() -> None:
    agent = upscope.Agent.from_dict({"name": "x" * 190 + " joe@acme.example"})
    assert "joe" not in agent._repr_html_()
    assert len(upscope.Agent.from_dict({"name": "x" * 5000})._repr_html_()) < 500


@pytest.mark.parametrize("answer", [upscope.Usage, upscope.Team, upscope.Agent])
def test_an_empty_answer_is_displayed(answer: type[upscope.ApiObject]) -> None:
    assert answer.__name__ in answer.from_json("{}")._repr_html_()
