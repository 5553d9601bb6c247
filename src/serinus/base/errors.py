"""The faults that the rest of the house tells apart."""


class SerinusError(Exception):
    """Base of every fault that we raise on purpose."""


class RemoteProtocolError(SerinusError):
    """They erred on the wire: expected, bounded, never logged one by one."""


class LocalProtocolError(SerinusError):
    """We erred on the wire: a defect of ours."""


class OperatorError(SerinusError):
    """An operator's mistake: one sentence that says what is wrong, where, and what to do.

    Args:
        sentence: What is wrong and the remedy, ready for a person.
        field: The setting, flag or form field that is meant, if there is one.
    """

    def __init__(self, sentence: str, field: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field


class StorageError(SerinusError):
    """The disk does not take what we must keep: nothing may be promised until it does again."""
