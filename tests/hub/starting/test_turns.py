"""Turns: no more than may go on at once, in the order of coming, none lost."""

import asyncio

from daisy_hub.starting.turns import Turns


class Course:
    """Starts that take a while; what was seen meanwhile."""

    def __init__(self, at_once: int) -> None:
        self.turns = Turns(at_once)
        self.most = self.going = 0
        self.order: list[int] = []
        self.said: dict[int, list[str]] = {}

    async def start(self, number: int, seconds: float = 0.01) -> None:
        said = self.said.setdefault(number, [])
        async with self.turns.turn(said.append):
            self.order.append(number)
            self.going += 1
            self.most = max(self.most, self.going)
            await asyncio.sleep(seconds)
            self.going -= 1


def test_no_more_go_on_at_once_than_may_and_all_come_in_their_order():
    async def run() -> Course:
        course = Course(3)
        await asyncio.gather(*(course.start(n) for n in range(30)))
        return course

    course = asyncio.run(run())
    assert course.most == 3
    assert course.order == list(range(30))


def test_who_waits_is_told_how_many_are_before():
    async def run() -> Course:
        course = Course(1)
        await asyncio.gather(*(course.start(n) for n in range(3)))
        return course

    said = asyncio.run(run()).said
    assert said[0] == []
    assert said[1][0] == "Waiting for your turn: you are next"
    assert said[2][0] == "Waiting for your turn: 1 start is before yours"


def test_who_gives_up_while_waiting_or_going_holds_nobody_up():
    async def run() -> Course:
        course = Course(1)
        first = asyncio.ensure_future(course.start(0, 60))
        waiting = [asyncio.ensure_future(course.start(n)) for n in (1, 2, 3)]
        await asyncio.sleep(0.01)
        waiting[0].cancel()
        await asyncio.sleep(0.01)
        first.cancel()
        # called in this moment, and gone before it could take its turn
        waiting[1].cancel()
        await asyncio.wait_for(waiting[2], 5)
        await asyncio.wait_for(course.start(4), 5)
        return course

    assert asyncio.run(run()).order == [0, 3, 4]


def test_a_start_that_fails_gives_its_turn_on():
    async def run() -> list[str]:
        turns, done = Turns(1), []

        async def fail() -> None:
            async with turns.turn(lambda text: None):
                raise RuntimeError("no server")

        async def work() -> None:
            async with turns.turn(lambda text: None):
                done.append("worked")

        await asyncio.gather(fail(), work(), return_exceptions=True)
        return done

    assert asyncio.run(run()) == ["worked"]
