"""A message from outside works once, whoever brings it and however often."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.infra import inbox


def arrives(session: Session, now: datetime, *, source: str = "bank", name: str = "m-1") -> bool:
    return inbox.is_first(session, source=source, external_id=name, payload={"a": 1}, now=now)


class TestAMessage:
    def test_is_news_once(self, session: Session, now: datetime) -> None:
        assert [arrives(session, now), arrives(session, now)] == [True, False]

    def test_of_another_sender_may_carry_the_same_name(
        self, session: Session, now: datetime
    ) -> None:
        assert arrives(session, now, source="bank")
        assert arrives(session, now, source="carrier")
