"""What the answers of a mail server mean: taken, to be tried again, or for a person to see."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from email.message import EmailMessage
from socket import create_server, socket

import pytest

from faults.post import BEHAVIOURS, FINE, Behaviour, Post
from weerklank.correspondence.channels import mail as channel
from weerklank.correspondence.channels.mail import Envelope, NotDelivered, make_mail, send_by_smtp
from weerklank.correspondence.letters import Letter

HERE = "http://localhost"


@pytest.fixture
def post() -> Iterator[Post]:
    with Post() as made:
        yield made


def mail(to: str) -> EmailMessage:
    envelope = Envelope("Klachten", "klachten@weerklank.example", to, "<1@weerklank.example>", datetime.now(UTC))
    return make_mail(Letter("Onderwerp", ("Woorden.",), "nl"), envelope, HERE)


def refusal(url: str, to: str = "anna@voorbeeld.example") -> tuple[str, bool]:
    with pytest.raises(NotDelivered) as refused:
        send_by_smtp(url, mail(to))
    return refused.value.reason, refused.value.permanent


def test_it_hands_a_mail_over(post: Post) -> None:
    send_by_smtp(post.url, mail("anna@voorbeeld.example"))
    assert [message_id for _, message_id in post.taken["anna@voorbeeld.example"]] == ["<1@weerklank.example>"]


@pytest.mark.parametrize(
    ("behaviour", "reason", "permanent"),
    [
        ("closing", "smtp 421", False),
        ("grey", "smtp 451", False),
        ("full", "smtp 452", False),
        ("unknown", "smtp 550", True),
        ("refused", "smtp 554", True),
        ("drop", "SMTPServerDisconnected", False),
    ],
)
def test_it_tells_what_passes_from_what_does_not(post: Post, behaviour: str, reason: str, permanent: bool) -> None:
    assert refusal(post.url, f"{behaviour}.1@klager.example") == (reason, permanent)


@pytest.mark.parametrize("reply", ["530 log in first", "535 wrong password", "538 encrypt first"])
def test_it_blames_no_mail_for_a_server_that_does_not_let_us_in(
    post: Post, monkeypatch: pytest.MonkeyPatch, reply: str
) -> None:
    monkeypatch.setitem(BEHAVIOURS, "anna@voorbeeld", Behaviour("RCPT", reply))
    monkeypatch.setattr(post, "behaviour", lambda address: BEHAVIOURS["anna@voorbeeld"])
    reason, permanent = refusal(post.url)
    assert (reason, permanent) == (f"smtp {reply[:3]}", False)


def test_it_gives_up_on_a_silent_server_and_tries_again_later(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "SECONDS", 0.2)
    assert refusal(post.url, "silent.1@klager.example")[1] is False
    assert post.behaviour("silent.1@klager.example") is FINE


def test_it_gives_up_on_a_server_that_never_greets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "SECONDS_TO_GREET", 0.2)
    with closing(create_server(("127.0.0.1", 0))) as listening:
        assert refusal(f"smtp://127.0.0.1:{listening.getsockname()[1]}") == ("SMTPServerDisconnected", False)


def test_it_gives_up_on_a_server_that_says_something_all_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "SECONDS", 0.5)
    with closing(create_server(("127.0.0.1", 0))) as listening:
        talker = threading.Thread(target=talk_on, args=(listening,))
        talker.start()
        assert refusal(f"smtp://127.0.0.1:{listening.getsockname()[1]}") == ("SMTPServerDisconnected", False)
        talker.join()


def talk_on(listening: socket) -> None:
    """Greet, and then begin line after line of an answer that never ends, until the client has gone."""
    client, _ = listening.accept()
    client.settimeout(0.1)
    with client, suppress(ConnectionError):
        client.sendall(b"220 here\r\n")
        while True:
            client.sendall(b"250-wait\r\n")
            with suppress(TimeoutError):
                client.recv(100)


def test_it_tries_again_later_where_nobody_listens() -> None:
    with closing(socket()) as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"smtp://127.0.0.1:{nobody.getsockname()[1]}"
        assert refusal(url) == ("ConnectionRefusedError", False)


def test_it_sends_nothing_in_the_open_where_encryption_is_demanded(post: Post) -> None:
    url = post.url.replace("smtp:", "smtp+starttls:")
    assert refusal(url) == ("SMTPNotSupportedError", False)
    with Post("220 go on") as broken:  # and then talks on as if nothing were encrypted
        reason, permanent = refusal(broken.url.replace("smtp:", "smtp+starttls:"))
    assert (reason, permanent) == ("SSLError", False)
    assert not post.taken
    assert not broken.taken


@pytest.mark.parametrize("leave", ["", "421 too slow", "500 what"])
def test_it_takes_no_unfriendly_goodbye_for_a_refusal(leave: str) -> None:
    with closing(create_server(("127.0.0.1", 0))) as listening:
        threading.Thread(target=serve_once, args=(listening, leave), daemon=True).start()
        send_by_smtp(f"smtp://127.0.0.1:{listening.getsockname()[1]}", mail("anna@voorbeeld.example"))


def serve_once(listening: socket, leave: str) -> None:
    client, _ = listening.accept()
    with client, client.makefile("rwb", buffering=0) as talk:
        talk.write(b"220 here\r\n")
        for line in talk:
            if line[:4].upper() == b"QUIT":
                talk.write(f"{leave}\r\n".encode() if leave else b"")
                return
            talk.write(b"354 go on\r\n" if line[:4].upper() == b"DATA" else b"250 fine\r\n")
            if line[:4].upper() == b"DATA":
                while talk.readline() != b".\r\n":
                    pass
                talk.write(b"250 taken\r\n")
