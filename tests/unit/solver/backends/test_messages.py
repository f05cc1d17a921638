"""Messages between the solver process and its caller: whole, or the stream has ended."""

from io import BytesIO

from optimizer.solver.backends.worker import read_message, write_message


def test_messages_are_read_as_they_were_written() -> None:
    stream = BytesIO()
    written = [{"kind": "progress", "bound": 1.5}, {"kind": "answer", "values": [0.0, 1.0]}]
    for message in written:
        write_message(stream, message)
    stream.seek(0)
    assert [read_message(stream), read_message(stream), read_message(stream)] == [*written, None]


def test_a_stream_that_ends_within_a_message_has_ended() -> None:
    """At any byte: the process that wrote it was killed."""
    whole = BytesIO()
    write_message(whole, {"kind": "answer", "values": list(range(50))})
    body = whole.getvalue()
    for length in range(len(body)):
        assert read_message(BytesIO(body[:length])) is None
