"""What sdk.js sends of a customer's page, and what it keeps."""

import json

import pytest

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<script src="{sdk}"></script>
<script>Upscope('init', {options}); Upscope('getShortId', (id) => {{ window.shortId = id; }});</script>
</head><body>{body}</body></html>"""


@pytest.fixture
def snapshot_of(sandbox, site, customer_browser):
    """Shows a page with this body, starts a session, and returns the first snapshot."""

    def snapshot_of(body, options="{}"):
        html = PAGE.format(title="Page", sdk=f"{sandbox.origin}/_sandbox/sdk.js", options=options, body=body)
        customer_browser.driver.get(site.add("/page.html", html))
        short_id = customer_browser.wait(lambda driver: driver.execute_script("return window.shortId"))
        link = sandbox.watch_url(short_id).removeprefix(sandbox.origin)
        sandbox.json("POST", link)
        since = 0
        for _ in range(10):
            answer = sandbox.json("GET", f"{link}/events?since={since}&wait_ms=10000")
            since = answer["next"]
            pages = [event["page"] for event in answer["events"] if event["type"] == "snapshot"]
            if pages:
                return pages[0]
        raise AssertionError("no snapshot arrived")

    return snapshot_of


def elements(node, tag):
    """All elements with this name in a tree."""
    if isinstance(node, str):
        return []
    own = [node] if node["tag"] == tag else []
    return own + [found for child in node.get("children", []) for found in elements(child, tag)]


def text(node):
    return node if isinstance(node, str) else "".join(text(child) for child in node.get("children", []))


def test_text_and_structure(snapshot_of):
    page = snapshot_of(
        "<h2 id=x class=y style='color:red' onclick='z()' data-secret=s>Head <em>line</em></h2>"
        "<ol start=5><li>five</ol><table><tr><td colspan=2>wide</table>"
        "<custom-element><p>inside</p></custom-element><pre>a\n  b</pre><a href='https://x.example/?token=t'>link</a>"
        "<details><summary>More</summary>closed</details><details open><summary>Less</summary>opened</details>"
    )
    assert set(page) == {"url", "title", "scroll_x", "scroll_y", "width", "height", "tree"}
    assert page["title"] == "Page"
    tree = page["tree"]
    assert elements(tree, "h2") == [{"tag": "h2", "children": ["Head ", {"tag": "em", "children": ["line"]}]}]
    assert elements(tree, "ol")[0]["attributes"] == {"start": 5}
    assert elements(tree, "td")[0]["attributes"] == {"colspan": 2}
    assert [text(found) for found in elements(tree, "pre")] == ["a\n  b"]
    assert elements(tree, "a") == [{"tag": "a", "children": ["link"]}]
    whole = text(tree)
    assert "inside" in whole
    assert "opened" in whole
    assert "closed" not in whole
    assert "token" not in json.dumps(page)


@pytest.mark.parametrize(
    "body",
    [
        "<script>/*SECRET*/</script>",
        "<style>/*SECRET*/</style>",
        "<template>SECRET</template>",
        "<!--SECRET-->",
        "<p hidden>SECRET</p>",
        "<p style='display:none'>SECRET</p>",
        "<iframe srcdoc='SECRET'></iframe>",
        "<input type=hidden value=SECRET>",
        "<input type=password value=SECRET>",
        "<input class=no-upscope value=SECRET placeholder=SECRET>",
        "<input data-upscope-mask value=SECRET>",
        "<textarea class=no-upscope>SECRET</textarea>",
        "<select class=no-upscope><option>SECRET</select>",
        "<input type=submit class=no-upscope value=SECRET>",
        "<p class='a no-upscope b'>SECRET</p>",
        "<div class=no-upscope><ul><li>SECRET</ul></div>",
        "<div class=no-upscope><input value=SECRET></div>",
        "<div data-upscope-mask>SECRET</div>",
        "<p class=private>SECRET</p>",
        "<input autocomplete=cc-csc value=SECRET>",
        "<img class=no-upscope alt=SECRET>",
        "<select><option selected>shown<option>SECRET</select>",
    ],
)
def test_secrets_stay(snapshot_of, body):
    page = snapshot_of(body + "<p>visible</p>", "{maskedElements: ['.private']}")
    assert "visible" in text(page["tree"])
    assert "SECRET" not in json.dumps(page)


def test_fields(snapshot_of):
    page = snapshot_of(
        "<input value=plain><input placeholder=hint><textarea>two\nlines</textarea>"
        "<select><option>A<option selected>B</select>"
        "<input type=checkbox checked><input type=radio><input type=submit value=Send>"
        "<input value='4111-1111-1111-1111'><input value='4111-1111-1111-1112'><input class=no-upscope value=abc>"
        "<input type=password value=abc>"
    )
    fields = [found for tag in ("input", "textarea", "select") for found in elements(page["tree"], tag)]
    assert [field["attributes"] for field in fields] == [
        {"type": "text", "value": "plain"},
        {"type": "text", "value": "", "placeholder": "hint"},
        {"type": "checkbox", "checked": True},
        {"type": "radio", "checked": False},
        {"type": "submit", "value": "Send"},
        {"type": "text", "value": "*" * 19},
        {"type": "text", "value": "4111-1111-1111-1112"},
        {"type": "text", "value": "***"},
        {"type": "password", "placeholder": "••••••"},
        {"type": "textarea", "value": "two\nlines"},
        {"type": "select", "value": "B"},
    ]


def test_large_deep_and_odd_pages(snapshot_of):
    """Every page fits into the sandbox's limit, and is text that JSON readers accept."""
    odd = "<p id=odd></p><script>document.querySelector('p').textContent = 'a\\ud800b\\u0001c\\ud83d\\ude00'</script>"
    deep = "<div>" * 400 + "deepest" + "</div>" * 400
    many = "<script>document.write(('<p>' + '\\u20ac\"'.repeat(300) + '</p>').repeat(5000))</script>"
    page = snapshot_of(odd + deep + many)
    assert text(elements(page["tree"], "p")[0]) == "abc\N{GRINNING FACE}"
    assert "deepest" in text(page["tree"])
    assert len(json.dumps(page, ensure_ascii=False).encode()) < 1_000_000


def test_changes_are_sent_at_a_limited_rate(snapshot_of, customer_browser):
    snapshot_of("<p id=counter>0</p>")
    customer_browser.requested_urls()
    seconds = customer_browser.driver.execute_async_script(
        """const done = arguments[0]; const started = performance.now(); let count = 0;
        const timer = setInterval(() => {
          count += 1; document.getElementById('counter').textContent = count;
          if (count < 100) return;
          clearInterval(timer);
          setTimeout(() => done((performance.now() - started) / 1000), 300);
        }, 10);"""
    )
    sent = [url for url in customer_browser.requested_urls() if url.endswith("/sdk/snapshot")]
    # 100 changes, and at most one snapshot in 100 ms.
    assert 2 <= len(sent) <= seconds * 10 + 1
    assert len(sent) < 100
