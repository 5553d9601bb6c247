"""Numbers for changes of incidents, in the order in which the changes appear to readers."""

from serinus.console.models import ChangeCounter


def take_changes(count: int) -> int:
    """Take `count` numbers and return the first; call it inside a transaction.

    The counter's row stays locked until the transaction ends, so a reader that has seen a number
    never misses a smaller one.
    """
    counter, _ = ChangeCounter.objects.select_for_update().get_or_create(pk=1)
    first = counter.value + 1
    counter.value += count
    counter.save(update_fields=["value"])
    return first
