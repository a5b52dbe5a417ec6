"""How the client gets, keeps and renews its access token, and to whom it shows its secrets."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from typing import Any

import pytest
from commons_stub import CANARY, HTML, FakeTime, Reply, Seen, Stub, api_key, jwt, running_stub

from gen3submit.commons import Commons
from gen3submit.commons.clock import Clock
from gen3submit.commons.errors import CommonsProblem, NotACommons, NotAuthenticated, ServerTrouble, Unreachable

EXCHANGE = "POST /user/credentials/cdis/access_token"
ALIAS = "POST /user/credentials/api/access_token"


@pytest.fixture
def stub() -> Iterator[Stub]:
    with running_stub() as stub:
        stub.on("GET /user/user/", {"username": "me"})
        yield stub


def client(stub: Stub, fake: FakeTime | None = None, **options: Any) -> Commons:
    clock = Clock(lambda: fake.wall, lambda: fake.mono, fake.sleep) if fake else None
    options.setdefault("credentials", api_key(stub.url, now=fake.wall if fake else None))
    return Commons(stub.url, clock=clock, **options)


def test_the_key_is_exchanged_once_and_the_token_sent_with_each_call(stub: Stub) -> None:
    commons = client(stub)
    assert stub.seen == []
    commons.user()
    commons.user()
    (exchange,) = stub.asked(EXCHANGE)
    assert exchange.json == {"api_key": api_key_of(commons)}
    assert exchange.token is None
    tokens = {seen.token for seen in stub.asked("GET /user/user/")}
    assert len(tokens) == 1
    assert (tokens.pop() or "").endswith(CANARY)


def api_key_of(commons: Commons) -> str:
    assert commons.credentials is not None
    assert commons.credentials.key is not None
    return commons.credentials.key.reveal()


def test_the_other_path_is_tried_where_the_first_is_not_there(stub: Stub) -> None:
    for missing in (Reply(404, "nothing here", content_type="text/html"), HTML):
        stub.on(EXCHANGE, missing)
        stub.on(ALIAS, stub.give_token)
        client(stub).user()
    assert len(stub.asked(ALIAS)) == 2


def test_a_token_is_renewed_five_minutes_before_its_end(stub: Stub) -> None:
    fake = FakeTime()
    commons = client(stub, fake)
    commons.user()
    assert commons.token_expires_at == pytest.approx(fake.wall + 1800)
    fake.pass_(1800 - 301)
    commons.user()
    assert stub.tokens_given == 1
    fake.pass_(2)
    commons.user()
    assert stub.tokens_given == 2


@pytest.mark.parametrize("skew", [-36_000, -600, 600, 36_000])
def test_a_wrong_clock_on_either_side_does_not_matter(stub: Stub, skew: float) -> None:
    stub.token_skew = skew
    fake = FakeTime()
    commons = client(stub, fake)
    commons.user()
    fake.pass_(1400)
    commons.user()
    assert stub.tokens_given == 1
    fake.pass_(200)
    commons.user()
    assert stub.tokens_given == 2


def test_the_time_a_computer_slept_counts(stub: Stub) -> None:
    fake = FakeTime()
    commons = client(stub, fake)
    commons.user()
    fake.wall += 3600  # the monotonic clock stood still
    commons.user()
    assert stub.tokens_given == 2


def test_tokens_that_live_for_two_seconds_still_do(stub: Stub) -> None:
    stub.token_life = 2
    fake = FakeTime()
    commons = client(stub, fake)
    commons.user()
    fake.pass_(0.9)
    commons.user()
    assert stub.tokens_given == 1
    fake.pass_(0.2)
    commons.user()
    assert stub.tokens_given == 2


def test_a_401_renews_the_token_once_and_asks_again(stub: Stub) -> None:
    commons = client(stub)
    stub.on("GET /user/user/", [Reply(401), Reply(body={"username": "me"})])
    assert commons.user() == {"username": "me"}
    first, second = stub.asked("GET /user/user/")
    assert first.token != second.token
    assert stub.tokens_given == 2


def test_a_second_401_is_an_error(stub: Stub) -> None:
    stub.on("GET /user/user/", Reply(401, {"message": "Signature has expired"}))
    with pytest.raises(NotAuthenticated, match=r"just issued \(Signature has expired\)"):
        client(stub).user()
    assert len(stub.asked("GET /user/user/")) == 2


def test_renewing_after_a_refused_write_is_done_once_for_all_threads(stub: Stub) -> None:
    commons = client(stub)
    stub.on("PUT /api/v0/submission/P/X", Reply(401))
    answers = [commons.submit("P-X", b"[]", document_name=f"d{n}") for n in range(6)]
    assert {answer.status for answer in answers} == {401}
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(commons.renew, answers))
    assert stub.tokens_given == 2
    assert commons.submit("P-X", b"[]", document_name="d").token_number == 2
    commons.renew()
    assert stub.tokens_given == 3


def test_threads_share_the_first_token(stub: Stub) -> None:
    commons = client(stub)
    barrier = threading.Barrier(8)

    def call() -> None:
        barrier.wait()
        commons.user()

    with ThreadPoolExecutor(8) as pool:
        for result in [pool.submit(call) for _ in range(8)]:
            result.result()
    assert stub.tokens_given == 1


def test_in_the_last_hour_of_a_key_shorter_tokens_are_asked_for(stub: Stub) -> None:
    fake = FakeTime()
    commons = client(stub, fake, credentials=api_key(stub.url, expires_in=1000, now=fake.wall))
    commons.user()
    (exchange,) = stub.asked(EXCHANGE)
    assert exchange.path.endswith("?expires_in=969") or exchange.path.endswith("?expires_in=970")


def test_a_token_that_would_outlive_the_key_is_asked_for_again_by_the_servers_clock(stub: Stub) -> None:
    """Our clock is an hour behind, so that no last hour is seen; the date of the answer tells."""
    fake = FakeTime()
    ends = fake.wall + 4000
    page = "<html><h2>Error Message:</h2><p>Cannot issue an access token that would expire after the key</p></html>"

    def exchange(seen: Seen) -> Reply:
        if "expires_in=" in seen.path:
            return stub.give_token(seen)
        return Reply(400, page, {"Date": formatdate(ends - 400)}, "text/html")

    stub.on(EXCHANGE, exchange)
    commons = client(stub, fake, credentials={"api_key": jwt(iss=f"{stub.url}/user", exp=int(ends))})
    commons.user()
    first, second = (seen.path.partition("?")[2] for seen in stub.asked(EXCHANGE))
    assert first == ""
    assert 300 <= int(second.removeprefix("expires_in=")) <= 400


def test_an_expired_key_is_told_without_asking(stub: Stub) -> None:
    fake = FakeTime()
    commons = client(stub, fake, credentials=api_key(stub.url, expires_in=-86_400, now=fake.wall))
    with pytest.raises(NotAuthenticated, match=r"expired on \d{4}-.*clock says.*Download a new one"):
        commons.user()
    assert stub.seen == []


def test_a_key_that_has_just_expired_is_left_to_the_commons_to_judge(stub: Stub) -> None:
    """The clock of this computer may be ten minutes ahead."""
    fake = FakeTime()
    commons = client(stub, fake, credentials=api_key(stub.url, expires_in=-600, now=fake.wall))
    commons.user()
    stub.on(EXCHANGE, Reply(401, "<html><title>401</title></html>", content_type="text/html"))
    with pytest.raises(NotAuthenticated, match="expired on"):
        client(stub, fake, credentials=api_key(stub.url, expires_in=-600, now=fake.wall)).user()


def test_a_refused_key_is_told_in_the_words_of_the_page(stub: Stub) -> None:
    page = (
        "<!DOCTYPE html><html><head><title>401</title></head><body><h2>Unauthorized</h2>"
        "<div>Error Message: <p>token is denylisted</p></div><footer>Contact us</footer></body></html>"
    )
    stub.on(EXCHANGE, Reply(401, page, content_type="text/html"))
    with pytest.raises(NotAuthenticated, match=r"another commons \(token is denylisted\)\. Download a new one"):
        client(stub).user()


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (HTML, NotACommons),
        (Reply(body={"token": "x"}), NotACommons),
        (Reply(body={"access_token": 5}), NotACommons),
        (Reply(body={"access_token": "a\nb"}), NotACommons),
        (Reply(body={"access_token": "é"}), NotACommons),
        (Reply(body=[1]), NotACommons),
        (Reply(302, "", {"Location": "https://elsewhere.example.org/"}), NotACommons),
        (Reply(500, '{ "error": "service failure - try again later"}'), ServerTrouble),
        (Reply(fault="reset"), ServerTrouble),
    ],
)
def test_a_token_service_that_gives_no_token_is_told(stub: Stub, reply: Reply, kind: type[CommonsProblem]) -> None:
    stub.on(EXCHANGE, reply)
    stub.on(ALIAS, reply)
    fake = FakeTime()
    with pytest.raises(kind) as caught:
        client(stub, fake).user()
    assert CANARY not in str(caught.value)


def test_a_token_given_is_used_as_it_is_and_never_renewed(stub: Stub) -> None:
    token = jwt(iss=f"{stub.url}/user", exp=int(time.time()) + 60)
    commons = Commons(credentials=f"accesstoken:///{token}")
    commons.user()
    assert [seen.token for seen in stub.seen] == [token]
    stub.on("GET /user/user/", Reply(401))
    with pytest.raises(NotAuthenticated, match="cannot be renewed"):
        commons.user()
    old = jwt(iss=f"{stub.url}/user", exp=int(time.time()) - 5000)
    with pytest.raises(NotAuthenticated, match=r"expired on .* cannot be renewed"):
        Commons(credentials=f"accesstoken:///{old}").user()


def test_secrets_go_to_their_issuer_alone(stub: Stub) -> None:
    with running_stub() as other:
        for credentials in (api_key(other.url), f"accesstoken:///{jwt(iss=other.url, exp=9e9)}"):
            commons = Commons(stub.url, credentials)
            with pytest.raises(NotAuthenticated, match=f"issued by `{other.url}`.*--allow-key-host 127.0.0.1:"):
                commons.user()
            assert commons.submit("P-X", b"[]", document_name="d").sent is False
        assert stub.seen == other.seen == []


def test_a_key_without_issuer_goes_nowhere_by_itself(stub: Stub) -> None:
    with pytest.raises(NotAuthenticated, match="does not say which commons issued it"):
        Commons(stub.url, {"api_key": jwt(exp=9_000_000_000)}).user()
    assert stub.seen == []


@pytest.mark.parametrize("form", ["host", "address", "yes"])
def test_the_user_may_allow_another_host(stub: Stub, form: str) -> None:
    allowed: Any = {"host": stub.url.removeprefix("http://"), "address": f"{stub.url}/x", "yes": True}[form]
    Commons(stub.url, api_key("https://other.example.org"), allow_key_host=allowed).user()
    assert stub.tokens_given == 1


@pytest.mark.parametrize("allowed", ["127.0.0.1", "example.org", False])
def test_allowing_one_host_allows_no_other(stub: Stub, allowed: Any) -> None:
    with pytest.raises(NotAuthenticated):
        Commons(stub.url, api_key("https://other.example.org"), allow_key_host=allowed).user()
    assert stub.seen == []


def test_no_credentials_are_told_with_what_to_do(stub: Stub, tmp_path: Any) -> None:
    with pytest.raises(NotAuthenticated, match=r"there are none\. Download"):
        Commons(stub.url, home=tmp_path).user()
    assert stub.seen == []


def test_a_write_without_a_token_was_not_sent(stub: Stub) -> None:
    stub.on(EXCHANGE, Reply(401))
    answer = client(stub).submit("P-X", b"[]", document_name="d")
    assert (answer.status, answer.problem, answer.sent) == (None, "unauthenticated", False)
    assert "Download a new one" in answer.words
    stub.server.shutdown()
    stub.server.server_close()
    answer = client(stub).submit("P-X", b"[]", document_name="d")
    assert (answer.status, answer.problem, answer.sent) == (None, "refused", False)
    assert isinstance(answer.error, Unreachable)
