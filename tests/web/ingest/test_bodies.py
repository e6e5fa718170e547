"""Bodies: the envelope is looked at, and what is wrong inside refuses nothing."""

from __future__ import annotations

import gzip
import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kizuna.web.capture.ingest.bodies import (
    HopelessError,
    TooLargeError,
    cut,
    head_of_batch,
    head_of_message,
    inflated,
)

DEEP = b"[" * 50_000 + b"]" * 50_000
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@pytest.mark.parametrize(
    "bad",
    [
        b'{"properties": {"a": NaN}}',
        b'{"properties": {"a": "\xff\xfe"}}',
        b'{"userId": ' + DEEP + b"}",
        b'{"event": "a\tb"}',
        b"null",
        b"5",
        b'"text, with [ a bracket"',
        b'{"a": 1e999}',
        b'{"writeKey": "stolen"}',
    ],
)
def test_one_bad_message_never_refuses_the_rest(bad: bytes) -> None:
    body = b'{"writeKey": "k1", "batch": [{"userId": "u1"}, ' + bad + b', {"userId": "u2"}]}'
    assert head_of_batch(body) == ("k1", 3)


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b"text", b'{"batch": [', b'{"batch": [}]', b"{}", b'{"batch": 5}',
     b'{"batch": null}', b'[{"batch": []}]', b"\x00", b'{"a": NaN}', b'{"batch": NaN}'],
)  # fmt: skip
def test_a_hopeless_batch_is_told_from_one_that_is_not(body: bytes) -> None:
    with pytest.raises(HopelessError):
        head_of_batch(body)


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b'"a"', b'{"a": ', b'{"a": [}'])
def test_a_hopeless_message_is_told_from_one_that_is_not(body: bytes) -> None:
    with pytest.raises(HopelessError):
        head_of_message(body)


def test_the_key_of_a_body_that_no_reader_takes_is_found() -> None:
    assert head_of_message(b'{"a": NaN, "writeKey": "\\u006b1", "b": {"writeKey": "no"}}') == (
        "k1",
        1,
    )


@given(st.lists(JSON), st.text())
def test_cutting_along_brackets_counts_as_a_reader_does(messages: list[object], key: str) -> None:
    body = json.dumps({"batch": messages, "writeKey": key}).encode()
    try:
        key.encode()
    except UnicodeEncodeError:
        return
    parts = cut(body)
    assert json.loads(parts["writeKey"]) == key
    assert json.dumps(json.loads(parts["batch"])) == json.dumps(messages)
    assert head_of_batch(body).messages == len(messages)
    assert head_of_batch(b'{"x": NaN,' + body[1:]).messages == len(messages)


@given(st.binary(max_size=200))
def test_whatever_comes_is_counted_or_hopeless(body: bytes) -> None:
    for head in (head_of_batch, head_of_message):
        with suppress(HopelessError):
            assert head(body).messages >= 0


def test_a_body_is_inflated_up_to_what_is_taken_and_no_further() -> None:
    assert inflated(gzip.compress(b"x" * 1000), "gzip", 1000) == b"x" * 1000
    with pytest.raises(TooLargeError):
        inflated(gzip.compress(b"x" * 1001), "gzip", 1000)
    with pytest.raises(TooLargeError):
        inflated(b"x" * 1001, "", 1000)


@pytest.mark.parametrize("body", [b"no gzip", gzip.compress(b"x" * 100, mtime=0)[:-10], b""])
def test_a_broken_gzip_is_hopeless(body: bytes) -> None:
    with pytest.raises(HopelessError):
        inflated(body, "gzip", 1000)
