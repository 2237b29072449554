"""Addresses are masked in every spelling, in a time that does not grow with how many there are."""

from __future__ import annotations

import time

import pytest

from lostpost.relay.masking import masked

KNOWN = ["klaas@example.com", "x.y+z@a.example", "zoë@ex.example", "Anna@Example.com"]
TOKEN = "tT" * 21 + "t"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("KLAAS@example.com, anna@example.com", "***@***, ***@***"),
        ("mailto:klaas%40example.com?subject=x", "mailto:***@***?subject=x"),
        ("to%3Dklaas%2540example.com&x", "to%3D***@***&x"),
        ("x.y%2Bz@a.example zo%C3%AB@ex.example ZOË@ex.example", "***@*** ***@*** ***@***"),
        ("k&#64;x klaas&#64;example.com", "k&#64;x ***@***"),
        ("<abc+1@relay.example>,abc=d@relay.exampleVerzonden", "<***@***>,***@***Verzonden"),
        ("aklaas@example.com klaas@example.comm klaas@other.example", None),
        ("a@klaas@example.com@b", "a@***@***@b"),
        (f"klaas@example.com https://lost.example/c/{TOKEN}", "***@*** https://lost.example/c/…"),
    ],
)
def test_known_addresses_and_all_of_the_domain_are_masked(text, expected):
    assert masked(text, KNOWN, domain="relay.example") == (text if expected is None else expected)


def test_without_a_domain_known_addresses_are_masked():
    assert masked("klaas@example.com x@relay.example @", KNOWN, domain="") == "***@*** x@relay.example @"


@pytest.mark.parametrize("text", ["a@" * 50_000, "a.b@host1.example " * 5_000, "%40" * 33_000, "/c/a\n> " * 14_000])
def test_hostile_text_is_masked_in_time(text):
    many = [f"name{number}.{number}@host{number % 50}.example" for number in range(300)]
    begun = time.process_time()
    masked(text, many, domain="relay.example")

    assert time.process_time() - begun < 2
